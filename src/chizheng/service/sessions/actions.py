"""Beginning, touching and ending sessions."""

from datetime import datetime, timedelta

from chizheng.kernel.db import execute
from chizheng.kernel.ids import AccountId
from chizheng.service.sessions.rules import fingerprint, new_token


async def begin_session(
    account: AccountId, now: datetime, hours: int, address: str = "", agent: str = ""
) -> str:
    """A new session, inside the open transaction; returns the token for the cookie."""
    token = new_token()
    await execute(
        "INSERT INTO session (token_hash, account, created_at, seen_at, expires_at, address, agent)"
        " VALUES ($1, $2, $3, $3, $4, $5, $6)",
        fingerprint(token),
        account,
        now,
        now + timedelta(hours=hours),
        address[:64],
        agent[:200],
    )
    return token


async def touch_session(fingerprint: bytes, now: datetime) -> None:
    """Notes that the session is in use."""
    await execute("UPDATE session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2", fingerprint, now)


async def end_session(fingerprint: bytes) -> None:
    """Ends one session."""
    await execute("DELETE FROM session WHERE token_hash = $1", fingerprint)


async def end_sessions_of(account: AccountId, keep: bytes = b"") -> None:
    """Ends all sessions of an account, but for one."""
    await execute("DELETE FROM session WHERE account = $1 AND token_hash <> $2", account, keep)


async def sweep_sessions(now: datetime, idle_minutes: int) -> int:
    """Job: forgets sessions that have ended. Returns how many."""
    tag = await execute(
        "DELETE FROM session WHERE expires_at <= $1 OR seen_at <= $2",
        now,
        now - timedelta(minutes=idle_minutes),
    )
    return int(tag.split()[-1])


async def keep_language(account: AccountId, language: str) -> None:
    """The language this person reads."""
    await execute("UPDATE account SET language = $2 WHERE id = $1", account, language)


async def keep_theme(account: AccountId, theme: str) -> None:
    """Light, dark, or as the system has it."""
    await execute("UPDATE account SET theme = $2 WHERE id = $1", account, theme)
