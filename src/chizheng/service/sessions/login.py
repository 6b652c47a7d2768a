"""Logging in and out, and changing one's password.

An attempt is counted before the password is looked at: a hundred tries at the same instant are still five.
Whoever fails is told the same sentence, whether the account exists, is locked, is closed, or the password is wrong.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from chizheng.kernel import audit
from chizheng.kernel.access import Actor
from chizheng.kernel.db import execute, fetch_one, fetch_value, transactional
from chizheng.kernel.errors import ChizhengError, Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import AccountId
from chizheng.service.accounts.hashing import hash_password, is_outdated, verify_password
from chizheng.service.accounts.rules import masked, password_fault, wait_after
from chizheng.service.accounts.throttle import Throttle
from chizheng.service.sessions.actions import begin_session, end_session, end_sessions_of

MOST_COUNTED = 20  # from there on the wait does not grow

throttle = Throttle()


class LoginFailed(ChizhengError):
    """Wrong, unknown, closed or locked: from outside they are one."""

    status = 401

    def __init__(self) -> None:
        super().__init__("login_failed", _("用户名或密码不正确。连续输错五次，账号会锁定一段时间"))


class TooManyFailures(ChizhengError):
    """So many failed logins came from this address that it must wait."""

    status = 429

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, int(wait.total_seconds()))
        super().__init__("too_many_requests", _("失败次数过多，请稍后再试"), {"retry_after": seconds})
        self.headers = {"retry-after": str(seconds)}


class Caller(NamedTuple):
    """Where a request comes from."""

    address: str
    agent: str


class LoggedIn(NamedTuple):
    """A fresh session and what the browser should know."""

    token: str
    account: AccountId
    must_change: bool
    language: str
    theme: str


class _Attempt(msgspec.Struct, frozen=True):
    id: AccountId
    username: str
    name: str
    password_hash: str
    failures: int


async def log_in(
    username: str, password: str, caller: Caller, *, now: datetime, hours: int, replaced: bytes = b""
) -> LoggedIn:
    """A new session for the right password; the browser's earlier one (`replaced`) ends.

    Raises LoginFailed or TooManyFailures.
    """
    if (wait := throttle.wait(caller.address, now)) > timedelta():
        raise TooManyFailures(wait)
    username = username.strip().lower()[:60].replace("\0", "").encode("utf-8", "replace").decode()
    attempt = await _count_attempt(username, now)
    if not await verify_password(attempt.password_hash if attempt else None, password):
        throttle.failed(caller.address, now)
        await _record_failure(attempt, username, caller)
        raise LoginFailed
    assert attempt is not None
    fresh = await hash_password(password) if is_outdated(attempt.password_hash) else attempt.password_hash
    return await _begin(attempt, fresh, caller, now, hours, replaced)


@transactional
async def log_out(actor: Actor) -> None:
    """Ends this session."""
    await end_session(actor.session)
    await audit.record(actor, "session.end", ("account", actor.account))


async def change_password(
    actor: Actor, old: str, new: str, caller: Caller, *, now: datetime, hours: int
) -> str:
    """One's own password. All sessions end; returns the token of a new one. Raises Invalid by field."""
    assert actor.account is not None
    attempt = await _count_attempt(actor.username, now)
    if not await verify_password(attempt.password_hash if attempt else None, old):
        await _record_failure(attempt, actor.username, caller)
        raise Invalid(_("填写有误"), old=_("原密码不正确"))
    assert attempt is not None
    if fault := password_fault(new, actor.username) or (_("新密码不能与原密码相同") if new == old else None):
        await _forgive(attempt.id)
        raise Invalid(_("填写有误"), new=fault)
    return await _store_password(actor, attempt, await hash_password(new), caller, now, hours)


async def _count_attempt(username: str, now: datetime) -> _Attempt | None:
    """Counts the attempt as a failure for now, and locks at once when it is one too many. None: not to be tried."""
    waits = [wait_after(failures) for failures in range(MOST_COUNTED + 1)]
    row = await fetch_one(
        """
        UPDATE account SET failures = least(failures + 1, $4),
            locked_until = $2 + nullif(($3::interval[])[least(failures + 1, $4) + 1], '0'::interval)
        WHERE username = $1 AND active AND (locked_until IS NULL OR locked_until <= $2)
        RETURNING id, username, name, password_hash, failures
        """,
        username,
        now,
        waits,
        MOST_COUNTED,
    )
    return None if row is None else _Attempt(*row)


async def _forgive(account: AccountId) -> None:
    await execute("UPDATE account SET failures = 0, locked_until = NULL WHERE id = $1", account)


@transactional
async def _begin(
    attempt: _Attempt, password_hash: str, caller: Caller, now: datetime, hours: int, replaced: bytes
) -> LoggedIn:
    row = await fetch_one(
        "UPDATE account SET failures = 0, locked_until = NULL, password_hash = $3"
        " WHERE id = $1 AND active AND password_hash = $2 RETURNING must_change, language, theme",
        attempt.id,
        attempt.password_hash,
        password_hash,
    )
    if row is None:
        raise LoginFailed
    if replaced:
        await end_session(replaced)
    token = await begin_session(attempt.id, now, hours, caller.address, caller.agent)
    await audit.record(_as_actor(attempt, caller), "session.begin", ("account", attempt.id))
    return LoggedIn(token, attempt.id, *row)


@transactional
async def _store_password(
    actor: Actor, attempt: _Attempt, hashed: str, caller: Caller, now: datetime, hours: int
) -> str:
    changed = await fetch_value(
        "UPDATE account SET password_hash = $3, must_change = false, failures = 0, locked_until = NULL"
        " WHERE id = $1 AND active AND password_hash = $2 RETURNING id",
        attempt.id,
        attempt.password_hash,
        hashed,
    )
    if changed is None:
        raise Invalid(_("填写有误"), old=_("原密码不正确"))
    await end_sessions_of(attempt.id)
    token = await begin_session(attempt.id, now, hours, caller.address, caller.agent)
    await audit.record(actor, "account.change_password", ("account", attempt.id))
    return token


@transactional
async def _record_failure(attempt: _Attempt | None, username: str, caller: Caller) -> None:
    if attempt is None:
        actor = Actor(account=None, username="", name=masked(username), address=caller.address)
        # locked and closed accounts are named to the auditor, though not to the person at the door
        meant = await fetch_value("SELECT id FROM account WHERE username = $1", username)
        await audit.record(actor, "session.refuse", ("account", meant))
        return
    minutes = int(wait_after(attempt.failures).total_seconds()) // 60
    action = "account.lock" if minutes else "session.refuse"
    changes = {"failures": attempt.failures} | ({"minutes": minutes} if minutes else {})
    await audit.record(_as_actor(attempt, caller), action, ("account", attempt.id), changes)


def _as_actor(attempt: _Attempt, caller: Caller) -> Actor:
    return Actor(account=attempt.id, username=attempt.username, name=attempt.name, address=caller.address)
