"""Nothing typed is lost when the session has ended: it comes back after the login."""

import asyncio
import html
import re
from datetime import timedelta

import httpx
import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import Role
from chizheng.kernel.db import execute, fetch_value
from chizheng.kernel.ids import new_id
from chizheng.service.accounts.hashing import hash_password
from chizheng.service.sessions.typed import KEPT_FOR, LONGEST, read_typed
from tests import cast
from tests.web import ORIGIN, Browser, ClientFor

PASSWORD = "山阳区-2026-rain"
FROM = {"referer": f"{ORIGIN}/cases/new?field=market"}


@pytest.fixture(scope="module")
def hashed() -> str:
    return asyncio.run(hash_password(PASSWORD))


@pytest.fixture
async def district(db: str) -> cast.District:
    return await cast.a_district(new_id().hex[-12:])


@pytest.fixture
async def clerk(client_for: ClientFor, district: cast.District, hashed: str) -> Browser:
    """A town bureau's clerk whose session ends while they type."""
    browser = await client_for(
        Role.TOWN_BUREAU, district.bureau, username=f"c{district.bureau.hex[-12:]}", password_hash=hashed
    )
    await browser.get("/cases/new")
    await execute("DELETE FROM session WHERE account = $1", browser.account)
    return browser


def a_case(district: cast.District, title: str) -> dict[str, str]:
    today = clock.today()
    return {"unit": str(district.bureau), "field": "market", "number": f"青综执立〔{today.year}〕1号", "title": title,
            "opened_on": today.isoformat(), "due_on": (today + timedelta(days=30)).isoformat()}  # fmt: skip


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page's forms, but their tokens."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found if name not in ("_csrf_token", "language")}


async def log_in(clerk: Browser, asked: httpx.Response, password: str = PASSWORD) -> httpx.Response:
    username = await fetch_value("SELECT username FROM account WHERE id = $1", clerk.account)
    return await clerk.submit("/login", {**hidden(asked), "username": username, "password": password})


async def test_what_was_typed_is_offered_again_and_sent(clerk: Browser, district: cast.District) -> None:
    typed = a_case(district, "留住<我>")
    asked = await clerk.submit("/cases/new", typed, headers=FROM)
    assert (asked.status_code, "刚才填写的内容还在" in asked.text) == (401, True)
    assert "留住" not in asked.text  # sealed, for whoever stands at the screen
    wrong = await log_in(clerk, asked, "wrong")
    offered = await log_in(clerk, wrong)
    assert (offered.status_code, 'href="/cases/new"' in offered.text) == (200, True)
    assert {name: value for name, value in hidden(offered).items() if name in typed} == typed
    filled = await clerk.submit("/cases/new", hidden(offered))
    assert (filled.status_code, "已填回，还没有提交" in filled.text, "需要改正" in filled.text) == (
        422,
        True,
        False,
    )
    assert all(html.escape(value) in filled.text for value in typed.values())
    assert "_again" not in filled.text
    assert await fetch_value("SELECT count(*) FROM case_file WHERE unit = $1", district.bureau) == 0
    sent = await clerk.submit("/cases/new", typed)
    assert sent.status_code == 303
    assert await fetch_value("SELECT title FROM case_file WHERE unit = $1", district.bureau) == "留住<我>"


async def test_secrets_long_forms_and_pages_without_a_form_are_not_kept(clerk: Browser) -> None:
    for path, data in (
        ("/password", {"old": PASSWORD, "new": "x" * 12, "again": "x" * 12}),
        ("/cases/new", {"title": "长" * LONGEST}),
        ("/logout", {}),
    ):
        answer = await clerk.submit(path, data, headers=FROM)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login")


async def test_only_what_was_kept_here_and_lately_comes_back(clerk: Browser, district: cast.District) -> None:
    asked = await clerk.submit("/cases/new", a_case(district, "旧"), headers=FROM)
    sealed, now = hidden(asked)["typed"], clock.now()
    assert read_typed(sealed, now) is not None
    assert read_typed(sealed, now + KEPT_FOR) is None
    for forged in (sealed[:-8] + "AAAAAAAA", "", "no", "字"):
        assert read_typed(forged, now) is None
    answer = await log_in(clerk, httpx.Response(200, text='<input type="hidden" name="typed" value="no">'))
    assert answer.status_code == 303


async def test_an_api_call_without_a_session_stays_an_error(clerk: Browser) -> None:
    answer = await clerk.post("/api/v1/cases", json={"title": "x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")
