"""Who is cleared to act: one officer, a whole unit, who drops out; and the words for each gap."""

import re
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from chizheng.clearance.gate import board, queries, rules
from chizheng.clearance.gate.rules import GAPS, Explained, Gap, Question
from chizheng.kernel.access import Role, Scope
from chizheng.kernel.db import fetch_value
from chizheng.kernel.errors import Invalid, NotFound
from chizheng.kernel.i18n import ENGLISH, speaking
from tests import cast
from tests.clearance.stage import TODAY, TOMORROW, suspended
from tests.web import ClientFor

GATE = Path(queries.__file__).with_name("gate.sql").read_text()
DAY = rules.ONE_DAY


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(request.node.name)


def the_bureau(district: cast.District) -> Scope:
    return Scope(everywhere=False, user=(district.bureau,))


def test_every_code_of_the_gate_has_words_and_no_other() -> None:
    codes = set(re.findall(r"(?:SELECT |THEN |ELSE |ROW\()'([a-z]+_[a-z_]+)'", GATE))
    assert codes == set(GAPS)


def test_hardness_is_told_as_the_gate_has_it() -> None:
    assert {code for code, rule in GAPS.items() if not rule.hard} == set(
        re.findall(r"ROW\('(\w+)', false,", GATE)
    )


@pytest.mark.parametrize("code", GAPS)
def test_every_gap_can_be_told_without_any_detail(code: str) -> None:
    wordings = GAPS[code].wordings
    needed = {name for wording in wordings for name in wording.names}
    detail = {"number": "320", "since": "2026-01-02", "valid_from": "2026-01-02", "valid_to": "2026-01-02",
              "role": "lead"} if needed & {"number", "since", "begins", "last", "role"} else None  # fmt: skip
    asked = Question("lead", "market", None, date(2026, 11, 21), date(2026, 11, 22))
    words = rules.explain(Gap(code, True, asked.start, asked.end, detail), asked)
    assert words.message
    assert words.basis
    assert words.cure
    assert "%(" not in words.message + words.cure


def test_an_expiry_within_the_task_says_when_and_what_cures_it() -> None:
    asked = Question("lead", "market", None, date(2026, 11, 21), date(2027, 2, 20))
    detail = {"number": "32041212048", "valid_to": "2026-12-15"}
    gap = Gap("certificate_expired", True, date(2026, 12, 15), date(2027, 2, 20), detail)
    assert rules.explain(gap, asked) == Explained(
        code="certificate_expired",
        hard=True,
        message="证件 32041212048 有效期至 2026-12-14，早于任务结束日 2027-02-19",
        since=None,
        until=None,
        basis="行政处罚法第四十二条",
        cure="先办理换证，或把指派截止日改到 2026-12-14",
    )


def test_fields_are_named_in_the_language_of_the_reader() -> None:
    asked = Question("lead", "transport", None, date(2026, 11, 21), date(2026, 11, 22))
    gap = Gap(
        "field_not_covered",
        True,
        asked.start,
        asked.end,
        {"fields": ["market", "city"], "field": "transport"},
    )
    assert rules.explain(gap, asked).message == "证件类别为市场监管、城市管理，不含交通运输"
    with speaking(ENGLISH):
        assert rules.explain(gap, asked).code == "field_not_covered"


async def test_an_officer_is_asked_about_with_sensible_defaults(district: cast.District) -> None:
    officer = await cast.an_officer(district, fields=("transport", "city"))
    answer = await queries.clearance_of_officer(
        the_bureau(district), officer, "lead", None, None, TODAY, TOMORROW
    )
    assert answer == queries.Clearance(
        officer, "陈一", Question("lead", "transport", district.bureau, TODAY, TOMORROW), ()
    )
    assert answer.cleared


async def test_somebody_without_anything_gets_every_gap(district: cast.District) -> None:
    officer = await cast.a_person()
    answer = await queries.clearance_of_officer(
        Scope(everywhere=True), officer, "lead", None, None, TODAY, TOMORROW
    )
    assert {gap.code for gap in answer.gaps} == {
        "no_certificate", "not_in_establishment", "not_in_service", "not_posted_here",
    }  # fmt: skip


async def test_an_area_gap_names_the_area(district: cast.District) -> None:
    officer = await cast.a_person()
    await cast.serves(officer)
    await cast.established(officer)
    await cast.posted(officer, district)
    await cast.certified(officer, district.other_town)
    answer = await queries.clearance_of_officer(
        the_bureau(district), officer, "lead", "market", district.bureau, TODAY, TOMORROW
    )
    name = await fetch_value("SELECT name FROM unit WHERE id = $1", district.other_town)
    assert [rules.explain(gap, answer.asked).message for gap in answer.gaps] == [
        f"证件执法区域为{name}，不含本单位"
    ]


