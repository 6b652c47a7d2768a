"""Reading assignments: of a case, of an officer, and who could be assigned."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from chizheng.clearance.assignments.rules import Standing
from chizheng.clearance.cases.queries import HANDLERS, Case
from chizheng.clearance.gate.answers import Answer, Person, told
from chizheng.clearance.gate.queries import GAPS_JSON, PEOPLE, read_gaps
from chizheng.clearance.gate.rules import HANDLERS_NEEDED, Gap, Question
from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch, fetch_as, fetch_one
from chizheng.kernel.errors import NotFound
from chizheng.kernel.i18n import _
from personnel.scope import reach, unit_in_reach, unit_reach

GAPS_OF_DECISION = f"""(SELECT {GAPS_JSON} FROM jsonb_to_recordset(d.gaps)
    AS g(code text, hard boolean, starts date, ends date, detail jsonb))"""


class Assignment(msgspec.Struct, frozen=True):
    """Somebody's part in a case. When the gate ended it, `ending_decision` is the number of that decision."""

    id: UUID
    case: UUID
    officer: UUID
    officer_name: str
    role: str
    start: date
    end: date
    assigned_at: datetime
    decision: int | None
    ended_at: datetime | None
    ending: str | None
    ending_reason: str
    ending_decision: int | None
    ending_gaps: tuple[Gap, ...] = ()

    @property
    def stands(self) -> bool:
        return self.ended_at is None


class Refusal(msgspec.Struct, frozen=True):
    """Somebody the gate refused to let into a case, by the number of the decision."""

    number: int
    at: datetime
    officer: UUID
    officer_name: str
    role: str


class Duty(msgspec.Struct, frozen=True):
    """An officer's assignment seen from the officer. `handlers` counts the case's handlers, this one included."""

    id: UUID
    case: UUID
    number: str
    title: str
    unit_name: str
    field: str
    due_on: date  # of the case
    role: str
    start: date
    end: date
    ended_at: datetime | None
    ending: str | None
    handlers: int
    handles: bool

    @property
    def would_be_short(self) -> bool:
        """Whether the case lacks a handler once this one is gone."""
        return self.handles and self.handlers - 1 < HANDLERS_NEEDED


class Candidate(msgspec.Struct, frozen=True):
    """One of the bureau's people, with the gate's answer for this case, role and interval."""

    person: Person
    asked: Question
    gaps: tuple[Gap, ...]
    cleared: bool


_SELECT = f"""
SELECT a.id, a.case_file, a.officer, o.name, a.role, a.valid_from, a.valid_to, a.recorded_at,
       (SELECT number FROM decision WHERE id = a.decision), a.ended_at, a.ending, a.ending_reason, d.number,
       CASE WHEN d.id IS NOT NULL THEN {GAPS_OF_DECISION} END
FROM assignment a JOIN officer o ON o.id = a.officer LEFT JOIN decision d ON d.id = a.ending_decision"""

_CANDIDATES = f"""
WITH {PEOPLE}
SELECT p.officer, p.name, p.user_unit, p.squad, p.number, p.certificate_to, p.posted_from, p.posted_to, p.asked,
       (SELECT {GAPS_JSON} FROM assignment_gaps($9, p.officer, $10, $2, $3) g)
FROM person p
WHERE NOT EXISTS (SELECT FROM assignment a
    WHERE a.case_file = $9 AND a.officer = p.officer AND a.ended_at IS NULL
      AND (a.role = $10 OR a.role IN ('lead', 'co_handler') AND $10 IN ('lead', 'co_handler')))
ORDER BY p.squad_position, p.squad, p.pinyin, p.name, p.officer"""

_DUTIES = f"""
SELECT a.id, c.id, c.number, c.title, u.name, c.field, c.due_on, a.role, a.valid_from, a.valid_to, a.ended_at, a.ending,
       {HANDLERS}, a.ended_at IS NULL AND a.valid_to > $1 AND a.role IN ('lead', 'co_handler')
FROM assignment a JOIN case_file c ON c.id = a.case_file JOIN unit u ON u.id = c.unit
WHERE a.officer = $2"""


async def assignments_of(case: UUID) -> list[Assignment]:
    """Everybody on a case, those who stand first. The caller has checked that the case is in reach."""
    order = " ORDER BY a.ended_at DESC NULLS FIRST, array_position($2::text[], a.role::text), a.recorded_at"
    roles = ["lead", "co_handler", "legal_reviewer", "hearing_chair", "observer"]
    return [_assignment(row) for row in await fetch(f"{_SELECT} WHERE a.case_file = $1{order}", case, roles)]


async def refusals_of(case: UUID) -> list[Refusal]:
    """Whom the gate refused for a case, latest first."""
    return await fetch_as(
        Refusal,
        "SELECT d.number, d.at, d.officer, o.name, d.role FROM decision d JOIN officer o ON o.id = d.officer"
        " WHERE d.case_file = $1 AND NOT d.allowed AND d.kind = 'assign' ORDER BY d.number DESC",
        case,
    )


async def standing_on(case: UUID) -> list[Standing]:
    """Who is on a case at this moment."""
    return await fetch_as(
        Standing,
        "SELECT a.officer, o.name, a.role FROM assignment a JOIN officer o ON o.id = a.officer"
        " WHERE a.case_file = $1 AND a.ended_at IS NULL",
        case,
    )


async def one_assignment(scope: Scope, id: UUID) -> Assignment:
    """An assignment of a case in reach; NotFound for any other."""
    row = await fetch_one(
        f"{_SELECT} JOIN case_file c ON c.id = a.case_file WHERE a.id = $3 AND {unit_in_reach('c.unit')}",
        *unit_reach(scope), id,
    )  # fmt: skip
    if row is None:
        raise NotFound(_("这项指派"))
    return _assignment(row)


async def candidates(scope: Scope, case: Case, role: str, start: date, end: date) -> list[Candidate]:
    """The people of the case's bureau who are not in such a role yet, cleared ones first, each with all gaps."""
    rows = await fetch(_CANDIDATES, case.unit, start, end, *reach(scope), case.id, role)
    asked = Question(role, case.field, case.unit, start, end)
    found = [_candidate(tuple(row), asked) for row in rows]
    return sorted(found, key=lambda one: not one.cleared)


async def open_assignments_of(officer: UUID, today: date) -> list[Duty]:
    """What an officer is assigned to and has not been taken off, soonest end first."""
    return await fetch_as(
        Duty,
        f"{_DUTIES} AND a.ended_at IS NULL AND a.valid_to > $1 ORDER BY a.valid_to, c.number",
        today,
        officer,
    )


async def duties_of(officer: UUID, today: date, limit: int = 50) -> list[Duty]:
    """All an officer was ever assigned to, standing ones first, then by when they ended."""
    return await fetch_as(
        Duty, f"{_DUTIES} ORDER BY a.ended_at DESC NULLS FIRST, a.valid_to LIMIT $3", today, officer, limit
    )


def cases_left_short(duties: Sequence[Duty]) -> dict[UUID, str]:
    """The cases that lack a handler if the officer leaves all of these, each with its number and title."""
    return {duty.case: f"{duty.number} {duty.title}" for duty in duties if duty.would_be_short}


def _assignment(row: Sequence[Any]) -> Assignment:
    *values, gaps = row
    return Assignment(*[*values, read_gaps(gaps) if gaps else ()])


def _candidate(row: tuple[Any, ...], asked: Question) -> Candidate:
    answer = Answer(asked.field, read_gaps(row[-1]))
    person = Person(*[*row[:-1], (answer,)])
    return Candidate(person, asked, told(person, answer.gaps), answer.cleared)
