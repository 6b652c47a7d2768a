"""What makes handlers of some demo cases stand down: real changes of their facts. Expects an open transaction."""

from datetime import date, timedelta
from uuid import UUID

from chizheng.kernel import audit
from chizheng.kernel.access import Actor
from chizheng.kernel.db import execute, fetch_one
from personnel.facts import end_fact, record_fact


async def stand_down_some(officers: list[UUID], justice: Actor, hr: Actor, today: date) -> None:
    """Each officer loses the clearance, by turns through a suspension, a posting's end, a lost certificate."""
    causes = (_suspend, _end_posting, _suspend, _report_lost)
    for number, officer in enumerate(officers):
        cause = causes[number % len(causes)]
        await cause(officer, hr if cause is _end_posting else justice, today)
    await execute("SET CONSTRAINTS ALL IMMEDIATE")


async def _suspend(officer: UUID, actor: Actor, today: date) -> None:
    due = today + timedelta(days=60)
    reason = "案卷评查发现先取证后出示证件，暂扣并参加培训"
    series = await _bar(officer, actor, today, "suspend", due, reason)
    await audit.record(
        actor,
        "certificate.suspend",
        ("certificate", series),
        {"from": today, "due_on": due, "reason": reason},
    )


async def _report_lost(officer: UUID, actor: Actor, today: date) -> None:
    series = await _bar(officer, actor, today, "report_lost", None, "夜间巡查途中遗失")
    await audit.record(actor, "certificate.report_lost", ("certificate", series), {"from": today})


async def _bar(officer: UUID, actor: Actor, today: date, verb: str, due: date | None, reason: str) -> UUID:
    held = await fetch_one(
        "SELECT series FROM certificate WHERE officer = $1 AND superseded_at IS NULL ORDER BY valid_from DESC LIMIT 1",
        officer,
    )
    assert held is not None
    await record_fact(
        "certificate_event", today, None, actor.account,
        certificate=held["series"], officer=officer, verb=verb, due_on=due, reason=reason,
    )  # fmt: skip
    series: UUID = held["series"]
    return series


async def _end_posting(officer: UUID, actor: Actor, today: date) -> None:
    posting = await fetch_one(
        "SELECT id, series, valid_from FROM posting WHERE officer = $1 AND superseded_at IS NULL"
        " AND kind NOT IN ('exchange', 'borrowing') AND daterange(valid_from, valid_to) @> $2::date",
        officer, today,
    )  # fmt: skip
    assert posting is not None
    await end_fact("posting", posting["id"], posting["valid_from"], today, actor.account)
    await audit.record(actor, "posting.end", ("posting", posting["series"]), {"to": today})
