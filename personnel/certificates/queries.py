"""Reading certificates: the list with each one's state, one certificate with all that happened to it."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch, fetch_as, fetch_value, one_as
from chizheng.kernel.errors import NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.paging import Page, window
from personnel.certificates.rules import BARRED_AS, BARS, Event, Held, State, Verb, tidy_number
from personnel.postings.queries import WHO, present_posting
from personnel.scope import in_reach, reach
from personnel.units.queries import escaped

RENAMED: Final = {"valid_from": "from", "valid_to": "to"}


class Certificate(msgspec.Struct, frozen=True, rename=RENAMED):
    """A certificate as it stands on the day asked. `id` is lasting; `since` and `due_on` tell of the bar that holds,
    `barred_next` is the day the next one begins. `to` is the first day it is no longer valid. `replaced_by` is the
    number of the holder's latest certificate, where that is another one.
    """

    id: UUID
    version: UUID
    number: str
    officer: UUID
    officer_name: str
    unit_name: str | None
    fields: list[str]
    area: UUID
    area_name: str
    authority: str
    issued_on: date
    valid_from: date
    valid_to: date
    state: str
    since: date | None
    due_on: date | None
    barred_next: date | None
    replaced_by: str | None

    def held(self) -> Held:
        """What the rules look at."""
        return Held(self.issued_on, self.valid_from, self.valid_to)


class Happening(msgspec.Struct, frozen=True, rename=RENAMED):
    """An event of a certificate, in one of its versions."""

    id: UUID
    version: UUID
    certificate: UUID
    verb: str
    valid_from: date
    valid_to: date | None
    due_on: date | None
    reason: str
    document_no: str
    recorded_at: datetime
    superseded_at: datetime | None
    recorded_by: str | None

    def event(self) -> Event:
        """What the rules look at."""
        return Event(Verb(self.verb), self.valid_from, self.valid_to)


class Version(msgspec.Struct, frozen=True, rename=RENAMED):
    """What the books said of a certificate, and when."""

    version: UUID
    certificate: UUID
    number: str
    fields: list[str]
    valid_from: date
    valid_to: date
    recorded_at: datetime
    superseded_at: datetime | None
    recorded_by: str | None


class Filters(msgspec.Struct, frozen=True):
    """What a list of certificates is narrowed to; empty means all."""

    text: str = ""
    state: str = ""
    field: str = ""
    unit: UUID | None = None
    ends_before: date | None = None
    sort: str = "until"


def state_on_day(certificate: str, day: str) -> str:
    """SQL of a lateral table (state, since, due_on, barred_next): the state of a certificate row on a day.

    It says the same as `rules.state_on`; a test holds the two together.
    """
    named = " ".join(f"WHEN bool_or(e.verb = '{verb}' AND e.now) THEN '{BARRED_AS[verb]}'" for verb in BARS)
    return f"""LATERAL (
        SELECT CASE {named} WHEN {day} < {certificate}.valid_from THEN 'not_started'
                    WHEN {day} < {certificate}.valid_to THEN 'valid' ELSE 'expired' END AS state,
               min(e.valid_from) FILTER (WHERE e.now) AS since,
               max(e.due_on) FILTER (WHERE e.now) AS due_on,
               min(e.valid_from) FILTER (WHERE e.valid_from > {day}) AS barred_next
        FROM (SELECT e.verb, e.valid_from, e.due_on,
                     e.valid_from <= {day} AND (e.valid_to IS NULL OR e.valid_to > {day}) AS now
              FROM certificate_event e
              WHERE e.officer = {certificate}.officer AND e.certificate = {certificate}.series
                AND e.superseded_at IS NULL AND e.verb IN ('suspend', 'revoke', 'cancel', 'report_lost')) e)"""


STATE: Final = f"CROSS JOIN {state_on_day('c', '$6')} s"
HOLDER: Final = "JOIN officer o ON o.id = c.officer AND o.withdrawn_at IS NULL"
COLUMNS: Final = f"""
SELECT c.series, c.id, c.number, o.id, o.name, at_unit.name, c.fields, area.id, area.name, c.authority, c.issued_on,
       c.valid_from, c.valid_to, s.state, s.since, s.due_on, s.barred_next,
       (SELECT n.number FROM certificate n WHERE n.officer = c.officer AND n.superseded_at IS NULL
          AND n.valid_from > c.valid_from AND n.valid_from <= $6 ORDER BY n.valid_from DESC LIMIT 1), found.total
FROM found JOIN certificate c ON c.id = found.id {HOLDER} JOIN unit area ON area.id = c.area {STATE}
     LEFT JOIN {present_posting("c.officer", "$6")} at_post ON true
     LEFT JOIN unit at_unit ON at_unit.id = at_post.user_unit"""
EVERYONE: Final = Scope(everywhere=True)
SORTS: Final = {
    "until": "c.valid_to, c.number",
    "-until": "c.valid_to DESC, c.number",
    "number": "c.number",
    "-number": "c.number DESC",
    "name": "o.pinyin, o.name, c.number",
    "-name": "o.pinyin DESC, o.name DESC, c.number",
}


async def list_certificates(
    scope: Scope, filters: Filters, day: date, number: int = 1, size: int = 25
) -> Page[Certificate]:
    """A page of certificates of people in reach, in their states of that day; beyond the last page comes the first."""
    values: list[Any] = []
    conditions = ""
    for condition, value in _conditions(filters):
        values.append(value)
        conditions += " AND " + condition.replace("?", f"${len(values) + 6}")
    limit, offset = window(number, size)
    order = SORTS.get(filters.sort, SORTS["until"])
    by_state = bool(filters.state or filters.ends_before)
    items, total = await _found(
        scope, day, conditions, values, order, f"LIMIT {limit} OFFSET {offset}", by_state
    )
    if not items and number > 1:
        return await list_certificates(scope, filters, day, 1, size)
    return Page(items, total, max(number, 1), limit)


async def one_certificate(scope: Scope, certificate: UUID, day: date) -> Certificate:
    """A certificate of somebody in reach; NotFound for any other."""
    items, _total = await _found(scope, day, " AND c.series = $7", [certificate])
    if not items:
        raise NotFound(_("这张证件"))
    return items[0]


async def certificates_of(officer: UUID, day: date) -> list[Certificate]:
    """An officer's certificates, the latest first. The caller has seen to the reach."""
    items, _total = await _found(EVERYONE, day, " AND c.officer = $7", [officer], "c.valid_from DESC")
    return items


