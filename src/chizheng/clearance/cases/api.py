"""Cases over the API."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from chizheng.clearance.cases import actions, queries, rules
from chizheng.clearance.cases.actions import NewCase
from chizheng.clearance.cases.queries import Case, CaseRow
from chizheng.clearance.gate.rules import field_of
from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Request


class CaseGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case to open; without a number it gets the unit's next one, without `opened_on` it opens today."""

    unit: UUID
    field: str
    title: str
    due_on: date
    number: str | None = None
    opened_on: date | None = None
    item: UUID | None = None
    parties: str = ""


class Cases(msgspec.Struct, frozen=True):
    """A page of cases."""

    items: Sequence[CaseRow]
    total: int
    page: int
    size: int


@get("/api/v1/cases", tags=["cases"], **requires(Permission.CASE_READ))
async def list_cases(
    request: Request,
    status: FromQuery[str | None] = None,
    field: FromQuery[str | None] = None,
    unit: FromQuery[UUID | None] = None,
    short: FromQuery[bool] = False,
    q: FromQuery[str] = "",
    page: FromQuery[int] = 1,
    size: FromQuery[int] = 25,
) -> Cases:
    """Cases in reach, those that lack a handler first; `short` leaves only these."""
    chosen = queries.Filter(q.strip(), _status_of(status), field_of(field), unit, short)
    found = await queries.list_cases(
        request.user.scope(Permission.CASE_READ), chosen, clock.today(), page, size
    )
    return Cases(found.items, found.total, found.number, found.size)


@post("/api/v1/cases", tags=["cases"], **requires(Permission.CASE_OPEN))
async def open_case(request: Request, data: CaseGiven) -> Case:
    """Opens a case for a bureau in reach."""
    field_of(data.field)
    today = clock.today()
    opened_on = data.opened_on or today
    number = data.number or await queries.next_number(data.unit, opened_on.year)
    values = msgspec.structs.asdict(data) | {"number": number, "opened_on": opened_on}
    case = await actions.open_case(request.user, msgspec.convert(values, NewCase), today)
    return await queries.one_case(request.user.scope(Permission.CASE_OPEN), case, today)


@get("/api/v1/cases/{id:uuid}", tags=["cases"], **requires(Permission.CASE_READ))
async def show_case(request: Request, id: FromPath[UUID]) -> Case:
    """One case with how many handlers it has and needs."""
    return await queries.one_case(request.user.scope(Permission.CASE_READ), id, clock.today())


@post("/api/v1/cases/{id:uuid}/close", tags=["cases"], status_code=200, **requires(Permission.CASE_CLOSE))
async def close_case(request: Request, id: FromPath[UUID]) -> Case:
    """Closes a case and ends its assignments."""
    today = clock.today()
    await actions.close_case(request.user, id, today)
    return await queries.one_case(request.user.scope(Permission.CASE_CLOSE), id, today)


def _status_of(text: str | None) -> str | None:
    if text is not None and text not in list(rules.Status):
        raise Invalid(_("参数有误"), status=_("应为其中之一：%(codes)s", codes=_("、").join(rules.Status)))
    return text


ROUTES: list[Any] = [list_cases, open_case, show_case, close_case]
