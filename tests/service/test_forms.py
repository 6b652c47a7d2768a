"""HTML forms become Structs; each fault is told beside its field."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest

from chizheng.kernel.errors import Invalid
from chizheng.kernel.forms import parse_form
from chizheng.kernel.web import form, is_safe_path


class Colour(StrEnum):
    RED = "red"


class Wanted(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(max_length=5)]
    colour: Colour
    day: date
    until: date | None
    id: UUID | None = None
    count: int = 3
    urgent: bool = False
    fields: list[str] = []
    note: Annotated[str, msgspec.Meta(max_length=9)] | None = None


FINE: dict[str, Any] = {"name": " 张三 ", "colour": "red", "day": "2026-11-21", "until": "", "unknown": "x"}


def test_a_form_is_trimmed_and_typed() -> None:
    assert parse_form(Wanted, FINE) == Wanted("张三", Colour.RED, date(2026, 11, 21), None)


def test_boxes_and_choices() -> None:
    got = parse_form(
        Wanted, FINE | {"urgent": "1", "fields": ["market", "", "water"], "count": "7", "name": ["a", "b"]}
    )
    assert (got.urgent, got.fields, got.count, got.name) == (True, ["market", "water"], 7, "b")
    assert parse_form(Wanted, FINE | {"fields": "market", "urgent": "on"}).fields == ["market"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "请填写"),
        ("name", "   ", "请填写"),
        ("name", "一二三四五六", "过长，不超过 5 个字"),
        ("note", "一二三四五六七八九十", "过长，不超过 9 个字"),
        ("name", "a\0", "含有不能使用的字符"),
        ("name", "\ud800", "含有不能使用的字符"),
        ("colour", "", "请选择"),
        ("colour", "blue", "请从列表中选择"),
        ("day", "21.11.2026", "日期应写成 2026-11-21"),
        ("until", "2026-02-30", "日期应写成 2026-11-21"),
        ("id", "abc", "请从列表中选择"),
        ("count", "many", "应为数字，且在允许的范围内"),
        ("count", "9" * 40, "应为数字，且在允许的范围内"),
    ],
)
def test_each_fault_stands_beside_its_field(field: str, value: str, sentence: str) -> None:
    with pytest.raises(Invalid) as told:
        parse_form(Wanted, FINE | {field: value})
    assert told.value.errors == {field: sentence}


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as told:
        parse_form(Wanted, {})
    assert sorted(told.value.errors) == ["colour", "day", "name"]


def test_what_a_rule_says_of_what_was_read_is_told_with_the_rest() -> None:
    seen: dict[str, Any] = {}

    def check(known: Mapping[str, Any]) -> dict[str, str]:
        seen.update(known)
        return {"until": "已过", "name": "太短"}

    with pytest.raises(Invalid) as told:
        parse_form(Wanted, FINE | {"colour": "blue", "name": ""}, check)
    assert told.value.errors == {"until": "已过", "name": "请填写", "colour": "请从列表中选择"}
    assert seen == {"day": date(2026, 11, 21), "until": None}


def test_what_was_typed_comes_back() -> None:
    shown = form({"name": "x", "_csrf_token": "secret"}, Invalid("填写有误", name="请填写"))
    assert (shown["values"], shown["errors"]) == ({"name": "x"}, {"name": "请填写"})
    assert form({}, Invalid("全都不对"))["errors"] == {"": "全都不对"}


@pytest.mark.parametrize("path", ["/", "/officers?q=王&page=2", "/a/b#c"])
def test_paths_of_this_site(path: str) -> None:
    assert is_safe_path(path)


@pytest.mark.parametrize(
    "path", ["", "x", "//x", "/\\x", "http://x", "/a\nb", "/a\tb", "/a\\b", "javascript:x", "/" + "x" * 2000]
)
def test_paths_that_lead_elsewhere(path: str) -> None:
    assert not is_safe_path(path)
