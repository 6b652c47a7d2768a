"""Decisions: what was asked, answered, and on which versions of the facts."""

from datetime import timedelta

import pytest

from chizheng.clearance.assignments.actions import NotCleared, assign_officer
from chizheng.clearance.assignments.rules import Order
from chizheng.clearance.decisions import queries
from chizheng.clearance.decisions.queries import Filter
from chizheng.clearance.decisions.rules import Result
from chizheng.kernel.access import Permission
from chizheng.kernel.db import fetch_value
from chizheng.kernel.errors import NotFound
from tests import cast
from tests.clearance.stage import NEXT_MONTH, TODAY, a_clerk, assigned, suspended


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(request.node.name)


async def a_refusal(district: cast.District) -> int:
    officer, case = await cast.an_officer(district, "王建国"), await cast.a_case(district, TODAY)
    await suspended(officer)
    with pytest.raises(NotCleared) as error:
        await assign_officer(
            a_clerk(district), case, Order(officer, "lead", TODAY, NEXT_MONTH), "page", TODAY
        )
    decision = error.value.verdicts[0].decision
    return await fetch_value("SELECT number FROM decision WHERE id = $1", decision)


async def test_a_decision_tells_question_answer_and_facts(district: cast.District) -> None:
    number = await a_refusal(district)
    decision = await queries.one_decision(a_clerk(district).scope(Permission.DECISION_READ), number)
    assert (decision.officer_name, decision.role, decision.field, decision.allowed, decision.door) == (
        "王建国", "lead", "market", False, "page",
    )  # fmt: skip
    assert (decision.start, decision.end, decision.rule_version[:4]) == (TODAY, NEXT_MONTH, "2026")
    assert [gap.code for gap in decision.gaps] == ["certificate_suspended"]
    facts = await queries.facts_of(decision.id)
    assert [fact.kind for fact in facts] == [
        "service", "establishment", "posting", "certificate", "certificate_event",
    ]  # fmt: skip
    assert all(fact.superseded_at is None for fact in facts)


async def test_a_decision_names_only_the_facts_of_its_days_and_every_certificate(
    district: cast.District,
) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    await cast.established(officer, "contract", cast.LONG_AGO - timedelta(days=900), cast.LONG_AGO)
    expired = cast.LONG_AGO - timedelta(days=1)
    await cast.certified(officer, district.root, start=cast.LONG_AGO - timedelta(days=900), end=expired)
    await assigned(district, case, officer)
    decision = await fetch_value("SELECT decision FROM assignment WHERE officer = $1", officer)
    facts = [fact.kind for fact in await queries.facts_of(decision)]
    assert (facts.count("establishment"), facts.count("certificate")) == (1, 2)


async def test_refusals_are_listed_first_and_filters_narrow(district: cast.District) -> None:
    refused = await a_refusal(district)
    case = await cast.a_case(district, TODAY)
    officer = await cast.an_officer(district)
    await assigned(district, case, officer)
    scope = a_clerk(district).scope(Permission.DECISION_READ)

    async def found(**chosen: object) -> list[bool]:
        page = await queries.list_decisions(scope, Filter(**chosen))  # type: ignore[arg-type]
        assert page.total == len(page.items)
        return [decision.allowed for decision in page.items]

    assert [decision.number for decision in (await queries.list_decisions(scope, Filter())).items] == [
        refused
    ]
    assert await found(result=Result.ALL) == [True, False]
    assert await found(result=Result.ALLOWED) == [True]
    assert await found(result=Result.ALL, officer=officer) == [True]
    assert await found(result=Result.ALL, unit=district.town) == [True, False]
    assert await found(result=Result.ALL, unit=district.other_town) == []
    assert await found(result=Result.ALL, on=TODAY) == [True, False]
    assert await found(result=Result.ALL, on=TODAY - timedelta(days=1)) == []


async def test_another_bureaus_decision_is_not_found(district: cast.District) -> None:
    number = await a_refusal(district)
    stranger = a_clerk(district, district.other_bureau).scope(Permission.DECISION_READ)
    with pytest.raises(NotFound):
        await queries.one_decision(stranger, number)
    assert (await queries.list_decisions(stranger, Filter(result=Result.ALL))).total == 0


async def test_a_stand_down_is_a_decision_of_its_own(district: cast.District) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    await assigned(district, case, officer)
    await suspended(officer)
    page = await queries.list_decisions(a_clerk(district).scope(Permission.DECISION_READ), Filter())
    assert [(one.kind, one.allowed, one.door) for one in page.items] == [("stand_down", False, "gate")]
