"""Logging in and out, locks, sessions' ends, and the password one must change."""

import asyncio
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
from argon2 import PasswordHasher, extract_parameters

from chizheng.kernel import clock
from chizheng.kernel.access import SYSTEM
from chizheng.kernel.db import execute, fetch, fetch_one, fetch_value
from chizheng.service.accounts import hashing
from chizheng.service.accounts.actions import create_account, set_password
from chizheng.service.accounts.hashing import hash_password, verify_password
from chizheng.service.accounts.rules import masked, one_time_password, password_fault, wait_after
from chizheng.service.accounts.throttle import MOST_FAILURES, Throttle
from chizheng.service.app import Application
from chizheng.service.sessions.actions import sweep_sessions
from chizheng.service.sessions.login import Caller, LoginFailed, log_in, throttle
from chizheng.service.sessions.rules import COOKIE, fingerprint
from tests.web import Browser, ClientFor, a_browser, an_account

PASSWORD = "山阳区-2026-rain"
HERE = Caller("10.1.1.1", "test")


@pytest.fixture(scope="module")
def hashed() -> str:
    return asyncio.run(hash_password(PASSWORD))


async def account(hashed: str, username: str, **more: Any) -> UUID:
    return await an_account(username=username, password_hash=hashed, **more)


async def enter(browser: Browser, username: str, password: str = PASSWORD, **more: str) -> Any:
    return await browser.submit("/login", {"username": username, "password": password, **more})


async def test_right_password_opens_a_session(nobody: Browser, hashed: str) -> None:
    who = await account(hashed, "right")
    answer = await enter(nobody, "right", next="/officers?q=王")
    assert (answer.status_code, answer.headers["location"]) == (303, "/officers?q=%E7%8E%8B")
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(COOKIE))
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    kept = await fetch_one("SELECT account, token_hash FROM session WHERE account = $1", who)
    assert kept is not None
    assert kept["token_hash"] == fingerprint(nobody.cookies[COOKIE])
    shown = (await nobody.get("/api/v1/session")).json()
    assert (shown["account"]["id"], shown["roles"], shown["must_change"]) == (str(who), [], False)


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/login", "evil"]
)
async def test_login_never_leads_elsewhere(nobody: Browser, hashed: str, target: str) -> None:
    await account(hashed, f"next{abs(hash(target))}")
    answer = await enter(nobody, f"next{abs(hash(target))}", next=target)
    assert answer.headers["location"] == "/"


async def test_login_rotates_the_token(nobody: Browser, hashed: str) -> None:
    who = await account(hashed, "rotates")
    nobody.carry("chosen-by-somebody-else")
    await enter(nobody, "rotates")
    first = nobody.cookies[COOKIE]
    assert first != "chosen-by-somebody-else"
    await enter(nobody, "rotates")
    assert nobody.cookies[COOKIE] != first
    assert await fetch_value("SELECT count(*) FROM session WHERE account = $1", who) == 1


