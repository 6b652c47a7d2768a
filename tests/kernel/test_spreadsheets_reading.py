"""A workbook is read into plain cells, in a process that stays small."""

import io
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from chizheng.kernel.spreadsheets import (
    BLANK,
    Cell,
    Kind,
    Limits,
    Merge,
    Sheet,
    Workbook,
    WorkbookRefused,
    address,
    column_letter,
    read_workbook,
)
from tests.kernel.archives import a_workbook, repacked

MEBIBYTE = 2**20


def test_kinds_of_cells() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "表"
    sheet.append(
        [
            "文字",
            12,
            1.5,
            True,
            date(2026, 11, 21),
            datetime(2026, 11, 21, 8, 30, tzinfo=UTC).replace(tzinfo=None),
            "=1+1",
            None,
            "末",
        ]
    )
    sheet["A3"] = "第三行"
    sheet["A3"].number_format = "@"
    assert read_workbook(saved(book)) == Workbook(
        (
            Sheet(
                "表",
                True,
                {
                    1: (
                        Cell(Kind.TEXT, "文字"),
                        Cell(Kind.NUMBER, 12),
                        Cell(Kind.NUMBER, 1.5),
                        Cell(Kind.BOOL, True),
                        Cell(Kind.DATE, "2026-11-21"),
                        Cell(Kind.DATE, "2026-11-21"),
                        Cell(Kind.FORMULA, "=1+1"),
                        BLANK,
                        Cell(Kind.TEXT, "末"),
                    ),
                    3: (Cell(Kind.TEXT, "第三行"),),
                },
            ),
        )
    )


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells_of(rows: str, **parts: str) -> tuple[Cell, ...]:
    """The cells of row 1 of a hand-written sheet."""
    book = read_workbook(a_workbook(f'<sheetData><row r="1">{rows}</row></sheetData>', **parts))
    return book.sheets[0].rows.get(1, ())


def test_a_formula_keeps_the_value_it_last_gave() -> None:
    written = '<c r="A1"><f>B1+1</f><v>43</v></c><c r="B1" t="str"><f>C1&amp;""</f><v>甲</v></c>'
    assert cells_of(written) == (Cell(Kind.FORMULA, "=B1+1", 43), Cell(Kind.FORMULA, '=C1&""', "甲"))


def test_errors_shared_and_rich_texts_escapes_and_iso_days() -> None:
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>共享</t></si>'
        "<si><r><t>富</t></r><r><t>文本</t></r><rPh><t>fuwenben</t></rPh></si></sst>"
    )
    written = (
        '<c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>0</v></c>'
        '<c r="D1" t="inlineStr"><is><t>a_x0041_b</t></is></c><c r="E1" t="d"><v>2026-11-21T00:00:00</v></c>'
    )
    assert cells_of(written, strings=strings) == (
        Cell(Kind.ERROR, "#REF!"),
        Cell(Kind.TEXT, "富文本"),
        Cell(Kind.TEXT, "共享"),
        Cell(Kind.TEXT, "aAb"),
        Cell(Kind.DATE, "2026-11-21"),
    )


def test_the_chinese_built_in_date_formats_are_dates() -> None:
    styles = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="3">'
        '<xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="57"/></cellXfs></styleSheet>'
    )
    written = (
        '<c r="A1" s="1"><v>44260</v></c><c r="B1" s="2"><v>44260</v></c><c r="C1" s="0"><v>44260</v></c>'
    )
    assert cells_of(written, styles=styles) == (
        Cell(Kind.DATE, "2021-03-05"),
        Cell(Kind.DATE, "2021-03-05"),
        Cell(Kind.NUMBER, 44260),
    )


def test_merged_ranges_hidden_sheets_and_cells_without_addresses() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B2"] = "合并"
    sheet.merge_cells("B2:C4")
    hidden = book.create_sheet("藏")
    hidden["A1"] = "不读"
    hidden.sheet_state = "hidden"
    read = read_workbook(saved(book))
    assert read.sheets[0].merges == (Merge(2, 2, 4, 3),)
    assert read.sheets[1] == Sheet("藏", False, {})
    assert cells_of("<c><v>1</v></c><c/><c><v>3</v></c>") == (
        Cell(Kind.NUMBER, 1),
        BLANK,
        Cell(Kind.NUMBER, 3),
    )


