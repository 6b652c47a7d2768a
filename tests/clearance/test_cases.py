"""Cases: opening, correcting, closing, listing; a bureau's cases are its own."""

from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from chizheng.clearance.cases import queries, rules
from chizheng.clearance.cases.actions import Correction, NewCase, close_case, correct_case, open_case
from chizheng.clearance.cases.queries import Filter
from chizheng.kernel.access import Permission, Role, Scope
from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from chizheng.kernel.ids import new_id
from tests import cast
from tests.clearance.stage import NEXT_MONTH, TODAY, a_clerk, an_actor, assigned

EVERYWHERE = Scope(everywhere=True)


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(request.node.name)


async def an_item(field: str = "market", end: date | None = None, delegated: bool = True) -> UUID:
    return await fetch_value(
        "INSERT INTO power_item (code, name, field, kind, delegated, valid_from, valid_to)"
        " VALUES ($1, '无照经营', $2, 'enforcement', $4, '2020-01-01', $3) RETURNING id",
        new_id().hex[-20:], field, end, delegated,
    )  # fmt: skip


def a_new(district: cast.District, serial: int = 12, **changes: object) -> NewCase:
    values = {
        "unit": district.bureau,
        "field": "market",
        "number": f"青综执立〔{TODAY.year}〕{serial}号",
        "title": "某食品店无照经营案",
        "opened_on": TODAY,
        "due_on": NEXT_MONTH,
    }
    return NewCase(**{**values, **changes})  # type: ignore[arg-type]


def test_a_number_is_read_and_written_by_the_configured_form(monkeypatch: pytest.MonkeyPatch) -> None:
    town = rules.Place("武进区", "湖塘镇")
    assert rules.number_of(rules.number_form(), town, 2026, 12) == "武湖塘综执立〔2026〕12号"
    monkeypatch.setenv("CHIZHENG_CASE_NUMBER", "{year}-{serial}")
    assert rules.number_of(rules.number_form(), town, 2026, 12) == "2026-12"
    assert rules.is_number(rules.number_form(), "2026-7")
    assert not rules.is_number(rules.number_form(), "湟综执立〔2026〕12号")


@pytest.mark.parametrize(
    ("town", "short"),
    [
        ("湖塘镇", "湖塘"),
        ("南夏墅街道", "南夏墅"),
        ("武进经济开发区", "经济"),
        ("太湖湾旅游度假区", "太湖湾"),
        (None, ""),
    ],
)
def test_a_town_is_shortened_as_numbers_do(town: str | None, short: str) -> None:
    assert rules.Place("武进区", town).short_town == short


async def test_a_clerk_opens_a_case_for_the_bureau_and_it_is_audited(district: cast.District) -> None:
    item = await an_item()
    clerk = a_clerk(district)
    case = await open_case(clerk, a_new(district, item=item, parties="某食品店"), TODAY)
    file = await queries.one_case(clerk.scope(Permission.CASE_READ), case, TODAY)
    assert (file.number, file.item, file.parties, file.handlers, file.status) == (
        f"青综执立〔{TODAY.year}〕12号", item, "某食品店", 0, "open",
    )  # fmt: skip
    assert [(event.action, event.who) for event in await queries.history_of(case)] == [("case.open", "赵婷")]


async def test_a_bureau_opens_no_case_for_another(district: cast.District) -> None:
    with pytest.raises(Invalid) as error:
        await open_case(a_clerk(district), a_new(district, unit=district.other_bureau), TODAY)
    assert list(error.value.errors) == ["unit"]


async def test_a_squad_is_no_unit_of_a_case(district: cast.District) -> None:
    with pytest.raises(Invalid) as error:
        await open_case(a_clerk(district), a_new(district, unit=district.squad), TODAY)
    assert list(error.value.errors) == ["unit"]


async def test_the_justice_bureau_opens_no_cases(district: cast.District) -> None:
    with pytest.raises(Forbidden):
        await open_case(an_actor(Role.JUSTICE_BUREAU, district.root, whole=True), a_new(district), TODAY)


