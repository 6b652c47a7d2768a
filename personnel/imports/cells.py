"""Reads single cells as people fill them: days in many spellings, yes and no, names with spaces.

A reader answers `Reading(value, repairs)`, or raises `Unreadable(code, params)`; it knows nothing of rows.
"""

import re
import unicodedata
from calendar import monthrange
from datetime import date
from typing import Any, Final, Generic, TypeVar

import msgspec

from chizheng.kernel.spreadsheets import Cell, Kind, day_of_serial

Value = TypeVar("Value")

EARLIEST: Final = date(1940, 1, 1)
LATEST: Final = date(2099, 12, 31)
INVISIBLE: Final = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd-\uffff]"
)
PLACEHOLDERS: Final = frozenset(("", "无", "/", "-", "--", "—", "——", "\\", "／", "－", "暂无", "没有", "空"))
YES: Final = frozenset(
    [
        "是",
        "有",
        "具有",
        "已取得",
        "取得",
        "通过",
        "已通过",
        "√",
        "✓",
        "✔",
        "y",
        "Y",
        "yes",
        "Yes",
        "YES",
        "1",
        "true",
        "TRUE",
    ]
)
NO: Final = frozenset(
    [
        "否",
        "无",
        "没有",
        "未取得",
        "未通过",
        "×",
        "✗",
        "✘",
        "x",
        "X",
        "n",
        "N",
        "no",
        "No",
        "NO",
        "0",
        "false",
        "FALSE",
        "不具有",
        "/",
        "-",
        "—",
    ]
)
SPELLINGS: Final = (
    (re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?"), "date_text_chinese"),
    (re.compile(r"(\d{4})[.．。](\d{1,2})[.．。](\d{1,2})"), "date_text_dotted"),
    (re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"), "date_text_slashed"),
    (re.compile(r"(\d{4})[-–—](\d{1,2})[-–—](\d{1,2})"), "date_text_dashed"),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), "date_text_compact"),
)
MONTH: Final = re.compile(r"(\d{4})(?:年(\d{1,2})月?|[./-](\d{1,2}))")
COMPACT_MONTH: Final = re.compile(r"(\d{4})(\d{2})")
CLOCK: Final = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
FIRST_SERIAL, LAST_SERIAL = 10_000, 73_050
"""Day numbers from 1927 to 2099: what a lost date format leaves behind."""


class Unreadable(Exception):
    """The cell cannot be taken; `code` is a key of messages.SENTENCES."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class Reading(msgspec.Struct, Generic[Value], frozen=True):
    """What a cell says, and the codes of what was set right to read it."""

    value: Value
    repairs: tuple[str, ...] = ()


def text_of(cell: Cell) -> Reading[str]:
    """The cell as one line of text: no invisible characters, outer spaces off. Placeholders mean blank ("")."""
    if cell.kind is Kind.TOO_LONG:
        raise Unreadable("text_too_long")
    if cell.kind is Kind.FORMULA:
        raise Unreadable("formula")
    if cell.kind is Kind.ERROR:
        raise Unreadable("error_value", value=cell.value)
    text = _written(cell)
    visible = INVISIBLE.sub("", text)
    line = " ".join(visible.split())
    repairs = ("invisible_characters",) if visible != text else ()
    return Reading("" if line in PLACEHOLDERS else line, repairs)


def _written(cell: Cell) -> str:
    if cell.kind is Kind.BLANK:
        return ""
    if cell.kind is Kind.BOOL:
        return "是" if cell.value else "否"
    return str(cell.value)


def narrow(reading: Reading[str]) -> Reading[str]:
    """Full-width letters and digits made narrow, with a note when that changed a digit."""
    text = unicodedata.normalize("NFKC", reading.value)
    changed = any("０" <= character <= "９" for character in reading.value)
    return Reading(text, (*reading.repairs, "full_width_digits") if changed else reading.repairs)


LONGEST_NAME: Final = 50


def name_of(cell: Cell) -> Reading[str]:
    """A person's name. Chinese names lose every space; others keep single ones."""
    reading = text_of(cell)
    text = re.sub("[・‧•●∙]", "·", reading.value)
    if not text:
        raise Unreadable("name_missing")
    if len(text) > LONGEST_NAME:
        raise Unreadable("name_too_long")
    if cell.kind is Kind.BOOL or not all(map(_stands_in_names, text)):
        raise Unreadable("name_characters", value=text[:20])
    latin = any(character.isascii() and character.isalpha() for character in text)
    compact = text if latin else text.replace(" ", "")
    repairs = reading.repairs
    if compact != INVISIBLE.sub("", _written(cell)).replace("•", "·"):
        repairs = (*repairs, "name_with_inner_spaces")
    return Reading(compact, repairs)