def test_an_overlong_text_keeps_only_its_beginning_and_says_so() -> None:
    written = f'<c r="A1" t="inlineStr"><is><t>{"长" * 100_000}</t></is></c>'
    assert cells_of(written) == (Cell(Kind.TOO_LONG, "长" * 50),)


def test_prefixed_names_and_links_out_of_the_workbook_do_no_harm() -> None:
    content = a_workbook('<sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData>')
    prefixed = repacked(
        content,
        **{
            "xl/worksheets/sheet1.xml": (
                '<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData><x:row r="1">'
                '<x:c r="A1"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
            ),
            "xl/worksheets/_rels/sheet1.xml.rels": (
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                '<Relationship Id="r1" Type="x/externalLink" Target="file:///etc/passwd" TargetMode="External"/>'
                "</Relationships>"
            ),
        },
    )
    assert read_workbook(prefixed).sheets == read_workbook(content).sheets


def test_styled_empty_rows_are_nothing() -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in range(2, 30_000))
    sheet = f'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>{rows}</sheetData>'
    assert read_workbook(a_workbook(sheet)).sheets[0].rows == {1: (Cell(Kind.NUMBER, 1),)}


def test_a_path_is_read_like_bytes(tmp_path: Path) -> None:
    content = a_workbook('<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>')
    (tmp_path / "a.xlsx").write_bytes(content)
    assert read_workbook(tmp_path / "a.xlsx") == read_workbook(content)
    with pytest.raises(FileNotFoundError):
        read_workbook(tmp_path / "nowhere.xlsx")


def test_a_million_rows_stop_at_the_limit_in_little_memory_and_time() -> None:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (row, row, row) for row in range(1, 1_000_001)
    )
    content = a_workbook(f"<sheetData>{rows.decode()}</sheetData>")
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(content)
    assert (refused.value.code, refused.value.details) == ("too_many_rows", {"sheet": "表", "limit": 20_000})
    assert "表" in refused.value.message
    assert "20000" in refused.value.message


def test_what_does_not_fit_into_its_memory_is_too_large() -> None:
    strings = "<si><t>" + "</t></si><si><t>".join(f"{number:0900}" for number in range(60_000)) + "</t></si>"
    content = a_workbook("<sheetData/>", strings=f"<sst>{strings}</sst>")
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(content, Limits(ratio=100_000, memory=72 * MEBIBYTE))
    assert refused.value.code == "too_large"
    assert read_workbook(content, Limits(ratio=100_000)).sheets[0].rows == {}


MEASURE = """
import pathlib, re, resource, sys
from chizheng.kernel.spreadsheets import WorkbookRefused, read_workbook
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
idle = peak()
try:
    kept = read_workbook(sys.argv[1])
except WorkbookRefused as refused:
    print(refused.code, file=sys.stderr)
print((peak() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss - idle) // 1024)
"""


def wide_row(row: int) -> str:
    cells = "".join(
        f'<c r="{column_letter(column)}{row}" t="inlineStr"><is><t>第{row}行第{column}列</t></is></c>'
        for column in range(1, 26)
    )
    return f'<row r="{row}">{cells}</row>'


def hungry() -> dict[str, bytes]:
    """A full table, and texts that fill the child's memory."""
    table = "".join(wide_row(row) for row in range(1, 20_001))
    texts = "<si><t>" + "</t></si><si><t>".join(f"{number:x}" for number in range(4_000_000)) + "</t></si>"
    return {
        "table": a_workbook(f"<sheetData>{table}</sheetData>"),
        "texts": a_workbook("<sheetData/>", strings=f"<sst>{texts}</sst>"),
    }


@pytest.mark.parametrize("which", ["table", "texts"])
def test_reading_takes_less_than_300_mebibytes_in_both_processes_together(which: str, tmp_path: Path) -> None:
    """Measured in a process of its own, because a child's peak counts what its parent held when it began."""
    (tmp_path / "a.xlsx").write_bytes(hungry()[which])
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "a.xlsx")],
        check=True, capture_output=True, text=True, env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert (int(measured.stdout) < 300, measured.stderr) == (
        True,
        {"table": "", "texts": "too_large\n"}[which],
    )


def test_addresses() -> None:
    assert [column_letter(column) for column in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert address(25, 6) == "F25"
