"""Each rule of the gate, one test for each way it says no, and one for yes."""

from datetime import date, timedelta

import asyncpg
import pytest

from chizheng.kernel import clock
from chizheng.kernel.db import execute, fetch_one, fetch_value, transaction
from tests import cast

TODAY = clock.today()
TOMORROW = TODAY + timedelta(days=1)
NEXT_MONTH = TODAY + timedelta(days=30)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(request.node.name)


async def test_an_officer_with_everything_is_cleared(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    assert await cast.gap_codes(officer, district.bureau, TODAY) == []


async def test_a_person_without_facts_has_every_gap(district: cast.District) -> None:
    assert await cast.gap_codes(await cast.a_person(), district.bureau, TODAY) == [
        "no_certificate", "not_in_establishment", "not_in_service", "not_posted_here",
    ]  # fmt: skip


async def test_expiry_within_the_interval_is_a_gap_that_says_when(district: cast.District) -> None:
    officer = await cast.a_person()
    await cast.serves(officer)
    await cast.established(officer)
    await cast.posted(officer, district)
    await cast.certified(officer, district.root, end=TODAY + timedelta(days=5))
    row = await fetch_one(
        "SELECT code, starts, ends FROM clearance_gaps($1, 'lead', 'market', $2, $3, $4)",
        officer, district.bureau, TODAY, NEXT_MONTH,
    )  # fmt: skip
    assert tuple(row) == ("certificate_expired", TODAY + timedelta(days=5), NEXT_MONTH)


async def test_an_uncleared_officer_is_refused_at_the_sql_prompt(district: cast.District) -> None:
    officer = await cast.a_person()
    case = await cast.a_case(district, TODAY)
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await cast.assign(case, officer, TODAY, TOMORROW)
    assert refusal.value.constraint_name == "not_cleared"


async def test_suspension_stands_down_in_the_same_transaction(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    certificate = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    case = await cast.a_case(district, TODAY)
    assignment = await cast.assign(case, officer, TODAY, NEXT_MONTH)
    await cast.happened(officer, certificate, "suspend", TODAY)
    row = await fetch_one("SELECT ending, ended_at IS NOT NULL FROM assignment WHERE id = $1", assignment)
    assert tuple(row) == ("stood_down", True)


async def test_a_suspension_from_a_later_day_leaves_today_alone(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    certificate = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    assignment = await cast.assign(await cast.a_case(district, TODAY), officer, TODAY, NEXT_MONTH)
    await cast.happened(officer, certificate, "suspend", TOMORROW)
    assert await fetch_value("SELECT ending FROM assignment WHERE id = $1", assignment) is None


async def test_a_correction_of_the_posting_does_not_stand_down_between_its_two_writes(
    district: cast.District,
) -> None:
    officer = await cast.an_officer(district)
    assignment = await cast.assign(await cast.a_case(district, TODAY), officer, TODAY, NEXT_MONTH)
    async with transaction():
        await execute("UPDATE posting SET superseded_at = now() WHERE officer = $1", officer)
        await cast.posted(officer, district, start=date(2019, 1, 1))
    assert await fetch_value("SELECT ending FROM assignment WHERE id = $1", assignment) is None


async def test_the_application_keeps_a_refusal_with_all_gaps(district: cast.District) -> None:
    officer = await cast.a_person()
    case = await cast.a_case(district, TODAY)
    row = await fetch_one(
        "SELECT * FROM assign_officer($1, $2, 'lead', $3, $4, NULL, 'test')", case, officer, TODAY, TOMORROW
    )
    assert row["assignment"] is None
    assert sorted(gap["code"] for gap in row["gaps"]) == [
        "no_certificate", "not_in_establishment", "not_in_service", "not_posted_here",
    ]  # fmt: skip
    assert await fetch_value("SELECT allowed FROM decision WHERE id = $1", row["decision"]) is False
