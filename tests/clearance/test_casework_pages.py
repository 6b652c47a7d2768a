"""The board, cases, assignments and decisions as pages, in a clerk's hands."""

import re
from uuid import UUID

import httpx
import pytest

from chizheng.kernel.access import Role
from chizheng.kernel.db import fetch, fetch_value
from tests import cast
from tests.clearance.stage import NEXT_MONTH, TODAY, assigned, suspended
from tests.web import Browser, ClientFor

FORM = {"role": "lead", "from": TODAY.isoformat(), "until": NEXT_MONTH.isoformat()}


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(request.node.name)


@pytest.fixture
async def clerk(client_for: ClientFor, district: cast.District) -> Browser:
    return await client_for(Role.TOWN_BUREAU, district.bureau)


async def barred(district: cast.District, name: str = "王建国") -> UUID:
    officer = await cast.an_officer(district, name)
    await suspended(officer)
    return officer


def text_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


async def test_the_board_says_who_is_cleared_and_why_the_others_are_not(
    clerk: Browser, district: cast.District
) -> None:
    await cast.an_officer(district, "李雪梅", ("market", "city"))
    await barred(district)
    answer = await clerk.get("/cleared")
    page = text_of(answer)
    assert answer.status_code == 200
    for words in ("李雪梅", "王建国", "起暂扣", "第三十一条", "1 / 2 人可上岗", "城市管理", "持证有效，至"):
        assert words in page


async def test_an_empty_board_teaches(clerk: Browser) -> None:
    assert "本单位还没有人员" in text_of(await clerk.get("/cleared"))


async def test_the_board_takes_a_day_a_role_a_field_and_a_squad(
    clerk: Browser, district: cast.District
) -> None:
    await cast.an_officer(district, "李雪梅")
    page = await clerk.get(
        "/cleared", params={"on": "2019-12-31", "role": "legal_reviewer", "squad": str(district.squad)}
    )
    assert "2019-12-31 可上岗" in text_of(page)
    only = await clerk.get("/cleared", params={"field": "market", "show": "not_cleared"})
    assert only.status_code == 200


@pytest.mark.parametrize("wrong", [{"on": "soon"}, {"role": "boss"}, {"field": "magic"}, {"unit": "x"}])
async def test_a_wrong_filter_is_told_and_the_board_still_shown(
    clerk: Browser, wrong: dict[str, str]
) -> None:
    assert (await clerk.get("/cleared", params=wrong)).status_code == 422


async def test_another_units_board_is_not_found(clerk: Browser, district: cast.District) -> None:
    assert (await clerk.get("/cleared", params={"unit": str(district.other_bureau)})).status_code == 404


async def test_a_clerk_opens_a_case_and_lands_on_its_page(clerk: Browser, district: cast.District) -> None:
    first = text_of(await clerk.get("/cases/new"))
    assert "下一步" in first
    asked = await clerk.get("/cases/new", params={"unit": str(district.bureau), "field": "market"})
    assert f"综执立〔{TODAY.year}〕" in text_of(asked)
    opened = await clerk.submit(
        "/cases/new",
        {"unit": str(district.bureau), "field": "market", "number": f"青综执立〔{TODAY.year}〕1号", "title": "无照经营案",
         "opened_on": TODAY.isoformat(), "due_on": NEXT_MONTH.isoformat(), "parties": "某店", "item": ""},
    )  # fmt: skip
    assert opened.status_code == 303
    page = text_of(await clerk.get(opened.headers["location"]))
    assert "缺 2 名承办人" in page
    assert "某店" in page


async def test_a_wrong_case_comes_back_with_everything_typed(clerk: Browser, district: cast.District) -> None:
    typed = {"unit": str(district.bureau), "field": "market", "number": "12", "title": "留住我",
             "opened_on": TODAY.isoformat(), "due_on": NEXT_MONTH.isoformat()}  # fmt: skip
    answer = await clerk.submit("/cases/new", typed)
    assert answer.status_code == 422
    assert "留住我" in answer.text
    assert "案号应写成" in answer.text


