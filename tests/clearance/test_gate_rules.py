"""Every rule of the gate, both ways: what it lets through, and what it names when it does not."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.ids import new_id
from tests import cast
from tests.clearance.crowd import TODAY, UNTIL

pytestmark = pytest.mark.usefixtures("db")

DAY = timedelta(days=1)
MIDDLE = TODAY + 10 * DAY
ROLES = ("lead", "co_handler", "legal_reviewer", "hearing_chair", "observer")
SPAN = {"start": TODAY, "end": UNTIL}


async def gaps(
    officer: UUID,
    unit: UUID | None,
    role: str = "lead",
    field: str | None = "market",
    start: date = TODAY,
    end: date = UNTIL,
) -> "Gaps":
    rows = await fetch(
        "SELECT code, starts, ends FROM clearance_gaps($1, $2, $3, $4, $5, $6) ORDER BY code, starts",
        officer, role, field, unit, start, end,
    )  # fmt: skip
    return [tuple(row) for row in rows]


Gaps = list[tuple[str, date | None, date | None]]


def everybody(usual: Gaps, **others: Gaps) -> dict[str, Gaps]:
    """The same gaps for every role, but for these."""
    return {role: others.get(role, usual) for role in ROLES}


async def without(table: str, district: cast.District) -> UUID:
    """Somebody who has everything but this kind of fact."""
    officer = await cast.an_officer(district)
    await execute("INSERT INTO legal_qualification (officer, valid_from) VALUES ($1, '2020-01-01')", officer)
    await execute(f"UPDATE {table} SET superseded_at = now() WHERE officer = $1", officer)
    return officer


async def test_somebody_qualified_is_cleared_for_every_role(district: cast.District) -> None:
    officer = await without("certificate_event", district)
    assert {role: await gaps(officer, district.bureau, role) for role in ROLES} == everybody([])


async def test_an_unknown_role_is_never_cleared(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    assert await gaps(officer, district.bureau, "chief") == [("question_unclear", TODAY, UNTIL)]


async def test_a_question_without_a_day_is_never_cleared(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    assert await gaps(officer, district.bureau, end=TODAY) == [("question_unclear", None, None)]


async def test_an_unknown_unit_makes_the_question_unclear(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    unclear, nowhere = ("question_unclear", TODAY, UNTIL), ("not_posted_here", TODAY, UNTIL)
    assert await gaps(officer, new_id(), "observer") == [nowhere, unclear]
    assert await gaps(officer, None, "observer") == [nowhere]  # nobody was asked about: no bureau uses them


async def test_an_unknown_case_is_never_cleared(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    ask = "SELECT count(*) FROM assignment_gaps($1, $2, $3, $4, $5) WHERE hard"
    assert [await fetch_value(ask, new_id(), officer, role, TODAY, UNTIL) > 0 for role in ROLES] == [True] * 5


@pytest.mark.parametrize("status", ["suspended", "left", "retired", "dismissed"])
async def test_only_the_active_are_in_service(status: str, district: cast.District) -> None:
    officer = await without("service", district)
    await cast.serves(officer, "active", end=MIDDLE)
    await cast.serves(officer, status, MIDDLE)
    assert {role: await gaps(officer, district.bureau, role) for role in ROLES} == everybody(
        [("not_in_service", MIDDLE, UNTIL)]
    )


async def test_periods_back_to_back_are_one_and_a_hole_between_them_is_a_gap(district: cast.District) -> None:
    officer = await without("service", district)
    await cast.serves(officer, end=MIDDLE)
    await cast.serves(officer, start=MIDDLE, end=MIDDLE + DAY)
    await cast.serves(officer, start=MIDDLE + 3 * DAY)
    assert await gaps(officer, district.bureau) == [("not_in_service", MIDDLE + DAY, MIDDLE + 3 * DAY)]


@pytest.mark.parametrize("type", ["administrative", "enforcement", "civil_service_managed", "institution"])
async def test_these_types_are_in_establishment(type: str, district: cast.District) -> None:
    officer = await without("establishment", district)
    await cast.established(officer, type)
    assert await gaps(officer, district.bureau) == []


@pytest.mark.parametrize("type", ["contract", "dispatched", "worker", "temporary", "auxiliary"])
async def test_these_types_are_not_in_establishment_and_may_only_observe(
    type: str, district: cast.District
) -> None:
    officer = await without("establishment", district)
    await cast.established(officer, type)
    whole = [("not_in_establishment", TODAY, UNTIL)]
    expected = everybody(whole, observer=[])
    assert {role: await gaps(officer, district.bureau, role) for role in ROLES} == expected


async def test_without_a_certificate_one_may_only_observe(district: cast.District) -> None:
    officer = await without("certificate", district)
    expected = everybody([("no_certificate", TODAY, UNTIL)], observer=[])
    assert {role: await gaps(officer, district.bureau, role) for role in ROLES} == expected


@pytest.mark.parametrize("role", ROLES)
async def test_a_certificate_counts_from_its_first_day_to_the_day_before_its_end(
    role: str, district: cast.District
) -> None:
    officer = await without("certificate", district)
    await cast.certified(officer, district.root, start=MIDDLE, end=MIDDLE + 5 * DAY)
    expected = [("certificate_expired", MIDDLE + 5 * DAY, UNTIL), ("certificate_not_started", TODAY, MIDDLE)]
    assert await gaps(officer, district.bureau, role) == ([] if role == "observer" else expected)
    assert await gaps(officer, district.bureau, role, start=MIDDLE, end=MIDDLE + 5 * DAY) == []


async def test_a_renewal_heals_an_expiry_and_replaces_what_came_before(district: cast.District) -> None:
    officer = await without("certificate", district)
    await cast.certified(officer, district.root, ("market", "city"), end=MIDDLE)
    await cast.certified(officer, district.root, ("market",), start=MIDDLE - DAY)
    assert await gaps(officer, district.bureau) == []
    assert await gaps(officer, district.bureau, field="city") == [("field_not_covered", MIDDLE - DAY, UNTIL)]


BARS = {
    "suspend": "certificate_suspended",
    "cancel": "certificate_cancelled",
    "report_lost": "certificate_lost",
    "revoke": "certificate_revoked",
}


@pytest.mark.parametrize("verb", BARS)
async def test_these_verbs_bar_the_certificate_while_they_hold(verb: str, district: cast.District) -> None:
    officer = await without("certificate", district)
    certificate = await cast.certified(officer, district.root)
    await cast.happened(officer, certificate, verb, MIDDLE, MIDDLE + 5 * DAY)
    expected = everybody([(BARS[verb], MIDDLE, MIDDLE + 5 * DAY)], observer=[])
    assert {role: await gaps(officer, district.bureau, role) for role in ROLES} == expected
    await execute("UPDATE certificate_event SET superseded_at = now() WHERE officer = $1", officer)
    assert await gaps(officer, district.bureau) == []


@pytest.mark.parametrize("verb", ["issue", "reinstate", "reissue", "renew"])
async def test_these_verbs_bar_nothing(verb: str, district: cast.District) -> None:
    officer = await without("certificate", district)
    await cast.happened(officer, await cast.certified(officer, district.root), verb, TODAY)
    assert await gaps(officer, district.bureau) == []


@pytest.mark.parametrize("verb", BARS)
async def test_a_new_certificate_heals_all_but_a_revocation(verb: str, district: cast.District) -> None:
    officer = await without("certificate", district)
    old = await cast.certified(officer, district.root)
    await cast.happened(officer, old, verb, TODAY)
    await cast.certified(officer, district.root, start=MIDDLE)
    end = UNTIL if verb == "revoke" else MIDDLE
    assert await gaps(officer, district.bureau) == [(BARS[verb], TODAY, end)]


async def test_only_those_who_investigate_need_the_field(district: cast.District) -> None:
    officer = await without("certificate_event", district)
    whole = [("field_not_covered", TODAY, UNTIL)]
    expected = everybody([], lead=whole, co_handler=whole)
    assert {role: await gaps(officer, district.bureau, role, "city") for role in ROLES} == expected
    assert await gaps(officer, district.bureau, field=None) == whole


async def test_the_area_reaches_down_and_neither_up_nor_aside(district: cast.District) -> None:
    officer = await without("certificate", district)
    await cast.certified(officer, district.bureau)
    whole = [("area_not_covered", TODAY, UNTIL)]
    assert await gaps(officer, district.squad) == []
    assert await gaps(officer, district.bureau) == []
    assert await gaps(officer, district.town) == whole
    aside = [*whole, ("not_posted_here", TODAY, UNTIL)]
    expected = everybody(aside, observer=aside[1:])
    assert {role: await gaps(officer, district.other_bureau, role) for role in ROLES} == expected


async def test_the_posting_serves_its_unit_and_those_above_and_below_it(district: cast.District) -> None:
    officer = await without("posting", district)
    sibling = await cast.a_unit("squad", f"{new_id().hex}二中队", district.bureau)
    missing = [("not_posted_here", TODAY, UNTIL)]
    asked = (district.bureau, district.squad, sibling, district.other_bureau, district.team)
    posting = await cast.posted(officer, district, district.squad)
    assert [await gaps(officer, unit) for unit in asked] == [[], [], missing, missing, missing]
    await cast.supersede("posting", posting)
    await cast.posted(officer, district, district.bureau)
    assert [await gaps(officer, unit) for unit in asked] == [[], [], [], missing, missing]


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_has_to_be_posted_here_throughout(role: str, district: cast.District) -> None:
    officer = await without("posting", district)
    await cast.posted(officer, district, end=MIDDLE)
    assert await gaps(officer, district.bureau, role) == [("not_posted_here", MIDDLE, UNTIL)]


async def test_borrowed_elsewhere_is_named_but_bars_nothing(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    await cast.posted(officer, district, district.other_bureau, "borrowing", MIDDLE, MIDDLE + DAY)
    await cast.posted(officer, district, district.other_bureau, "exchange", MIDDLE)
    await cast.posted(officer, district, district.bureau, "borrowing", MIDDLE)
    assert await gaps(officer, district.bureau) == [("borrowed_out", MIDDLE, MIDDLE + DAY)]
    case = await cast.a_case(district, TODAY)
    decision = await fetch_value(
        "SELECT decision FROM assignment WHERE id = $1", await cast.assign(case, officer, **SPAN)
    )
    row = await fetch("SELECT allowed, gaps FROM decision WHERE id = $1", decision)
    assert [(r["allowed"], [g["code"] for g in r["gaps"]]) for r in row] == [(True, ["borrowed_out"])]


async def test_only_the_reviewer_needs_the_legal_qualification(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    await execute("INSERT INTO legal_qualification (officer, valid_from) VALUES ($1, $2)", officer, MIDDLE)
    expected = everybody([], legal_reviewer=[("legal_qualification_missing", TODAY, MIDDLE)])
    assert {role: await gaps(officer, district.bureau, role) for role in ROLES} == expected
    await execute("UPDATE legal_qualification SET superseded_at = now() WHERE officer = $1", officer)
    assert await gaps(officer, district.bureau, "legal_reviewer") == [
        ("legal_qualification_missing", TODAY, UNTIL)
    ]


RELEASE = "UPDATE assignment SET ended_at = now(), ending = 'released'"
INVESTIGATING, JUDGING = ("lead", "co_handler"), ("legal_reviewer", "hearing_chair")


@pytest.mark.parametrize("held", ROLES)
async def test_who_investigates_does_not_judge_even_after_a_release(
    held: str, district: cast.District
) -> None:
    officer = await without("certificate_event", district)
    case, elsewhere = await cast.a_case(district, TODAY), await cast.a_case(district, TODAY)
    assignment = await cast.assign(case, officer, **SPAN, role=held)
    barred = JUDGING if held in INVESTIGATING else INVESTIGATING if held in JUDGING else ()
    ask = "SELECT code, hard, starts, ends FROM assignment_gaps($1, $2, $3, $4, $5)"
    conflict = [("role_conflict", True, TODAY, UNTIL)]
    for _ in range(2):
        for role in ROLES:
            here = [tuple(row) for row in await fetch(ask, case, officer, role, TODAY, UNTIL)]
            assert here == (conflict if role in barred else [])
            assert await fetch(ask, elsewhere, officer, role, TODAY, UNTIL) == []
        await execute(f"{RELEASE} WHERE id = $1 AND ended_at IS NULL", assignment)


async def test_only_borrowing_is_soft(district: cast.District) -> None:
    ask = "SELECT bool_and(hard) FROM clearance_gaps($1, 'lead', 'market', $2, $3, $4)"
    assert await fetch_value(ask, await cast.a_person(), district.bureau, TODAY, UNTIL) is True
