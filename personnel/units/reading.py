"""A directory of units as a table: one row a unit, its parent by name. CSV, or the first sheet of an .xlsx.

Columns, found by their headings: 名称, 类别, 上级单位, 执法领域, 行政区划代码, 别名 (several with spaces between).
"""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Final

import msgspec

from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.spreadsheets import Kind as CellKind
from chizheng.kernel.spreadsheets import read_workbook
from personnel.units.labels import KIND_NAMES
from personnel.units.rules import Kind

HEADINGS: Final = ("名称", "类别", "上级单位", "执法领域", "行政区划代码", "别名")
NEEDED: Final = ("名称", "类别", "上级单位")
LONGEST_NAME: Final = 100
MOST_ROWS: Final = 20_000

KINDS: Final[dict[str, Kind]] = {
    unicodedata.normalize("NFKC", name): Kind(kind) for kind, name in KIND_NAMES.items()
}

Row = tuple[int, dict[str, str]]


class NewUnit(msgspec.Struct, frozen=True):
    """A unit to be there. `row` is its place in the file, counted from 1; `field` is the field's code."""

    row: int
    name: str
    kind: Kind
    parent: str | None
    field: str | None
    division_code: str | None
    aliases: tuple[str, ...]


def read_units(filename: str, content: bytes, fields: Mapping[str, str]) -> list[NewUnit]:
    """The units of a file, in its order. `fields` gives the code of each field's name.

    Raises Invalid naming the row that is wrong, WorkbookRefused for an .xlsx that is none.
    """
    table = _sheet(content) if PurePath(filename).suffix.lower() == ".xlsx" else _csv(content)
    units = [_unit(row, values, fields) for row, values in _named(table)]
    if not units:
        raise Invalid(_("文件里没有任何单位"))
    seen: dict[str, int] = {}
    for unit in units:
        for name in (unit.name, *unit.aliases):
            if seen.setdefault(name, unit.row) != unit.row:
                raise _wrong(
                    unit.row, _("“%(name)s”在第 %(first)s 行已经出现过", name=name, first=seen[name])
                )
    return units


def _named(table: Sequence[tuple[int, list[str]]]) -> list[Row]:
    if not table:
        raise Invalid(_("文件是空的"))
    headings = [text.strip() for text in table[0][1]]
    missing = [heading for heading in NEEDED if heading not in headings]
    if missing:
        raise Invalid(_("第一行应是表头，缺少列：%(columns)s", columns=_("、").join(missing)))
    unknown = [heading for heading in headings if heading and heading not in HEADINGS]
    if unknown:
        raise Invalid(_("不认识的列：%(columns)s", columns=_("、").join(unknown)))
    if len(table) > MOST_ROWS:
        raise Invalid(_("文件超过 %(most)s 行", most=MOST_ROWS))
    named = [(row, dict(zip(headings, map(str.strip, cells), strict=False))) for row, cells in table[1:]]
    return [(row, values) for row, values in named if any(values.values())]


def _unit(row: int, values: dict[str, str], fields: Mapping[str, str]) -> NewUnit:
    name, kind, field = (
        values["名称"],
        unicodedata.normalize("NFKC", values.get("类别", "")),
        values.get("执法领域", ""),
    )
    if not name or len(name) > LONGEST_NAME:
        raise _wrong(row, _("单位名称为空或过长"))
    if kind not in KINDS:
        raise _wrong(row, _("不认识的类别“%(kind)s”，可用：%(known)s", kind=kind, known=_("、").join(KINDS)))
    if field and field not in fields:
        raise _wrong(
            row, _("不认识的执法领域“%(field)s”，可用：%(known)s", field=field, known=_("、").join(fields))
        )
    code = values.get("行政区划代码", "")
    if code and not (code.isascii() and code.isdigit() and len(code) in (6, 9, 12)):
        raise _wrong(row, _("行政区划代码应为 6、9 或 12 位数字"))
    return NewUnit(
        row=row,
        name=name,
        kind=KINDS[kind],
        parent=values.get("上级单位") or None,
        field=fields[field] if field else None,
        division_code=code or None,
        aliases=tuple(values.get("别名", "").split()),
    )


def _csv(content: bytes) -> list[tuple[int, list[str]]]:
    text = None
    for encoding in ("utf-8-sig", "gb18030"):  # the second is what a Chinese spreadsheet program saves as CSV
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\0" in text:
        raise Invalid(_("这不是文本表格（CSV），请另存为 CSV 或 .xlsx 后再导入"))
    try:
        reader = csv.reader(io.StringIO(text), strict=True)
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        raise Invalid(_("CSV 格式有误：引号没有成对，或单元格过长")) from None


def _sheet(content: bytes) -> list[tuple[int, list[str]]]:
    book = read_workbook(content)
    rows = book.sheets[0].rows if book.sheets else {}
    return [
        (number, [_text(cell.kind, cell.value) for cell in cells]) for number, cells in sorted(rows.items())
    ]


def _text(kind: CellKind, value: object) -> str:
    if value is None or kind is CellKind.FORMULA:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _wrong(row: int, problem: str) -> Invalid:
    return Invalid(_("第 %(row)s 行：%(problem)s", row=row, problem=problem))
