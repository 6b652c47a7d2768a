"""The board as a page shows it: who is cleared today in a unit, by field, and who drops out soon. No SQL, no HTML."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec

from chizheng.clearance.gate import rules
from chizheng.clearance.gate.answers import Answer, DropOut, Person, UnitClearance, cleared_first
from chizheng.clearance.gate.rules import Explained, Role
from chizheng.kernel.i18n import _
from personnel.units.labels import FIELD_NAMES

WITHOUT_FIELD = (
    Role.LEGAL_REVIEWER,
    Role.HEARING_CHAIR,
    Role.OBSERVER,
)  # these roles ask for no field of their own
SOON = 30  # days


class Row(msgspec.Struct, frozen=True):
    """One person in one group. `kind` is the status word of the macros."""

    officer: UUID
    name: str
    squad: str
    kind: str
    sentence: str
    gaps: list[Explained]


class Group(msgspec.Struct, frozen=True):
    """One field with its people, the cleared ones first."""

    field: str
    title: str
    have: int
    of: int
    rows: list[Row]


class Heat(msgspec.Struct, frozen=True):
    """Cleared people by squad and field."""

    squads: list[str]
    fields: list[str]
    values: list[list[int | None]]


def groups(asked: UnitClearance, squad: UUID | None, only: str | None, short: bool) -> list[Group]:
    """The board by field, in the fields' order; `short` leaves only those who are not cleared."""
    by_field: dict[str, list[Row]] = {}
    for person in _present(asked, squad):
        for answer in person.answers:
            by_field.setdefault(_group_of(asked.role, answer), []).append(_row(asked, person, answer))
            if asked.role in WITHOUT_FIELD:
                break
    return [
        _group(field, by_field[field], short)
        for field in (*FIELD_NAMES, "")
        if field in by_field and only in (None, field)
    ]


def away(asked: UnitClearance, squad: UUID | None) -> list[Row]:
    """Whoever is listed for a posting that has ended or is yet to begin, with what the gate says about that."""
    rows = []
    for person in asked.people:
        if squad in (None, person.squad_id) and not person.posted_on(asked.start):
            row = _row(asked, person, person.answers[0])
            gaps = [gap for gap in row.gaps if gap.code == "not_posted_here"]
            rows.append(msgspec.structs.replace(row, gaps=gaps or row.gaps))
    return rows


def heat(asked: UnitClearance) -> Heat | None:
    """Squads against fields; None where there is only one squad or no field."""
    cells: dict[tuple[str, str], int] = {}
    people = _present(asked)
    for person in people:
        for answer in person.answers:
            if answer.field:
                key = (short_squad(asked, person), answer.field)
                cells[key] = cells.get(key, 0) + cleared_first(answer, asked.start)
    squads = list(dict.fromkeys(short_squad(asked, person) for person in people))
    fields = [field for field in FIELD_NAMES if any(key[1] == field for key in cells)]
    if len(squads) < 2 or not fields:
        return None
    values = [[cells.get((squad, field)) for field in fields] for squad in squads]
    return Heat(squads, [_(FIELD_NAMES[field]) for field in fields], values)


def squads(asked: UnitClearance) -> list[tuple[UUID, str]]:
    """The squads that have people, to choose from."""
    return list(dict.fromkeys((person.squad_id, short_squad(asked, person)) for person in asked.people))


def short_squad(asked: UnitClearance, person: Person) -> str:
    """The squad's name without the unit's own before it."""
    return person.squad.removeprefix(asked.name) or person.squad


def drop_rows(found: Iterable[DropOut]) -> list[tuple[DropOut, str, list[Explained]]]:
    """Who drops out, each person and day once: the drop, the fields it takes away, and why."""
    rows: dict[tuple[UUID, date], tuple[DropOut, list[str]]] = {}
    for drop in found:
        _first, fields = rows.setdefault((drop.officer, drop.day), (drop, []))
        fields += [_(FIELD_NAMES[drop.field])] if drop.field else []
    return [
        (drop, _("、").join(fields), rules.explained(drop.gaps, drop.asked)) for drop, fields in rows.values()
    ]


def _present(asked: UnitClearance, squad: UUID | None = None) -> list[Person]:
    return [p for p in asked.people if squad in (None, p.squad_id) and p.posted_on(asked.start)]


def _group_of(role: str, answer: Answer) -> str:
    return "" if role in WITHOUT_FIELD else answer.field or ""


def _group(field: str, rows: list[Row], short: bool) -> Group:
    have = sum(row.kind != "not_cleared" for row in rows)
    shown = [row for row in rows if not short or row.kind == "not_cleared"]
    title = _(FIELD_NAMES[field]) if field else ""
    return Group(field, title, have, len(rows), sorted(shown, key=lambda row: row.kind == "not_cleared"))


def _row(asked: UnitClearance, person: Person, answer: Answer) -> Row:
    now = rules.gaps_on_first_day(answer.gaps, asked.start)
    squad = short_squad(asked, person)
    question = msgspec.structs.replace(asked.question(person, answer.field), task=False)
    if rules.refused(now):
        return Row(person.officer, person.name, squad, "not_cleared", "", rules.explained(now, question))
    until = rules.first_refused_day(answer.gaps)
    if until is None:
        return Row(person.officer, person.name, squad, "cleared", _standing(person), [])
    sentence = _("可上岗至 %(day)s", day=until - rules.ONE_DAY)
    return Row(person.officer, person.name, squad, "ends_soon", sentence, [])


def _standing(person: Person) -> str:
    if person.certificate_to is None:
        return _("可上岗")
    return _("持证有效，至 %(day)s", day=person.certificate_to - rules.ONE_DAY)
