"""Handing a workbook back with its faults shown in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from chizheng.kernel.spreadsheets.cells import Limits
from chizheng.kernel.spreadsheets.confined import opened, run

Level = Literal["error", "warning", "repaired"]

DEFAULT: Final = Limits()


class Mark(msgspec.Struct, frozen=True):
    """A cell to colour (red, amber or green by level), with the reason as the cell's comment."""

    cell: str
    level: Level
    reason: str


class RowNote(msgspec.Struct, frozen=True):
    """What the appended column says in one row."""

    row: int
    level: Level
    text: str


class Marking(msgspec.Struct, frozen=True):
    """All that is written into one sheet. `header_row` is where the appended column's title goes; `column` is
    the column to write again, when the workbook is a marked copy that came back.
    """

    sheet: str
    header_row: int
    column_title: str
    column: int | None
    marks: tuple[Mark, ...]
    notes: tuple[RowNote, ...]


def mark_copy(
    source: Path | str | bytes,
    *,
    sheet: str,
    header_row: int,
    marks: Sequence[Mark],
    notes: Sequence[RowNote],
    column_title: str = "错误原因",
    column: int | None = None,
    limits: Limits = DEFAULT,
) -> bytes:
    """A copy of the user's own workbook: everything kept, marked cells coloured, one column more. The reasons
    are comments of the cells too, unless the sheet has comments of its own. Text that a spreadsheet would take
    for a formula is made harmless. Raises WorkbookRefused, `cannot_mark` when the workbook is too odd or too big.
    """
    marking = Marking(sheet, header_row, column_title, column, tuple(marks), tuple(notes))
    pieces: list[bytes] = []
    with opened(source, limits) as file:
        for message in run("mark", file, limits, msgspec.msgpack.encode(marking)):
            if message.kind == "copy":
                pieces.append(msgspec.msgpack.decode(message.body, type=bytes))
    return b"".join(pieces)
