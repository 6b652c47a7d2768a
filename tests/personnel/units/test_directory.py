"""The starter directory, and reading a directory of units from a file."""

import io
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from chizheng.kernel.access import SYSTEM
from chizheng.kernel.db import fetch, fetch_value
from chizheng.kernel.errors import ChizhengError
from chizheng.service.starter import DIRECTORY, start_directory
from personnel.units.directory import fields_by_name, set_up_units
from personnel.units.reading import read_units

FIELDS = {"市场监管": "market", "城市管理": "city"}
HEAD = "名称,类别,上级单位,执法领域,行政区划代码,别名\n"

TOWNS = [
    "湖塘镇", "牛塘镇", "洛阳镇", "礼嘉镇", "雪堰镇", "前黄镇", "嘉泽镇", "湟里镇", "西湖街道", "南夏墅街道",
    "武进高新区", "太湖湾旅游度假区",
]  # fmt: skip


@pytest.fixture
async def directory(db: str) -> None:
    await start_directory()


async def names(kind: str) -> list[str]:
    rows = await fetch(
        "SELECT name FROM unit WHERE kind = $1 AND name NOT LIKE '测试%' ORDER BY position", kind
    )
    return [row["name"] for row in rows]


def refusal(text: str) -> str:
    with pytest.raises(ChizhengError) as refused:
        read_units("units.csv", text.encode(), FIELDS)
    return refused.value.message


async def test_the_starter_directory_has_every_town_with_its_bureau_and_squads(directory: None) -> None:
    assert await names("town") == TOWNS
    assert await names("bureau") == [f"{town}综合行政执法局" for town in TOWNS]
    assert await names("squad") == [
        f"{town}综合行政执法局{squad}" for town in TOWNS for squad in ("一中队", "二中队", "三中队")
    ]


async def test_the_starter_directory_has_nine_teams_each_with_its_field(directory: None) -> None:
    rows = await fetch("SELECT name, field FROM unit WHERE kind = 'team' ORDER BY position")
    assert [tuple(row) for row in rows] == [
        ("区市场监管综合行政执法大队", "market"), ("区交通运输综合行政执法大队", "transport"),
        ("区农业综合行政执法大队", "agriculture"), ("区城市管理综合行政执法大队", "city"),
        ("区应急管理综合行政执法大队", "emergency"), ("区劳动监察大队", "labour"), ("区卫生监督所", "health"),
        ("区城建监察大队", "construction"), ("区水政监察大队", "water"),
    ]  # fmt: skip


async def test_a_second_start_adds_nothing(directory: None) -> None:
    before = await fetch_value("SELECT count(*) FROM unit")
    assert await start_directory() == 0
    units = read_units("district.csv", DIRECTORY.read_bytes(), await fields_by_name())
    assert await set_up_units(SYSTEM, units) == 0
    assert await fetch_value("SELECT count(*) FROM unit") == before


async def test_the_sample_roster_names_only_units_of_the_directory(
    directory: None, shared_data: Path
) -> None:
    sheet = openpyxl.load_workbook(shared_data / "roster-244.xlsx").worksheets[0]
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    written = Counter(
        str(row[column]).strip() for row in rows for column in (1, 12, 13) if row[column] and row[4]
    )
    known = {row[0] for row in await fetch("SELECT name FROM unit UNION SELECT alias FROM unit_alias")}
    assert {name for name in written if name not in known and written[name] > 1} == set()


async def test_a_new_unit_joins_what_is_there(directory: None) -> None:
    text = HEAD + "测试镇综合行政执法局,综合行政执法局,测试镇,,,\n测试镇,镇（街道）,武进区,,,测试\n"
    units = read_units("units.csv", text.encode("gb18030"), FIELDS)
    assert await set_up_units(SYSTEM, units) == 2
    assert await fetch_value(
        "SELECT array_agg(a.depth ORDER BY a.depth) FROM unit u JOIN unit_ancestor a ON a.unit = u.id"
        " WHERE u.name = '测试镇综合行政执法局'"
    ) == [0, 1, 2]
    assert await fetch_value("SELECT count(*) FROM unit_alias WHERE alias = '测试'") == 1


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("测试甲镇,镇（街道）,没有的区,,,\n", "invalid"),
        ("测试甲镇,镇（街道）,武进区,,,\n测试甲队,中队,测试甲镇,,,\n", "invalid"),
        ("湖塘镇,镇（街道）,,,,\n", "unit_placed_otherwise"),
        ("测试甲镇,镇（街道）,武进区,,,湖塘\n", "alias_taken"),
        ("测试甲镇,镇（街道）,武进区,,,湖塘镇\n", "alias_taken"),
    ],
)
async def test_a_unit_that_does_not_fit_is_refused_and_nothing_is_saved(
    directory: None, rows: str, code: str
) -> None:
    before = await fetch_value("SELECT count(*) FROM unit")
    with pytest.raises(ChizhengError) as refused:
        await set_up_units(SYSTEM, read_units("units.csv", (HEAD + rows).encode(), FIELDS))
    assert refused.value.code == code
    assert await fetch_value("SELECT count(*) FROM unit") == before


def test_a_workbook_reads_like_a_csv() -> None:
    book = openpyxl.Workbook()
    book.active.append(HEAD.strip().split(","))
    book.active.append(["测试镇", "镇（街道）", "武进区", None, 320412100, "测试 试镇"])
    file = io.BytesIO()
    book.save(file)
    (unit,) = read_units("units.xlsx", file.getvalue(), FIELDS)
    assert (unit.row, unit.name, unit.kind, unit.parent, unit.field, unit.division_code, unit.aliases) == (
        2, "测试镇", "town", "武进区", None, "320412100", ("测试", "试镇"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "文件是空的"),
        (HEAD, "文件里没有任何单位"),
        ("名称,上级单位\n", "第一行应是表头，缺少列：类别"),
        ("名称,类别,上级单位,地址\n", "不认识的列：地址"),
        (HEAD + "甲镇,公司,武进区,,,\n", "第 2 行：不认识的类别“公司”"),
        (HEAD + "甲队,执法大队,武进区,天文,,\n", "第 2 行：不认识的执法领域“天文”"),
        (HEAD + ",中队,武进区,,,\n", "第 2 行：单位名称为空或过长"),
        (HEAD + "甲镇,镇（街道）,武进区,,32A,\n", "第 2 行：行政区划代码应为 6、9 或 12 位数字"),
        (
            HEAD + "甲镇,镇（街道）,武进区,,,甲\n乙镇,镇（街道）,武进区,,,甲\n",
            "第 3 行：“甲”在第 2 行已经出现过",
        ),
        (HEAD + '甲镇,"镇\n', "CSV 格式有误"),
    ],
)
def test_a_file_that_is_wrong_is_refused_naming_the_row(text: str, said: str) -> None:
    assert refusal(text).startswith(said)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ChizhengError) as refused:
        read_units("units.csv", b"\xff\x00\xfe\x01", FIELDS)
    assert refused.value.message.startswith("这不是文本表格")
