"""The user's own workbook comes back with its faults shown in it, and with everything else as it was."""

import io
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from chizheng.kernel.spreadsheets import (
    BLANK,
    Cell,
    Mark,
    RowNote,
    Sheet,
    WorkbookRefused,
    mark_copy,
    read_workbook,
)
from tests.kernel.archives import a_workbook, repacked

MARKS = (Mark("B3", "error", "号码不对"), Mark("A4", "warning", "请核对"), Mark("C3", "repaired", "已改正"))
NOTES = (RowNote(3, "error", "B3:号码不对;C3:已改正"), RowNote(4, "warning", "=HYPERLINK(1)"))
FILLS = {"error": "FFFFC7CD", "warning": "FFFFEB9B", "repaired": "FFD9EAD2"}


def a_roster(*, commented: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名单"
    for row in (
        ["花名册"],
        ["姓名", "号码", "日期"],
        ["陈一", "12", "2021.3"],
        ["林二", "34"],
        ["王三", "56"],
    ):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet["A1"].font = Font(bold=True, size=18)
    sheet["B3"].number_format = "@"
    sheet["B5"].fill = PatternFill("solid", fgColor="FFFFC7CE")
    sheet.column_dimensions["B"].width = 33
    sheet.freeze_panes = "A3"
    if commented:
        sheet["A5"].comment = Comment("自己的批注", "陈一")
    book.create_sheet("说明")["A1"] = "第二张表"
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def marked(original: bytes, column: int | None = None, **kept: tuple[object, ...]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(copied(original, column, **kept)))


def copied(original: bytes, column: int | None = None, **kept: tuple[object, ...]) -> bytes:
    marks, notes = kept.get("marks", MARKS), kept.get("notes", NOTES)
    return mark_copy(original, sheet="名单", header_row=2, marks=marks, notes=notes, column=column)  # type: ignore[arg-type]


def test_marked_cells_are_coloured_and_say_why() -> None:
    sheet = marked(a_roster())["名单"]
    found = {mark.cell: (sheet[mark.cell].fill.fgColor.rgb, sheet[mark.cell].comment.text) for mark in MARKS}
    assert found == {mark.cell: (FILLS[mark.level], mark.reason) for mark in MARKS}
    assert sheet["B3"].number_format == "@"


def test_one_column_more_says_everything_about_a_row_and_no_formula_gets_in() -> None:
    sheet = marked(a_roster())["名单"]
    assert [cell.value for cell in sheet["D"]] == [
        None,
        "错误原因",
        "B3:号码不对;C3:已改正",
        "'=HYPERLINK(1)",
        None,
    ]
    assert [sheet["D4"].data_type, sheet.column_dimensions["D"].width] == ["s", 60]


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t"])
def test_formula_leads_are_made_harmless_everywhere(lead: str) -> None:
    text = f"{lead}cmd|' /C calc'!A0"
    sheet = marked(a_roster(), marks=(Mark("B3", "error", text),), notes=(RowNote(3, "error", text),))["名单"]
    assert (sheet["D3"].value, sheet["B3"].comment.text) == (f"'{text}", f"'{text}")


def test_everything_else_stays_as_it_was() -> None:
    before, after = openpyxl.load_workbook(io.BytesIO(a_roster())), marked(a_roster())
    assert after.sheetnames == before.sheetnames
    assert after["说明"]["A1"].value == "第二张表"
    old, new = before["名单"], after["名单"]
    assert (new.merged_cells.ranges, new.freeze_panes) == (old.merged_cells.ranges, old.freeze_panes)
    assert new.column_dimensions["B"].width == old.column_dimensions["B"].width
    for row in old.iter_rows(max_col=3):
        for cell in row:
            other = new[cell.coordinate]
            assert (other.value, other.number_format, repr(other.font)) == (
                cell.value,
                cell.number_format,
                repr(cell.font),
            )
    assert new["B5"].fill.fgColor.rgb == "FFFFC7CE"


def test_parts_we_do_not_know_are_kept_byte_for_byte() -> None:
    picture = b"\x89PNG" + bytes(range(256))
    content = copied(repacked(a_roster(), **{"xl/media/image1.png": picture, "customXml/item1.xml": "<a/>"}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("xl/media/image1.png") == picture
        assert archive.testzip() is None


def test_a_sheet_with_comments_of_its_own_keeps_them() -> None:
    sheet = marked(a_roster(commented=True))["名单"]
    assert {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment} == {
        "A5": "自己的批注"
    }
    assert sheet["B3"].fill.fgColor.rgb == FILLS["error"]


def test_a_marked_copy_that_comes_back_is_marked_afresh() -> None:
    first = copied(a_roster())
    for again in (first, saved(openpyxl.load_workbook(io.BytesIO(first)))):
        sheet = marked(again, 4, marks=(Mark("B5", "error", "新的"),), notes=(RowNote(5, "error", "新的"),))[
            "名单"
        ]
        assert [cell.value for cell in sheet["D"]] == [None, "错误原因", None, None, "新的"]
        comments = {cell.coordinate: cell.comment.text for row in sheet for cell in row if cell.comment}
        assert comments == {"B5": "新的"}
        assert [sheet[cell].fill.fill_type for cell in ("B3", "A4", "C3")] == [None] * 3
        assert sheet["B5"].fill.fgColor.rgb == FILLS["error"]
        assert sheet.max_column == 4


def test_a_marked_copy_is_read_like_the_original() -> None:
    before, after = read_workbook(a_roster()).sheets[0], read_workbook(copied(a_roster())).sheets[0]
    assert {(row, at): cell for (row, at), cell in filled(after).items() if at <= 3} == filled(before)
    assert after.merges == before.merges


def filled(sheet: Sheet) -> dict[tuple[int, int], Cell]:
    return {
        (row, at): cell
        for row, cells in sheet.rows.items()
        for at, cell in enumerate(cells, start=1)
        if cell != BLANK
    }


def test_prefixed_xml_and_empty_rows_are_marked_too() -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = (
        f'<x:worksheet xmlns:x="{main}"><x:dimension ref="A1"/><x:sheetData><x:row r="2"><x:c r="B2"><x:v>1</x:v></x:c>'
        '</x:row><x:row r="3" spans="1:2"/></x:sheetData></x:worksheet>'
    )
    styles = (
        f'<styleSheet xmlns="{main}"><fonts><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
        '<borders><border/></borders><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0"/></cellXfs>'
        '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
    content = repacked(a_workbook("", styles=styles), **{"xl/worksheets/sheet1.xml": sheet})
    copy = mark_copy(
        content,
        sheet="表",
        header_row=2,
        marks=[Mark("A3", "error", "空")],
        notes=[RowNote(3, "error", "空")],
    )
    found = openpyxl.load_workbook(io.BytesIO(copy))["表"]
    assert [[cell.value for cell in row] for row in found["A2:C3"]] == [
        [None, 1, "错误原因"],
        [None, None, "空"],
    ]
    assert found["A3"].fill.fgColor.rgb == FILLS["error"]


@pytest.mark.parametrize("sheet", ["没有这张表", "表"])
def test_what_cannot_be_marked_says_so(sheet: str) -> None:
    with pytest.raises(WorkbookRefused) as refused:
        mark_copy(a_workbook("<sheetData/>"), sheet=sheet, header_row=1, marks=[], notes=[])
    assert refused.value.code == "cannot_mark"
