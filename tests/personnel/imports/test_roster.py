"""What is said about a row, and what is read from it all the same."""

from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chizheng.kernel.spreadsheets import BLANK, Cell, Kind, Merge
from personnel.imports.directory import Directory
from personnel.imports.messages import explain_row
from tests.personnel.imports.stage import (
    CHEN,
    CHEN_VALUES,
    COUNTY,
    FIELDS,
    HEAD,
    LIN,
    LIN_VALUES,
    UNITS,
    an_id,
    blind,
    changed,
    one,
    read,
    said,
    unit_id,
)


def test_somebody_too_young_to_be_employed_is_an_error() -> None:
    years_ago = msgspec.structs.replace(COUNTY, today=date(2000, 1, 1))
    (row,) = read(HEAD, CHEN, directory=years_ago).rows
    assert said(row) == [("id_born_lately", "error", ("E2",))]


def test_a_clean_row_has_no_problem() -> None:
    row = one()
    assert (row.values, row.problems, row.level) == (CHEN_VALUES, (), None)


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        ({"姓名": None}, [("name_missing", "error", ("C2",))]),
        ({"姓名": "陈1"}, [("name_characters", "error", ("C2",))]),
        ({"姓名": "陈😀"}, [("name_characters", "error", ("C2",))]),
        ({"姓名": True}, [("name_characters", "error", ("C2",))]),
        ({"姓名": "陈" * 51}, [("name_too_long", "error", ("C2",))]),
        ({"姓名": "艾力·买买提"}, []),
        ({"姓名": " 陈　一 "}, [("name_with_inner_spaces", "repaired", ("C2",))]),
        ({"身份证号码": None}, [("id_missing", "error", ("E2",))]),
        ({"身份证号码": 341524199003071237.0}, [("id_lost_precision", "error", ("E2",))]),
        ({"身份证号码": "341524900307123"}, [("id_fifteen_digits", "error", ("E2",))]),
        ({"身份证号码": an_id()[:17]}, [("id_length", "error", ("E2",))]),
        ({"性别": "女"}, [("sex_contradicts_id", "warning", ("D2",))]),
        ({"性别": "?"}, [("sex_unreadable", "error", ("D2",))]),
        ({"出生年月": "1990.04"}, [("born_contradicts_id", "warning", ("F2",))]),
        ({"出生年月": "不详"}, [("born_unreadable", "warning", ("F2",))]),
        ({"出生年月": 1990.03}, []),
        ({"出生年月": date(1990, 3, 1)}, []),
        ({"编制性质": None}, [("establishment_missing", "error", ("G2",))]),
        ({"编制性质": "事业编址"}, [("unknown_establishment", "error", ("G2",))]),
        ({"编制性质": "合同制"}, [("contract_staff_with_certificate", "warning", ("G2",))]),
        ({"执法领域": "农业农林"}, [("unknown_field", "error", ("H2",))]),
        ({"所属单位": None}, [("owner_unit_missing", "error", ("B2",))]),
        ({"所属单位": "县农业执法大队"}, [("unknown_unit", "error", ("B2",))]),
        ({"所属单位": "县农业大队"}, [("unit_alias", "repaired", ("B2",))]),
        ({"派驻镇（街道）": "青石"}, [("town_alias", "repaired", ("I2",))]),
        ({"派驻镇（街道）": "清石镇", "使用单位": "清石镇综合行政执法局一中队"}, [("unknown_town", "error", ("I2",))]),
        ({"派驻镇（街道）": "大河"}, [("unknown_town", "error", ("I2",)), ("unknown_unit", "error", ("J2",))][:1]),
        ({"使用单位": "九中队"}, [("unknown_unit", "error", ("J2",))]),
        ({"使用单位": "一中队"}, [("unit_alias", "repaired", ("J2",))]),
        ({"使用单位": "综合行政执法局一中队"}, [("unit_alias", "repaired", ("J2",))]),
        ({"使用单位": "青石综合行政执法局一中队"}, [("unit_alias", "repaired", ("J2",))]),
        ({"使用单位": "白水街道综合行政执法局"}, [("user_unit_elsewhere", "warning", ("J2",))]),
        ({"岗位": "司机"}, [("unknown_post", "error", ("K2",))]),
        ({"派驻时间": None}, [("posting_start_missing", "error", ("L2",))]),
        ({"期满时间": date(2024, 1, 1)}, [("ends_before_start", "error", ("M2",))]),
        ({"期满时间": date(2023, 1, 1)}, [("ends_before_start", "error", ("M2",))]),
        ({"执法证号": None}, [("certificate_number_missing", "error", ("N2",))]),
        ({"执法证号": 3.4150001e16}, [("certificate_lost_precision", "error", ("N2",))]),
        ({"执法证号": 34150001}, []),
        ({"执法证号": "３４１５０００１", "联系电话": "１３８００００１２３４"}, [("full_width_digits", "repaired", ("N2", "T2"))]),
        ({"发证日期": None}, [("certificate_date_missing", "error", ("P2",))]),
        ({"有效期至": date(2023, 4, 30)}, [("expires_before_issued", "error", ("Q2",))]),
        ({"有效期至": "2028年4月"}, [("date_month_only_end", "warning", ("Q2",))]),
        ({"证件状态": "不明"}, [("unknown_state", "error", ("R2",))]),
        ({"法律职业资格": "也许"}, [("yes_no_unreadable", "error", ("S2",))]),
        ({"联系电话": "见附表"}, [("phone_unreadable", "warning", ("T2",))]),
        ({"备注": Cell(Kind.TOO_LONG, "长")}, [("text_too_long", "error", ("U2",))]),
        ({"派驻时间": Cell(Kind.FORMULA, "=TODAY()", "2024-01-01")}, [("formula", "error", ("L2",))]),
        ({"使用单位": Cell(Kind.ERROR, "#REF!")}, [("error_value", "error", ("J2",))]),
        ({"备注": "甲\u202e乙"}, [("invisible_characters", "repaired", ("U2",))]),
    ],
)  # fmt: skip
def test_one_odd_cell_gives_one_problem(cells: dict[str, object], problems: list[object]) -> None:
    assert said(one(**cells)) == problems  # type: ignore[arg-type]


