"""Finds the columns of a roster by what stands above them, never by their place.

A heading may be broken over lines, spaced out, in other brackets, called by another name, or split in two rows:
a group ("执法证") above its parts ("证号 | 发证日期 | 有效期至"). A part such as "发证日期" means the enforcement
certificate only when no other card is named above it. What is not known is reported, never guessed.
"""

from itertools import pairwise
from typing import Final

import msgspec

from chizheng.kernel.spreadsheets import Cell, Kind, Merge, Sheet, Workbook, column_letter
from personnel.imports.heading_words import (
    GROUP_NAMES,
    GROUP_PARTS,
    HINTS,
    KNOWN,
    NEUTRAL,
    OF_A_CARD,
    REPORT_COLUMN,
    REQUIRED,
    TITLES,
    forms,
    plain,
)
from personnel.imports.problems import Level, Problem

SEARCHED_ROWS: Final = 40
DEEPEST: Final = 3
FEWEST: Final = 3
LONGEST_GROUP: Final = 12


class Heading(msgspec.Struct, frozen=True):
    """A column that is read: its number in the sheet and the words above it."""

    column: int
    text: str


class Headings(msgspec.Struct, frozen=True):
    """Where the table begins: the sheet, the rows of its head (both included), our columns, the unknown ones.
    `report_column` is the column of reasons in a marked copy of ours that came back.
    """

    sheet: Sheet
    first_row: int
    last_row: int
    columns: dict[str, Heading]
    unknown: tuple[Heading, ...]
    problems: tuple[Problem, ...]
    report_column: int | None = None


def find_headings(workbook: Workbook) -> Headings | None:
    """The sheet and rows that look most like the head of a roster, None when nothing does."""
    found = [headings for sheet in workbook.sheets if sheet.visible for headings in _candidates(sheet)]
    return max(found, key=_likeness, default=None)


def _likeness(headings: Headings) -> tuple[int, int, int]:
    known = set(headings.columns)
    certain = sum(column in known for column in REQUIRED)
    return (len(known) + certain, -(headings.last_row - headings.first_row), -headings.first_row)


def _candidates(sheet: Sheet) -> list[Headings]:
    found = []
    for first in sorted(sheet.rows)[:SEARCHED_ROWS]:
        if _belongs_to_row_above(sheet, first):
            continue
        for last in range(first, first + DEEPEST):
            if any(merge.top <= last < merge.bottom < first + DEEPEST for merge in sheet.merges):
                continue  # something merged reaches further down: the head is deeper
            headings = _read_head(sheet, first, last)
            known = set(headings.columns)
            if len(known) >= FEWEST and known & {"name", "id_number"}:
                found.append(headings)
    return found


def _belongs_to_row_above(sheet: Sheet, row: int) -> bool:
    """Whether a head cannot begin here: something merged reaches down into this row, or groups lie above it."""
    width = len(sheet.rows.get(row, ()))
    for merge in sheet.merges:
        reaches_in = merge.top < row <= merge.bottom < merge.top + DEEPEST
        covers_parts = (
            merge.bottom == row - 1 and merge.left < merge.right and merge.right - merge.left < width // 2
        )
        if reaches_in or (covers_parts and _names_a_group(_text(sheet.cell(merge.top, merge.left)))):
            return True
    return False


def _names_a_group(text: str) -> bool:
    """A short phrase; "填报单位:…" and "截至2026年…" stand above columns too, but name nothing."""
    return (
        bool(text)
        and len(text) <= LONGEST_GROUP
        and not any(mark.isdigit() or mark in ":：" for mark in text)
    )


