"""What stands in a workbook before its cells: its sheets, the shared texts, the date formats.

Not through openpyxl: its streaming reader loses merged ranges, gives either formulas or their values, does not
know the Chinese built-in date formats (27-36, 50-58) and takes three times as long. Names are matched without
their namespace, so that strict workbooks are read too.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Final

import msgspec
from openpyxl.styles.numbers import is_date_format

from chizheng.kernel.spreadsheets.cells import Cell, Limits
from chizheng.kernel.spreadsheets.refusals import WorkbookRefused
from chizheng.kernel.spreadsheets.streaming import elements, local_name, whole_number
from chizheng.kernel.spreadsheets.texts import text_cell, text_of

BUILT_IN_DATES: Final = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_RELATION: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


class SheetPart(msgspec.Struct, frozen=True):
    """A sheet as the workbook lists it."""

    name: str
    visible: bool
    path: str


class Contents(msgspec.Struct, frozen=True):
    """What a sheet's cells refer to: the shared texts, which styles show a day, which day count."""

    sheets: tuple[SheetPart, ...]
    texts: list[Cell]
    date_styles: frozenset[int]
    date1904: bool


def read_contents(archive: zipfile.ZipFile, limits: Limits) -> Contents:
    """The workbook's list of sheets and what they share."""
    sheets, paths, date1904 = read_outline(archive, limits)
    return Contents(
        sheets=sheets,
        texts=list(_shared_texts(archive, paths.get("sharedStrings"), limits)),
        date_styles=frozenset(_date_styles(archive, paths.get("styles"), limits)),
        date1904=date1904,
    )


def read_outline(
    archive: zipfile.ZipFile, limits: Limits
) -> tuple[tuple[SheetPart, ...], dict[str, str], bool]:
    """The sheets, the paths of the shared parts by kind (styles, sharedStrings), whether days count from 1904."""
    workbook = _main_part(archive, limits)
    targets = relations(archive, workbook, limits)
    shared = {kind: path for kind, path in targets.values() if kind in ("sharedStrings", "styles")}
    sheets, date1904 = _sheets(archive, workbook, {key: path for key, (_, path) in targets.items()}, limits)
    return tuple(sheets), shared, date1904


def _main_part(archive: zipfile.ZipFile, limits: Limits) -> str:
    for kind, path in relations(archive, "", limits).values():
        if kind == "officeDocument":
            return path
    raise WorkbookRefused("damaged")


def relations(archive: zipfile.ZipFile, part: str, limits: Limits) -> dict[str, tuple[str, str]]:
    """Relation id -> (last word of its type, path in the archive). Links out of the archive are left out."""
    folder = posixpath.dirname(part)
    path = relations_path(part)
    if path not in archive.namelist():
        return {}
    found: dict[str, tuple[str, str]] = {}
    for element in elements(archive, path, limits, "Relationship"):
        if element.get("TargetMode") == "External":
            continue
        target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/")
        found[element.get("Id", "")] = (element.get("Type", "").rsplit("/", 1)[-1], target)
    return found


def relations_path(part: str) -> str:
    """Where a part's relations are written: xl/workbook.xml -> xl/_rels/workbook.xml.rels."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _sheets(
    archive: zipfile.ZipFile, workbook: str, paths: dict[str, str], limits: Limits
) -> tuple[list[SheetPart], bool]:
    sheets: list[SheetPart] = []
    date1904 = False
    names = set(archive.namelist())
    for element in elements(archive, workbook, limits, "sheet", "workbookPr"):
        if local_name(element.tag) == "workbookPr":
            date1904 = element.get("date1904") in ("1", "true")
            continue
        path = paths.get(element.get(RELATION) or element.get(STRICT_RELATION) or "", "")
        if path not in names:
            raise WorkbookRefused("damaged")
        visible = element.get("state", "visible") == "visible"
        sheets.append(SheetPart(element.get("name", "")[:100], visible, path))
    if len(sheets) > limits.sheets:
        raise WorkbookRefused("too_many_sheets", limit=limits.sheets)
    return sheets, date1904


def _shared_texts(archive: zipfile.ZipFile, path: str | None, limits: Limits) -> Iterator[Cell]:
    if path is None:
        return
    for element in elements(archive, path, limits, "si"):
        yield text_cell(text_of(element), limits)


def _date_styles(archive: zipfile.ZipFile, path: str | None, limits: Limits) -> Iterator[int]:
    """The numbers of the cell styles that show a day."""
    if path is None:
        return
    dates = set(BUILT_IN_DATES)
    for element in elements(archive, path, limits, "numFmt", "cellXfs"):
        if local_name(element.tag) == "numFmt":
            if is_date_format(element.get("formatCode", "")[:255]):
                dates.add(whole_number(element.get("numFmtId")))
            continue
        for style, xf in enumerate(element):
            if whole_number(xf.get("numFmtId")) in dates:
                yield style
