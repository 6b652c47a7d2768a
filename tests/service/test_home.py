"""Each role's home page starts with what needs them today, and says who stood down."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import Role
from chizheng.kernel.db import execute, fetch_value
from tests import cast
from tests.web import ClientFor

TODAY = clock.today()


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(request.node.name)


async def _stood_down(district: cast.District) -> None:
    officer = await cast.an_officer(district, "王建国")
    case = await cast.a_case(district, TODAY)
    await cast.assign(case, officer, TODAY, TODAY + timedelta(days=30))
    certificate = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    await cast.happened(officer, certificate, "suspend", TODAY)


@pytest.mark.parametrize("role", list(Role))
async def test_every_role_has_a_home(role: Role, client_for: ClientFor, district: cast.District) -> None:
    browser = await client_for(role, district.root)
    assert (await browser.get("/")).status_code == 200


async def test_user_manager_and_owner_are_told_who_stood_down(
    client_for: ClientFor, district: cast.District
) -> None:
    await _stood_down(district)
    for role, unit in (
        (Role.TOWN_BUREAU, district.bureau), (Role.TOWN, district.town), (Role.OWNER_UNIT, district.team),
    ):  # fmt: skip
        page = (await (await client_for(role, unit)).get("/")).text
        assert "王建国" in page, role
        assert "起暂扣" in page, role


async def test_another_town_is_not_told(client_for: ClientFor, district: cast.District) -> None:
    await _stood_down(district)
    for role, unit in ((Role.TOWN_BUREAU, district.other_bureau), (Role.TOWN, district.other_town)):
        assert "王建国" not in (await (await client_for(role, unit)).get("/")).text


async def test_a_bureau_sees_how_many_are_cleared_and_which_cases_are_short(
    client_for: ClientFor, district: cast.District
) -> None:
    await cast.an_officer(district)
    await cast.posted(await cast.a_person("无证人"), district)
    await cast.a_case(district, TODAY)
    page = (await (await client_for(Role.TOWN_BUREAU, district.bureau)).get("/")).text
    assert '1<span class="figure-of"> / 2' in page
    assert "无照经营案" in page
    assert "0 / 2 名承办人" in page


async def test_an_officer_sees_the_certificate_first(client_for: ClientFor, district: cast.District) -> None:
    officer = await cast.an_officer(district)
    page = (await (await client_for(Role.OFFICER, district.root, officer=officer)).get("/")).text
    assert "行政执法证" in page
    assert "持证有效" in page


async def _on_a_case(district: cast.District, due: int) -> UUID:
    """An officer on a case that was opened fifty days ago; `due` is in how many days it should be done."""
    officer = await cast.an_officer(district, "周行")
    case = await cast.a_case(district, TODAY - timedelta(days=50), 50 + due)
    await cast.assign(case, officer, TODAY, TODAY + timedelta(days=30))
    return officer


def _boards(page: str) -> dict[str, str]:
    """The boards of a home page by their titles, without marks."""
    parts = re.findall(r"<h2>([^<]+)</h2>(.*?)</section>", page, re.S)
    return {title: re.sub(r"<(?!a )[^>]+>", "", body) for title, body in parts}


async def test_an_officer_reads_until_when_a_duty_lasts_and_is_led_nowhere_else(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await _on_a_case(district, 40)
    boards = _boards((await (await client_for(Role.OFFICER, district.root, officer=officer)).get("/")).text)
    assert f"主办，指派至 {TODAY + timedelta(days=29)}" in boards["我承办的案件"]
    assert "<a " not in boards["我承办的案件"]
    assert "已过办理期限" not in boards["我承办的案件"]
    assert "目前没有要办的事" in boards["接下来"]


async def test_a_case_past_its_due_date_is_what_an_officer_has_to_do(
    client_for: ClientFor, district: cast.District
) -> None:
    officer = await _on_a_case(district, -1)
    boards = _boards((await (await client_for(Role.OFFICER, district.root, officer=officer)).get("/")).text)
    yesterday = TODAY - timedelta(days=1)
    assert f"案件已过办理期限 {yesterday}" in boards["我承办的案件"]
    assert f"无照经营案：办理期限 {yesterday} 已过" in boards["接下来"]
    assert "目前没有要办的事" not in boards["接下来"]


async def test_justice_reads_overdue_reviews_first_and_in_words(
    client_for: ClientFor, district: cast.District
) -> None:
    for name, due in (("按期的", 20), ("没定期限的", None), ("超期的", -6)):
        officer = await cast.an_officer(district, name)
        certificate = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
        await execute(
            "INSERT INTO certificate_event (certificate, officer, verb, valid_from, due_on, reason)"
            " VALUES ($1, $2, 'suspend', $3, $4, '测试')",
            certificate, officer, TODAY - timedelta(days=90),
            None if due is None else TODAY + timedelta(days=due),
        )  # fmt: skip
    board = _boards((await (await client_for(Role.JUSTICE_BUREAU, district.root)).get("/")).text)[
        "暂扣待复核"
    ]
    assert board.index("超期的") < board.index("按期的") < board.index("没定期限的")
    assert f"复核已超期：暂扣，应于 {TODAY - timedelta(days=6)} 前复核" in board
    assert board.count("超期：") == 1
    assert "未定复核期限" in board


async def test_administrator_and_security_officer_are_told_their_own_work(
    client_for: ClientFor, district: cast.District
) -> None:
    administrator = (await (await client_for(Role.ADMINISTRATOR, district.root)).get("/")).text
    security = (await (await client_for(Role.SECURITY_OFFICER, district.root)).get("/")).text
    assert "新建账号、重置密码、解锁，请到账号页" in administrator
    assert "授予和收回角色，请到账号页" in security
    assert "解锁，请到账号页" not in security


async def test_the_same_number_has_the_same_name_on_the_home_page_and_on_the_board(
    client_for: ClientFor, district: cast.District
) -> None:
    await cast.an_officer(district)
    clerk = await client_for(Role.TOWN_BUREAU, district.bureau)
    labels = r'class="figure-label">.*?<(?:a|span)[^>]*>([^<]+)</(?:a|span)>'
    home, board = [set(re.findall(labels, (await clerk.get(path)).text, re.S)) for path in ("/", "/cleared")]
    assert home == board == {"可上岗", "不得上岗", "30 日内将不能上岗", "缺承办人的案件"}


async def test_an_account_without_a_file_is_told_what_to_do(
    client_for: ClientFor, district: cast.District
) -> None:
    assert "请联系系统管理员" in (await (await client_for(Role.OFFICER, district.root)).get("/")).text
