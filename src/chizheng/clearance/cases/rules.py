"""Cases: their numbers, their dates, and how many handlers they need."""

import os
import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from chizheng.clearance.gate.rules import EARLIEST, HANDLERS_NEEDED, LATEST
from chizheng.kernel.i18n import _
from personnel.units.labels import FIELD_NAMES

NUMBER_FORM = "{district}{town}综执立〔{year}〕{serial}号"
PARTS = {"district": r".?", "town": r".{0,12}", "year": r"\d{4}", "serial": r"\d{1,6}"}
_KINDS_OF_PLACE = ("镇", "乡", "街道", "旅游度假区", "开发区", "高新区")


class Status(StrEnum):
    """A case is worked on, or done with."""

    OPEN = "open"
    CLOSED = "closed"


class Place(msgspec.Struct, frozen=True):
    """Where a case's unit lies: the names of its district and of its town, if it has one."""

    district: str
    town: str | None

    @property
    def initial(self) -> str:
        return self.district[:1]

    @property
    def short_town(self) -> str:
        """The town's name without its kind and without the district's name before it (湖塘镇: 湖塘)."""
        name = (self.town or "").removeprefix(self.district.rstrip("区县市"))
        kind = next((kind for kind in _KINDS_OF_PLACE if name.endswith(kind)), "")
        return name.removesuffix(kind) or name


def number_form() -> str:
    """How a case number is written: CHIZHENG_CASE_NUMBER, with {district}, {town}, {year} and {serial}."""
    form = os.environ.get("CHIZHENG_CASE_NUMBER", "").strip()
    return form if "{serial}" in form else NUMBER_FORM


def number_of(form: str, place: Place, year: int, serial: int) -> str:
    """The number with this serial."""
    return _filled(form, place, year).replace("{serial}", str(serial))


def serial_pattern(form: str, place: Place, year: int) -> str:
    """A regular expression (PostgreSQL and Python alike) whose one group is the serial of such numbers of the year."""
    before, after = _filled(form, place, year).split("{serial}", 1)
    return rf"^{re.escape(before)}(\d{{1,6}}){re.escape(after)}$"


def faults(given: Mapping[str, Any], today: date) -> dict[str, str]:
    """What is wrong with what was written down of a case, by the name of its field. What is not given is not judged."""
    field, number, title = given.get("field"), given.get("number"), given.get("title")
    wrong: dict[str, str] = {}
    if field is not None and field not in FIELD_NAMES:
        wrong["field"] = _("请从列表中选择")
    if number is not None and not is_number(number_form(), number):
        example = number_of(number_form(), Place("武进区", "湖塘镇"), 2026, 12)
        wrong["number"] = _("案号应写成“%(example)s”的样式", example=example)
    if title is not None and not title.strip():
        wrong["title"] = _("请填写")
    return wrong | _day_faults(given.get("opened_on"), given.get("due_on"), today)


def is_number(form: str, number: str) -> bool:
    """Whether a number is written as the form asks."""
    pieces = re.split(r"\{(district|town|year|serial)\}", form)
    pattern = "".join(PARTS[piece] if place % 2 else re.escape(piece) for place, piece in enumerate(pieces))
    return re.fullmatch(pattern, number) is not None


def missing_handlers(have: int) -> int:
    """How many handlers a case still needs (行政处罚法 42)."""
    return max(0, HANDLERS_NEEDED - have)


def _day_faults(opened_on: date | None, due_on: date | None, today: date) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if opened_on and not EARLIEST <= opened_on <= today:
        wrong["opened_on"] = _("立案日期不能晚于今天")
    if due_on and due_on >= LATEST:
        wrong["due_on"] = _("日期超出范围")
    elif opened_on and due_on and not opened_on < due_on:
        wrong["due_on"] = _("办理期限应晚于立案日期")
    return wrong


def _filled(form: str, place: Place, year: int) -> str:
    parts = {"{district}": place.initial, "{town}": place.short_town, "{year}": str(year)}
    for part, value in parts.items():
        form = form.replace(part, value)
    return form
