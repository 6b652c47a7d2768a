"""One row while it is being read: its cells by our columns, and the problems found so far."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from chizheng.kernel.spreadsheets import BLANK, Cell, Kind, address
from personnel.identity import EXACT, mask, mask_phone
from personnel.imports.cells import Reading, Unreadable, text_of
from personnel.imports.headings import Heading
from personnel.imports.problems import Level, Problem, gathered

Value = TypeVar("Value")

DOUBTFUL = frozenset(("date_month_only_end",))
"""Readings that are right only if our convention was the writer's."""


class RowReader:
    """Takes cells one by one; an unreadable cell becomes a problem and the value None."""

    def __init__(
        self, number: int, cells: dict[str, Cell], columns: dict[str, Heading], *, date1904: bool
    ) -> None:
        self.number, self.cells, self.columns, self.date1904 = number, cells, columns, date1904
        self.problems: list[Problem] = []

    def cell(self, column: str) -> Cell:
        """The cell of that column, blank when there is none."""
        return self.cells.get(column, BLANK)

    def take(self, column: str, read: Callable[[Cell], Reading[Value]]) -> Value | None:
        """What `read` makes of the cell, None when it cannot."""
        try:
            reading = read(self.cell(column))
        except Unreadable as unreadable:
            self.error(column, unreadable.code, **unreadable.params)
            return None
        for code in reading.repairs:
            level = Level.WARNING if code in DOUBTFUL else Level.REPAIRED
            self.note(column, code, level, read_as=str(reading.value) if code.startswith("date_") else "")
        return reading.value

    def text(self, column: str) -> str | None:
        """The cell as a line of text, None when blank or unreadable."""
        return self.take(column, text_of) or None

    def error(self, column: str, code: str, **params: Any) -> None:
        """Refuses the row because of this cell."""
        self.note(column, code, Level.ERROR, **params)

    def found(self) -> tuple[Problem, ...]:
        """The problems in the order of their cells, repairs of one kind said once."""
        return gathered(sorted(self.problems, key=_place))

    def note(self, column: str, code: str, level: Level, **params: Any) -> None:
        """Says something about a cell of this row; a column the sheet lacks is said without a cell."""
        heading = self.columns.get(column)
        if heading is None:
            self.problems.append(
                Problem(code, level, params={key: value for key, value in params.items() if value != ""})
            )
            return
        where = (address(self.number, heading.column),)
        kept = {key: value for key, value in params.items() if value != ""}
        self.problems.append(Problem(code, level, heading.text, where, self._shown(column), kept))

    def _shown(self, column: str) -> str:
        """The cell as it may be shown: personal numbers masked, whatever state they are in."""
        cell = self.cell(column)
        if cell.kind is Kind.BLANK:
            return ""
        text = str(cell.value)[:60]
        if isinstance(cell.value, float) and abs(cell.value) >= EXACT:
            text = f"{Decimal(text):.0f}"
        if column == "id_number":
            return mask("".join(text.split()))
        return mask_phone("".join(text.split())) if column == "phone" else text


def _place(problem: Problem) -> tuple[int, str]:
    return (len(problem.cell), problem.cell)