def _read_head(sheet: Sheet, first: int, last: int) -> Headings:
    columns: dict[str, Heading] = {}
    unknown: list[Heading] = []
    problems: list[Problem] = []
    report_column: int | None = None
    for column, words in _paths(sheet, first, last).items():
        heading = Heading(column, "/".join(" ".join(word.split()) for word in words)[:100])
        meaning = _meaning(words)
        if plain(words[-1]) == REPORT_COLUMN:
            report_column = column
        elif meaning is None:
            unknown.append(heading)
        elif meaning in columns:
            problems.append(_twice(meaning, columns[meaning], heading, last))
        else:
            columns[meaning] = heading
    problems.extend(
        Problem("column_missing", Level.ERROR, TITLES[name], params={"column": TITLES[name]})
        for name in REQUIRED
        if name not in columns
    )
    return Headings(sheet, first, last, columns, tuple(unknown), tuple(problems), report_column)


def _twice(meaning: str, one: Heading, other: Heading, row: int) -> Problem:
    cells = tuple(f"{column_letter(heading.column)}{row}" for heading in (one, other))
    words = {"column": TITLES[meaning], "one": one.text, "other": other.text}
    return Problem("column_twice", Level.ERROR, TITLES[meaning], cells, other.text, words)


def _paths(sheet: Sheet, first: int, last: int) -> dict[int, tuple[str, ...]]:
    """The words above each column from top to bottom, each once."""
    merges = [merge for merge in sheet.merges if merge.top <= last and merge.bottom >= first]
    width = max((len(sheet.rows.get(row, ())) for row in range(first, last + 1)), default=0)
    width = max([width, *(merge.right for merge in merges if merge.right <= width + 200)])
    grid = [_spread(sheet, row, width, merges) for row in range(first, last + 1)]
    for upper, lower in pairwise(grid):
        _spread_unmerged(upper, lower)
    paths: dict[int, tuple[str, ...]] = {}
    for column in range(1, width + 1):
        words = tuple(dict.fromkeys(row[column] for row in grid if row.get(column)))
        if words:
            paths[column] = words
    return paths


def _spread(sheet: Sheet, row: int, width: int, merges: list[Merge]) -> dict[int, str]:
    """One row of the head, merged ranges filled with the text of their corner."""
    texts = {column: _text(cell) for column, cell in enumerate(sheet.rows.get(row, ()), start=1)}
    for merge in merges:
        if merge.top <= row <= merge.bottom:
            corner = _text(sheet.cell(merge.top, merge.left))
            texts.update(dict.fromkeys(range(merge.left, min(merge.right, width) + 1), corner))
    return texts


def _spread_unmerged(upper: dict[int, str], lower: dict[int, str]) -> None:
    """A group whose cells were not merged covers the parts to its right, while something stands below them."""
    group = ""
    for column in sorted(lower):
        if upper.get(column):
            group = upper[column] if plain(upper[column]) in GROUP_NAMES and lower.get(column) else ""
        elif lower.get(column) and group:
            upper[column] = group
        else:
            group = ""


def _text(cell: Cell) -> str:
    return str(cell.value) if cell.kind is Kind.TEXT and len(str(cell.value)) <= 100 else ""


def _meaning(words: tuple[str, ...]) -> str | None:
    """Which of our columns these words name, the group's parts before the plain names."""
    leaf, above = words[-1], words[:-1]
    groups = [GROUP_NAMES[plain(word)] for word in above if plain(word) in GROUP_NAMES]
    for group in reversed(groups):
        for form in forms(leaf):
            if form in GROUP_PARTS[group]:
                return GROUP_PARTS[group][form]
    joined = KNOWN.get(plain("".join(words[-2:])))
    if joined:
        return joined
    meaning = _plain_meaning(leaf)
    other_card = bool(above) and not groups and _names_a_group(above[-1]) and plain(above[-1]) not in NEUTRAL
    if "legal" in groups or (other_card and meaning in OF_A_CARD):
        return None
    return meaning


def _plain_meaning(text: str) -> str | None:
    hinted = (HINTS[form] for form in forms(text) if form in HINTS)
    return next(hinted, None) or next((KNOWN[form] for form in forms(text) if form in KNOWN), None)