def test_a_formula_in_a_column_nobody_reads_is_no_matter() -> None:
    assert said(one(序号=Cell(Kind.FORMULA, "=ROW()-1", 1))) == []


def test_the_error_for_an_unknown_word_names_the_known_ones_that_are_close() -> None:
    row = one(执法领域="农业农林", **{"派驻镇（街道）": "清石镇"})
    assert [one.params for one in row.problems] == [
        {"value": "农业农林", "known": "农业农村"},
        {"value": "清石镇", "known": "青石镇"},
    ]


def test_identity_and_phone_numbers_are_shown_masked() -> None:
    number = an_id()
    row = one(身份证号码=number[:17] + ("1" if number[17] != "1" else "2"), 联系电话="13800001234567")
    assert [one.value for one in row.problems] == [
        f"3415**********{row.problems[0].value[-4:]}",
        "138000****4567",
    ]
    assert number[6:14] not in str(row.problems)


def test_several_fields_may_be_named() -> None:
    row = one(执法领域="农业农村、市场监管")
    assert (row.values.fields, row.values.field, row.problems) == (
        ("agriculture", "market"),
        "agriculture",
        (),
    )


def test_a_blank_cell_says_nothing() -> None:
    row = one(
        **dict.fromkeys(
            ["执法领域", "派驻镇（街道）", "使用单位", "岗位", "派驻时间", "期满时间", "联系电话"]
        )
    )
    silent = dict.fromkeys(["manager_unit", "user_unit", "post", "posted_from", "posted_to", "phone"])
    assert (row.values, row.problems) == (msgspec.structs.replace(CHEN_VALUES, fields=(), **silent), ())


def test_a_known_person_may_leave_blank_what_we_know() -> None:
    known = Directory(UNITS, FIELDS, blind, frozenset((blind(an_id()),)), {"34150001": blind(an_id())})
    blank = changed(CHEN, 所属单位=None, 编制性质=None, 派驻时间=None, 发证日期=None, 有效期至=None)
    (row,) = read(HEAD, blank, directory=known).rows
    assert row.problems == ()