async def _found(
    scope: Scope, day: date, conditions: str, values: list[Any], order: str = "c.number", paging: str = "",
    by_state: bool = False,
) -> tuple[list[Certificate], int]:  # fmt: skip
    """The live certificates that meet the conditions, and how many there are without the paging. What only the shown
    rows need is joined to them alone.
    """
    rows = await fetch(
        f"WITH found AS MATERIALIZED (SELECT c.id, count(*) OVER () AS total FROM certificate c {HOLDER}"
        f" {STATE if by_state else ''} WHERE c.superseded_at IS NULL AND $6::date IS NOT NULL"
        f" AND {in_reach('c.officer')}{conditions} ORDER BY {order} {paging}) {COLUMNS} ORDER BY {order}",
        *reach(scope), day, *values,
    )  # fmt: skip
    return [Certificate(*tuple(row)[:-1]) for row in rows], rows[0]["total"] if rows else 0


async def events_of(officer: UUID, certificate: UUID | None = None) -> list[Happening]:
    """Everything recorded about an officer's certificates (or one of them), superseded versions too, latest first."""
    sql = (
        "SELECT e.series, e.id, e.certificate, e.verb, e.valid_from, e.valid_to, e.due_on, e.reason, e.document_no,"
        f" e.recorded_at, e.superseded_at, {WHO.format('e')} FROM certificate_event e"
        " WHERE e.officer = $1 AND ($2::uuid IS NULL OR e.certificate = $2)"
        " ORDER BY e.valid_from DESC, e.recorded_at DESC"
    )
    return await fetch_as(Happening, sql, officer, certificate)


async def versions_of(officer: UUID, certificate: UUID | None = None) -> list[Version]:
    """What the books said of an officer's certificates, latest first: old numbers, earlier ends."""
    sql = (
        "SELECT c.id, c.series, c.number, c.fields, c.valid_from, c.valid_to, c.recorded_at, c.superseded_at,"
        f" {WHO.format('c')} FROM certificate c WHERE c.officer = $1 AND ($2::uuid IS NULL OR c.series = $2)"
        " ORDER BY c.recorded_at DESC"
    )
    return await fetch_as(Version, sql, officer, certificate)


class Holder(msgspec.Struct, frozen=True):
    """Who has a number; the name only if the reader may see them."""

    certificate: UUID
    name: str | None
    unit_name: str | None


async def holder_of(scope: Scope, number: str, but_not: UUID | None, day: date) -> Holder | None:
    """Whose certificate has, or once had, this number; `but_not` is the certificate that is being renumbered.

    Numbers of an import that was undone are free again.
    """
    sql = f"""
    SELECT c.series, CASE WHEN {in_reach("c.officer")} THEN o.name END,
           CASE WHEN {in_reach("c.officer")} THEN at_unit.name END
    FROM certificate c JOIN officer o ON o.id = c.officer
         LEFT JOIN {present_posting("c.officer", "$6")} at_post ON true
     LEFT JOIN unit at_unit ON at_unit.id = at_post.user_unit
    WHERE c.number = $7 AND c.series IS DISTINCT FROM $8
      AND EXISTS (SELECT FROM certificate l WHERE l.series = c.series AND l.superseded_at IS NULL)
    ORDER BY c.superseded_at IS NOT NULL LIMIT 1"""
    return await one_as(Holder, sql, *reach(scope), day, tidy_number(number), but_not)


async def own_certificate(officer: UUID, day: date) -> Certificate | None:
    """The certificate that counts for an officer that day, or the next one to begin: what is shown on the street."""
    return own_of(await certificates_of(officer, day), day)


def own_of(certificates: list[Certificate], day: date) -> Certificate | None:
    """The same out of an officer's certificates, latest first."""
    begun = [certificate for certificate in certificates if certificate.valid_from <= day]
    return begun[0] if begun else certificates[-1] if certificates else None


def _conditions(filters: Filters) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if filters.text.strip():
        text = f"%{escaped(filters.text.strip())}%"
        found.append(("(c.number ILIKE ? OR o.name ILIKE ? OR o.pinyin ILIKE ?)", text))
    if filters.state in set(State):
        found.append(("s.state = ?", str(filters.state)))
    if filters.field:
        found.append(("?::text = ANY (c.fields)", filters.field))
    if filters.unit:
        found.append((
            "EXISTS (SELECT FROM standing_posting p JOIN unit_ancestor a"
            " ON a.unit IN (p.owner_unit, p.manager_unit, p.user_unit) WHERE p.officer = c.officer AND a.ancestor = ?)",
            filters.unit,
        ))  # fmt: skip
    if filters.ends_before:
        found.append(("c.valid_to <= ? AND s.state = 'valid'", filters.ends_before))
    return found


async def officer_of(certificate: UUID) -> UUID | None:
    """Whose certificate it is; it never passes to another."""
    found: UUID | None = await fetch_value(
        "SELECT officer FROM certificate WHERE series = $1 LIMIT 1", certificate
    )
    return found
