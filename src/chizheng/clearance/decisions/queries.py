"""Reading what the gate decided, and on which facts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from chizheng.clearance.assignments.queries import GAPS_OF_DECISION
from chizheng.clearance.decisions.rules import Result
from chizheng.clearance.gate.queries import read_gaps
from chizheng.clearance.gate.rules import Gap, Question
from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch, fetch_as, fetch_one
from chizheng.kernel.errors import NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.paging import Page, window
from personnel.scope import in_reach, reach


class Decision(msgspec.Struct, frozen=True):
    """One question to the gate with its answer. `who` asked, as the case's history names them, where it does."""

    id: UUID
    number: int
    at: datetime
    kind: str
    officer: UUID
    officer_name: str
    role: str
    field: str
    unit: UUID
    unit_name: str
    case: UUID | None
    case_number: str | None
    case_title: str | None
    start: date
    end: date
    allowed: bool
    rule_version: str
    door: str
    who: str | None
    gaps: tuple[Gap, ...]

    @property
    def asked(self) -> Question:
        asked = Question(self.role, self.field, self.unit, self.start, self.end)
        return asked.on_first_day(self.gaps) if self.kind == "stand_down" else asked


class Filter(msgspec.Struct, frozen=True):
    """Which decisions to list."""

    result: str = Result.REFUSED
    unit: UUID | None = None
    officer: UUID | None = None
    on: date | None = None


class FactVersion(msgspec.Struct, frozen=True):
    """A fact the answer stood on, in the version it had: when it held, when it was recorded, when superseded."""

    kind: str
    id: UUID
    content: str
    start: date
    end: date | None
    recorded_at: datetime
    superseded_at: datetime | None


# Cases and people alike: who may see the unit's cases, and who may see the person (`$1`-`$5`).
_VISIBLE = f"""($1::boolean OR EXISTS (SELECT FROM unit_ancestor seen
    WHERE seen.unit = d.unit AND seen.ancestor = ANY ($2::uuid[] || $3::uuid[] || $4::uuid[]))
    OR {in_reach("d.officer")})"""
_SELECT = f"""
SELECT d.id, d.number, d.at, d.kind, d.officer, o.name AS officer_name, d.role, d.field,
       d.unit, u.name AS unit_name, d.case_file, c.number AS case_number, c.title,
       d.valid_from, d.valid_to, d.allowed, d.rule_version, d.door,
       (SELECT e.who FROM audit_entry e WHERE e.subject_id = d.case_file AND e.account = d.by
        ORDER BY e.seq DESC LIMIT 1),
       {GAPS_OF_DECISION}
FROM decision d JOIN officer o ON o.id = d.officer JOIN unit u ON u.id = d.unit
LEFT JOIN case_file c ON c.id = d.case_file"""
_LIST = f"""
WITH found AS MATERIALIZED (
    SELECT d.id, d.number FROM decision d
    WHERE {_VISIBLE} AND ($6::boolean IS NULL OR d.allowed = $6)
      AND ($7::uuid IS NULL OR EXISTS (SELECT FROM unit_ancestor x WHERE x.unit = d.unit AND x.ancestor = $7))
      AND ($8::uuid IS NULL OR d.officer = $8)
      AND ($9::date IS NULL OR (d.at AT TIME ZONE 'Asia/Shanghai')::date = $9))
SELECT total.n, page.* FROM (SELECT count(*) AS n FROM found) total
LEFT JOIN ({_SELECT} JOIN (SELECT id FROM found ORDER BY number DESC LIMIT $10 OFFSET $11) f ON f.id = d.id) page
    ON true
ORDER BY page.number DESC"""
_FACTS = """
SELECT kind, id, content, valid_from, valid_to, recorded_at, superseded_at FROM (
    SELECT 'service' AS kind, id, status AS content, valid_from, valid_to, recorded_at, superseded_at FROM service
    UNION ALL
    SELECT 'establishment', id, type, valid_from, valid_to, recorded_at, superseded_at FROM establishment
    UNION ALL
    SELECT 'posting', p.id, u.name, p.valid_from, p.valid_to, p.recorded_at, p.superseded_at
    FROM posting p JOIN unit u ON u.id = p.user_unit
    UNION ALL
    SELECT 'certificate', id, number, valid_from, valid_to, recorded_at, superseded_at FROM certificate
    UNION ALL
    SELECT 'certificate_event', id, verb, valid_from, valid_to, recorded_at, superseded_at FROM certificate_event
    UNION ALL
    SELECT 'legal_qualification', id, number, valid_from, valid_to, recorded_at, superseded_at FROM legal_qualification
) fact WHERE id = ANY ($1)
ORDER BY array_position(ARRAY['service', 'establishment', 'posting', 'certificate', 'certificate_event',
                              'legal_qualification'], kind), valid_from"""


async def list_decisions(scope: Scope, chosen: Filter, number: int = 1, size: int = 25) -> Page[Decision]:
    """Decisions about cases or people in reach, newest first. One statement."""
    limit, offset = window(number, size)
    allowed = {Result.REFUSED: False, Result.ALLOWED: True}.get(Result(chosen.result))
    rows = await fetch(_LIST, *reach(scope), allowed, chosen.unit, chosen.officer, chosen.on, limit, offset)
    items = [_decision(tuple(row)[1:]) for row in rows if row[1] is not None]
    return Page(items, rows[0][0], max(number, 1), limit)


async def one_decision(scope: Scope, number: int) -> Decision:
    """The decision of that number; NotFound out of reach."""
    row = await fetch_one(f"{_SELECT} WHERE d.number = $6 AND {_VISIBLE}", *reach(scope), number)
    if row is None:
        raise NotFound(_("这条核验记录"))
    return _decision(row)


async def facts_of(decision: UUID) -> list[FactVersion]:
    """The facts a decision stood on, in the versions it saw."""
    facts: dict[str, list[str]] = (await fetch("SELECT facts FROM decision WHERE id = $1", decision))[0][0]
    return await fetch_as(FactVersion, _FACTS, [UUID(fact) for kind in facts.values() for fact in kind])


def _decision(row: Sequence[Any]) -> Decision:
    return Decision(*[*tuple(row)[:-1], read_gaps(row[-1])])
