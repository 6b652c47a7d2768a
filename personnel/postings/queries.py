"""Reading postings."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch_as, one_as
from chizheng.kernel.errors import NotFound
from chizheng.kernel.i18n import _
from personnel.postings.rules import BESIDE
from personnel.scope import in_reach, reach

_BESIDE = ", ".join(f"'{kind}'" for kind in sorted(BESIDE))

WHO = """(SELECT a.who FROM audit_entry a WHERE a.account = {0}.recorded_by
    AND a.at BETWEEN {0}.recorded_at - interval '1 minute' AND {0}.recorded_at + interval '10 minutes' LIMIT 1)"""
"""SQL: the name of who recorded a fact, from the log entry of the same deed."""


class Posting(msgspec.Struct, frozen=True, rename={"valid_from": "from", "valid_to": "to"}):
    """A posting with the names of its units. `id` is lasting; a version that no longer counts has `superseded_at`."""

    id: UUID
    version: UUID
    officer: UUID
    kind: str
    post: str
    owner: UUID
    owner_name: str
    manager: UUID
    manager_name: str
    user: UUID
    user_name: str
    document_no: str
    reason: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    superseded_at: datetime | None
    recorded_by: str | None

    def holds_on(self, day: date) -> bool:
        """Whether the officer is posted there that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


POSTINGS = f"""
SELECT p.series, p.id, p.officer, p.kind, p.post, o.id, o.name, m.id, m.name, u.id, u.name, p.document_no, p.reason,
       p.valid_from, p.valid_to, p.recorded_at, p.superseded_at, {WHO.format("p")}
FROM posting p JOIN unit o ON o.id = p.owner_unit JOIN unit m ON m.id = p.manager_unit JOIN unit u ON u.id = p.user_unit
WHERE """


def present_posting(officer: str, day: str) -> str:
    """SQL of a lateral table: the primary posting of an officer that holds on the day, else the one that began last."""
    return f"""LATERAL (
        SELECT p.owner_unit, p.manager_unit, p.user_unit, p.kind, p.post, p.valid_from, p.valid_to,
               p.valid_from <= {day} AND (p.valid_to IS NULL OR p.valid_to > {day}) AS holds
        FROM posting p
        WHERE p.officer = {officer} AND p.superseded_at IS NULL AND p.kind NOT IN ({_BESIDE})
        ORDER BY p.valid_from <= {day} AND (p.valid_to IS NULL OR p.valid_to > {day}) DESC, p.valid_from DESC
        LIMIT 1)"""


async def postings_of(officer: UUID) -> list[Posting]:
    """All versions of an officer's postings, the latest first. The caller has seen to the reach."""
    return await fetch_as(
        Posting, POSTINGS + "p.officer = $1 ORDER BY p.valid_from DESC, p.recorded_at DESC", officer
    )


async def one_posting(scope: Scope, posting: UUID) -> Posting:
    """The version of a posting that counts; NotFound when it is cancelled or its officer out of reach."""
    found = await one_as(
        Posting,
        POSTINGS + f"p.series = $6 AND p.superseded_at IS NULL AND {in_reach('p.officer')}",
        *reach(scope), posting,
    )  # fmt: skip
    if found is None:
        raise NotFound(_("这条派驻"))
    return found