async def test_a_number_is_used_once_and_the_next_is_suggested(db: str) -> None:
    district = await cast.a_district("甲")
    clerk = a_clerk(district)
    first = await queries.next_number(district.bureau, 2025)
    await open_case(clerk, a_new(district, number=first, opened_on=date(2025, 5, 1), due_on=TODAY), TODAY)
    following = await queries.next_number(district.bureau, 2025)
    with pytest.raises(Conflict) as error:
        await open_case(clerk, a_new(district, number=first, opened_on=date(2025, 5, 1), due_on=TODAY), TODAY)
    assert (error.value.code, error.value.details["next"]) == ("case_number_taken", following)
    assert first != following


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("number", {"number": "12"}),
        ("opened_on", {"opened_on": TODAY + timedelta(days=1)}),
        ("due_on", {"due_on": TODAY}),
        ("due_on", {"due_on": date.max}),
        ("field", {"field": "magic"}),
    ],
)
async def test_a_wrong_case_names_the_field(
    district: cast.District, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as error:
        await open_case(a_clerk(district), a_new(district, **changes), TODAY)
    assert list(error.value.errors) == [field]


async def test_an_item_fits_the_field_the_day_and_is_delegated(district: cast.District) -> None:
    wrong = [
        await an_item("city"),
        await an_item(end=TODAY),
        await an_item(delegated=False),
        new_id(),
    ]
    for item in wrong:
        with pytest.raises(Invalid) as error:
            await open_case(a_clerk(district), a_new(district, item=item), TODAY)
        assert list(error.value.errors) == ["item"]


async def test_a_case_is_corrected_and_the_audit_says_what(district: cast.District) -> None:
    clerk = a_clerk(district)
    case = await open_case(clerk, a_new(district, 31), TODAY)
    number = f"青综执立〔{TODAY.year}〕31号"
    await correct_case(clerk, case, Correction("market", number, "某超市无照经营案", NEXT_MONTH), TODAY)
    latest = (await queries.history_of(case))[0]
    assert (latest.action, latest.changes) == (
        "case.correct",
        {"title": ["某食品店无照经营案", "某超市无照经营案"]},
    )


async def test_a_correction_that_uncovers_a_handler_is_refused(district: cast.District) -> None:
    clerk = a_clerk(district)
    case = await open_case(clerk, a_new(district, 32), TODAY)
    await assigned(district, case, await cast.an_officer(district))
    number = f"青综执立〔{TODAY.year}〕32号"
    with pytest.raises(Conflict) as error:
        await correct_case(clerk, case, Correction("city", number, "改错领域", NEXT_MONTH), TODAY)
    assert error.value.code == "not_cleared"
    assert [gap["code"] for gap in error.value.details["gaps"]] == ["field_not_covered"]


async def test_closing_a_case_ends_its_assignments_once(district: cast.District) -> None:
    clerk = a_clerk(district)
    case = await open_case(clerk, a_new(district, 33), TODAY)
    await assigned(district, case, await cast.an_officer(district))
    await assigned(district, case, await cast.an_officer(district), "co_handler")
    assert await close_case(clerk, case, TODAY) == 2
    endings = await fetch("SELECT ending, ended_by FROM assignment WHERE case_file = $1", case)
    assert [tuple(row) for row in endings] == [("case_closed", clerk.account)] * 2
    for again in (
        close_case(clerk, case, TODAY),
        correct_case(clerk, case, Correction("market", "x", "y", NEXT_MONTH), TODAY),
    ):
        with pytest.raises((Conflict, Invalid)):
            await again


async def test_another_bureaus_case_is_not_found(district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    stranger = a_clerk(district, district.other_bureau)
    with pytest.raises(NotFound):
        await queries.one_case(stranger.scope(Permission.CASE_READ), case, TODAY)
    with pytest.raises(NotFound):
        await close_case(stranger, case, TODAY)


async def test_the_list_puts_cases_short_of_a_handler_first(district: cast.District) -> None:
    full, short = await cast.a_case(district, TODAY, 10), await cast.a_case(district, TODAY, 20)
    for role in ("lead", "co_handler"):
        await assigned(district, full, await cast.an_officer(district), role)
    scope = a_clerk(district).scope(Permission.CASE_READ)
    found = await queries.list_cases(scope, Filter(), TODAY)
    assert [(row.id, row.handlers) for row in found.items] == [(short, 0), (full, 2)]
    assert [row.id for row in (await queries.list_cases(scope, Filter(short=True), TODAY)).items] == [short]
    assert await queries.short_of_handlers(scope, TODAY) == 1


async def test_one_person_is_not_both_handlers_at_any_door(district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    officer = await cast.an_officer(district)
    await cast.assign(case, officer, TODAY, NEXT_MONTH, "lead")
    with pytest.raises(asyncpg.UniqueViolationError) as refusal:
        await cast.assign(case, officer, TODAY, NEXT_MONTH, "co_handler")
    assert refusal.value.constraint_name == "assignment_two_people"
    assert (await queries.one_case(EVERYWHERE, case, TODAY)).handlers == 1


async def test_the_list_is_filtered_counted_and_paged(district: cast.District) -> None:
    for field in ("market", "market", "city"):
        await cast.a_case(district, TODAY, field=field)
    await execute(
        "UPDATE case_file SET status = 'closed' WHERE field = 'city' AND unit = $1", district.bureau
    )
    scope = a_clerk(district).scope(Permission.CASE_READ)

    async def total(chosen: Filter) -> int:
        return (await queries.list_cases(scope, chosen, TODAY)).total

    assert [await total(chosen) for chosen in (
        Filter(), Filter(status="open"), Filter(field="city"), Filter(unit=district.town), Filter(q="无照"),
        Filter(q="%"), Filter(unit=district.other_town),
    )] == [3, 2, 1, 3, 3, 0, 0]  # fmt: skip
    second = await queries.list_cases(scope, Filter(), TODAY, number=2, size=2)
    assert (second.total, second.pages, len(second.items)) == (3, 2, 1)
    beyond = await queries.list_cases(scope, Filter(), TODAY, number=9, size=2)
    assert (beyond.total, len(beyond.items)) == (3, 0)
