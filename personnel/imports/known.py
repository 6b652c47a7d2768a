"""What is known already of the people in a roster and of the district, as plain values for the planner."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from personnel.imports.directory import KnownUnit, UnitFinder
from personnel.imports.headings import Heading


class Fact(msgspec.Struct, frozen=True):
    """A live version of a fact: its days, half-open, and its table's own columns in the shape JSON gives them."""

    table: str
    id: UUID
    series: UUID
    valid_from: date
    valid_to: date | None
    values: Mapping[str, Any]

    def holds_on(self, day: date) -> bool:
        """Whether it holds that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def meets(self, start: date, end: date | None) -> bool:
        """Whether it shares a day with [start, end)."""
        return (end is None or self.valid_from < end) and (self.valid_to is None or start < self.valid_to)


class Person(msgspec.Struct, frozen=True):
    """An officer as the database has them. `columns` in the shape of JSON, sealed ones as hex; `phone` is open.
    `withdrawn`: the import that brought them was undone. `in_reach`: whether the importer may touch them.
    """

    officer: UUID
    columns: Mapping[str, Any]
    phone: str | None = None
    withdrawn: bool = False
    in_reach: bool = True
    facts: tuple[Fact, ...] = ()

    def of(self, table: str) -> list[Fact]:
        """The live facts of one table, earliest first."""
        return sorted(
            (fact for fact in self.facts if fact.table == table), key=lambda fact: (fact.valid_from, fact.id)
        )


class District(msgspec.Struct, frozen=True):
    """What the planner must know besides the person. `day` is the day the sheet speaks of, `columns` where its
    columns stand, `holders` who has which certificate number, `reach` the units the importer may write for
    (None: all).
    """

    finder: UnitFinder
    day: date
    columns: Mapping[str, Heading]
    holders: Mapping[str, UUID]
    reach: frozenset[UUID] | None = None

    def name_of(self, unit: UUID | str) -> str:
        """A unit's name; an ended unit may be unknown here."""
        found = self.finder.by_id.get(UUID(str(unit)))
        return found.name if found else ""

    def root_of(self, unit: UUID) -> UUID:
        """The district a unit belongs to: the top of its tree."""
        while (parent := self.finder.by_id[unit].parent) is not None and parent in self.finder.by_id:
            unit = parent
        return unit

    def town_of(self, unit: UUID) -> KnownUnit | None:
        """The town a unit lies in."""
        found = self.finder.by_id.get(unit)
        while found is not None and found.kind != "town":
            found = self.finder.by_id.get(found.parent) if found.parent else None
        return found

    def bureau_of(self, town: UUID) -> UUID | None:
        """The one bureau directly under a town, None when there are several or none."""
        bureaus = [unit.id for unit in self.finder.children.get(town, ()) if unit.kind == "bureau"]
        return bureaus[0] if len(bureaus) == 1 else None

    def is_within(self, unit: UUID, ancestor: UUID) -> bool:
        """Whether a unit is the other or lies under it."""
        known = self.finder.by_id
        return unit in known and ancestor in known and self.finder.is_within(known[unit], known[ancestor])