async def test_the_case_offers_cleared_people_and_explains_the_others(
    clerk: Browser, district: cast.District
) -> None:
    good, bad = await cast.an_officer(district, "李雪梅"), await barred(district)
    case = await cast.a_case(district, TODAY)
    page = text_of(await clerk.get(f"/cases/{case}"))
    assert f'name="officer" value="{good}"' in page
    assert f'value="{bad}"' not in page
    assert "不得指派：1 人" in page
    assert "起暂扣" in page


async def test_assigning_through_the_page(clerk: Browser, district: cast.District) -> None:
    officer, case = await cast.an_officer(district, "李雪梅"), await cast.a_case(district, TODAY)
    answer = await clerk.submit(f"/cases/{case}/assignments", {**FORM, "officer": str(officer)})
    assert answer.status_code == 303
    page = text_of(await clerk.get(f"/cases/{case}"))
    assert "指派李雪梅任主办" in page
    assert "缺 1 名承办人" in page
    row = await fetch(
        "SELECT role, valid_to - $2::date, door FROM assignment WHERE case_file = $1", case, NEXT_MONTH
    )
    assert [tuple(one) for one in row] == [("lead", 1, "page")]


async def test_a_refused_post_gets_the_page_with_the_gaps_and_409(
    clerk: Browser, district: cast.District
) -> None:
    officer, case = await barred(district), await cast.a_case(district, TODAY)
    answer = await clerk.submit(f"/cases/{case}/assignments", {**FORM, "officer": str(officer)})
    assert answer.status_code == 409
    for words in ("不得指派，案件没有改动", "王建国", "起暂扣", "第三十一条", "核验记录第"):
        assert words in answer.text
    assert await fetch_value("SELECT count(*) FROM assignment WHERE case_file = $1", case) == 0
    assert await fetch_value("SELECT door FROM decision WHERE case_file = $1 AND NOT allowed", case) == "page"


async def test_a_team_is_assigned_together_or_not_at_all(clerk: Browser, district: cast.District) -> None:
    good, second, bad = (
        await cast.an_officer(district, "李雪梅"),
        await cast.an_officer(district),
        await barred(district),
    )
    case = await cast.a_case(district, TODAY)
    refused = await clerk.submit(f"/cases/{case}/team", {**FORM, "lead": str(good), "co_handler": str(bad)})
    assert (refused.status_code, "王建国" in refused.text) == (409, True)
    same = await clerk.submit(f"/cases/{case}/team", {**FORM, "lead": str(good), "co_handler": str(good)})
    assert same.status_code == 422
    assert await fetch_value("SELECT count(*) FROM assignment WHERE case_file = $1", case) == 0
    done = await clerk.submit(f"/cases/{case}/team", {**FORM, "lead": str(good), "co_handler": str(second)})
    assert done.status_code == 303
    assert await fetch_value("SELECT count(*) FROM assignment WHERE case_file = $1", case) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"officer": "nobody"},
        {"role": "boss"},
        {"until": "2020-01-01"},
        {"from": "never"},
        {"until": "9999-12-31"},
    ],
)
async def test_a_wrong_assignment_form_is_422(
    clerk: Browser, district: cast.District, wrong: dict[str, str]
) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    answer = await clerk.submit(f"/cases/{case}/assignments", {**FORM, "officer": str(officer), **wrong})
    assert answer.status_code == 422


