"""Reading the audit log."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from chizheng.kernel.db import fetch
from chizheng.kernel.paging import Page, window


class Line(msgspec.Struct, frozen=True):
    """One entry, without the chain's own columns."""

    seq: int
    at: datetime
    who: str
    address: str
    action: str
    subject_kind: str
    subject_id: UUID | None
    changes: dict[str, Any]


class Filter(msgspec.Struct, frozen=True):
    """Which entries to list; days are Shanghai days."""

    who: str = ""
    action: str = ""
    subject: UUID | None = None
    on: date | None = None


async def list_entries(chosen: Filter, number: int = 1, size: int = 50) -> Page[Line]:
    """Entries, the latest first. One statement."""
    limit, offset = window(number, size)
    rows = await fetch(
        """
        WITH found AS (
            SELECT seq FROM audit_entry
            WHERE ($1 = '' OR strpos(who, $1) > 0)
              AND ($2 = '' OR action = $2) AND ($3::uuid IS NULL OR subject_id = $3)
              AND ($4::date IS NULL OR at >= ($4::date)::timestamp AT TIME ZONE 'Asia/Shanghai'
                   AND at < ($4::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'))
        SELECT (SELECT count(*) FROM found), e.seq, e.at, e.who, e.address, e.action, e.subject_kind, e.subject_id,
               e.changes
        FROM audit_entry e JOIN (SELECT seq FROM found ORDER BY seq DESC LIMIT $5 OFFSET $6) f USING (seq)
        ORDER BY e.seq DESC
        """,
        chosen.who, chosen.action, chosen.subject, chosen.on, limit, offset,
    )  # fmt: skip
    return Page([Line(*tuple(row)[1:]) for row in rows], rows[0][0] if rows else 0, max(number, 1), limit)
