"""The gate's answers about people and units, and what follows from them without asking again."""

from datetime import date
from uuid import UUID

import msgspec

from chizheng.clearance.gate import rules
from chizheng.clearance.gate.rules import Gap, Question


class Clearance(msgspec.Struct, frozen=True):
    """The gate's answer about one officer."""

    officer: UUID
    name: str
    asked: Question
    gaps: tuple[Gap, ...]

    @property
    def cleared(self) -> bool:
        return not rules.refused(self.gaps)


class Answer(msgspec.Struct, frozen=True):
    """The gate's answer for one field; no field when the person holds none and none was asked for."""

    field: str | None
    gaps: tuple[Gap, ...]

    @property
    def cleared(self) -> bool:
        return not rules.refused(self.gaps)


class Person(msgspec.Struct, frozen=True):
    """One of a unit's people. `unit` is the one the gate was asked about: their bureau, or the unit itself."""

    officer: UUID
    name: str
    squad_id: UUID
    squad: str
    certificate: str | None
    certificate_to: date | None  # half-open: the first day it no longer holds
    posted_from: date
    posted_to: date | None
    unit: UUID
    answers: tuple[Answer, ...]

    @property
    def cleared(self) -> bool:
        """Cleared for at least one field."""
        return any(answer.cleared for answer in self.answers)

    def posted_on(self, day: date) -> bool:
        """Whether the posting for which they are listed holds on that day; else it has ended or is yet to begin."""
        return self.posted_from <= day and (self.posted_to is None or self.posted_to > day)


class Abilities(msgspec.Struct, frozen=True):
    """What one person may do on a day, at the bureau that uses them, for each field they hold (or their speciality)."""

    officer: UUID
    unit: UUID | None
    posted_from: date | None
    posted_to: date | None
    answers: tuple[Answer, ...]

    def question(self, field: str | None, day: date) -> Question:
        return Question(rules.Role.LEAD, field, self.unit, day, day + rules.ONE_DAY, task=False)


class UnitClearance(msgspec.Struct, frozen=True):
    """Who of a unit is cleared for a role, each field on its own, throughout the days asked for."""

    unit: UUID
    name: str
    kind: str
    role: str
    start: date
    end: date
    people: tuple[Person, ...]

    def question(self, person: Person, field: str | None) -> Question:
        return Question(self.role, field, person.unit, self.start, self.end)


class Unit(msgspec.Struct, frozen=True):
    """A unit one may look at the board of."""

    id: UUID
    name: str
    kind: str


class DropOut(msgspec.Struct, frozen=True):
    """Somebody cleared today who will not be from `day` on, and why."""

    officer: UUID
    name: str
    squad: str
    field: str | None
    day: date
    asked: Question
    gaps: tuple[Gap, ...]


class Counts(msgspec.Struct, frozen=True):
    """How many of the people posted to a unit are cleared for something, and by field (code -> cleared, holders)."""

    cleared: int
    people: int
    fields: dict[str, tuple[int, int]]


def dropping_out(asked: UnitClearance) -> list[DropOut]:
    """Of a question over several days: who is cleared on its first and not throughout."""
    found = [
        drop
        for person in asked.people
        for answer in person.answers
        if (drop := _drop_out(asked, person, answer))
    ]
    return sorted(found, key=lambda drop: (drop.day, drop.name))


def counted(asked: UnitClearance) -> Counts:
    """Counts by the first day of a question, over those who are posted there on it."""
    people = [person for person in asked.people if person.posted_on(asked.start)]
    fields: dict[str, tuple[int, int]] = {}
    cleared = 0
    for person in people:
        stand = {answer.field: cleared_first(answer, asked.start) for answer in person.answers}
        cleared += any(stand.values())
        for field, yes in stand.items():
            if field is not None:
                have, of = fields.get(field, (0, 0))
                fields[field] = (have + yes, of + 1)
    return Counts(cleared, len(people), fields)


def cleared_first(answer: Answer, start: date) -> bool:
    """Whether the answer clears the first day of its question."""
    return not rules.refused(rules.gaps_on_first_day(answer.gaps, start))


def told(person: Person | Abilities, gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """The gaps, where the posting is missing with the days of the one there is."""
    return tuple(_with_posting(person, gap) if gap.code == "not_posted_here" else gap for gap in gaps)


def _with_posting(person: Person | Abilities, gap: Gap) -> Gap:
    detail = dict(gap.detail or {})
    if gap.starts and person.posted_to and person.posted_to <= gap.starts:
        detail["posted_to"] = person.posted_to.isoformat()
    elif gap.starts and person.posted_from and person.posted_from > gap.starts:
        detail["posted_from"] = person.posted_from.isoformat()
    return msgspec.structs.replace(gap, detail=detail)


def _drop_out(asked: UnitClearance, person: Person, answer: Answer) -> DropOut | None:
    day = rules.first_refused_day(answer.gaps)
    if day is None or day == asked.start:
        return None
    gaps = tuple(gap for gap in answer.gaps if gap.hard and gap.starts == day)
    question = Question(asked.role, answer.field, person.unit, day, asked.end)
    return DropOut(person.officer, person.name, person.squad, answer.field, day, question, gaps)
