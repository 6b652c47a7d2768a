"""Assigning and releasing. The gate decides; a refusal is kept before it is told."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from chizheng.clearance.assignments import rules
from chizheng.clearance.assignments.queries import one_assignment, standing_on
from chizheng.clearance.assignments.rules import Dated, Order
from chizheng.clearance.cases.queries import CaseInBrief, case_in_brief
from chizheng.clearance.gate.queries import read_gaps, with_unit_names
from chizheng.clearance.gate.rules import Gap, refused
from chizheng.kernel import audit
from chizheng.kernel.access import SYSTEM, Actor, Permission, Scope
from chizheng.kernel.db import execute, fetch, fetch_one, fetch_value, transactional
from chizheng.kernel.errors import Conflict, Invalid, NotFound
from chizheng.kernel.i18n import _
from personnel.scope import in_reach, reach

BATCH = 200


class Verdict(msgspec.Struct, frozen=True):
    """What the gate said to one order: the assignment it made, or none, and the decision it kept."""

    order: Dated
    name: str
    assignment: UUID | None
    decision: UUID
    number: int  # of the decision
    at: datetime
    gaps: tuple[Gap, ...]


class NotCleared(Conflict):
    """The gate refused. `verdicts` are the refusals, already kept as decisions."""

    def __init__(self, case: CaseInBrief, verdicts: Sequence[Verdict]) -> None:
        names = _("、").join(verdict.name for verdict in verdicts)
        super().__init__("not_cleared", _("%(names)s未通过上岗资格核验，不得指派", names=names))
        self.case = case
        self.verdicts = tuple(verdicts)


class Swept(msgspec.Struct, frozen=True):
    """What the sweep ended."""

    officers: int
    stood_down: int
    finished: int


async def assign_officer(actor: Actor, case: UUID, order: Order, door: str, today: date) -> Verdict:
    """Assigns one officer.

    Raises NotCleared (409 `not_cleared`) after the refusal was kept; Conflict `case_is_open` for a closed case,
    `assignment_once`, `assignment_one_lead`; Invalid for wrong days or role; NotFound out of reach.
    """
    return (await assign_team(actor, case, (order,), door, today))[0]


async def assign_team(
    actor: Actor, case: UUID, orders: Sequence[Order], door: str, today: date
) -> list[Verdict]:
    """Assigns several together, all or nobody; raises like `assign_officer`, with every refusal kept."""
    rules.check_size(orders)
    try:
        file, verdicts = await _assign(actor, case, orders, door, today)
    except (asyncpg.UniqueViolationError, asyncpg.CheckViolationError) as error:
        rules.check_team(orders, await standing_on(case))  # says who is in the way
        raise _as_conflict(error) from error
    except asyncpg.ForeignKeyViolationError as error:
        raise NotFound(_("这名人员")) from error
    refusals = [verdict for verdict in verdicts if refused(verdict.gaps)]
    if refusals:
        raise NotCleared(file, refusals)
    return verdicts


@transactional
async def release_assignment(actor: Actor, id: UUID, reason: str) -> None:
    """Takes somebody off a case. Conflict `assignment_ended` when they are off already; Invalid without a reason."""
    assignment = await one_assignment(actor.scope(Permission.CASE_RELEASE), id)
    reason = reason.strip()
    if not 0 < len(reason) <= 500:
        raise Invalid(_("填写有误"), reason=_("写明事由，不超过 500 字"))
    await execute("CALL take_turn($1)", assignment.officer)
    tag = await execute(
        "UPDATE assignment SET ended_at = now(), ending = 'released', ended_by = $2, ending_reason = $3"
        " WHERE id = $1 AND ended_at IS NULL",
        id, actor.account, reason,
    )  # fmt: skip
    if tag != "UPDATE 1":
        raise Conflict("assignment_ended", _("这项指派已经结束"))
    changes = {"assignment": str(id), "officer": assignment.officer_name, "role": assignment.role}
    await audit.record(actor, "assignment.release", ("case", assignment.case), {**changes, "reason": reason})


async def stand_down_expired(today: date) -> Swept:
    """The sweep: ends what the calendar has ended, and stands down whoever is no longer cleared by `today`.

    One short transaction for each officer with an open assignment; running it twice, or after days of downtime,
    comes to the same.
    """
    officers = stood_down = finished = 0
    after = UUID(int=0)
    while batch := await fetch(
        "SELECT DISTINCT officer FROM assignment WHERE ended_at IS NULL AND officer > $1 ORDER BY officer LIMIT $2",
        after, BATCH,
    ):  # fmt: skip
        for (officer,) in batch:
            down, over = await _sweep_officer(officer, today)
            officers, stood_down, finished = officers + 1, stood_down + down, finished + over
        after = batch[-1][0]
    return Swept(officers, stood_down, finished)


@transactional
async def _assign(
    actor: Actor, id: UUID, orders: Sequence[Order], door: str, today: date
) -> tuple[CaseInBrief, list[Verdict]]:
    scope = actor.scope(Permission.CASE_ASSIGN)
    case = await case_in_brief(scope, id)
    ordered = [rules.dated(order, case.opened_on, case.due_on, today) for order in orders]
    for order in ordered:
        rules.check_order(order, case.opened_on, today)
    verdicts = await (_ask_together if len(ordered) > 1 else _ask_each)(actor, scope, case, ordered, door)
    refusals = [verdict for verdict in verdicts if refused(verdict.gaps)]
    action = "assignment.refuse" if refusals else "assignment.assign"
    await audit.record(
        actor, action, ("case", case.id), {"officers": [_told(verdict) for verdict in verdicts]}
    )
    return case, verdicts


async def _ask_together(
    actor: Actor, scope: Scope, case: CaseInBrief, orders: Sequence[Dated], door: str
) -> list[Verdict]:
    """All or nobody: at the first refusal the others are taken back, and only the refusals are kept."""
    for officer in sorted({order.officer for order in orders}):
        await execute(
            "CALL take_turn($1)", officer
        )  # before the savepoint: refusals are kept under the same locks
    await execute("SAVEPOINT team")
    verdicts = await _ask_each(actor, scope, case, orders, door)
    refusals = [verdict for verdict in verdicts if refused(verdict.gaps)]
    if not refusals:
        return verdicts
    await execute("ROLLBACK TO SAVEPOINT team")
    return [await _keep_refusal(actor, case, verdict, door) for verdict in refusals]


async def _ask_each(
    actor: Actor, scope: Scope, case: CaseInBrief, orders: Sequence[Dated], door: str
) -> list[Verdict]:
    return [await _ask(actor, scope, case, order, door) for order in orders]


async def _ask(actor: Actor, scope: Scope, case: CaseInBrief, order: Dated, door: str) -> Verdict:
    row = await fetch_one(
        "SELECT o.name, told.assignment, told.decision, told.number, now(), told.gaps::text"
        " FROM officer o, assign_officer($6, o.id, $8, $9, $10, $11, $12) told"
        f" WHERE o.id = $7 AND o.withdrawn_at IS NULL AND {in_reach('o.id')}",
        *reach(scope), case.id, order.officer, order.role, order.start, order.end, actor.account, door,
    )  # fmt: skip
    if row is None:
        raise NotFound(_("这名人员"))
    name, assignment, decision, number, at, gaps = row
    return Verdict(order, name, assignment, decision, number, at, await with_unit_names(read_gaps(gaps)))


async def _keep_refusal(actor: Actor, case: CaseInBrief, verdict: Verdict, door: str) -> Verdict:
    """The refusal again, after the team's savepoint took it back together with the rest."""
    order, gaps = verdict.order, msgspec.to_builtins(verdict.gaps)
    decision = await fetch_value(
        "SELECT record_decision('assign', $1, $2, $3, $4, $5, $6, $7, $8)",
        case.id, order.officer, order.role, order.start, order.end, gaps, actor.account, door,
    )  # fmt: skip
    number = await fetch_value("SELECT number FROM decision WHERE id = $1", decision)
    return msgspec.structs.replace(verdict, decision=decision, number=number, assignment=None)


