"""Days as people write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chizheng.kernel.spreadsheets import Cell, Kind, day_of_serial
from personnel.imports.cells import EARLIEST, LATEST, Reading, Unreadable, day_of, name_of, text_of, yes_or_no
from tests.personnel.imports.stage import a_cell

FIFTH = date(2021, 3, 5)


@pytest.mark.parametrize(
    ("written", "day", "notes"),
    [
        (FIFTH, FIFTH, ()),
        ("2021年3月5日", FIFTH, ("date_text_chinese",)),
        ("2021 年 03 月 05 日", FIFTH, ("date_text_chinese",)),
        ("2021.3.5", FIFTH, ("date_text_dotted",)),
        ("2021-3-5", FIFTH, ("date_text_dashed",)),
        ("2021-03-05 00:00:00", FIFTH, ("date_text_dashed",)),
        ("2021/3/5", FIFTH, ("date_text_slashed",)),
        ("20210305", FIFTH, ("date_text_compact",)),
        (20210305, FIFTH, ("date_text_compact",)),
        ("２０２１．３．５", FIFTH, ("full_width_digits", "date_text_dotted")),
        ("2023.10", date(2023, 10, 1), ("date_month_only",)),
        ("2021年3月", date(2021, 3, 1), ("date_month_only",)),
        ("2021-3", date(2021, 3, 1), ("date_month_only",)),
        (2023.11, date(2023, 11, 1), ("date_month_only",)),
        (202311, date(2023, 11, 1), ("date_month_only",)),
        (44260, FIFTH, ("date_serial",)),
        (None, None, ()),
        ("/", None, ()),
    ],
)
def test_spellings_of_a_day(written: object, day: date | None, notes: tuple[str, ...]) -> None:
    assert day_of(a_cell(written)) == Reading(day, notes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (2023.1, "date_ambiguous"),
        ("明年", "date_unreadable"),
        ("21.3.5", "date_unreadable"),
        (2023, "date_unreadable"),
        (-1, "date_unreadable"),
        (1e300, "date_unreadable"),
        ("2021年2月29日", "date_impossible"),
        ("2021.13", "date_impossible"),
        (date(1899, 12, 31), "date_out_of_range"),
        (date(9999, 12, 31), "date_out_of_range"),
        ("1021.3.5", "date_out_of_range"),
        (True, "date_unreadable"),
        (Cell(Kind.FORMULA, "=A1"), "formula"),
        (Cell(Kind.ERROR, "#REF!"), "error_value"),
    ],
)
def test_what_is_no_day(written: object, code: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        day_of(a_cell(written))  # type: ignore[arg-type]
    assert unreadable.value.code == code


def test_a_month_that_ends_something_means_its_last_day() -> None:
    assert day_of(a_cell("2028年2月"), end_of_month=True) == Reading(
        date(2028, 2, 29), ("date_month_only_end",)
    )


@given(st.dates(EARLIEST, LATEST))
def test_every_spelling_of_every_day_is_read_as_that_day(day: date) -> None:
    spellings = ["{0}年{1}月{2}日", "{0}.{1}.{2}", "{0}/{1}/{2}", "{0}-{1}-{2}", "{0}{1:02}{2:02}"]
    texts = [spelling.format(day.year, day.month, day.day) for spelling in spellings]
    assert [day_of(Cell(Kind.TEXT, text)).value for text in texts] == [day] * len(texts)


@given(st.dates(date(1930, 1, 1), date(2098, 1, 1)))
def test_day_counts_of_1900_and_1904_mean_their_days(day: date) -> None:
    assert day_of_serial((day - date(1899, 12, 30)).days, date1904=False) == day
    assert day_of_serial((day - date(1904, 1, 1)).days, date1904=True) == day


def test_the_first_days_of_the_1900_count() -> None:
    assert [day_of_serial(days, date1904=False) for days in (0, 1, 59, 61, -1, 2_958_466)] == [
        date(1899, 12, 31),
        date(1900, 1, 1),
        date(1900, 2, 28),
        date(1900, 3, 1),
        None,
        None,
    ]
    assert day_of_serial(2_958_465, date1904=True) is None or timedelta(0)


@given(st.text(max_size=200))
def test_no_text_breaks_a_reader(text: str) -> None:
    cell = Cell(Kind.TEXT, text)
    for reader in (text_of, name_of, day_of, yes_or_no):
        try:
            reader(cell)  # type: ignore[operator]
        except Unreadable as unreadable:
            assert unreadable.code in {  # noqa: PT017  the codes are what is asserted
                "name_missing", "name_characters", "name_too_long", "date_unreadable", "date_impossible", "date_out_of_range",
                "yes_no_unreadable",
            }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("是", True),
        ("√", True),
        ("有", True),
        (True, True),
        ("否", False),
        ("无", False),
        ("×", False),
        (None, None),
    ],
)
def test_yes_and_no(written: object, value: bool | None) -> None:
    assert yes_or_no(a_cell(written)) == Reading(value)  # type: ignore[arg-type]


def test_names_keep_their_middle_dot_and_latin_names_their_spaces() -> None:
    assert [name_of(a_cell(name)).value for name in ("阿不都•热合曼", "王 小 明", "Anna  Maria")] == [
        "阿不都·热合曼",
        "王小明",
        "Anna Maria",
    ]
