"""Writing to the audit log, inside the transaction of the action it records."""

from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from chizheng.kernel import clock
from chizheng.kernel.access import Actor
from chizheng.kernel.audit.chain import GENESIS, Entry, digest, seal_of_head
from chizheng.kernel.audit.masking import masked
from chizheng.kernel.db import execute, fetch_one


async def record(
    actor: Actor,
    action: str,
    subject: tuple[str, UUID | None],
    changes: dict[str, Any] | None = None,
) -> None:
    """Adds one entry. Call it last: from here to the commit other writers of the log wait.

    `changes` says what became different; it must hold no secret. Identity and phone numbers in it are masked.
    """
    head = await _head()
    entry = Entry(
        seq=head["seq"] + 1,
        at=clock.now(),
        account=actor.account,
        who=actor.name,
        address=actor.address,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        changes=masked(msgspec.to_builtins(changes or {})),
        previous=head["hash"],
    )
    link = digest(entry)
    await execute(
        "WITH entry AS (INSERT INTO audit_entry (seq, at, account, who, address, action, subject_kind, subject_id,"
        " changes, previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))"
        " UPDATE audit_head SET seq = $1, hash = $11, mac = $12 WHERE id = 1",
        *msgspec.structs.astuple(entry), link, seal_of_head(entry.seq, link),
    )  # fmt: skip


async def _head() -> asyncpg.Record:
    """The end of the chain, locked until the transaction ends."""
    lock = "SELECT seq, hash FROM audit_head WHERE id = 1 FOR UPDATE"
    head = await fetch_one(lock)
    if head is None:
        first = "INSERT INTO audit_head (id, seq, hash, mac) VALUES (1, 0, $1, $2) ON CONFLICT DO NOTHING"
        await execute(first, GENESIS, seal_of_head(0, GENESIS))
        head = await fetch_one(lock)
        assert head is not None
    return head
