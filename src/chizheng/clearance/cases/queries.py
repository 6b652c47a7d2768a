"""Reading cases and power items. Who sees a case follows its unit."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from chizheng.clearance.cases import rules
from chizheng.clearance.gate.rules import HANDLERS_NEEDED
from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch, fetch_as, fetch_one, fetch_value, one_as
from chizheng.kernel.errors import Invalid, NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.paging import Page, window
from personnel.scope import unit_in_reach, unit_reach
from personnel.units.queries import escaped

# Who counts as a handler on day `$1`: lead or co-handler, not ended, not over.
HANDLERS = """(SELECT count(DISTINCT a.officer) FROM assignment a
    WHERE a.case_file = c.id AND a.ended_at IS NULL AND a.valid_to > $1 AND a.role IN ('lead', 'co_handler'))"""


class CaseRow(msgspec.Struct, frozen=True):
    """A case in a list. `handlers` have been assigned and stand today; it needs two."""

    id: UUID
    number: str
    title: str
    unit: UUID
    unit_name: str
    field: str
    status: str
    opened_on: date
    due_on: date
    handlers: int
    handlers_needed: int = HANDLERS_NEEDED


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case."""

    id: UUID
    number: str
    title: str
    unit: UUID
    unit_name: str
    field: str
    status: str
    opened_on: date
    due_on: date
    handlers: int
    item: UUID | None
    item_code: str | None
    item_name: str | None
    parties: str
    closed_on: date | None
    handlers_needed: int = HANDLERS_NEEDED

    @property
    def is_open(self) -> bool:
        return self.status == rules.Status.OPEN


class CaseInBrief(msgspec.Struct, frozen=True):
    """What assigning somebody needs of a case."""

    id: UUID
    unit: UUID
    field: str
    opened_on: date
    due_on: date


class Filter(msgspec.Struct, frozen=True):
    """Which cases to list; `short`: only open ones that lack a handler."""

    q: str | None = None
    status: str | None = None
    field: str | None = None
    unit: UUID | None = None
    short: bool = False


class Item(msgspec.Struct, frozen=True):
    """A power item 赋权事项."""

    id: UUID
    code: str
    name: str


class Event(msgspec.Struct, frozen=True):
    """One entry of a case's history, from the audit log."""

    at: datetime
    who: str
    action: str
    changes: dict[str, Any]


_ROW = f"""SELECT c.id, c.number, c.title, c.unit, u.name, c.field, c.status, c.opened_on, c.due_on,
    {HANDLERS} AS handlers"""
_FROM = " FROM case_file c JOIN unit u ON u.id = c.unit"
_LIST = f"""
WITH found AS ({_ROW}{_FROM}
    WHERE {unit_in_reach("c.unit", 2)}
      AND ($4 = '%%' OR c.number ILIKE $4 OR c.title ILIKE $4 OR c.parties ILIKE $4)
      AND ($5::text IS NULL OR c.status = $5) AND ($6::text IS NULL OR c.field = $6)
      AND ($7::uuid IS NULL OR EXISTS (SELECT FROM unit_ancestor x WHERE x.unit = c.unit AND x.ancestor = $7))
      AND (NOT $8 OR c.status = 'open' AND {HANDLERS} < {HANDLERS_NEEDED}))
SELECT total.n, page.* FROM (SELECT count(*) AS n FROM found) total
LEFT JOIN (SELECT * FROM found ORDER BY status DESC, handlers >= {HANDLERS_NEEDED}, due_on, number
           LIMIT $9 OFFSET $10) page ON true"""
_ITEMS = """SELECT id, code, name FROM power_item
    WHERE field = $1 AND delegated AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)"""


async def list_cases(
    scope: Scope, chosen: Filter, today: date, number: int = 1, size: int = 25
) -> Page[CaseRow]:
    """Cases in reach: open ones that lack a handler first, then by due day. One statement."""
    limit, offset = window(number, size)
    rows = await fetch(
        _LIST, today, *unit_reach(scope), f"%{escaped(chosen.q or '')}%", chosen.status, chosen.field,
        chosen.unit, chosen.short, limit, offset,
    )  # fmt: skip
    items = [CaseRow(*tuple(row)[1:]) for row in rows if row[1] is not None]
    return Page(items, rows[0][0], max(number, 1), limit)


async def one_case(scope: Scope, id: UUID, today: date) -> Case:
    """A case in reach; NotFound for any other."""
    row = await fetch_one(
        f"{_ROW}, c.item, i.code AS item_code, i.name AS item_name, c.parties, c.closed_on{_FROM}"
        f" LEFT JOIN power_item i ON i.id = c.item WHERE c.id = $4 AND {unit_in_reach('c.unit', 2)}",
        today, *unit_reach(scope), id,
    )  # fmt: skip
    if row is None:
        raise NotFound(_("这起案件"))
    named = dict(row)
    return Case(unit_name=named.pop("name"), **named)


async def case_in_brief(scope: Scope, id: UUID) -> CaseInBrief:
    """A case in reach; NotFound for any other."""
    statement = (
        "SELECT c.id, c.unit, c.field, c.opened_on, c.due_on FROM case_file c"
        f" WHERE c.id = $3 AND {unit_in_reach('c.unit')}"
    )
    case = await one_as(CaseInBrief, statement, *unit_reach(scope), id)
    if case is None:
        raise NotFound(_("这起案件"))
    return case


async def cases_in_reach(scope: Scope, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the cases that are in reach."""
    rows = await fetch(
        f"SELECT c.id FROM case_file c WHERE c.id = ANY ($3) AND {unit_in_reach('c.unit')}",
        *unit_reach(scope), list(ids),
    )  # fmt: skip
    return {row[0] for row in rows}


async def items_of(field: str, day: date) -> list[Item]:
    """Power items of a field that a town may handle on that day."""
    return await fetch_as(Item, _ITEMS + " ORDER BY code", field, day)


async def require_item(item: UUID, field: str, day: date) -> None:
    """Raises Invalid unless the item belongs to the field, is delegated, and valid on that day."""
    if await one_as(Item, _ITEMS + " AND id = $3", field, day, item) is None:
        raise Invalid(_("填写有误"), item=_("这一赋权事项不属于该领域，或当日无效"))


async def next_number(unit: UUID, year: int) -> str:
    """The number the unit's next case of the year would get; another may take it before."""
    form, place = rules.number_form(), await _place_of(unit)
    last = await fetch_value(
        "SELECT max((regexp_match(number, $1))[1]::integer) FROM case_file WHERE number ~ $1",
        rules.serial_pattern(form, place, year),
    )
    return rules.number_of(form, place, year, (last or 0) + 1)


async def _place_of(unit: UUID) -> rules.Place:
    names = await fetch(
        "SELECT u.kind, u.name FROM unit_ancestor a JOIN unit u ON u.id = a.ancestor WHERE a.unit = $1", unit
    )
    by_kind = {row[0]: row[1] for row in names}
    return rules.Place(by_kind.get("district", ""), by_kind.get("town"))


async def history_of(id: UUID) -> list[Event]:
    """What was done to a case, newest first."""
    return await fetch_as(
        Event,
        "SELECT at, who, action, changes FROM audit_entry"
        " WHERE subject_kind = 'case' AND subject_id = $1 ORDER BY seq DESC",
        id,
    )


async def short_of_handlers(scope: Scope, today: date, unit: UUID | None = None) -> int:
    """How many open cases in reach, of a unit and those below it if one is given, lack a handler."""
    return (await list_cases(scope, Filter(unit=unit, short=True), today, size=1)).total