async def test_a_second_lead_is_told_on_the_page(clerk: Browser, district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    await assigned(district, case, await cast.an_officer(district, "李雪梅"))
    other = await cast.an_officer(district)
    answer = await clerk.submit(f"/cases/{case}/assignments", {**FORM, "officer": str(other)})
    assert (answer.status_code, "本案已有主办：李雪梅" in answer.text) == (409, True)


async def test_the_case_tells_of_a_stand_down(clerk: Browser, district: cast.District) -> None:
    case, officer = await cast.a_case(district, TODAY), await cast.an_officer(district, "王建国")
    await assigned(district, case, officer)
    await suspended(officer)
    page = text_of(await clerk.get(f"/cases/{case}"))
    assert "已离岗" in page
    assert "王建国离岗" in page
    assert "缺 2 名承办人" in page


async def test_a_release_asks_for_a_reason_and_shows_what_follows(
    clerk: Browser, district: cast.District
) -> None:
    case = await cast.a_case(district, TODAY)
    assignment = await assigned(district, case, await cast.an_officer(district, "李雪梅"))
    path = f"/assignments/{assignment}/release"
    assert "本案还差 2 人" in text_of(await clerk.get(path))
    assert (await clerk.submit(path, {"reason": ""})).status_code == 422
    assert (await clerk.submit(path, {"reason": "岗位调整"})).status_code == 303
    assert "岗位调整" in text_of(await clerk.get(f"/cases/{case}"))
    assert (await clerk.get(path)).status_code == 303
    assert (await clerk.submit(path, {"reason": "再来一次"})).status_code == 303


async def test_a_case_is_corrected_and_closed(clerk: Browser, district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    number = await fetch_value("SELECT number FROM case_file WHERE id = $1", case)
    assert "无照经营案" in text_of(await clerk.get(f"/cases/{case}/edit"))
    new = {"number": number, "title": "改过的案由", "field": "market", "due_on": NEXT_MONTH.isoformat()}
    assert (await clerk.submit(f"/cases/{case}/edit", {**new, "due_on": ""})).status_code == 422
    assert (await clerk.submit(f"/cases/{case}/edit", new)).status_code == 303
    assert "不能再指派" in text_of(await clerk.get(f"/cases/{case}/close"))
    assert (await clerk.submit(f"/cases/{case}/close")).status_code == 303
    page = text_of(await clerk.get(f"/cases/{case}"))
    assert ("改过的案由" in page, "结案" in page, "可以指派" in page) == (True, True, False)
    assert (await clerk.submit(f"/cases/{case}/close")).status_code == 303


async def test_other_bureaus_cases_are_not_found_whatever_the_verb(
    client_for: ClientFor, district: cast.District
) -> None:
    stranger = await client_for(Role.TOWN_BUREAU, district.other_bureau)
    case = await cast.a_case(district, TODAY)
    assignment = await assigned(district, case, await cast.an_officer(district))
    for path in (
        f"/cases/{case}",
        f"/cases/{case}/edit",
        f"/cases/{case}/close",
        f"/assignments/{assignment}/release",
    ):
        assert (await stranger.get(path)).status_code == 404
    for path, form in (
        (f"/cases/{case}/close", {}),
        (f"/cases/{case}/assignments", {**FORM, "officer": str(case)}),
        (f"/assignments/{assignment}/release", {"reason": "x"}),
    ):
        assert (await stranger.submit(path, form)).status_code == 404


async def test_a_supervisor_reads_and_assigns_nobody(client_for: ClientFor, district: cast.District) -> None:
    supervisor = await client_for(Role.SUPERVISOR, district.root)
    case = await cast.a_case(district, TODAY)
    page = await supervisor.get(f"/cases/{case}")
    assert (page.status_code, 'id="assign"' in page.text) == (200, False)
    answer = await supervisor.submit(f"/cases/{case}/assignments", {**FORM, "officer": str(case)})
    assert answer.status_code == 403


async def test_decisions_are_listed_with_refusals_first_and_shown_whole(
    clerk: Browser, district: cast.District
) -> None:
    officer, case = await barred(district), await cast.a_case(district, TODAY)
    await clerk.submit(f"/cases/{case}/assignments", {**FORM, "officer": str(officer)})
    number = await fetch_value("SELECT number FROM decision WHERE case_file = $1", case)
    assert f"/decisions/{number}" in text_of(await clerk.get("/decisions"))
    page = text_of(await clerk.get(f"/decisions/{number}"))
    for words in ("未通过", "王建国", "起暂扣", "所依据的事实", "测试人", "页面"):
        assert words in page
    assert (await clerk.get("/decisions/999999999")).status_code == 404
    assert (await clerk.get("/decisions", params={"result": "maybe"})).status_code == 422


async def test_an_empty_list_of_cases_teaches(clerk: Browser) -> None:
    assert "还没有案件" in text_of(await clerk.get("/cases"))
    assert (await clerk.get("/cases", params={"page": "x"})).status_code == 422


async def test_the_first_step_says_what_to_choose(clerk: Browser, district: cast.District) -> None:
    unasked = await clerk.get("/cases/new")
    assert (unasked.status_code, "请选择执法领域" in unasked.text) == (200, False)
    for query in ({"chosen": "1", "unit": str(district.bureau)}, {"field": "zzz"}):
        answer = await clerk.get("/cases/new", params=query)
        assert (answer.status_code, faults(answer)) == (422, ["field"])
        assert "执法领域：请选择执法领域" in answer.text


async def test_a_number_wiped_out_stays_wiped_out(clerk: Browser, district: cast.District) -> None:
    answer = await clerk.submit("/cases/new", {"unit": str(district.bureau), "field": "market", "number": ""})
    assert re.search(r'<input id="f-number"[^>]* value=""', answer.text)


async def test_everything_wrong_with_a_case_is_told_at_once(clerk: Browser, district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    wrong = {"number": "12", "title": "", "field": "market", "due_on": "2019-01-01"}
    edited = await clerk.submit(f"/cases/{case}/edit", wrong)
    assert (edited.status_code, faults(edited)) == (422, ["number", "title", "due_on"])
    late = {**wrong, "unit": str(district.bureau), "opened_on": "2199-01-01", "due_on": ""}
    opened = await clerk.submit("/cases/new", late)
    assert faults(opened) == ["number", "title", "opened_on", "due_on"]


async def test_closing_a_case_nobody_handles_ends_no_assignment(
    clerk: Browser, district: cast.District
) -> None:
    case = await cast.a_case(district, TODAY)
    assert "名承办人的指派" not in text_of(await clerk.get(f"/cases/{case}/close"))
    await assigned(district, case, await cast.an_officer(district))
    assert "1 名承办人的指派随之结束" in text_of(await clerk.get(f"/cases/{case}/close"))


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("/cases?field=zzz", "领域"),
        ("/cases?status=zzz", "状态"),
        ("/cleared?role=zzz", "角色"),
        ("/officers/{}/clearance?role=zzz", "角色"),
        ("/officers/{}/clearance?field=zzz", "领域"),
    ],
)
async def test_filters_speak_no_codes(
    clerk: Browser, district: cast.District, address: str, label: str
) -> None:
    answer = await clerk.get(address.format(await cast.an_officer(district)))
    assert (answer.status_code, f"{label}：请从列表中选择" in answer.text) == (422, True)
    assert "应为其中之一" not in answer.text


async def test_days_of_a_check_that_run_backwards_are_told_at_the_last_day(
    clerk: Browser, district: cast.District
) -> None:
    path = f"/officers/{await cast.an_officer(district)}/clearance"
    answer = await clerk.get(path, params={"from": "2026-11-21", "until": "2026-11-20"})
    assert (answer.status_code, faults(answer)) == (422, ["until"])
    assert "截止日：截止日不能早于开始日" in answer.text
    for days in ({"until": "9999-12-31"}, {"from": "1066-10-14"}):
        assert (await clerk.get(path, params=days)).status_code == 422


async def test_what_is_wrong_with_a_team_is_named_on_top(clerk: Browser, district: cast.District) -> None:
    good, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    await cast.an_officer(district)
    same = await clerk.submit(f"/cases/{case}/team", {**FORM, "lead": str(good), "co_handler": str(good)})
    assert "协办：主办和协办须是两个人" in same.text
    page = text_of(await clerk.get(f"/cases/{case}"))
    assert page.index("一并指派") < page.index("可以指派：2 人") < page.index('class="filter"')


def faults(answer: httpx.Response) -> list[str]:
    """The names of the fields that show a fault, in their order."""
    return re.findall(r'id="f-(\w+)-error"', answer.text)
