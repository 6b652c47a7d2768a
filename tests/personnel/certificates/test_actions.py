"""What is done to certificates, on the real database."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, Role
from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from chizheng.kernel.ids import new_id
from personnel.certificates.actions import DEEDS, suspend_certificate
from personnel.certificates.issuing import NewCertificate, issue_certificate
from personnel.certificates.queries import certificates_of, events_of, one_certificate, versions_of
from personnel.certificates.rules import MOVES, Order, State, Verb
from personnel.facts import Change
from tests import cast
from tests.personnel.actors import an_actor, bureau_clerk, justice, other_clerk, personnel_office

TODAY = clock.today()
TOMORROW = TODAY + timedelta(days=1)
YESTERDAY = TODAY - timedelta(days=1)
NEXT_MONTH = TODAY + timedelta(days=30)

pytestmark = pytest.mark.usefixtures("db")


def an_order(verb: Verb, start: date = TODAY) -> Order:
    return Order(
        start,
        reason="专项核查",
        document_no="司〔2026〕7号",
        due_on=start + timedelta(days=60) if verb is Verb.SUSPEND else None,
        number=f"N{new_id().int % 10**12:012d}" if verb is Verb.REISSUE else "",
        until=date(2043, 1, 1) if verb is Verb.RENEW else None,
    )


async def do(district: cast.District, verb: Verb, certificate: UUID, start: date = TODAY) -> Change:
    return await DEEDS[verb](justice(district), certificate, an_order(verb, start), TODAY)


async def certificate_of(officer: UUID) -> UUID:
    return await fetch_value("SELECT series FROM certificate WHERE officer = $1 LIMIT 1", officer)


async def state_of(district: cast.District, certificate: UUID, day: date = TODAY) -> str:
    scope = justice(district).scope(Permission.CERTIFICATE_READ)
    return (await one_certificate(scope, certificate, day)).state


BEFORE: dict[State, tuple[Verb, ...]] = {
    State.VALID: (),
    State.SUSPENDED: (Verb.SUSPEND,),
    State.REVOKED: (Verb.REVOKE,),
    State.CANCELLED: (Verb.CANCEL,),
    State.LOST: (Verb.REPORT_LOST,),
    State.NOT_STARTED: (),
    State.EXPIRED: (),
}


async def a_certificate_in(district: cast.District, state: State) -> UUID:
    officer = await cast.a_person()
    start, end = cast.LONG_AGO, cast.FAR_AHEAD
    if state is State.NOT_STARTED:
        start = TODAY + timedelta(days=5)
    if state is State.EXPIRED:
        end = YESTERDAY
    certificate = await cast.certified(officer, district.root, start=min(start, TODAY), end=end)
    if state is State.NOT_STARTED:
        officer = await cast.a_person()
        certificate = await fetch_value(
            "INSERT INTO certificate (officer, number, fields, area, issued_on, valid_from, valid_to)"
            " VALUES ($1, $2, '{market}', $3, $4, $5, $6) RETURNING series",
            officer, f"F{new_id().int % 10**9}", district.root, cast.LONG_AGO, start, end,
        )  # fmt: skip
    for verb in BEFORE[state]:
        await do(district, verb, certificate, YESTERDAY)
    return certificate


@pytest.mark.parametrize("verb", DEEDS)
@pytest.mark.parametrize("state", State)
async def test_a_deed_leads_where_the_table_says_or_is_refused(
    district: cast.District, state: State, verb: Verb
) -> None:
    certificate = await a_certificate_in(district, state)
    assert await state_of(district, certificate) == state
    if (state, verb) in MOVES:
        await do(district, verb, certificate)
        assert await state_of(district, certificate) == MOVES[state, verb]
    else:
        order = an_order(verb)
        if state is State.EXPIRED and verb is Verb.RENEW:
            order = msgspec.structs.replace(order, until=NEXT_MONTH)
        with pytest.raises(Conflict) as refusal:
            await DEEDS[verb](justice(district), certificate, order, TODAY)
        assert (refusal.value.code, refusal.value.details) == (
            "certificate_transition",
            {"state": state.value, "verb": verb.value, "from": TODAY.isoformat()},
        )
        assert await state_of(district, certificate) == state


async def test_suspension_stands_down_and_the_change_carries_the_instant(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    assignment = await cast.assign(await cast.a_case(district, TODAY), officer, TODAY, NEXT_MONTH)
    change = await do(district, Verb.SUSPEND, await certificate_of(officer))
    ended = await fetch(
        "SELECT id, ending FROM assignment WHERE officer = $1 AND ended_at = $2", officer, change.at
    )
    assert [tuple(row) for row in ended] == [(assignment, "stood_down")]


async def test_reinstatement_ends_the_suspension_the_day_it_takes_effect(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    certificate = await certificate_of(officer)
    await do(district, Verb.SUSPEND, certificate, YESTERDAY)
    await do(district, Verb.REINSTATE, certificate, TODAY)
    live = [(e.verb, e.valid_from, e.valid_to) for e in await events_of(officer) if e.superseded_at is None]
    assert live == [("reinstate", TODAY, None), ("suspend", YESTERDAY, TODAY)]
    assert await cast.gap_codes(officer, district.bureau, TODAY) == []
    assert await cast.gap_codes(officer, district.bureau, YESTERDAY) == ["certificate_suspended"]


async def test_a_suspension_reinstated_on_its_first_day_never_counted(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    certificate = await certificate_of(officer)
    await do(district, Verb.SUSPEND, certificate, NEXT_MONTH)
    await do(district, Verb.REINSTATE, certificate, NEXT_MONTH)
    assert [e.verb for e in await events_of(officer) if e.superseded_at is None] == ["reinstate"]
    assert await cast.gap_codes(officer, district.bureau, NEXT_MONTH) == []


async def test_reissue_puts_a_new_number_on_the_same_certificate(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    certificate = await certificate_of(officer)
    old = (await certificates_of(officer, TODAY))[0].number
    await do(district, Verb.REPORT_LOST, certificate, YESTERDAY)
    order = an_order(Verb.REISSUE)
    await DEEDS[Verb.REISSUE](justice(district), certificate, order, TODAY)
    held = await certificates_of(officer, TODAY)
    assert [(c.id, c.number, c.state) for c in held] == [(certificate, order.number, "valid")]
    assert [(v.number, v.superseded_at is None) for v in await versions_of(officer)] == [
        (order.number, True),
        (old, False),
    ]


async def test_two_clerks_cannot_both_suspend(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    certificate = await certificate_of(officer)
    both = await asyncio.gather(
        do(district, Verb.SUSPEND, certificate),
        do(district, Verb.SUSPEND, certificate),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in both) == ["Change", "Conflict"]
    assert [e.verb for e in await events_of(officer)] == ["suspend"]


async def test_a_deed_is_logged_with_its_order(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    certificate = await certificate_of(officer)
    await do(district, Verb.REVOKE, certificate)
    action, changes = await _last_entry(certificate)
    assert (action, changes["officer"], changes["reason"], changes["document_no"]) == (
        "certificate.revoke",
        str(officer),
        "专项核查",
        "司〔2026〕7号",
    )


async def _last_entry(certificate: UUID) -> tuple[str, dict]:
    rows = await fetch(
        "SELECT action, changes FROM audit_entry WHERE subject_id = $1 ORDER BY seq DESC", certificate
    )
    return rows[0]["action"], rows[0]["changes"]


async def test_what_is_missing_is_told_beside_its_input(district: cast.District) -> None:
    certificate = await certificate_of(await cast.an_officer(district))
    with pytest.raises(Invalid) as refusal:
        await suspend_certificate(justice(district), certificate, Order(TODAY), TODAY)
    assert refusal.value.errors == {"due_on": "请填写", "reason": "请填写", "document_no": "请填写"}


async def test_who_may_not_suspend_is_refused(district: cast.District) -> None:
    certificate = await certificate_of(await cast.an_officer(district))
    with pytest.raises(Forbidden):
        await suspend_certificate(bureau_clerk(district), certificate, an_order(Verb.SUSPEND), TODAY)


async def test_a_bureau_reports_only_its_own_people_as_having_lost_theirs(district: cast.District) -> None:
    certificate = await certificate_of(await cast.an_officer(district))
    order = an_order(Verb.REPORT_LOST)
    with pytest.raises(NotFound):
        await DEEDS[Verb.REPORT_LOST](other_clerk(district), certificate, order, TODAY)
    await DEEDS[Verb.REPORT_LOST](bureau_clerk(district), certificate, order, TODAY)
    assert await state_of(district, certificate) == "lost"


def a_new_certificate(
    officer: UUID, district: cast.District, number: str = "", **changes: object
) -> NewCertificate:
    values: dict = {
        "officer": officer, "number": number or f"32{new_id().int % 10**10:010d}", "fields": ["city", "market"],
        "area": district.root, "authority": "山阳区人民政府", "issued_on": TODAY, "start": TODAY,
        "until": date(TODAY.year + 5, 1, 1),
    } | changes  # fmt: skip
    return NewCertificate(**values)


async def someone(district: cast.District, type: str = "enforcement") -> UUID:
    officer = await cast.a_person()
    await cast.serves(officer)
    await cast.established(officer, type)
    await cast.posted(officer, district)
    return officer


async def test_an_issued_certificate_clears_its_holder(district: cast.District) -> None:
    officer = await someone(district)
    new = a_new_certificate(officer, district, " ３204-abc ")
    change = await issue_certificate(justice(district), new, TODAY)
    held = await certificates_of(officer, TODAY)
    assert [(c.id, c.number, c.fields, c.state) for c in held] == [
        (change.id, "3204-ABC", ["market", "city"], "valid")
    ]
    assert [e.verb for e in await events_of(officer)] == ["issue"]
    assert await cast.gap_codes(officer, district.bureau, TODAY) == []


@pytest.mark.parametrize("type", ["contract", "dispatched", "worker", "temporary", "auxiliary"])
async def test_nobody_outside_the_establishment_gets_a_certificate(
    district: cast.District, type: str
) -> None:
    officer = await someone(district, type)
    with pytest.raises(Conflict) as refusal:
        await issue_certificate(justice(district), a_new_certificate(officer, district), TODAY)
    assert refusal.value.code == "not_in_establishment"


@pytest.mark.parametrize(
    ("before", "code"),
    [((), "certificate_held"), ((Verb.SUSPEND,), "certificate_held"), ((Verb.REVOKE,), "revoked_before"),
     ((Verb.CANCEL,), None)],
)  # fmt: skip
async def test_a_second_certificate_waits_for_the_end_of_the_first(
    district: cast.District, before: tuple[Verb, ...], code: str | None
) -> None:
    officer = await cast.an_officer(district)
    for verb in before:
        await do(district, verb, await certificate_of(officer), YESTERDAY)
    if code is None:
        await issue_certificate(justice(district), a_new_certificate(officer, district), TODAY)
        assert len(await certificates_of(officer, TODAY)) == 2
        return
    with pytest.raises(Conflict) as refusal:
        await issue_certificate(justice(district), a_new_certificate(officer, district), TODAY)
    assert refusal.value.code == code


async def test_a_number_in_use_is_refused_and_its_holder_named(district: cast.District) -> None:
    holder = await cast.an_officer(district, "王五")
    number = (await certificates_of(holder, TODAY))[0].number
    with pytest.raises(Conflict) as refusal:
        await issue_certificate(
            justice(district), a_new_certificate(await someone(district), district, number), TODAY
        )
    assert (refusal.value.code, "王五" in refusal.value.message) == ("number_taken", True)


async def test_a_holder_out_of_reach_is_not_named(district: cast.District) -> None:
    holder = await cast.an_officer(district, "王五")
    number = (await certificates_of(holder, TODAY))[0].number
    elsewhere = an_actor(Role.JUSTICE_BUREAU, district.other_town)
    officer = await cast.a_person()
    await cast.serves(officer)
    await cast.established(officer)
    await cast.posted(officer, district, user=district.other_bureau)
    with pytest.raises(Conflict) as refusal:
        await issue_certificate(elsewhere, a_new_certificate(officer, district, number), TODAY)
    assert (refusal.value.code, "王五" in refusal.value.message) == ("number_taken", False)
    assert refusal.value.details == {"number": number, "errors": {"number": refusal.value.message}}


async def test_a_number_given_up_by_a_reissue_stays_taken(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    old = (await certificates_of(officer, TODAY))[0].number
    await do(district, Verb.REPORT_LOST, await certificate_of(officer), YESTERDAY)
    await do(district, Verb.REISSUE, await certificate_of(officer))
    with pytest.raises(Conflict) as refusal:
        await issue_certificate(
            justice(district), a_new_certificate(await someone(district), district, old), TODAY
        )
    assert refusal.value.code == "number_taken"


async def test_two_at_once_under_one_number_leave_one(district: cast.District) -> None:
    people = [await someone(district), await someone(district)]
    number = f"R{new_id().int % 10**10:010d}"
    both = await asyncio.gather(
        *(
            issue_certificate(justice(district), a_new_certificate(o, district, number), TODAY)
            for o in people
        ),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in both) == ["Change", "Conflict"]


async def test_a_minor_gets_no_certificate(district: cast.District) -> None:
    officer = await someone(district)
    await execute("UPDATE officer SET born = $2 WHERE id = $1", officer, date(TODAY.year - 17, 1, 1))
    with pytest.raises(Conflict) as refusal:
        await issue_certificate(justice(district), a_new_certificate(officer, district), TODAY)
    assert refusal.value.code == "too_young"


async def test_hr_does_not_issue(district: cast.District) -> None:
    with pytest.raises(Forbidden):
        await issue_certificate(
            personnel_office(district), a_new_certificate(await someone(district), district), TODAY
        )
