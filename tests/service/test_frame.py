"""What stands around every page: the search box, the navigation, also where something went wrong."""

from collections.abc import AsyncIterator

import pytest

from chizheng.kernel.access import GRANTED, Permission, Role
from chizheng.service.app import create_app
from chizheng.service.settings import Settings
from tests import cast
from tests.service.test_error_shape import boom_page
from tests.web import Browser, ClientFor, a_browser, a_session, an_account

NOT_TO_BE_HAD = {
    "no route": "/nowhere", "no id": "/officers/no-such-number", "no case": "/cases/00000000-0000-0000-0000-000000000000",
}  # fmt: skip


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(request.node.name)


@pytest.mark.parametrize("role", list(Role))
async def test_whoever_may_read_people_can_search_for_them_from_every_page(
    role: Role, client_for: ClientFor, district: cast.District
) -> None:
    browser = await client_for(role, district.root)
    offered = "data-search" in (await browser.get("/")).text
    assert offered is (Permission.OFFICER_READ in GRANTED[role])
    assert ((await browser.get("/officers?q=wjg")).status_code == 200) is offered


@pytest.mark.parametrize("path", NOT_TO_BE_HAD.values(), ids=NOT_TO_BE_HAD)
async def test_a_page_that_is_not_there_keeps_the_navigation(
    path: str, client_for: ClientFor, district: cast.District
) -> None:
    page = await (await client_for(Role.TOWN_BUREAU, district.bureau)).get(path)
    assert page.status_code == 404
    assert 'class="nav-link" href="/cases"' in page.text
    assert "退出登录" in page.text
    assert "编号 404" not in page.text


async def test_a_refused_page_keeps_the_navigation_and_names_no_number(
    client_for: ClientFor, district: cast.District
) -> None:
    page = await (await client_for(Role.OFFICER, district.root)).get("/cases")
    assert page.status_code == 403
    assert 'class="nav-link" href="/"' in page.text
    assert "编号" not in page.text


async def test_nobody_is_offered_a_navigation(nobody: Browser) -> None:
    page = await nobody.get("/nowhere")
    assert page.status_code == 404
    assert "nav-link" not in page.text
    assert "退出登录" not in page.text


@pytest.fixture
async def tried(db: str, district: cast.District) -> AsyncIterator[Browser]:
    """A clerk, where one page is broken."""
    async with a_browser(create_app(Settings(), [boom_page])) as browser:
        browser.carry(await a_session(await an_account(Role.TOWN_BUREAU, district.bureau)))
        yield browser


async def test_a_fault_of_ours_is_filed_under_a_number_to_report(tried: Browser) -> None:
    page = await tried.get("/boom")
    assert page.status_code == 500
    assert page.text.count("编号 ") >= 1
    assert "编号 500" not in page.text
    assert 'class="nav-link" href="/cases"' in page.text
