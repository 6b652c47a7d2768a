"""Files that are not read, and what is said about them."""

import io
import zipfile

import pytest

from chizheng.kernel.i18n import ENGLISH, speaking
from chizheng.kernel.spreadsheets import Limits, WorkbookRefused, read_workbook
from chizheng.kernel.spreadsheets.refusals import SENTENCES, WHAT
from tests.kernel.archives import KIND, a_workbook, repacked, zipped

GOOD = a_workbook('<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>')
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
LAUGHS = (
    '<?xml version="1.0"?><!-- {padding} --><!DOCTYPE worksheet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    "<worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>"
)


def refusal(content: bytes, limits: Limits | None = None) -> tuple[str, dict[str, object]]:
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(content, limits or Limits())
    return refused.value.code, refused.value.details


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ("empty", {})),
        (OLE2 + "Workbook".encode("utf-16-le"), ("old_xls", {})),
        (OLE2 + "EncryptedPackage".encode("utf-16-le"), ("encrypted", {})),
        (OLE2 + "WordDocument".encode("utf-16-le"), ("not_a_workbook", {"what": "document"})),
        ("姓名,身份证号码\n陈一,1".encode("gb18030"), ("not_a_workbook", {"what": "csv"})),
        (b"<html><table><tr><td>1</td></tr></table></html>", ("not_a_workbook", {"what": "html"})),
        (b"%PDF-1.7", ("not_a_workbook", {"what": "pdf"})),
        (b"\x89PNG\r\n\x1a\n", ("not_a_workbook", {"what": "image"})),
        (b"\x00\x01\x02\x03", ("not_a_workbook", {"what": "other"})),
        (b"PK\x03\x04 and no more", ("damaged", {})),
        (GOOD[: len(GOOD) // 2], ("damaged", {})),
        (zipped(**{"a.txt": "x"}), ("not_a_workbook", {"what": "archive"})),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), ("not_a_workbook", {"what": "ods"})),
        (repacked(GOOD, **{"[Content_Types].xml": "<Types/>"}), ("not_a_workbook", {"what": "document"})),
        (
            repacked(GOOD, **{"[Content_Types].xml": f"<Types>{KIND.replace('main', 'sheet.macroEnabled.main')}</Types>"}),
            ("macros", {}),
        ),
        (repacked(GOOD, **{"xl/vbaProject.bin": "x"}), ("macros", {})),
        (repacked(GOOD, **{"../evil.xml": "<a/>"}), ("unsafe_content", {"part": "../evil.xml"})),
        (repacked(GOOD, **{"C:evil.xml": "<a/>"}), ("unsafe_content", {"part": "C:evil.xml"})),
        (repacked(GOOD, **{"xl/media/a.png": GOOD}), ("unsafe_content", {"part": "xl/media/a.png"})),
        (
            repacked(GOOD, **{"xl/worksheets/sheet1.xml": LAUGHS.format(padding="")}),
            ("unsafe_content", {"part": "xl/worksheets/sheet1.xml"}),
        ),
        (
            repacked(GOOD, **{"xl/worksheets/sheet1.xml": LAUGHS.format(padding="x" * 200_000)}),
            ("unsafe_content", {"part": "xl/worksheets/sheet1.xml"}),
        ),
        (
            repacked(GOOD, **{"xl/worksheets/sheet1.xml": LAUGHS.format(padding="").encode("utf-16")}),
            ("unsafe_content", {"part": "xl/worksheets/sheet1.xml"}),
        ),
        (repacked(GOOD, **{"xl/worksheets/sheet1.xml": "<worksheet><sheetData>"}), ("damaged", {})),
        (repacked(GOOD, **{"xl/worksheets/sheet1.xml": ""}), ("damaged", {})),
        (repacked(GOOD, **{"xl/workbook.xml": "<workbook/>"}), ("no_sheets", {})),
        (repacked(GOOD, **{"_rels/.rels": "<Relationships/>"}), ("damaged", {})),
        (a_workbook('<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>'), ("damaged", {})),
        (a_workbook('<sheetData><row r="1"><c r="A1"><v>x</v></c></row></sheetData>'), ("damaged", {})),
        (a_workbook('<sheetData><row r="1"><c r="!"><v>1</v></c></row></sheetData>'), ("damaged", {})),
        (a_workbook('<sheetData><row r="2"/><row r="1"/></sheetData>'), ("damaged", {})),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_named(content: bytes, expected: tuple[str, dict[str, object]]) -> None:
    assert refusal(content) == expected


def test_an_encrypted_archive() -> None:
    content = bytearray(GOOD)
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refusal(bytes(content)) == ("encrypted", {})


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked() -> None:
    bomb = repacked(GOOD, **{"xl/media/image1.bmp": b"\x00" * (30 * 2**20)})
    assert len(bomb) < 100_000
    assert refusal(bomb) == ("zip_bomb", {"part": "xl/media/image1.bmp"})


def test_a_part_that_unpacks_to_more_than_it_declares_is_damaged() -> None:
    file = io.BytesIO(repacked(GOOD, **{"xl/sharedStrings.xml": "<sst>" + "x" * 5_000_000 + "</sst>"}))
    with zipfile.ZipFile(file) as archive:
        size = archive.getinfo("xl/sharedStrings.xml").file_size
    lie = file.getvalue().replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert refusal(lie)[0] == "damaged"


@pytest.mark.parametrize(
    ("sheet", "limits", "expected"),
    [
        ('<row r="1"><c r="GS1"><v>1</v></c></row>', Limits(), ("too_many_columns", {"sheet": "表", "row": 1, "limit": 200})),
        ('<row r="1"><c r="C1"><v>1</v></c></row>' * 1, Limits(cells=2), ("too_many_cells", {"sheet": "表", "limit": 2})),
        ('<row r="1"><c r="A1" t="str"><v>字字字</v></c></row>', Limits(characters=2), ("too_many_characters", {"sheet": "表", "limit": 2})),
        ("<row/>" * 200_000, Limits(unpacked_bytes=2**20, ratio=10_000), ("sheet_too_large", {"sheet": "表", "limit": 1})),
        ("<row/>", Limits(file_bytes=100), ("file_too_large", {"size": 0, "limit": 0})),
        ("<row/>", Limits(entries=3), ("unsafe_content", {"part": "5"})),
        ("<row/>", Limits(sheets=0), ("too_many_sheets", {"limit": 0})),
        ("<row/>", Limits(seconds=0), ("too_slow", {"limit": 0})),
    ],
)  # fmt: skip
def test_limits_name_the_place_and_themselves(
    sheet: str, limits: Limits, expected: tuple[str, dict[str, object]]
) -> None:
    assert refusal(a_workbook(f"<sheetData>{sheet}</sheetData>"), limits) == expected


def test_merged_ranges_are_counted() -> None:
    merges = '<sheetData/><mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="C1:D2"/></mergeCells>'
    assert refusal(a_workbook(merges), Limits(merges=1)) == ("too_many_merges", {"sheet": "表", "limit": 1})


def test_every_refusal_has_a_sentence_in_both_languages() -> None:
    words = {"what": "csv", "sheet": "表", "limit": 1, "part": "a", "size": 2, "row": 3}
    for language in ("zh-CN", ENGLISH):
        with speaking(language):
            said = {code: WorkbookRefused(code, **words).message for code in SENTENCES}
            assert all("%(" not in sentence for sentence in said.values())
            assert {WorkbookRefused("not_a_workbook", what=what).code for what in WHAT} == {"not_a_workbook"}
