"""Reading a session: on the path of every request, so one indexed statement."""

from datetime import datetime
from typing import Any, NamedTuple

from chizheng.kernel.access import Actor, Grant, Role
from chizheng.kernel.db import fetch_one
from chizheng.kernel.ids import AccountId

_GRANTS = """
ARRAY(SELECT (g.role, g.unit, u.name, u.parent IS NULL)
      FROM account_grant g JOIN unit u ON u.id = g.unit WHERE g.account = a.id ORDER BY g.granted_at, g.id)
"""

# The grants come folded into one row; `parent IS NULL` tells whether a grant reaches the whole district.
_LOAD = f"""
SELECT s.seen_at, a.id, a.username, a.name, a.officer, a.must_change, a.language, {_GRANTS}
FROM session s JOIN account a ON a.id = s.account
WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND a.active
"""


class Loaded(NamedTuple):
    """A live session: who, since when unused, and the language they read."""

    actor: Actor
    seen_at: datetime
    language: str


async def load_session(
    fingerprint: bytes, now: datetime, idle_since: datetime, address: str
) -> Loaded | None:
    """The session behind a cookie; None when it ended, was idle too long, or its account is closed."""
    row = await fetch_one(_LOAD, fingerprint, now, idle_since)
    if row is None:
        return None
    seen_at, *account, language, grants = row
    return Loaded(_actor(account, grants, address, fingerprint), seen_at, language)


async def load_actor(account: AccountId, address: str = "") -> Actor:
    """An account that is there, without a session."""
    row = await fetch_one(
        f"SELECT a.id, a.username, a.name, a.officer, a.must_change, {_GRANTS} FROM account a WHERE a.id = $1",
        account,
    )
    assert row is not None
    *rest, grants = row
    return _actor(rest, grants, address, b"")


def _actor(account: list[Any], grants: list[Any], address: str, session: bytes) -> Actor:
    identity, username, name, officer, must_change = account
    return Actor(
        account=identity,
        username=username,
        name=name,
        grants=tuple(Grant(Role(role), unit, unit_name, whole) for role, unit, unit_name, whole in grants),
        officer=officer,
        address=address,
        session=session,
        must_change=must_change,
    )
