"""Verifying the log of this installation."""

from chizheng.kernel.audit.chain import Fault, verify
from chizheng.kernel.db import fetch_one

_USED = (
    "SELECT EXISTS (SELECT FROM account) OR EXISTS (SELECT FROM officer), (SELECT count(*) FROM audit_entry)"
)


async def verified() -> tuple[list[Fault], int]:
    """Every fault of the log, and how many entries it has. Accounts and people never come about without an entry."""
    row = await fetch_one(_USED)
    assert row is not None
    return await verify(row[0]), row[1]