@transactional
async def _sweep_officer(officer: UUID, today: date) -> tuple[int, int]:
    await execute("CALL take_turn($1)", officer)
    finished = await fetch(
        "UPDATE assignment SET ended_at = now(), ending = 'finished'"
        " WHERE officer = $1 AND ended_at IS NULL AND valid_to <= $2 RETURNING id",
        officer, today,
    )  # fmt: skip
    stood_down: int = await fetch_value("SELECT stand_down($1, $2, NULL)", officer, today)
    if finished or stood_down:
        changes = {"day": today.isoformat(), "finished": len(finished), "stood_down": stood_down}
        await audit.record(SYSTEM, "assignment.sweep", ("officer", officer), changes)
    return stood_down, len(finished)


def _told(verdict: Verdict) -> dict[str, Any]:
    return {
        "officer": str(verdict.order.officer),
        "name": verdict.name,
        "role": verdict.order.role,
        "from": verdict.order.start.isoformat(),
        "to": verdict.order.end.isoformat(),
        "decision": verdict.number,
        "gaps": [gap.code for gap in verdict.gaps],
    }


def _as_conflict(error: asyncpg.PostgresError) -> Conflict:
    sentences = {
        "case_is_open": _("案件已结案，不能再指派"),
        "assignment_once": _("此人已在本案担任这一角色，不能重复指派"),
        "assignment_one_lead": _("本案已有主办，须先解除"),
        "assignment_two_people": _("主办和协办须是两个人"),
    }
    name = error.constraint_name or ""
    if name not in sentences:
        raise error
    return Conflict(name, sentences[name])
