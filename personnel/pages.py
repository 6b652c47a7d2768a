"""Small things that pages of personnel share: the units to choose from, one day less or more."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypeVar

import msgspec

from chizheng.kernel import clock
from chizheng.kernel.access import Scope
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.forms import Check, parse_form
from chizheng.kernel.i18n import _
from personnel.units.queries import unit_choices

ONE_DAY = timedelta(days=1)
Query = TypeVar("Query", bound=msgspec.Struct)
Option = tuple[Any, str]


async def unit_options(scope: Scope) -> list[Option]:
    """Units in reach that stand today, indented by how deep they lie."""
    choices = await unit_choices(scope, clock.today())
    return [(choice.id, "　" * choice.depth + choice.name) for choice in choices]


def options(words: Mapping[str, str], empty: str = "") -> list[Option]:
    """The words of a table of codes for a list to choose from, after an empty choice if it is named."""
    return [*([("", empty)] if empty else []), *((str(code), _(word)) for code, word in words.items())]


def query_of(
    shape: type[Query], given: Mapping[str, Any], check: Check | None = None
) -> tuple[Query, Invalid | None]:
    """A list's filters as they stand in the address bar; with what is wrong, and the plain list then."""
    try:
        return parse_form(shape, given, check), None
    except Invalid as error:
        return shape(), error


def as_invalid(error: Conflict) -> Invalid:
    """A refusal for a form, at the field it is about, if it is about one."""
    return Invalid(error.message, **error.details.get("errors", {"": error.message}))


def first_day_after(last: date | None) -> date | None:
    """People write the last day a thing holds; we keep the first on which it does not."""
    return None if last is None or last == date.max else last + ONE_DAY


def last_day(valid_to: date) -> date:
    """The last day a thing holds that no longer holds on `valid_to`."""
    return valid_to - ONE_DAY
