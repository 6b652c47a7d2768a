"""Workbooks from outside: read safely, handed back marked. Nobody else opens an untrusted .xlsx.

`read_workbook` gives plain cells, `mark_copy` the user's own file with its faults shown in it. Both do the work
in a process of its own with little memory and time, because a workbook is an archive made by a stranger.
"""

from chizheng.kernel.spreadsheets.cells import (
    BLANK,
    Cell,
    Kind,
    Limits,
    Merge,
    Sheet,
    Workbook,
    address,
    column_letter,
    day_of_serial,
)
from chizheng.kernel.spreadsheets.marking import Mark, RowNote, mark_copy
from chizheng.kernel.spreadsheets.reading import read_workbook
from chizheng.kernel.spreadsheets.refusals import WorkbookRefused

__all__ = [
    "BLANK",
    "Cell",
    "Kind",
    "Limits",
    "Mark",
    "Merge",
    "RowNote",
    "Sheet",
    "Workbook",
    "WorkbookRefused",
    "address",
    "column_letter",
    "day_of_serial",
    "mark_copy",
    "read_workbook",
]
