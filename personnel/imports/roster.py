"""A district's roster workbook as rows of values, each with what is wrong with it. Pure: no database, no clock."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

from chizheng.kernel.spreadsheets import Cell, Kind, Merge, Sheet, Workbook
from personnel.imports.cells import Unreadable, day_of
from personnel.imports.directory import Directory, UnitFinder
from personnel.imports.headings import Heading, Headings, find_headings
from personnel.imports.persons import RosterValues, read_person
from personnel.imports.problems import Level, Problem, worst
from personnel.imports.row import RowReader

SUMMARY: Final = re.compile(r"(本页)?(小计|合计|总计|共计|累计|总人数|人数合计|总数)")
NOTE: Final = re.compile(
    r"(备?注|附注|说明|填表|填报|制表|审核|审批|经办|负责人|联系人|单位盖章|盖章|[(]盖章|备注说明|日期)[\d一二三四五六七八九十]*[人员者时间日期]*[:(、.]"
)
AS_OF: Final = re.compile(
    r"截[至止](?:到|于)?[:\s]*(\d{4}年\d{1,2}月\d{1,2}日|\d{4}[./-]\d{1,2}[./-]\d{1,2})"
)
PERSONAL: Final = ("name", "id_number")
FEWEST_VALUES: Final = 3


class IgnoredRow(msgspec.Struct, frozen=True):
    """A row that is nobody: title, subtotal, note, head (repeated on a later page), or a number without a person."""

    sheet_row: int
    reason: str
    text: str


class RosterRow(msgspec.Struct, frozen=True):
    """One person as the sheet has them. `level` is the worst of the problems, None when there are none."""

    sheet_row: int
    values: RosterValues
    problems: tuple[Problem, ...]

    @property
    def level(self) -> Level | None:
        """The worst level among the problems."""
        return worst(self.problems)


class Roster(msgspec.Struct, frozen=True):
    """What a workbook says. `problems` are those of the whole sheet: with an error among them `rows` is empty.
    `head_row` is the last row of the head, where an appended column gets its title; `report_column` is that
    column, in a marked copy that came back.
    """

    rows: tuple[RosterRow, ...] = ()
    ignored_rows: tuple[IgnoredRow, ...] = ()
    unknown_columns: tuple[Heading, ...] = ()
    ignored_sheets: tuple[str, ...] = ()
    sheet: str = ""
    head_row: int = 0
    report_column: int | None = None
    as_of: date | None = None
    problems: tuple[Problem, ...] = ()
    columns: dict[str, Heading] = {}


def parse_roster(workbook: Workbook, directory: Directory) -> Roster:
    """Reads the sheet that has a roster's head. Nothing is guessed: what is not known is in the problems."""
    headings = find_headings(workbook)
    if headings is None:
        return Roster(problems=(Problem("no_headings", Level.ERROR),))
    sheet = headings.sheet
    found = Roster(
        unknown_columns=headings.unknown,
        ignored_sheets=tuple(other.name for other in workbook.sheets if other is not sheet),
        sheet=sheet.name,
        head_row=headings.last_row,
        report_column=headings.report_column,
        as_of=_as_of(headings),
        problems=headings.problems,
        columns=headings.columns,
    )
    if worst(headings.problems) is Level.ERROR:
        return found
    rows, ignored = _read_rows(headings, directory, date1904=workbook.date1904)
    return msgspec.structs.replace(found, rows=tuple(rows), ignored_rows=tuple(ignored))


def _as_of(headings: Headings) -> date | None:
    """The day the sheet says it was true, from the lines above the table (截至2026年10月31日)."""
    for row in (row for row in headings.sheet.rows if row < headings.first_row):
        for cell in headings.sheet.rows[row]:
            found = (
                AS_OF.search(unicodedata.normalize("NFKC", str(cell.value)))
                if cell.kind is Kind.TEXT
                else None
            )
            if found:
                try:
                    return day_of(Cell(Kind.TEXT, found[1])).value
                except Unreadable:
                    return None
    return None