def test_a_certificate_that_another_person_holds_already() -> None:
    taken = Directory(UNITS, FIELDS, blind, certificates={"34150001": blind("someone else")})
    (row,) = read(HEAD, CHEN, directory=taken).rows
    assert said(row) == [("certificate_number_shared", "error", ("N2",))]


def test_the_second_of_two_rows_with_one_certificate_number_is_refused() -> None:
    second = changed(LIN, 执法证号="34150001", 发证日期=date(2023, 1, 1), 有效期至=date(2028, 1, 1))
    rows = read(HEAD, CHEN, second).rows
    assert [said(row) for row in rows] == [[], [("certificate_number_shared", "error", ("N3",))]]
    assert rows[1].problems[0].params == {"row": 2}


def test_of_a_person_entered_twice_only_that_is_said() -> None:
    rows = read(HEAD, CHEN, changed(CHEN, 岗位="司机", 姓名="陈 一")).rows
    assert [said(row) for row in rows] == [[], [("duplicate_person", "error", ("E3",))]]


def test_a_merged_cell_speaks_for_all_its_rows_and_no_further() -> None:
    rows = read(
        HEAD, CHEN, changed(LIN, 所属单位=None), ["小计", None, 2],
        changed(LIN, 所属单位=None, 身份证号码=an_id("19700101", "001")), merges=[Merge(2, 2, 3, 2)],
    ).rows  # fmt: skip
    assert [row.values.owner_unit for row in rows] == [unit_id("县农业综合行政执法大队")] * 2 + [None]
    assert said(rows[2])[0] == ("owner_unit_missing", "error", ("B5",))


def test_rows_that_are_nobody_are_ignored_with_a_reason() -> None:
    roster = read(
        ["金山县花名册"], ["截至2026.10.31"], HEAD, CHEN, ["合 计", None, 1], [5], HEAD, LIN,
        ["填表人:陈一", None, None, "审核人:林二"], ["注:以司法局登记为准"],
    )  # fmt: skip
    assert [(row.sheet_row, row.reason) for row in roster.ignored_rows] == [
        (1, "title"),
        (2, "title"),
        (3, "head"),
        (5, "subtotal"),
        (6, "blank"),
        (7, "head"),
        (9, "note"),
        (10, "note"),
    ]
    assert [row.values for row in roster.rows] == [CHEN_VALUES, LIN_VALUES]
    assert roster.as_of == date(2026, 10, 31)


def test_another_district_reads_its_own_names() -> None:
    (row,) = read(
        HEAD, changed(CHEN, 执法领域="渔政"), directory=Directory(UNITS, {"渔政": "fishing"}, blind)
    ).rows
    assert (row.values.fields, row.problems) == (("fishing",), ())
    assert [
        one.code for one in read(HEAD, CHEN, directory=Directory((), FIELDS, blind)).rows[0].problems
    ] == [
        "unknown_unit",
        "unknown_town",
    ]
    assert COUNTY.people == frozenset()


ANY_CELL = st.one_of(
    st.just(BLANK),
    st.builds(Cell, st.just(Kind.TEXT), st.text(max_size=30)),
    st.builds(
        Cell, st.just(Kind.NUMBER), st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 10**14)
    ),
    st.builds(Cell, st.just(Kind.DATE), st.dates().map(date.isoformat)),
    st.builds(Cell, st.just(Kind.BOOL), st.booleans()),
    st.builds(Cell, st.just(Kind.FORMULA), st.just("=A1"), st.none() | st.text(max_size=5)),
    st.builds(Cell, st.just(Kind.ERROR), st.sampled_from(["#REF!", "#N/A"])),
    st.builds(Cell, st.just(Kind.TOO_LONG), st.just("长" * 50)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY_CELL, min_size=len(HEAD), max_size=len(HEAD)))
def test_whatever_stands_in_the_cells_is_read_or_explained(cells: list[Cell]) -> None:
    roster = read(HEAD, cells)
    assert len(roster.rows) + len(roster.ignored_rows) == 1 + any(cell != BLANK for cell in cells)
    for row in roster.rows:
        explained = explain_row(row)
        assert all(cell in explained for problem in row.problems for cell in problem.cells)
        if row.level != "error":
            assert row.values.name
            assert row.values.id_number