async def test_an_officer_of_another_bureau_is_not_found(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    elsewhere = Scope(everywhere=False, user=(district.other_bureau,))
    with pytest.raises(NotFound):
        await queries.clearance_of_officer(elsewhere, officer, "lead", None, None, TODAY, TOMORROW)


async def test_a_unit_out_of_reach_is_an_invalid_parameter(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    with pytest.raises(Invalid) as error:
        await queries.clearance_of_officer(
            the_bureau(district), officer, "lead", None, district.other_bureau, TODAY, TOMORROW
        )
    assert list(error.value.errors) == ["unit"]


async def test_the_board_tells_each_field_of_each_person(district: cast.District) -> None:
    both = await cast.an_officer(district, "陈一", ("market", "city"))
    barred = await cast.an_officer(district, "陈二")
    await suspended(barred)
    asked = await queries.clearance_of_unit(
        the_bureau(district), district.bureau, "lead", None, TODAY, TOMORROW
    )
    stand = {
        p.officer: [(a.field, a.cleared, [g.code for g in a.gaps]) for a in p.answers] for p in asked.people
    }
    assert stand == {
        both: [("market", True, []), ("city", True, [])],
        barred: [("market", False, ["certificate_suspended"])],
    }
    assert queries.counted(asked) == queries.Counts(1, 2, {"market": (1, 2), "city": (1, 1)})


async def test_a_squad_shows_its_own_people_only(district: cast.District) -> None:
    await cast.an_officer(district, "在中队")
    at_bureau = await cast.a_person("在局里")
    await cast.posted(at_bureau, district, user=district.bureau)
    asked = await queries.clearance_of_unit(
        the_bureau(district), district.squad, "lead", None, TODAY, TOMORROW
    )
    assert [person.name for person in asked.people] == ["在中队"]


async def test_a_whole_town_is_asked_about_through_each_bureau(district: cast.District) -> None:
    officer = await cast.a_person("只管本镇")
    await cast.serves(officer)
    await cast.established(officer)
    await cast.posted(officer, district)
    await cast.certified(officer, district.town)
    asked = await queries.clearance_of_unit(
        Scope(everywhere=True), district.root, "lead", None, TODAY, TOMORROW
    )
    assert [(p.name, p.cleared, p.unit) for p in asked.people] == [("只管本镇", True, district.bureau)]


async def test_who_has_retired_leaves_the_board_and_whose_posting_lapsed_stays_on_it(
    district: cast.District,
) -> None:
    ended = TODAY - timedelta(days=40)
    for name, status in (("已退休", "retired"), ("派驻到期", "active")):
        officer = await cast.a_person(name)
        await cast.serves(officer, status)
        await cast.posted(officer, district, end=ended)
    asked = await queries.clearance_of_unit(
        the_bureau(district), district.bureau, "lead", "market", TODAY, TOMORROW
    )
    assert [person.name for person in asked.people] == ["派驻到期"]
    posting = next(gap for gap in asked.people[0].answers[0].gaps if gap.code == "not_posted_here")
    told = rules.explain(posting, asked.question(asked.people[0], "market"))
    assert told.message == f"派驻本单位至 {ended - DAY} 为止"


async def test_who_is_not_posted_there_today_is_listed_apart_and_not_counted(district: cast.District) -> None:
    await cast.an_officer(district, "在岗")
    for name, start, end in (
        ("已期满", cast.LONG_AGO, TODAY), ("将派来", TODAY + timedelta(days=9), None),
    ):  # fmt: skip
        officer = await cast.a_person(name)
        await cast.serves(officer)
        await cast.established(officer)
        await cast.certified(officer, district.root)
        await cast.posted(officer, district, start=start, end=end)
    asked = await queries.clearance_of_unit(
        the_bureau(district), district.bureau, "lead", None, TODAY, TODAY + timedelta(days=30)
    )
    assert {person.name for person in asked.people} == {"在岗", "已期满", "将派来"}
    assert queries.counted(asked) == queries.Counts(1, 1, {"market": (1, 1)})
    assert [(group.have, group.of) for group in board.groups(asked, None, None, short=False)] == [(1, 1)]
    apart = {row.name: row.gaps[0].message for row in board.away(asked, None)}
    assert apart.keys() == {"已期满", "将派来"}
    assert str(TODAY - DAY) in apart["已期满"]
    assert str(TODAY + timedelta(days=9)) in apart["将派来"]
    later = msgspec.structs.replace(asked, start=TODAY + timedelta(days=9))
    assert queries.counted(later).people == 2


async def test_who_moves_within_the_unit_counts_where_they_are_today(district: cast.District) -> None:
    officer = await cast.a_person("换中队")
    moves = TODAY + timedelta(days=9)
    await cast.posted(officer, district, end=moves)
    await cast.posted(officer, district, user=district.bureau, start=moves)
    asked = await queries.clearance_of_unit(
        the_bureau(district), district.bureau, "lead", "market", TODAY, TODAY + timedelta(days=30)
    )
    assert [person.squad_id for person in asked.people] == [district.squad]
    assert queries.counted(asked).people == 1


async def test_a_person_posted_there_on_a_past_day_is_on_that_days_board(district: cast.District) -> None:
    officer = await cast.a_person("已调走")
    await cast.posted(officer, district, end=date(2025, 1, 1))
    await cast.posted(officer, district, user=district.other_bureau, start=date(2025, 1, 1))
    scope = Scope(everywhere=True)
    then = await queries.clearance_of_unit(
        scope, district.bureau, "lead", "market", date(2024, 6, 1), date(2024, 6, 2)
    )
    now = await queries.clearance_of_unit(scope, district.bureau, "lead", "market", TODAY, TOMORROW)
    assert ([p.name for p in then.people], [p.name for p in now.people]) == (["已调走"], [])


async def test_an_empty_unit_has_an_empty_board_and_a_unit_out_of_reach_none(district: cast.District) -> None:
    asked = await queries.clearance_of_unit(
        the_bureau(district), district.bureau, "lead", None, TODAY, TOMORROW
    )
    assert asked.people == ()
    with pytest.raises(NotFound):
        await queries.clearance_of_unit(
            the_bureau(district), district.other_bureau, "lead", None, TODAY, TOMORROW
        )


async def test_who_drops_out_agrees_with_the_gate_day_by_day(district: cast.District) -> None:
    for number in range(1, 6):
        officer = await cast.a_person(f"到期{number}")
        await cast.serves(officer, end=TODAY + timedelta(days=9) if number == 3 else None)
        await cast.established(officer)
        await cast.posted(officer, district, end=TODAY + timedelta(days=4) if number == 4 else None)
        await cast.certified(officer, district.root, end=TODAY + timedelta(days=7 * number))
        if number == 5:
            await suspended(officer, TODAY + timedelta(days=2))
    found = await queries.drops_out(the_bureau(district), district.bureau, TODAY, 30)
    assert [(drop.name, (drop.day - TODAY).days) for drop in found] == [
        ("到期5", 2), ("到期4", 4), ("到期1", 7), ("到期3", 9), ("到期2", 14),
    ]  # fmt: skip
    for drop in found:
        before = await cast.gap_codes(drop.officer, district.bureau, drop.day - DAY)
        after = await cast.gap_codes(drop.officer, district.bureau, drop.day)
        assert (before, after) == ([], sorted(gap.code for gap in drop.gaps))


def test_wrong_periods_name_the_parameter() -> None:
    def named(**asked: date) -> list[str]:
        with pytest.raises(Invalid) as error:
            rules.period(asked.get("on"), asked.get("start"), asked.get("end"), TODAY)
        return list(error.value.errors)

    assert named(on=TODAY, start=TODAY) == ["on"]
    assert named(end=TODAY) == ["from"]
    assert named(start=TODAY, end=TODAY) == ["to"]
    assert named(on=date.max) == ["on"]
    assert named(start=TODAY, end=date.max) == ["to"]
    assert rules.period(None, None, None, TODAY) == (TODAY, TOMORROW)


async def test_the_gate_is_asked_about_one_officer_on_a_page(
    client_for: ClientFor, district: cast.District
) -> None:
    clerk = await client_for(Role.TOWN_BUREAU, district.bureau)
    officer = await cast.a_person("丁一")
    await cast.posted(officer, district)
    page = await clerk.get(f"/officers/{officer}/clearance?role=lead&field=market&from={TODAY}&until={TODAY}")
    assert page.status_code == 200
    for words in ("不得上岗", "未取得行政执法证", "行政处罚法第四十二条", "办"):
        assert words in page.text
    cleared = await cast.an_officer(district)
    assert "符合条件" in (await clerk.get(f"/officers/{cleared}/clearance")).text
    for wrong in (
        "field=nothing",
        "role=king",
        "from=2026-13-40",
        "from=2026-11-22&until=2026-11-01",
        "until=9999-12-31",
    ):
        assert (await clerk.get(f"/officers/{cleared}/clearance?{wrong}")).status_code == 422
