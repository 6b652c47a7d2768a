"""Files handed out: the user's own workbook with its faults marked, and an empty one to fill in."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from chizheng.kernel.db import fetch
from chizheng.kernel.i18n import _
from chizheng.kernel.spreadsheets import Mark, RowNote, mark_copy
from personnel.imports.actions import original_of
from personnel.imports.examining import LIMITS
from personnel.imports.heading_words import REPORT_COLUMN, REQUIRED, TITLES
from personnel.imports.messages import explain, sentence
from personnel.imports.problems import Level, Problem, worst
from personnel.imports.queries import Batch, Summary

MOST_MARKS: Final = 20_000
CHOICES: Final = {
    "sex": "男,女",
    "establishment": "行政编制,行政执法专项编制,参公管理事业编制,事业编制,劳动合同制,劳务派遣,工勤,临时人员,辅助人员",
    "field": "市场监管,交通运输,农业农村,城市管理,应急管理,劳动监察,公共卫生,城乡建设,水政水利",
    "post": "综合执法岗,法制审核岗,内勤",
    "certificate_state": "有效,暂扣,吊销,注销,遗失",
    "legal_qualified": "是,否",
}
DAYS: Final = ("posted_from", "posted_to", "issued_on", "valid_to")
READY_ROWS: Final = 500


class Found(msgspec.Struct, frozen=True):
    """What is said about one row of the sheet."""

    sheet_row: int
    problems: tuple[Problem, ...]

    @property
    def level(self) -> Level:
        """The gravest of the problems; there is always one."""
        return worst(self.problems) or Level.REPAIRED


async def report_of(batch: Batch) -> bytes:
    """The user's own workbook: faulty cells coloured, the reasons as comments and in the column 错误原因."""
    rows = await fetch(
        "SELECT sheet_row, problems FROM import_row WHERE batch = $1 AND level <> 'ok' ORDER BY sheet_row",
        batch.id,
    )
    found = [Found(row["sheet_row"], problems_of(row["problems"])) for row in rows]
    return await marked(await original_of(batch.id), batch.summary, found)


async def marked(content: bytes, summary: Summary, found: Sequence[Found]) -> bytes:
    """A copy of the workbook with what was found in it."""
    marks = [
        Mark(cell, problem.level.value, sentence(problem))
        for row in found
        for problem in sorted(row.problems, key=lambda problem: problem.level != "error", reverse=True)
        for cell in problem.cells
    ]
    notes = [
        RowNote(row.sheet_row, row.level.value, _("；").join(explain(problem) for problem in row.problems))
        for row in found
    ]
    return await asyncio.to_thread(
        mark_copy,
        content,
        sheet=summary.sheet,
        header_row=summary.head_row,
        marks=marks[:MOST_MARKS],
        notes=notes,
        column_title=REPORT_COLUMN,
        column=summary.report_column,
        limits=LIMITS,
    )


def problems_of(stored: list[dict[str, Any]]) -> tuple[Problem, ...]:
    """A row's problems as they were kept."""
    return msgspec.convert(stored, tuple[Problem, ...])


def empty_workbook() -> bytes:
    """A roster with our headings and nothing else: numbers as text, days as days, choices to choose from."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _("花名册")
    columns = [column for column in TITLES if column != "serial"]
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number, TITLES[column])
        cell.font = Font(bold=column in REQUIRED)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[letter].width = (
            22 if column in ("id_number", "owner_unit", "user_unit") else 14
        )
        kind = "yyyy-mm-dd" if column in DAYS else "@"
        for row in range(2, READY_ROWS + 2):
            sheet.cell(row, number).number_format = kind
        if column in CHOICES:
            choice = DataValidation("list", formula1=f'"{CHOICES[column]}"', showErrorMessage=False)
            choice.add(f"{letter}2:{letter}{READY_ROWS + 1}")
            sheet.add_data_validation(choice)
    sheet.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
