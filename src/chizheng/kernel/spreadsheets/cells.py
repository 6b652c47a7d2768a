"""What is left of a workbook once it has been read: sheets, rows, cells. Rows and columns count from 1."""

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

SERIAL_LIMIT: Final = 2_958_466
"""The day after 9999-12-31 in Excel's 1900 count."""

ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class Kind(StrEnum):
    """What a cell holds. The letters travel between the processes."""

    BLANK = "-"
    TEXT = "t"
    NUMBER = "n"
    DATE = "d"
    BOOL = "b"
    FORMULA = "f"
    ERROR = "e"
    TOO_LONG = "l"


class Cell(msgspec.Struct, frozen=True, array_like=True, gc=False, omit_defaults=True):
    """One cell. `value` by kind: TEXT and ERROR the text, NUMBER a number, BOOL true or false, DATE its day as
    2026-11-21, FORMULA the formula with its `=`, TOO_LONG the beginning of the text, BLANK nothing.
    `cached` is what a formula last gave, when the file says so.
    """

    kind: Kind = Kind.BLANK
    value: bool | int | float | str | None = None
    cached: bool | int | float | str | None = None


BLANK: Final = Cell()


class Merge(msgspec.Struct, frozen=True, array_like=True):
    """A merged range, both corners included. Its value lies in the upper left cell."""

    top: int
    left: int
    bottom: int
    right: int


class Limits(msgspec.Struct, frozen=True):
    """How much of a workbook is read before it is refused. Bytes are bytes, seconds are seconds."""

    rows: int = 20_000
    columns: int = 200
    cells: int = 1_000_000
    text: int = 2_000
    characters: int = 8_000_000  # of a sheet together: a text that many cells share is counted for each
    file_bytes: int = 20 * 2**20
    unpacked_bytes: int = 100 * 2**20
    entries: int = 2_000
    ratio: int = 200
    sheets: int = 50
    merges: int = 20_000
    memory: int = 256 * 2**20
    seconds: int = 60


class Sheet(msgspec.Struct, frozen=True):
    """A sheet. `rows` holds only rows with something in them, by row number; each ends at its last filled cell.
    A hidden sheet is named but not read.
    """

    name: str
    visible: bool
    rows: dict[int, tuple[Cell, ...]]
    merges: tuple[Merge, ...] = ()

    def cell(self, row: int, column: int) -> Cell:
        """The cell there, blank where the sheet has none."""
        cells = self.rows.get(row, ())
        return cells[column - 1] if column <= len(cells) else BLANK


class Workbook(msgspec.Struct, frozen=True):
    """A workbook. `date1904` says that its day numbers count from 1904 (old Macs)."""

    sheets: tuple[Sheet, ...]
    date1904: bool = False


def column_letter(column: int) -> str:
    """1 -> A, 27 -> AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """(25, 6) -> F25."""
    return f"{column_letter(column)}{row}"


def place(text: str) -> tuple[int, int]:
    """F25 -> (25, 6). ValueError for anything else."""
    found = ADDRESS.fullmatch(text)
    if not found:
        raise ValueError(text)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def day_of_serial(serial: float, *, date1904: bool) -> date | None:
    """The day a spreadsheet means by a number, None when it means none. In the 1900 count day 60 is the
    29 February 1900 that never was, so later days are one off.
    """
    days = int(serial)
    if not 0 <= days < SERIAL_LIMIT:
        return None
    start_of_1900 = date(1899, 12, 30) if days >= 60 else date(1899, 12, 31)
    start = date(1904, 1, 1) if date1904 else start_of_1900
    try:
        return start + timedelta(days=days)
    except OverflowError:
        return None
