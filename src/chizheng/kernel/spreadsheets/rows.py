"""Reads the cells of one sheet, row by row, and stops at the first limit."""

import zipfile
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element

from chizheng.kernel.spreadsheets.cells import BLANK, Cell, Kind, Limits, Merge, day_of_serial, place
from chizheng.kernel.spreadsheets.outline import Contents, SheetPart
from chizheng.kernel.spreadsheets.refusals import WorkbookRefused
from chizheng.kernel.spreadsheets.streaming import elements, local_name, whole_number
from chizheng.kernel.spreadsheets.texts import text_cell, text_of

HEAD_AND_FEET: Final = 100
"""Rows of a table that are not data: title, head, subtotals, notes. They do not count against the limit."""


def read_rows(
    archive: zipfile.ZipFile, part: SheetPart, contents: Contents, limits: Limits
) -> Iterator[tuple[int, tuple[Cell, ...]] | Merge]:
    """The filled rows of one sheet, then its merged ranges. Stops with WorkbookRefused at the first limit."""
    rows = cells = characters = merges = last = 0
    for element in elements(archive, part.path, limits, "row", "mergeCell", sheet=part.name):
        if local_name(element.tag) == "mergeCell":
            merges += 1
            if merges > limits.merges:
                raise WorkbookRefused("too_many_merges", sheet=part.name, limit=limits.merges)
            yield _merge(element)
            continue
        number = whole_number(element.get("r"), last + 1)
        if number <= last:
            raise WorkbookRefused("damaged")
        last = number
        found = _row(element, number, part, contents, limits)
        if not found:
            continue
        rows, cells = rows + 1, cells + len(found)
        if rows > limits.rows + HEAD_AND_FEET:
            raise WorkbookRefused("too_many_rows", sheet=part.name, limit=limits.rows)
        if cells > limits.cells:
            raise WorkbookRefused("too_many_cells", sheet=part.name, limit=limits.cells)
        characters += sum(len(cell.value) for cell in found if isinstance(cell.value, str))
        if characters > limits.characters:
            raise WorkbookRefused("too_many_characters", sheet=part.name, limit=limits.characters)
        yield number, found


def _row(row: Element, number: int, part: SheetPart, contents: Contents, limits: Limits) -> tuple[Cell, ...]:
    """The row's cells up to the last filled one; styled empty cells count as nothing."""
    found: list[Cell] = []
    column = 0
    for element in row:
        column = _column(element, column + 1)
        cell = _cell(element, contents, limits)
        if cell is BLANK:
            continue
        if column > limits.columns:
            raise WorkbookRefused("too_many_columns", sheet=part.name, row=number, limit=limits.columns)
        if column <= len(found):
            raise WorkbookRefused("damaged")
        found.extend([BLANK] * (column - len(found) - 1))
        found.append(cell)
    return tuple(found)


def _column(element: Element, expected: int) -> int:
    reference = element.get("r")
    return expected if reference is None else _column_of(reference.rstrip("0123456789"))


@lru_cache(maxsize=1024)
def _column_of(letters: str) -> int:
    try:
        return place(letters + "1")[1]
    except ValueError as error:
        raise WorkbookRefused("damaged") from error


def _cell(element: Element, contents: Contents, limits: Limits) -> Cell:
    formula = value = inline = None
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name == "v":
            value = child.text
        elif name == "f":
            formula = child
        elif name == "is":
            inline = child
    kind = element.get("t", "n")
    if kind == "inlineStr":
        plain = text_cell(text_of(inline), limits) if inline is not None else BLANK
    else:
        plain = _plain(kind, value, element.get("s"), contents, limits)
    if formula is None:
        return plain
    return Cell(Kind.FORMULA, "=" + (formula.text or "")[:200], plain.value)


def _plain(kind: str, value: str | None, style: str | None, contents: Contents, limits: Limits) -> Cell:
    if value is None or value == "":
        return BLANK
    if kind == "s":
        index = whole_number(value)
        if index >= len(contents.texts):
            raise WorkbookRefused("damaged")
        return contents.texts[index]
    if kind == "str":
        return text_cell(value, limits)
    if kind == "b":
        return Cell(Kind.BOOL, value.strip() in ("1", "true"))
    if kind == "e":
        return Cell(Kind.ERROR, value[:50])
    if kind == "d":
        return _iso_day(value, limits)
    return _number_cell(value, style, contents)


def _iso_day(value: str, limits: Limits) -> Cell:
    try:
        return Cell(Kind.DATE, date.fromisoformat(value[:10]).isoformat())
    except ValueError:
        return text_cell(value, limits)


def _number_cell(value: str, style: str | None, contents: Contents) -> Cell:
    try:
        number = float(value)
    except ValueError as error:
        raise WorkbookRefused("damaged") from error
    if number != number or number in (float("inf"), float("-inf")):
        return Cell(Kind.ERROR, "#NUM!")
    if style is not None and whole_number(style) in contents.date_styles:
        day = day_of_serial(number, date1904=contents.date1904)
        if day is not None:
            return Cell(Kind.DATE, day.isoformat())
    # like Excel, a whole number is shown without its ".0"; beyond 15 digits it is no longer exact
    return Cell(Kind.NUMBER, int(number) if number.is_integer() and abs(number) < 1e15 else number)


def _merge(element: Element) -> Merge:
    start, _colon, end = element.get("ref", "").partition(":")
    try:
        top, left = place(start)
        bottom, right = place(end or start)
    except ValueError as error:
        raise WorkbookRefused("damaged") from error
    return Merge(top, left, bottom, right)
