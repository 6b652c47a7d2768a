"""What may be said about a row of a workbook."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec


class Level(StrEnum):
    """ERROR: the row stays out. WARNING: it goes in and is flagged. REPAIRED: it goes in, set right."""

    REPAIRED = "repaired"
    WARNING = "warning"
    ERROR = "error"


ORDER = {level: place for place, level in enumerate(Level)}


class Problem(msgspec.Struct, frozen=True):
    """One thing about a row (or the sheet, when `cells` is empty). `code` is a key of messages.SENTENCES,
    `column` the heading, `value` what stands there (identity and phone numbers masked), `params` the rest of
    the sentence. Repairs of one kind are one problem with several cells.
    """

    code: str
    level: Level
    column: str = ""
    cells: tuple[str, ...] = ()
    value: str = ""
    params: dict[str, Any] = {}

    @property
    def cell(self) -> str:
        """The first cell, or nothing."""
        return self.cells[0] if self.cells else ""


def worst(problems: Iterable[Problem]) -> Level | None:
    """The gravest level among them, None when there are none."""
    return max((problem.level for problem in problems), key=ORDER.__getitem__, default=None)


def gathered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Repairs of the same kind in one row said once; errors and warnings as they are."""
    kept: dict[object, Problem] = {}
    for problem in problems:
        key = problem.code if problem.level is Level.REPAIRED else (problem.code, problem.cells)
        first = kept.get(key)
        if first is None:
            kept[key] = problem
        elif problem.cells and problem.cells[0] not in first.cells:
            kept[key] = _joined(first, problem)
    return tuple(kept.values())


def _joined(first: Problem, other: Problem) -> Problem:
    """Both in one: their cells, their headings, and what each cell was read as."""
    columns = dict.fromkeys([*first.column.split("、"), other.column])
    params = dict(first.params)
    if "read_as" in params:
        params["read_as"] = f"{params['read_as']}、{other.params.get('read_as', '')}"
    return msgspec.structs.replace(
        first, cells=first.cells + other.cells, column="、".join(columns), params=params
    )
