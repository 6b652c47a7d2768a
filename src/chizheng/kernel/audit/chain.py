"""The chain itself: what an entry's hash covers, and how a stored log is held to account.

Hashes are keyed (HMAC-SHA256) with a key the database does not hold, so whoever can write to the database can
break the chain but cannot mend it. The head is sealed likewise, so a cut tail shows.
"""

import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from chizheng.kernel.db import fetch, fetch_one
from chizheng.kernel.keys import mac

GENESIS = bytes(32)
BLOCK = 5000
FIRST = -(2**63)  # what was slipped in before the first entry is read as well


class Entry(msgspec.Struct, frozen=True):
    """What one hash covers, in this order."""

    seq: int
    at: datetime
    account: UUID | None
    who: str
    address: str
    action: str
    subject_kind: str
    subject_id: UUID | None
    changes: dict[str, Any]
    previous: bytes


class Fault(msgspec.Struct, frozen=True):
    """Where the log was tampered with, and how it shows."""

    seq: int
    kind: str  # "edited", "missing", "reordered", "tail cut", "head forged"


def digest(entry: Entry) -> bytes:
    """The hash of an entry; equal only for equal content. Times count to the microsecond, in UTC."""
    fields = msgspec.structs.astuple(msgspec.structs.replace(entry, at=entry.at.astimezone(UTC)))
    return mac("audit", msgspec.json.encode(fields, order="deterministic"))


def seal_of_head(seq: int, hash: bytes) -> bytes:
    """The seal on the head of the log."""
    return mac("audit-head", seq.to_bytes(8) + hash)


async def verify(used: bool) -> list[Fault]:
    """Every fault of the stored log, in order; empty when it is whole. Reads in blocks, in bounded memory.

    `used`: whether anything is in the database that cannot have come about without an entry; then an empty log is a
    log that was taken away.
    """
    faults: list[Fault] = []
    last, expected = GENESIS, 1
    async for entry, stored in _entries():
        if entry.seq != expected:
            faults.append(Fault(expected, "missing"))
        elif entry.previous != last:
            faults.append(Fault(entry.seq, "reordered"))
        if not hmac.compare_digest(digest(entry), stored):
            faults.append(Fault(entry.seq, "edited"))
        last, expected = stored, entry.seq + 1
    return faults + await _check_head(expected - 1, last, used)


async def _check_head(seq: int, hash: bytes, used: bool) -> list[Fault]:
    head = await fetch_one("SELECT seq, hash, mac FROM audit_head WHERE id = 1")
    if head is None:
        return [Fault(0, "head forged")] if seq or used else []
    if not hmac.compare_digest(seal_of_head(head["seq"], head["hash"]), head["mac"]):
        return [Fault(head["seq"], "head forged")]
    if (head["seq"], head["hash"]) != (seq, hash):
        return [Fault(seq + 1, "tail cut")]
    return []


async def _entries() -> AsyncIterator[tuple[Entry, bytes]]:
    seq = FIRST
    while True:
        rows = await fetch(
            "SELECT seq, at, account, who, address, action, subject_kind, subject_id, changes, previous, hash"
            " FROM audit_entry WHERE seq > $1 ORDER BY seq LIMIT $2",
            seq,
            BLOCK,
        )
        for row in rows:
            yield Entry(*list(row)[:-1]), row["hash"]
        if len(rows) < BLOCK:
            return
        seq = rows[-1]["seq"]