def _stands_in_names(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM" or character in " ·-.'’"


def digits_of(cell: Cell, *, lost: str) -> Reading[str]:
    """A number that is a name (certificate, phone): digits and letters without spaces. `lost` is the code for
    one that Excel has rounded.
    """
    if cell.kind is Kind.NUMBER and isinstance(cell.value, int | float):
        if abs(cell.value) >= 1e15 or cell.value != int(cell.value):
            raise Unreadable(lost)
        return Reading(f"{cell.value:.0f}")
    reading = narrow(text_of(cell))
    text = reading.value.replace(" ", "").lstrip("'’")
    if re.fullmatch(r"\d(\.\d+)?[Ee]\+?\d+", text):
        raise Unreadable(lost)
    return Reading(text, reading.repairs)


def yes_or_no(cell: Cell) -> Reading[bool | None]:
    """是 or 否 in many words; None when blank."""
    if cell.kind is Kind.BLANK:
        return Reading(None)
    if cell.kind is Kind.TEXT and str(cell.value).strip() in NO:
        return Reading(False)
    reading = text_of(cell)
    word = unicodedata.normalize("NFKC", reading.value)
    if not word:
        return Reading(None, reading.repairs)
    if word in YES or word in NO:
        return Reading(word in YES, reading.repairs)
    raise Unreadable("yes_no_unreadable", value=word[:20])


def day_of(cell: Cell, *, date1904: bool = False, end_of_month: bool = False) -> Reading[date | None]:
    """A day; None when blank. A month alone means its first day, or its last when `end_of_month` (有效期至)."""
    if cell.kind is Kind.DATE:
        return Reading(_in_range(date.fromisoformat(str(cell.value))))
    if cell.kind is Kind.NUMBER and isinstance(cell.value, int | float):
        return _day_of_number(cell.value, date1904=date1904, end_of_month=end_of_month)
    reading = narrow(text_of(cell))
    if not reading.value:
        return Reading(None, reading.repairs)
    found = _day_of_text(reading.value, end_of_month=end_of_month)
    return Reading(found.value, (*reading.repairs, *found.repairs))


def _day_of_text(text: str, *, end_of_month: bool) -> Reading[date]:
    compact = CLOCK.sub("", text).replace(" ", "")
    for spelling, code in SPELLINGS:
        found = spelling.fullmatch(compact)
        if found:
            return Reading(_day(found[1], found[2], found[3], text), (code,))
    month = MONTH.fullmatch(compact)
    if month:
        return _month(int(month[1]), int(month[2] or month[3]), text, end_of_month=end_of_month)
    raise Unreadable("date_unreadable", value=text[:30])


def _day_of_number(number: float, *, date1904: bool, end_of_month: bool) -> Reading[date | None]:
    """20230305, 2023.11, 202311 and a bare day count are all met with. 2023.1 is not: it may have been 2023.10."""
    text = repr(number)
    if isinstance(number, int):
        if len(text) == 8:
            return Reading(_day(text[:4], text[4:6], text[6:], text), ("date_text_compact",))
        month = COMPACT_MONTH.fullmatch(text)
        if month:
            return _month(int(month[1]), int(month[2]), text, end_of_month=end_of_month)
    elif EARLIEST.year <= number <= LATEST.year + 1:
        found = re.fullmatch(r"(\d{4})\.(\d{2})", text)
        if found:
            return _month(int(found[1]), int(found[2]), text, end_of_month=end_of_month)
        raise Unreadable("date_ambiguous", value=text[:12])
    if FIRST_SERIAL <= number <= LAST_SERIAL:
        day = day_of_serial(number, date1904=date1904)
        if day is not None:
            return Reading(_in_range(day), ("date_serial",))
    raise Unreadable("date_unreadable", value=text[:30])


def _month(year: int, month: int, text: str, *, end_of_month: bool) -> Reading[Any]:
    first = _day(str(year), str(month), "1", text)
    if not end_of_month:
        return Reading(first, ("date_month_only",))
    return Reading(first.replace(day=monthrange(year, month)[1]), ("date_month_only_end",))


def _day(year: str, month: str, day: str, text: str) -> date:
    try:
        return _in_range(date(int(year), int(month), int(day)))
    except ValueError as error:
        raise Unreadable("date_impossible", value=text[:30]) from error


def _in_range(day: date) -> date:
    if EARLIEST <= day <= LATEST:
        return day
    raise Unreadable("date_out_of_range", value=day.isoformat())
