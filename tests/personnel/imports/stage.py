"""An invented county, two people of it, and workbooks made of plain rows."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid5

from chizheng.kernel.spreadsheets import BLANK, Cell, Kind, Merge, Sheet, Workbook
from personnel.identity import check_character
from personnel.imports.directory import Directory, KnownUnit
from personnel.imports.persons import RosterValues
from personnel.imports.roster import Roster, RosterRow, parse_roster

NAMES = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def unit_id(name: str) -> UUID:
    return uuid5(NAMES, name)


def a_unit(kind: str, name: str, parent: str | None = None, *aliases: str) -> KnownUnit:
    return KnownUnit(unit_id(name), name, kind, unit_id(parent) if parent else None, aliases)


UNITS = (
    a_unit("district", "金山县"),
    a_unit("team", "县农业综合行政执法大队", "金山县", "县农业大队"),
    a_unit("town", "青石镇", "金山县"),
    a_unit("bureau", "青石镇综合行政执法局", "青石镇"),
    a_unit("squad", "青石镇综合行政执法局一中队", "青石镇综合行政执法局"),
    a_unit("town", "白水街道", "金山县", "白水办"),
    a_unit("bureau", "白水街道综合行政执法局", "白水街道"),
    a_unit("town", "大河镇", "金山县"),
    a_unit("town", "大河街道", "金山县"),
)
FIELDS = {"农业农村": "agriculture", "市场监管": "market", "城市管理": "city"}


def blind(number: str) -> bytes:
    return number[::-1].encode()


COUNTY = Directory(UNITS, FIELDS, blind)


def an_id(born: str = "19900307", order: str = "123", region: str = "341524") -> str:
    number = region + born + order
    return number + check_character(number)


HEAD = (
    "序号",
    "所属单位",
    "姓名",
    "性别",
    "身份证号码",
    "出生年月",
    "编制性质",
    "执法领域",
    "派驻镇（街道）",
    "使用单位",
    "岗位",
    "派驻时间",
    "期满时间",
    "执法证号",
    "发证机关",
    "发证日期",
    "有效期至",
    "证件状态",
    "法律职业资格",
    "联系电话",
    "备注",
)
CHEN = (
    1,
    "县农业综合行政执法大队",
    "陈一",
    "男",
    an_id(),
    "1990.03",
    "事业编制",
    "农业农村",
    "青石镇",
    "青石镇综合行政执法局一中队",
    "综合执法岗",
    date(2024, 1, 1),
    date(2027, 1, 1),
    "34150001",
    "金山县人民政府",
    date(2023, 5, 1),
    date(2028, 4, 30),
    "有效",
    "否",
    "13800001234",
    None,
)
LIN = (
    2,
    "县农业综合行政执法大队",
    "林二",
    "女",
    an_id("19851120", "246"),
    "1985.11",
    "行政编制",
    "市场监管",
    "白水街道",
    "白水街道综合行政执法局",
    "法制审核岗",
    date(2025, 3, 1),
    None,
    None,
    None,
    None,
    None,
    None,
    "是",
    None,
    None,
)
CHEN_VALUES = RosterValues(
    name="陈一",
    id_number=an_id(),
    sex="male",
    born=date(1990, 3, 7),
    establishment="institution",
    fields=("agriculture",),
    owner_unit=unit_id("县农业综合行政执法大队"),
    manager_unit=unit_id("青石镇"),
    user_unit=unit_id("青石镇综合行政执法局一中队"),
    post="enforcement",
    posted_from=date(2024, 1, 1),
    posted_to=date(2027, 1, 1),
    certificate_number="34150001",
    certificate_authority="金山县人民政府",
    issued_on=date(2023, 5, 1),
    valid_to=date(2028, 5, 1),
    certificate_state="valid",
    legal_qualified=False,
    phone="13800001234",
)
LIN_VALUES = RosterValues(
    name="林二",
    id_number=an_id("19851120", "246"),
    sex="female",
    born=date(1985, 11, 20),
    establishment="administrative",
    fields=("market",),
    owner_unit=unit_id("县农业综合行政执法大队"),
    manager_unit=unit_id("白水街道"),
    user_unit=unit_id("白水街道综合行政执法局"),
    post="legal_review",
    posted_from=date(2025, 3, 1),
    legal_qualified=True,
)

Plain = str | int | float | bool | date | Cell | None


def a_cell(value: Plain) -> Cell:
    if isinstance(value, Cell):
        return value
    if value is None:
        return BLANK
    if isinstance(value, bool):
        return Cell(Kind.BOOL, value)
    if isinstance(value, date):
        return Cell(Kind.DATE, value.isoformat())
    return Cell(Kind.TEXT if isinstance(value, str) else Kind.NUMBER, value)


def a_sheet(
    *rows: Sequence[Plain], name: str = "花名册", merges: Sequence[Merge] = (), visible: bool = True
) -> Sheet:
    filled = {
        number: tuple(a_cell(value) for value in row)
        for number, row in enumerate(rows, start=1)
        if any(a_cell(value) != BLANK for value in row)
    }
    return Sheet(name, visible, filled, tuple(merges))


def read(*rows: Sequence[Plain], merges: Sequence[Merge] = (), directory: Directory = COUNTY) -> Roster:
    return parse_roster(Workbook((a_sheet(*rows, merges=merges),)), directory)


def changed(row: Sequence[Plain], **cells: Plain) -> tuple[Plain, ...]:
    """The row with other cells, named by their heading."""
    return tuple(cells.get(heading, value) for heading, value in zip(HEAD, row, strict=True))


def one(**cells: Plain) -> RosterRow:
    """What becomes of 陈一 with these cells changed."""
    (row,) = read(HEAD, changed(CHEN, **cells)).rows
    return row


def said(row: RosterRow) -> list[tuple[str, str, tuple[str, ...]]]:
    """The row's problems: code, level, cells."""
    return [(problem.code, problem.level.value, problem.cells) for problem in row.problems]