def _read_rows(
    headings: Headings, directory: Directory, *, date1904: bool
) -> tuple[list[RosterRow], list[IgnoredRow]]:
    rows: list[RosterRow] = []
    ignored: list[IgnoredRow] = []
    seen = Seen()
    finder = UnitFinder(directory.units)
    for number, cells in _filled(headings):
        reason = _not_a_person(headings, number, cells)
        if reason:
            ignored.append(IgnoredRow(number, reason, _words(headings.sheet.rows.get(number, ()))))
            continue
        reader = RowReader(number, cells, headings.columns, date1904=date1904)
        rows.append(seen.judge(read_person(reader, directory, finder), reader))
    return rows, ignored


def _filled(headings: Headings) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Every row of the sheet by our columns; a range merged downwards speaks for each of its rows."""
    sheet, columns = headings.sheet, headings.columns
    merged = {
        heading.column: _downward(sheet, heading.column, headings.last_row) for heading in columns.values()
    }
    for number in sorted(sheet.rows):
        cells = {}
        for name, heading in columns.items():
            corner = merged[heading.column].get(number, number)
            cell = sheet.cell(corner, heading.column)
            if cell.kind is not Kind.BLANK:
                cells[name] = cell
        yield number, cells


def _downward(sheet: Sheet, column: int, head: int) -> dict[int, int]:
    """Row -> the row where its merged range begins, for the ranges of one column below the head."""
    tall = [merge for merge in sheet.merges if _covers_downwards(merge, column, head)]
    last = max(sheet.rows, default=0)
    return {row: merge.top for merge in tall for row in range(merge.top + 1, min(merge.bottom, last) + 1)}


def _covers_downwards(merge: Merge, column: int, head: int) -> bool:
    return merge.left == column == merge.right and merge.bottom > merge.top > head


def _not_a_person(headings: Headings, number: int, cells: dict[str, Cell]) -> str:
    """Why a row is nobody, "" for a person. A row with a name or an identity number is somebody, unless it sums up
    or explains.
    """
    if headings.first_row <= number <= headings.last_row:
        return "head"
    if number < headings.first_row:
        return "title"
    written = headings.sheet.rows.get(number, ())
    own = [_line(cell) for cell in written if cell.kind is not Kind.BLANK]
    if "id_number" not in cells and any(SUMMARY.match(text) for text in own[:3]):
        return "subtotal"
    if "id_number" not in cells and any(NOTE.match(text) for text in own):
        return "note"
    if _repeats_head(headings, written):
        return "head"
    if any(name in cells for name in PERSONAL):
        return ""
    if len(own) == 1 and headings.columns.get("serial") and "serial" in cells:
        return "blank"
    return "" if len(own) >= FEWEST_VALUES else "note"


def _repeats_head(headings: Headings, written: tuple[Cell, ...]) -> bool:
    head = headings.sheet.rows.get(headings.last_row, ())
    same = sum(1 for one, two in zip(written, head, strict=False) if one.kind is Kind.TEXT and one == two)
    return same >= FEWEST_VALUES


def _line(cell: Cell) -> str:
    if cell.kind is Kind.FORMULA:
        return str(cell.cached or "").replace(" ", "")
    return unicodedata.normalize("NFKC", str(cell.value)).replace(" ", "")


def _words(cells: tuple[Cell, ...]) -> str:
    return " ".join(str(cell.value) for cell in cells if cell.kind in (Kind.TEXT, Kind.NUMBER))[:80]


class Seen:
    """Who and which certificates came before in this sheet."""

    def __init__(self) -> None:
        self.people: dict[str, int] = {}
        self.certificates: dict[str, tuple[int, str | None]] = {}

    def judge(self, values: RosterValues, reader: RowReader) -> RosterRow:
        """The row with what its predecessors say about it. Of a person entered twice only that is said."""
        person = values.id_number
        if person in self.people:
            reader.problems.clear()
            reader.error("id_number", "duplicate_person", row=self.people[person])
            return RosterRow(reader.number, values, tuple(reader.problems))
        if person:
            self.people[person] = reader.number
        number = values.certificate_number
        if number in self.certificates:
            reader.error("certificate_number", "certificate_number_shared", row=self.certificates[number][0])
        elif number:
            self.certificates[number] = (reader.number, person)
        return RosterRow(reader.number, values, reader.found())
