"""The real-shaped roster of 244 people comes out row by row as its list of expected results says."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chizheng.kernel.spreadsheets import read_workbook
from personnel.imports.directory import Directory, KnownUnit
from personnel.imports.roster import Roster, parse_roster
from tests.personnel.imports.stage import a_unit, blind

TOWNS = [
    "湖塘镇",
    "西湖街道",
    "雪堰镇",
    "武进高新区",
    "前黄镇",
    "牛塘镇",
    "嘉泽镇",
    "洛阳镇",
    "南夏墅街道",
    "太湖湾旅游度假区",
    "湟里镇",
    "礼嘉镇",
]
FIELDS = [
    "市场监管",
    "交通运输",
    "农业农村",
    "城市管理",
    "应急管理",
    "劳动监察",
    "公共卫生",
    "城乡建设",
    "水政水利",
]
ESTABLISHMENTS = {
    "行政编制": "administrative",
    "行政执法专项编制": "enforcement",
    "参公管理事业编制": "civil_service_managed",
    "事业编制": "institution",
    "劳动合同制": "contract",
}
IDENTITY_LOST = {"id_lost_precision", "id_check_digit_wrong"}


@pytest.fixture(scope="module")
def truth(shared_data: Path) -> list[dict[str, Any]]:
    expected: list[dict[str, Any]] = json.loads((shared_data / "roster-244.expected.json").read_text())[
        "truth"
    ]
    return expected


@pytest.fixture(scope="module")
def roster(shared_data: Path, truth: list[dict[str, Any]]) -> Roster:
    return parse_roster(read_workbook(shared_data / "roster-244.xlsx"), district(truth))


def district(truth: list[dict[str, Any]]) -> Directory:
    units: list[KnownUnit] = [a_unit("team", name) for name in sorted({row["owner_unit"] for row in truth})]
    for town in TOWNS:
        bureau = f"{town}综合行政执法局"
        units += [a_unit("town", town), a_unit("bureau", bureau, town)]
        units += [a_unit("squad", f"{bureau}{squad}", bureau) for squad in ("一中队", "二中队", "三中队")]
    return Directory(tuple(units), {name: name for name in FIELDS}, blind)


def test_every_row_has_the_problems_it_should_have_and_no_others(
    roster: Roster, truth: list[dict[str, Any]]
) -> None:
    found = {row.sheet_row: [(one.code, one.level.value) for one in row.problems] for row in roster.rows}
    assert found == {row["sheet_row"]: [(one["kind"], one["level"]) for one in row["dirt"]] for row in truth}


def test_every_row_has_the_right_person_place_and_certificate(
    roster: Roster, truth: list[dict[str, Any]]
) -> None:
    names = {a_unit("town", town).id: town for town in TOWNS}
    names |= {unit.id: unit.name for unit in district(truth).units}
    found = [
        (
            row.values.name,
            row.values.id_number,
            names.get(row.values.owner_unit) if row.values.owner_unit else None,
            names.get(row.values.manager_unit) if row.values.manager_unit else None,
            row.values.establishment,
            row.values.certificate_number or "",
        )
        for row in roster.rows
    ]
    assert found == [
        (
            row["name"],
            None if IDENTITY_LOST & {one["kind"] for one in row["dirt"]} else row["id"],
            row["owner_unit"],
            row["managing_unit"] if row["managing_unit"] in TOWNS else None,
            ESTABLISHMENTS[row["establishment"]],
            row["certificate"],
        )
        for row in truth
    ]


def test_dates_in_five_spellings_mean_the_same_days(roster: Roster) -> None:
    rows = {row.sheet_row: row.values for row in roster.rows}
    days = {number: (rows[number].posted_from, rows[number].posted_to) for number in (4, 5, 19, 91)}
    assert days == {
        4: (date(2020, 3, 1), date(2023, 3, 1)),
        5: (date(2021, 10, 1), date(2024, 10, 1)),
        19: (date(2023, 10, 1), date(2026, 10, 15)),
        91: (date(2023, 3, 15), date(2028, 3, 15)),
    }
    assert (rows[5].issued_on, rows[5].valid_to) == (date(2021, 5, 20), date(2026, 5, 20))


def test_rows_that_are_nobody_are_listed_with_their_reason(roster: Roster) -> None:
    assert [(row.sheet_row, row.reason) for row in roster.ignored_rows] == [
        (1, "title"),
        (2, "title"),
        (3, "head"),
        *((row, "subtotal") for row in (56, 87, 122, 181, 200, 217, 232, 245)),
        (257, "note"),
    ]


def test_the_sheet_itself_is_understood(roster: Roster) -> None:
    found = (
        roster.sheet,
        roster.head_row,
        roster.as_of,
        roster.ignored_sheets,
        roster.unknown_columns,
        roster.problems,
    )
    assert found == ("花名册", 3, date(2026, 10, 31), ("填表说明",), (), ())
