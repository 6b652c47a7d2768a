"""Clearance over the API: of one officer, of a whole unit."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from chizheng.clearance.gate import queries, rules
from chizheng.clearance.gate.answers import Person, UnitClearance
from chizheng.clearance.gate.rules import Gap, Question, Role
from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.web import Request

DAYS = {"start": "from", "end": "to", "starts": "from", "ends": "to"}

From = Annotated[date | None, QueryParameter(name="from", description="First day asked about.")]
To = Annotated[date | None, QueryParameter(name="to", description="The day after the last one asked about.")]


class GapAnswer(msgspec.Struct, frozen=True, rename=DAYS):
    """One reason why not: the uncovered days (half-open), in words, by which article, and what cures it."""

    code: str
    hard: bool
    starts: date | None
    ends: date | None
    detail: dict[str, Any]
    message: str
    basis: str
    cure: str


class OfficerAnswer(msgspec.Struct, frozen=True, rename=DAYS):
    """May this officer do this role, in this field and place, on every day of the interval?"""

    officer: UUID
    name: str
    role: str
    field: str | None
    unit: UUID | None
    start: date
    end: date
    cleared: bool
    gaps: list[GapAnswer]


class FieldAnswer(msgspec.Struct, frozen=True):
    """The answer for one field."""

    field: str | None
    cleared: bool
    gaps: list[GapAnswer]


class PersonAnswer(msgspec.Struct, frozen=True):
    """One of the unit's people; cleared when cleared for at least one field."""

    officer: UUID
    name: str
    squad: UUID
    squad_name: str
    certificate: str | None
    certificate_to: date | None
    cleared: bool
    fields: list[FieldAnswer]


class UnitAnswer(msgspec.Struct, frozen=True, rename=DAYS):
    """Who of the unit is cleared; always one page."""

    unit: UUID
    name: str
    role: str
    start: date
    end: date
    cleared: int
    items: list[PersonAnswer]
    total: int
    page: int
    size: int


def gap_answers(gaps: Iterable[Gap], asked: Question) -> list[GapAnswer]:
    """Gaps as the API tells them."""
    return [_gap_answer(gap, asked) for gap in gaps]


@get("/api/v1/officers/{id:uuid}/clearance", tags=["clearance"], **requires(Permission.CLEARANCE_CHECK))
async def officer_clearance(
    request: Request,
    id: FromPath[UUID],
    on: FromQuery[date | None] = None,
    start: From = None,
    end: To = None,
    field: FromQuery[str | None] = None,
    role: FromQuery[str] = Role.LEAD,
    unit: FromQuery[UUID | None] = None,
) -> OfficerAnswer:
    """May this officer act: today, `on` a day, or on every day `from`–`to`? Every gap is told, not only the first.

    Without `field` their speciality is meant, else the first of their certificate; without `unit` the bureau that
    uses them.
    """
    first, last = rules.period(on, start, end, clock.today())
    scope = request.user.scope(Permission.CLEARANCE_CHECK)
    answer = await queries.clearance_of_officer(
        scope, id, rules.role_of(role), rules.field_of(field), unit, first, last
    )
    asked = answer.asked
    gaps = gap_answers(answer.gaps, asked)
    return OfficerAnswer(
        id, answer.name, asked.role, asked.field, asked.unit, asked.start, asked.end, answer.cleared, gaps
    )


@get("/api/v1/units/{id:uuid}/clearance", tags=["clearance"], **requires(Permission.CLEARANCE_CHECK))
async def unit_clearance(
    request: Request,
    id: FromPath[UUID],
    on: FromQuery[date | None] = None,
    start: From = None,
    end: To = None,
    field: FromQuery[str | None] = None,
    role: FromQuery[str] = Role.LEAD,
) -> UnitAnswer:
    """The same about everybody used by the unit or a unit below it, for one field or for each they hold."""
    first, last = rules.period(on, start, end, clock.today())
    scope = request.user.scope(Permission.CLEARANCE_CHECK)
    asked = await queries.clearance_of_unit(
        scope, id, rules.role_of(role), rules.field_of(field), first, last
    )
    items = [_person_answer(asked, person) for person in asked.people]
    cleared = sum(item.cleared for item in items)
    total = len(items)
    return UnitAnswer(id, asked.name, asked.role, first, last, cleared, items, total, page=1, size=total)


def _gap_answer(gap: Gap, asked: Question) -> GapAnswer:
    words = rules.explain(gap, asked)
    return GapAnswer(
        gap.code, gap.hard, gap.starts, gap.ends, gap.detail or {}, words.message, words.basis, words.cure
    )


def _person_answer(asked: UnitClearance, person: Person) -> PersonAnswer:
    fields = [
        FieldAnswer(
            answer.field, answer.cleared, gap_answers(answer.gaps, asked.question(person, answer.field))
        )
        for answer in person.answers
    ]
    return PersonAnswer(
        person.officer, person.name, person.squad_id, person.squad,
        person.certificate, person.certificate_to, person.cleared, fields,
    )  # fmt: skip


ROUTES: list[Any] = [officer_clearance, unit_clearance]
