"""Assignments: every door refuses whom the gate refuses, and keeps the refusal; teams are all or nobody."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from chizheng.clearance.assignments import queries
from chizheng.clearance.assignments.actions import (
    NotCleared,
    Swept,
    assign_officer,
    assign_team,
    release_assignment,
    stand_down_expired,
)
from chizheng.clearance.assignments.rules import Order, default_days
from chizheng.clearance.cases.actions import close_case
from chizheng.clearance.cases.queries import history_of, one_case
from chizheng.kernel.access import Scope
from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.errors import Conflict, Invalid, NotFound
from tests import cast
from tests.clearance.stage import NEXT_MONTH, TODAY, TOMORROW, a_clerk, assigned, certificate_of, suspended

EVERYWHERE = Scope(everywhere=True)


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(request.node.name)


async def test_a_cleared_officer_is_assigned_with_the_decision_kept(district: cast.District) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    order = Order(officer, "lead", TODAY, NEXT_MONTH)
    verdict = await assign_officer(a_clerk(district), case, order, "page", TODAY)
    row = await fetch("SELECT allowed, door, id FROM decision WHERE case_file = $1", case)
    assert [tuple(one) for one in row] == [(True, "page", verdict.decision)]
    assert [(one.id, one.role, one.stands) for one in await queries.assignments_of(case)] == [
        (verdict.assignment, "lead", True)
    ]
    assert [event.action for event in await history_of(case)] == ["assignment.assign"]


async def test_a_refusal_is_raised_after_it_was_kept(district: cast.District) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    await suspended(officer)
    with pytest.raises(NotCleared) as error:
        await assign_officer(a_clerk(district), case, Order(officer, "lead", TODAY, NEXT_MONTH), "api", TODAY)
    verdict = error.value.verdicts[0]
    assert (error.value.code, error.value.status) == ("not_cleared", 409)
    assert [gap.code for gap in verdict.gaps] == ["certificate_suspended"]
    kept = await fetch("SELECT id, allowed, door FROM decision WHERE case_file = $1", case)
    assert [tuple(one) for one in kept] == [(verdict.decision, False, "api")]
    assert await queries.assignments_of(case) == []
    assert [event.action for event in await history_of(case)] == ["assignment.refuse"]


async def test_raw_sql_is_refused(district: cast.District) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    await suspended(officer)
    with pytest.raises(asyncpg.CheckViolationError) as error:
        await cast.assign(case, officer, TODAY, NEXT_MONTH)
    assert error.value.constraint_name == "not_cleared"


async def test_a_team_is_assigned_together(district: cast.District) -> None:
    lead, second = await cast.an_officer(district, "主办人"), await cast.an_officer(district, "协办人")
    case = await cast.a_case(district, TODAY)
    orders = (Order(lead, "lead", TODAY, NEXT_MONTH), Order(second, "co_handler", TODAY, NEXT_MONTH))
    await assign_team(a_clerk(district), case, orders, "page", TODAY)
    assert (await one_case(EVERYWHERE, case, TODAY)).handlers == 2


async def test_a_team_with_one_refusal_assigns_nobody_and_keeps_the_refusal(district: cast.District) -> None:
    good, bad = await cast.an_officer(district, "可上岗"), await cast.an_officer(district, "暂扣")
    await suspended(bad)
    case = await cast.a_case(district, TODAY)
    orders = (Order(good, "lead", TODAY, NEXT_MONTH), Order(bad, "co_handler", TODAY, NEXT_MONTH))
    with pytest.raises(NotCleared) as error:
        await assign_team(a_clerk(district), case, orders, "api", TODAY)
    assert [(verdict.name, [gap.code for gap in verdict.gaps]) for verdict in error.value.verdicts] == [
        ("暂扣", ["certificate_suspended"])
    ]
    assert await queries.assignments_of(case) == []
    kept = await fetch(
        "SELECT id, officer, allowed, gaps->0->>'code' FROM decision WHERE case_file = $1", case
    )
    assert [tuple(row) for row in kept] == [
        (error.value.verdicts[0].decision, bad, False, "certificate_suspended")
    ]


async def test_a_conflict_of_roles_inside_one_request_assigns_nobody(district: cast.District) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    orders = (Order(officer, "lead", TODAY, NEXT_MONTH), Order(officer, "hearing_chair", TODAY, NEXT_MONTH))
    with pytest.raises(NotCleared) as error:
        await assign_team(a_clerk(district), case, orders, "api", TODAY)
    assert [gap.code for gap in error.value.verdicts[0].gaps] == ["role_conflict"]
    assert await queries.assignments_of(case) == []


async def test_duplicates_and_a_second_lead_are_told_in_words(district: cast.District) -> None:
    officer, other = await cast.an_officer(district, "陈一"), await cast.an_officer(district, "陈二")
    case = await cast.a_case(district, TODAY)
    await assigned(district, case, officer)
    for who, code in ((officer, "assignment_once"), (other, "assignment_one_lead")):
        with pytest.raises(Conflict) as error:
            await assign_officer(
                a_clerk(district), case, Order(who, "lead", TODAY, NEXT_MONTH), "page", TODAY
            )
        assert error.value.code == code


async def test_a_closed_case_takes_nobody(district: cast.District) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    await close_case(a_clerk(district), case, TODAY)
    with pytest.raises(Conflict) as error:
        await assign_officer(
            a_clerk(district), case, Order(officer, "lead", TODAY, NEXT_MONTH), "page", TODAY
        )
    assert error.value.code == "case_is_open"


async def test_people_and_cases_of_other_bureaus_are_not_found(district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    stranger = await cast.a_person("外局人")
    await cast.posted(stranger, district, user=district.other_bureau)
    ours = await cast.an_officer(district)
    for actor, officer in ((a_clerk(district), stranger), (a_clerk(district, district.other_bureau), ours)):
        with pytest.raises(NotFound):
            await assign_officer(actor, case, Order(officer, "lead", TODAY, NEXT_MONTH), "page", TODAY)


@pytest.mark.parametrize(
    ("field", "role", "start", "end"),
    [
        ("role", "boss", TODAY, TOMORROW),
        ("from", "lead", TODAY - timedelta(days=1), TOMORROW),
        ("to", "lead", TODAY, TODAY),
        ("to", "lead", TOMORROW, TODAY),
    ],
)
async def test_a_wrong_order_names_the_field(
    district: cast.District, field: str, role: str, start, end
) -> None:  # type: ignore[no-untyped-def]
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    with pytest.raises(Invalid) as error:
        await assign_officer(a_clerk(district), case, Order(officer, role, start, end), "page", TODAY)
    assert field in error.value.errors


def test_the_days_default_to_today_until_the_end_of_the_day_the_case_is_due() -> None:
    day = timedelta(days=1)
    assert default_days(TODAY - day, NEXT_MONTH, TODAY) == (TODAY, NEXT_MONTH + day)
    assert default_days(TODAY - 9 * day, TODAY - day, TODAY) == (TODAY, TOMORROW)


async def test_a_release_needs_a_reason_and_happens_once(district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    assignment = await assigned(district, case, await cast.an_officer(district))
    with pytest.raises(Invalid):
        await release_assignment(a_clerk(district), assignment, "  ")
    await release_assignment(a_clerk(district), assignment, "岗位调整")
    ended = (await queries.assignments_of(case))[0]
    assert (ended.ending, ended.ending_reason, ended.stands) == ("released", "岗位调整", False)
    with pytest.raises(Conflict) as error:
        await release_assignment(a_clerk(district), assignment, "岗位调整")
    assert error.value.code == "assignment_ended"
    with pytest.raises(NotFound):
        await release_assignment(a_clerk(district, district.other_bureau), assignment, "岗位调整")


async def test_a_suspension_stands_the_officer_down_and_the_case_says_why(district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    officer = await cast.an_officer(district)
    await assigned(district, case, officer)
    await assigned(district, case, await cast.an_officer(district), "co_handler")
    duties = await queries.open_assignments_of(officer, TODAY)
    assert (len(duties), list(queries.cases_left_short(duties))) == (1, [case])
    await suspended(officer)
    gone = next(one for one in await queries.assignments_of(case) if not one.stands)
    assert (gone.officer, gone.ending, [gap.code for gap in gone.ending_gaps]) == (
        officer, "stood_down", ["certificate_suspended"],
    )  # fmt: skip
    assert (await one_case(EVERYWHERE, case, TODAY)).handlers == 1
    assert await queries.open_assignments_of(officer, TODAY) == []


async def test_an_observer_leaves_no_case_short(district: cast.District) -> None:
    case, officer = await cast.a_case(district, TODAY), await cast.an_officer(district)
    await assigned(district, case, officer, "observer")
    assert queries.cases_left_short(await queries.open_assignments_of(officer, TODAY)) == {}


async def test_candidates_are_cleared_ones_first_for_the_whole_interval(district: cast.District) -> None:
    case = await one_case(EVERYWHERE, await cast.a_case(district, TODAY), TODAY)
    await cast.an_officer(district, "可上岗")
    short = await cast.a_person("半路到期")
    await cast.serves(short)
    await cast.established(short)
    await cast.posted(short, district)
    await cast.certified(short, district.root, end=TOMORROW)
    found = await queries.candidates(EVERYWHERE, case, "lead", TODAY, NEXT_MONTH)
    assert [(one.person.name, one.cleared, [gap.code for gap in one.gaps]) for one in found] == [
        ("可上岗", True, []),
        ("半路到期", False, ["certificate_expired"]),
    ]
    one_day = await queries.candidates(EVERYWHERE, case, "lead", TODAY, TOMORROW)
    assert [one.cleared for one in one_day] == [True, True]


async def test_who_investigates_is_no_candidate_for_review(district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    await assigned(district, case, await cast.an_officer(district))
    file = await one_case(EVERYWHERE, case, TODAY)
    found = await queries.candidates(EVERYWHERE, file, "hearing_chair", TODAY, NEXT_MONTH)
    assert [[gap.code for gap in one.gaps] for one in found] == [["role_conflict"]]
    assert await queries.candidates(EVERYWHERE, file, "lead", TODAY, NEXT_MONTH) == []
    assert await queries.candidates(EVERYWHERE, file, "co_handler", TODAY, NEXT_MONTH) == []


async def test_two_handlers_are_two_people(district: cast.District) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    orders = [Order(officer, role, TODAY, NEXT_MONTH) for role in ("lead", "co_handler")]
    with pytest.raises(Conflict) as error:
        await assign_team(a_clerk(district), case, orders, "page", TODAY)
    assert error.value.code == "assignment_once"


async def test_the_sweep_catches_up_and_doing_it_again_changes_nothing(
    db: str, district: cast.District
) -> None:
    await execute("UPDATE assignment SET ended_at = now(), ending = 'released' WHERE ended_at IS NULL")
    case = await cast.a_case(district, TODAY)
    expiring = await cast.a_person("到期")
    await cast.serves(expiring)
    await cast.established(expiring)
    await cast.posted(expiring, district)
    await cast.certified(expiring, district.root, end=TODAY + timedelta(days=5))
    # a task of one day at the beginning, and one that goes on after the suspension that begins in three days
    over = await assigned(district, case, expiring, "co_handler", TODAY + timedelta(days=2))
    barred = await cast.an_officer(district, "将暂扣")
    stands = await assigned(district, case, barred)
    await cast.happened(barred, await certificate_of(barred), "suspend", TODAY + timedelta(days=3))
    fine = await assigned(district, case, await cast.an_officer(district), "co_handler")
    assert await stand_down_expired(TODAY) == Swept(3, 0, 0)
    later = TODAY + timedelta(days=10)
    assert await stand_down_expired(later) == Swept(3, 1, 1)
    assert await stand_down_expired(later) == Swept(1, 0, 0)
    endings = dict(await fetch("SELECT id, ending FROM assignment WHERE case_file = $1", case))
    assert endings == {over: "finished", stands: "stood_down", fine: None}


async def test_a_release_and_a_suspension_at_the_same_instant_both_succeed(district: cast.District) -> None:
    for _round in range(5):
        case, officer = await cast.a_case(district, TODAY), await cast.an_officer(district)
        assignment = await assigned(district, case, officer)
        await asyncio.gather(release_assignment(a_clerk(district), assignment, "岗位调整"), suspended(officer),
                             return_exceptions=True)  # fmt: skip
        assert await fetch_value("SELECT ending IS NOT NULL FROM assignment WHERE id = $1", assignment)
        assert await fetch_value("SELECT count(*) FROM certificate_event WHERE officer = $1", officer) == 1
