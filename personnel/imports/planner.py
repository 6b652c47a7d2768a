"""The plan of one row while it is being made: facts to record, columns to set, what is wrong with them."""

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from chizheng.kernel.ids import new_id
from chizheng.kernel.spreadsheets import address
from personnel.imports.known import District, Fact, Person
from personnel.imports.persons import RosterValues
from personnel.imports.problems import Level, Problem, worst
from personnel.imports.roster import RosterRow

KEEP: Final[Any] = object()


class Said(msgspec.Struct, frozen=True):
    """One planned change in words: a key of said.SENTENCES and what fills its places."""

    code: str
    params: dict[str, Any] = {}


class Change(msgspec.Struct, frozen=True):
    """A version of a fact to be recorded; `replaces` is the version that it supersedes, of the same series."""

    table: str
    series: UUID
    valid_from: date
    valid_to: date | None
    values: dict[str, Any]
    replaces: UUID | None = None


class RowPlan(msgspec.Struct, frozen=True):
    """What becomes of a row. `columns` are the officer's, open; `outcome` one of created, changed, unchanged,
    refused. A refused row plans nothing.
    """

    sheet_row: int
    name: str
    officer: UUID | None
    person: Person | None
    outcome: str
    problems: tuple[Problem, ...]
    columns: dict[str, Any] = {}
    changes: tuple[Change, ...] = ()
    said: tuple[Said, ...] = ()

    @property
    def level(self) -> str:
        """ok, repaired, warning or error."""
        found = worst(self.problems)
        return found.value if found else "ok"


class Planner:
    """Gathers what a row asks for. The functions of plan*.py call it; nothing here touches a database."""

    def __init__(self, district: District, row: RosterRow, person: Person | None) -> None:
        self.district, self.row, self.person = district, row, person
        self.officer = person.officer if person else new_id()
        self.columns: dict[str, Any] = {}
        self.changes: list[Change] = []
        self.said: list[Said] = []
        self.problems: list[Problem] = list(row.problems)

    @property
    def values(self) -> RosterValues:
        """What the row says."""
        return self.row.values

    @property
    def day(self) -> date:
        """The day the sheet speaks of."""
        return self.district.day

    @property
    def is_new(self) -> bool:
        """Whether the person comes in with this row, for the first time or again."""
        return self.person is None or self.person.withdrawn

    def of(self, table: str) -> list[Fact]:
        """The person's live facts of one table."""
        return self.person.of(table) if self.person else []

    def say(self, code: str, **params: Any) -> None:
        """Tells the reader of the preview what will be done."""
        self.said.append(Said(code, {key: _plain(value) for key, value in params.items()}))

    def record(self, table: str, start: date, end: date | None, **values: Any) -> UUID:
        """A new fact; returns its series."""
        series = new_id()
        plain = {key: _plain(value) for key, value in values.items()}
        self.changes.append(Change(table, series, start, end, plain))
        return series

    def replace(self, fact: Fact, *, start: date = KEEP, end: date | None = KEEP, **values: Any) -> None:
        """The fact again with these things changed."""
        self.changes.append(
            Change(
                fact.table,
                fact.series,
                fact.valid_from if start is KEEP else start,
                fact.valid_to if end is KEEP else end,
                {**fact.values, **{key: _plain(value) for key, value in values.items()}},
                fact.id,
            )
        )

    def error(self, column: str, code: str, **params: Any) -> None:
        """Refuses the row because of what is known already."""
        self.note(column, code, Level.ERROR, **params)

    def warn(self, column: str, code: str, **params: Any) -> None:
        """Lets the row in, flagged."""
        self.note(column, code, Level.WARNING, **params)

    def note(self, column: str, code: str, level: Level, **params: Any) -> None:
        """Says something about one of the row's cells, or about the row where the sheet lacks that column."""
        heading = self.district.columns.get(column)
        plain = {key: _plain(value) for key, value in params.items()}
        if heading is None:
            self.problems.append(Problem(code, level, params=plain))
            return
        cells = (address(self.row.sheet_row, heading.column),)
        self.problems.append(Problem(code, level, heading.text, cells, "", plain))

    def plan(self) -> RowPlan:
        """All of it; nothing when there is an error among the problems."""
        refused = worst(self.problems) is Level.ERROR
        if refused:
            outcome = "refused"
        elif self.is_new:
            outcome = "created"
        else:
            outcome = "changed" if self.changes or self.columns else "unchanged"
        plan = RowPlan(
            self.row.sheet_row,
            (self.values.name or "")[:60],
            None if refused and self.person is None else self.officer,
            self.person,
            outcome,
            tuple(self.problems),
        )
        if refused:
            return plan
        return msgspec.structs.replace(
            plan, columns=self.columns, changes=tuple(self.changes), said=tuple(self.said)
        )


def _plain(value: Any) -> Any:
    """Days and ids as JSON has them."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
