"""Columns are found by what stands above them."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chizheng.kernel.spreadsheets import Merge, Workbook
from personnel.imports.headings import find_headings
from personnel.imports.persons import RosterValues
from personnel.imports.problems import Problem
from personnel.imports.roster import parse_roster
from tests.personnel.imports.stage import (
    CHEN,
    CHEN_VALUES,
    COUNTY,
    HEAD,
    LIN,
    LIN_VALUES,
    Plain,
    a_sheet,
    read,
)


def values(
    *rows: Sequence[Plain], merges: Sequence[Merge] = ()
) -> list[tuple[RosterValues, tuple[Problem, ...]]]:
    roster = read(*rows, merges=merges)
    assert roster.problems == ()
    return [(row.values, row.problems) for row in roster.rows]


EXPECTED = [(CHEN_VALUES, ()), (LIN_VALUES, ())]


@settings(max_examples=60, deadline=None)
@given(
    order=st.permutations(range(len(HEAD))),
    strangers=st.lists(
        st.tuples(st.integers(0, len(HEAD)), st.sampled_from(["职称", "工号", "血型", "入党时间"])),
        max_size=3,
        unique_by=lambda pair: pair[1],
    ),
)
def test_order_of_columns_and_unknown_columns_change_nothing(
    order: list[int], strangers: list[tuple[int, str]]
) -> None:
    table = [[row[index] for index in order] for row in (HEAD, CHEN, LIN)]
    for place, title in strangers:
        for row, value in zip(table, (title, "甲", "乙"), strict=True):
            row.insert(place, value)
    roster = read(*table)
    assert [(row.values, row.problems) for row in roster.rows] == EXPECTED
    assert sorted(column.text for column in roster.unknown_columns) == sorted(
        title for _place, title in strangers
    )


SYNONYMS = {
    "所属单位": ["派出单位", "区属单位", "所属单位\n(区属)", "单位(县属)"],
    "姓名": ["姓 名", "姓　名", "*姓名", "姓名:"],
    "身份证号码": ["公民身份号码", "身份证号", "身份证\n号码", "身份证号码(18位)"],
    "编制性质": ["编制类型", "人员性质"],
    "执法领域": ["执法类别"],
    "派驻镇（街道）": ["派驻镇（街道）\n(镇管)", "镇管", "管理单位", "派驻镇【街道】"],
    "使用单位": ["镇用", "使用单位\n(镇用)"],
    "派驻时间": ["下沉时间", "派驻 时间"],
    "期满时间": ["到期时间", "派驻期满时间"],
    "执法证号": ["证件编号", "行政执法证号", "执法证件号码"],
    "发证机关": ["颁证机关"],
    "有效期至": ["有效期(至)", "有效期止"],
    "联系电话": ["手机", "手机号码"],
}


@given(
    st.fixed_dictionaries({title: st.sampled_from([title, *others]) for title, others in SYNONYMS.items()})
)
@settings(max_examples=60, deadline=None)
def test_other_words_line_breaks_and_brackets_mean_the_same_column(words: dict[str, str]) -> None:
    head = [words.get(title, title) for title in HEAD]
    assert values(head, CHEN, LIN) == EXPECTED


def grouped(**groups: list[str]) -> tuple[list[str | None], list[str | None], list[Merge]]:
    """A head of two rows below a title: parts in the lower row, groups merged over them, the rest merged down."""
    upper: list[str | None] = list(HEAD)
    lower: list[str | None] = [None] * len(HEAD)
    merges = []
    for group, titles in groups.items():
        places = [HEAD.index(title.split("=")[0]) for title in titles]
        for place, title in zip(places, titles, strict=True):
            upper[place], lower[place] = None, title.split("=")[-1]
        upper[places[0]] = group
        merges.append(Merge(2, places[0] + 1, 2, places[-1] + 1))
    merges += [Merge(2, at, 3, at) for at, below in enumerate(lower, start=1) if below is None]
    return upper, lower, merges


GROUPS = {
    "执法证": ["执法证号=证号", "发证机关=发证机关", "发证日期=发证日期", "有效期至=有效期至"],
    "派驻": ["派驻时间=时间", "期满时间=期满"],
}


def test_a_head_of_two_rows_with_merged_groups() -> None:
    upper, lower, merges = grouped(**GROUPS)
    assert values(["花名册"], upper, lower, CHEN, LIN, merges=[Merge(1, 1, 1, 21), *merges]) == EXPECTED


def test_groups_that_were_not_merged_cover_the_parts_to_their_right() -> None:
    upper, lower, _merges = grouped(**GROUPS)
    assert values(["花名册"], upper, lower, CHEN, LIN) == EXPECTED


def test_the_same_words_above_another_card_are_not_taken_for_the_certificate() -> None:
    upper, lower, merges = grouped(
        驾驶证=["执法证号=证号", "发证机关=发证机关", "发证日期=发证日期", "有效期至=有效期至"]
    )
    roster = read(["花名册"], upper, lower, CHEN, merges=merges)
    flat = [own if own else word for own, word in zip(lower, upper, strict=True)]
    group = [Merge(2, 14, 2, 17)]
    above: list[str | None] = [None] * 13 + ["驾驶证"]
    assert read(["花名册"], above, flat, CHEN, merges=group).unknown_columns == roster.unknown_columns
    assert [column.text for column in roster.unknown_columns] == [
        "驾驶证/证号",
        "驾驶证/发证机关",
        "驾驶证/发证日期",
        "驾驶证/有效期至",
    ]
    assert roster.rows[0].values.certificate_number is None


@pytest.mark.parametrize("missing", ["姓名", "身份证号码", "所属单位", "编制性质"])
def test_a_missing_column_is_named_and_nothing_is_read(missing: str) -> None:
    head = [None if title == missing else title for title in HEAD]
    roster = read(head, CHEN, LIN)
    assert [(one.code, one.level.value, one.params) for one in roster.problems] == [
        ("column_missing", "error", {"column": missing})
    ]
    assert roster.rows == ()


def test_the_same_column_twice_is_named_with_both_cells() -> None:
    roster = read([*HEAD, "身份证号"], [*CHEN, "1"])
    assert [(one.code, one.cells, one.params) for one in roster.problems] == [
        ("column_twice", ("E1", "V1"), {"column": "身份证号码", "one": "身份证号码", "other": "身份证号"})
    ]


def test_the_sheet_with_the_head_is_read_and_the_others_are_named() -> None:
    sheets = (
        a_sheet(["填表说明"], ["姓名写全名"], name="说明"),
        a_sheet(HEAD, CHEN, name="名单"),
        a_sheet(HEAD, LIN, LIN, name="旧名单", visible=False),
    )
    roster = parse_roster(Workbook(sheets), COUNTY)
    assert (roster.sheet, roster.ignored_sheets, len(roster.rows)) == ("名单", ("说明", "旧名单"), 1)


@pytest.mark.parametrize(
    "rows", [[], [["甲", "乙"], [1, 2]], [["姓名", "性别"]], [["序号", "备注", "性别", "民族"]]]
)
def test_a_sheet_without_a_head_is_no_roster(rows: list[list[str]]) -> None:
    workbook = Workbook((a_sheet(*rows),))
    assert find_headings(workbook) is None
    assert [one.code for one in parse_roster(workbook, COUNTY).problems] == ["no_headings"]


def test_a_marked_copy_that_comes_back_is_read_like_the_first_one() -> None:
    roster = read([*HEAD, "错误原因"], [*CHEN, "旧的说明"])
    assert (roster.report_column, roster.unknown_columns, roster.rows[0].values) == (22, (), CHEN_VALUES)


def test_lines_above_the_head_that_are_merged_in_pieces_are_no_groups() -> None:
    above: list[str | None] = ["填报单位:县局"] + [None] * 12 + ["截至2026年10月31日"]
    assert (
        values(["花名册"], above, HEAD, CHEN, LIN, merges=[Merge(2, 1, 2, 5), Merge(2, 14, 2, 20)])
        == EXPECTED
    )
