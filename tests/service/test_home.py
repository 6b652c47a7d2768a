"""Each role's home page starts with what needs them today, and says who stood down."""

from datetime import timedelta

import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import Role
from chizheng.kernel.db import fetch_value
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


async def test_an_account_without_a_file_is_told_what_to_do(
    client_for: ClientFor, district: cast.District
) -> None:
    assert "请联系系统管理员" in (await (await client_for(Role.OFFICER, district.root)).get("/")).text
