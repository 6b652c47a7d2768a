"""Browsers and API clients for tests: logged in by a session row, because a real login costs 40 ms of argon2 each."""

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import Role
from chizheng.kernel.db import execute
from chizheng.kernel.ids import new_id
from chizheng.service.app import Application, create_app
from chizheng.service.sessions.rules import COOKIE, fingerprint, new_token
from chizheng.service.settings import Settings

ORIGIN = "http://127.0.0.1:8765"
NEVER = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$nobody/can/log/in/with/this/hash/at/all/000000"


class Browser(httpx.AsyncClient):
    """Behaves as a browser on our own site: keeps cookies, states its origin, sends forms with their token."""

    account: UUID | None = None

    def carry(self, token: str) -> None:
        """Comes with this session from now on."""
        self.cookies.set(COOKIE, token, domain="127.0.0.1", path="/")

    async def submit(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Posts a form the way a page of ours would."""
        if "chizheng_csrf" not in self.cookies:
            await self.get("/login")
        token = self.cookies["chizheng_csrf"]
        return await self.post(path, data={**(data or {}), "_csrf_token": token}, **more)


def words_of(answer: httpx.Response) -> str:
    """What a page says, without its tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", answer.text))


ClientFor = Callable[..., Awaitable[Browser]]


@pytest.fixture(scope="session")
def app() -> Application:
    """The application, without its lifespan: the `db` fixture opens the pool on the test's own loop."""
    return create_app(Settings())


@pytest.fixture
async def nobody(app: Application, db: str) -> AsyncIterator[Browser]:
    """A browser in which nobody is logged in."""
    async with a_browser(app) as browser:
        yield browser


@pytest.fixture
async def client_for(app: Application, db: str) -> AsyncIterator[ClientFor]:
    """`browser = await client_for(Role.TOWN_BUREAU, district.bureau)`: somebody with that role over that unit."""
    opened: list[Browser] = []

    async def make(role: Role | None = None, unit: UUID | None = None, **account: Any) -> Browser:
        browser = a_browser(app)
        opened.append(browser)
        browser.account = await an_account(role, unit, **account)
        browser.carry(await a_session(browser.account))
        return browser

    yield make
    for browser in opened:
        await browser.aclose()


def a_browser(app: Application, address: str = "127.0.0.1") -> Browser:
    return Browser(
        transport=httpx.ASGITransport(app=app, client=(address, 40000)),
        base_url=ORIGIN,
        headers={"sec-fetch-site": "same-origin", "origin": ORIGIN},
    )


async def an_account(
    role: Role | None = None, unit: UUID | None = None, *, name: str = "测试人", username: str = "",
    officer: UUID | None = None, must_change: bool = False, password_hash: str = NEVER,
) -> UUID:  # fmt: skip
    made = new_id()
    await execute(
        "INSERT INTO account (id, username, name, password_hash, must_change, officer, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        made, username or f"u{made.hex[-12:]}", name, password_hash, must_change, officer, clock.now(),
    )  # fmt: skip
    if role is not None:
        await execute(
            "INSERT INTO account_grant (id, account, role, unit, granted_at) VALUES ($1, $2, $3, $4, $5)",
            new_id(), made, role, unit, clock.now(),
        )  # fmt: skip
    return made


async def a_session(account: UUID) -> str:
    """A live session; returns the cookie's token."""
    token, now = new_token(), clock.now()
    await execute(
        "INSERT INTO session (token_hash, account, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
        fingerprint(token), account, now, now + timedelta(hours=12),
    )  # fmt: skip
    return token