async def test_all_failures_look_the_same(nobody: Browser, hashed: str) -> None:
    await account(hashed, "known")
    locked = await account(hashed, "locked")
    closed = await account(hashed, "closed")
    await execute("UPDATE account SET locked_until = now() + interval '5 minutes' WHERE id = $1", locked)
    await execute("UPDATE account SET active = false WHERE id = $1", closed)
    answers = [
        await enter(nobody, "known", "wrong-wrong"),
        await enter(nobody, "unknown", "wrong-wrong"),
        await enter(nobody, "locked"),
        await enter(nobody, "closed"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    texts = {
        answer.text.replace(name, "").replace(nobody.cookies["chizheng_csrf"], "")
        for answer, name in zip(answers, ["known", "unknown", "locked", "closed"], strict=True)
    }
    assert len({text.replace("un", "") for text in texts}) == 1


async def test_unknown_names_cost_as_much(hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by the work that is done, not by the clock: one verification, of a hash of the same cost."""
    worked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            worked.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(hashing, "_hasher", Counting(time_cost=2, memory_cost=19456, parallelism=1))
    for stored in (hashed, None):
        assert not await verify_password(stored, "wrong")
    assert len(worked) == 2
    assert extract_parameters(worked[0]) == extract_parameters(worked[1])


async def test_five_failures_lock_for_a_minute_and_then_longer(db: str, hashed: str) -> None:
    who, now, waits = await account(hashed, "locks"), clock.now(), []
    for _ in range(9):
        with pytest.raises(LoginFailed):
            await log_in("locks", "wrong-wrong", HERE, now=now, hours=1)
        until = await fetch_value("SELECT locked_until FROM account WHERE id = $1", who)
        waits.append(0 if until is None else (until - now) // timedelta(minutes=1))
        if until is not None:
            with pytest.raises(LoginFailed):
                await log_in("locks", PASSWORD, HERE, now=until - timedelta(seconds=1), hours=1)
            now = until
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16]
    await log_in("locks", PASSWORD, HERE, now=now, hours=1)
    assert await fetch_value("SELECT failures FROM account WHERE id = $1", who) == 0
    actions = await fetch("SELECT action FROM audit_entry WHERE subject_id = $1 ORDER BY seq", who)
    assert [row[0] for row in actions if row[0] == "account.lock"] == ["account.lock"] * 5


async def test_concurrent_guesses_count_one_by_one(db: str, hashed: str) -> None:
    who, now = await account(hashed, "guessed"), clock.now()
    guesses = [log_in("guessed", f"guess-{n}", HERE, now=now, hours=1) for n in range(20)]
    refused = await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(error) for error in refused] == [LoginFailed] * 20
    assert await fetch_value("SELECT failures FROM account WHERE id = $1", who) == 5


async def test_the_log_masks_what_was_typed_as_a_name(nobody: Browser) -> None:
    await enter(nobody, "my-secret-typed-here", "whatever-it-is")
    who = await fetch_value(
        "SELECT who FROM audit_entry WHERE action = 'session.refuse' ORDER BY seq DESC LIMIT 1"
    )
    assert who == masked("my-secret-typed-here") == "m***"


async def test_many_log_in_at_once_and_the_rest_goes_on(app: Application, db: str, hashed: str) -> None:
    for n in range(40):
        await account(hashed, f"crowd{n}")
    loop, lag, done = asyncio.get_running_loop(), 0.0, asyncio.Event()

    async def beat() -> None:
        nonlocal lag
        while not done.is_set():
            start = loop.time()
            await asyncio.sleep(0.005)
            lag = max(lag, loop.time() - start)

    watch = asyncio.create_task(beat())
    crowd = [
        log_in(f"crowd{n}", PASSWORD, Caller("10.9.9.9", ""), now=clock.now(), hours=1) for n in range(40)
    ]
    came = await asyncio.gather(*crowd)
    done.set()
    await watch
    assert len({one.token for one in came}) == 40
    assert lag < 0.7  # on the loop, one after the other, they would hold it for 1.4 s


async def test_one_address_may_not_try_for_ever() -> None:
    fresh, now = Throttle(), clock.now()
    for _ in range(MOST_FAILURES):
        assert fresh.wait("10.0.0.1", now) == timedelta()
        fresh.failed("10.0.0.1", now)
    assert fresh.wait("10.0.0.1", now) == timedelta(minutes=10)
    assert fresh.wait("10.0.0.2", now) == timedelta()
    assert fresh.wait("10.0.0.1", now + timedelta(minutes=10)) == timedelta()


async def test_a_throttled_address_is_told_when_to_return(app: Application, db: str) -> None:
    async with a_browser(app, address="10.0.0.3") as browser:
        for _ in range(MOST_FAILURES):
            throttle.failed("10.0.0.3", clock.now())
        answer = await browser.post("/api/v1/session", json={"username": "x", "password": "y"})
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
        assert 0 < int(answer.headers["retry-after"]) <= 600


async def test_logout_ends_the_session(client_for: ClientFor) -> None:
    browser = await client_for()
    token = browser.cookies[COOKIE]
    answer = await browser.submit("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    browser.carry(token)
    assert (await browser.get("/api/v1/session")).status_code == 401


async def test_idle_and_old_sessions_end(client_for: ClientFor) -> None:
    for column, age in (("seen_at", "31 minutes"), ("expires_at", "1 second")):
        browser = await client_for()
        await execute(
            f"UPDATE session SET {column} = now() - interval '{age}' WHERE account = $1", browser.account
        )
        assert (await browser.get("/api/v1/session")).status_code == 401
    assert await sweep_sessions(clock.now(), 30) == 2


async def test_use_keeps_a_session_alive_and_writes_once_a_minute(client_for: ClientFor) -> None:
    browser = await client_for()
    seen = "SELECT seen_at FROM session WHERE account = $1"
    first = await fetch_value(seen, browser.account)
    await browser.get("/api/v1/session")
    assert await fetch_value(seen, browser.account) == first
    await execute(
        "UPDATE session SET seen_at = seen_at - interval '29 minutes' WHERE account = $1", browser.account
    )
    assert (await browser.get("/api/v1/session")).status_code == 200
    assert await fetch_value(seen, browser.account) > first


async def test_a_closed_account_is_out_at_once(client_for: ClientFor) -> None:
    browser = await client_for()
    await execute("UPDATE account SET active = false WHERE id = $1", browser.account)
    assert (await browser.get("/api/v1/session")).status_code == 401


async def test_first_login_leads_to_a_new_password_and_nowhere_else(nobody: Browser) -> None:
    first = await create_account(SYSTEM, "newcomer", "新来的", now=clock.now())
    assert (await enter(nobody, "newcomer", first.password)).headers["location"] == "/password"
    page, api = await nobody.get("/accounts"), await nobody.post("/api/v1/nothing", json={})
    assert (page.status_code, page.headers["location"]) == (303, "/password")
    assert api.status_code == 404
    assert (await nobody.get("/password")).status_code == 200
    shown = (await nobody.get("/api/v1/session")).json()
    assert shown["must_change"] is True
    wanted = {"old": first.password, "new": PASSWORD, "again": PASSWORD}
    assert (await nobody.submit("/password", wanted)).headers["location"] == "/"
    assert (await nobody.get("/api/v1/session")).json()["must_change"] is False


async def test_api_asks_for_the_new_password(client_for: ClientFor) -> None:
    browser = await client_for(must_change=True)
    answer = await browser.get("/api/openapi.json")
    assert (answer.status_code, answer.json()["code"]) == (403, "password_change_required")


async def test_changing_the_password_ends_all_other_sessions(
    app: Application, nobody: Browser, hashed: str
) -> None:
    await account(hashed, "changes")
    async with a_browser(app) as other:
        await enter(other, "changes")
        await enter(nobody, "changes")
        before = nobody.cookies[COOKIE]
        answer = await nobody.post("/api/v1/password", json={"old": PASSWORD, "new": "another-good-one"})
        assert (answer.status_code, answer.json()["must_change"]) == (200, False)
        assert nobody.cookies[COOKIE] != before
        assert (await nobody.get("/api/v1/session")).status_code == 200
        assert (await other.get("/api/v1/session")).status_code == 401


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"old": "wrong-wrong", "new": "another-good-one"}, "old"),
        ({"old": PASSWORD, "new": PASSWORD}, "new"),
        ({"old": PASSWORD, "new": "short"}, "new"),
        ({"old": PASSWORD, "new": "a\0bcdefghijkl"}, "new"),
    ],
)
async def test_a_poor_new_password_is_refused(
    nobody: Browser, hashed: str, data: dict[str, str], field: str
) -> None:
    name = f"poor{abs(hash(str(data)))}"
    await account(hashed, name)
    await enter(nobody, name)
    answer = await nobody.post("/api/v1/password", json=data)
    assert (answer.status_code, list(answer.json()["details"]["errors"])) == (422, [field])


@pytest.mark.parametrize(
    ("password", "fine"),
    [
        ("correct horse", True),
        ("山阳区执法局二〇二六年", True),
        ("short", False),
        ("1234567890", False),
        ("Password123", False),
        ("xxzhangsanxx", False),
        ("aaaaaaaaaaaa", False),
        ("x" * 129, False),
    ],
)
def test_passwords(password: str, fine: bool) -> None:
    assert (password_fault(password, "zhangsan") is None) is fine


def test_waits_grow_to_an_hour() -> None:
    minutes = [wait_after(failures) // timedelta(minutes=1) for failures in (0, 4, 5, 6, 7, 10, 11, 12, 1000)]
    assert minutes == [0, 0, 1, 2, 4, 32, 60, 60, 60]


async def test_one_time_passwords_differ_and_pass(db: str) -> None:
    made = {one_time_password() for _ in range(100)}
    assert len(made) == 100
    assert all(password_fault(password, "somebody") is None for password in made)


async def test_the_demo_can_set_a_password(db: str) -> None:
    who = await an_account()
    await set_password(who, PASSWORD)
    stored = await fetch_value("SELECT password_hash FROM account WHERE id = $1", who)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await verify_password(stored, PASSWORD)
