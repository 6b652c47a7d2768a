"""HTML forms into Structs: every fault is told beside its field, in words."""

import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

import msgspec

from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import _

T = TypeVar("T", bound=msgspec.Struct)
Check = Callable[[Mapping[str, Any]], Mapping[str, str]]

LARGEST = 2**31 - 1  # what an integer column holds


AGAIN = "_again"
"""A field that asks for the form to be shown again as it was filled in, and for nothing to be done."""


class OfferedAgain(Invalid):
    """Nothing is wrong: what was typed before the session ended is back in its form."""

    def __init__(self) -> None:
        super().__init__(_("登录中断前填写的内容已填回，还没有提交：请核对后提交"), code="offered_again")


def parse_form(shape: type[T], data: Mapping[str, Any], check: Check | None = None) -> T:
    """The form as a Struct. Text is trimmed; an empty field is None, or its default, or missing.

    Raises Invalid with one sentence per field. Fields the Struct does not know are left alone. `check` is told what
    could be read, by the fields' names, and answers what else is wrong, so that all of it is told at once. Raises
    OfferedAgain when that is asked for.
    """
    if AGAIN in data:
        raise OfferedAgain
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in msgspec.structs.fields(shape):
        try:
            _take(field, data.get(field.encode_name), values)
        except ValueError as error:
            errors[field.encode_name] = str(error)
    if check:
        errors = {**check(_by_name(shape, values)), **errors}
    if errors:
        raise Invalid(_("填写有误"), **errors)
    try:
        return shape(**values)
    except (ValueError, TypeError) as error:
        raise Invalid(str(error)) from error


def clean(text: str) -> str:
    """Trimmed text; ValueError when it holds what PostgreSQL or a page cannot."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError(_("含有不能使用的字符"))
    return text.strip()


def _by_name(shape: type[msgspec.Struct], values: Mapping[str, Any]) -> dict[str, Any]:
    fields = msgspec.structs.fields(shape)
    return {field.encode_name: values[field.name] for field in fields if field.name in values}


def _take(field: msgspec.structs.FieldInfo, given: Any, values: dict[str, Any]) -> None:
    optional, kind = _without_none(field.type)
    value = _trimmed(given, many=_is_many(kind))
    if value in (None, "", []):
        if field.required and not optional and not _is_many(kind):
            if kind is bool:
                values[field.name] = False
                return
            raise ValueError(_("请选择") if _is_choice(kind) else _("请填写"))
        if field.required:
            values[field.name] = [] if _is_many(kind) and not optional else None
            if _is_many(kind) and not optional:
                values[field.name] = _converted([], kind)
        return
    values[field.name] = (
        True if kind is bool and value in ("on", "1", "yes") else _converted(value, field.type)
    )


def _trimmed(given: Any, many: bool) -> Any:
    if many:
        parts = given if isinstance(given, list | tuple) else [] if given is None else [given]
        return [part for part in (clean(str(part)) for part in parts) if part]
    if isinstance(given, list | tuple):
        given = given[-1] if given else None
    return clean(given) if isinstance(given, str) else given


def _converted(value: Any, kind: Any) -> Any:
    try:
        found = msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(_sentence(_without_none(kind)[1], str(error))) from error
    if isinstance(found, int) and abs(found) > LARGEST:
        raise ValueError(_sentence(int, ""))
    return found


def _sentence(kind: Any, fault: str) -> str:
    bare = _bare(kind)
    if "length <=" in fault:
        return _("过长，不超过 %(most)s 个字", most=fault.rsplit("<=", 1)[1].strip())
    if "length >=" in fault:
        return _("过短，不少于 %(least)s 个字", least=fault.rsplit(">=", 1)[1].strip())
    if bare in (date, datetime):
        return _("日期应写成 2026-11-21")
    if bare in (int, float, Decimal):
        return _("应为数字，且在允许的范围内")
    if _is_many(kind) or _is_choice(kind):
        return _("请从列表中选择")
    return _("填写有误")


def _bare(kind: Any) -> Any:
    while get_origin(kind) is not None and hasattr(kind, "__metadata__"):
        kind = get_args(kind)[0]
    return getattr(kind, "__supertype__", kind)


def _without_none(kind: Any) -> tuple[bool, Any]:
    bare = _bare(kind)
    if get_origin(bare) in (Union, types.UnionType):
        rest = [one for one in get_args(bare) if one is not type(None)]
        return len(rest) < len(get_args(bare)), rest[0] if len(rest) == 1 else bare
    return False, kind


def _is_choice(kind: Any) -> bool:
    bare = _bare(kind)
    return bare is UUID or get_origin(bare) is Literal or (isinstance(bare, type) and issubclass(bare, Enum))


def _is_many(kind: Any) -> bool:
    return get_origin(_bare(kind)) in (list, tuple, set, frozenset)
