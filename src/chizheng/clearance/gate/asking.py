"""Asking the gate about one officer, on a page: any role, field, unit and interval, every gap in words."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

from chizheng.clearance.gate import queries, rules
from chizheng.clearance.gate.rules import ONE_DAY, ROLE_NAMES, Role
from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Request, Template, form, parse_form, render
from personnel.units.labels import FIELD_NAMES
from personnel.units.rules import Field


class Wanted(msgspec.Struct, frozen=True, rename={"start": "from"}):
    """What the form asks. `until` is the last day; without it one day is meant."""

    role: Role = Role.LEAD
    field: Field | None = None
    unit: UUID | None = None
    start: date | None = None
    until: date | None = None


@get("/officers/{id:uuid}/clearance", **requires(Permission.CLEARANCE_CHECK))
async def ask_page(request: Request, id: FromPath[UUID]) -> Template:
    """May this officer act, as asked? Yes, or each reason why not with its basis and cure."""
    today = clock.today()
    typed = dict(request.query_params)
    wanted, error = _read(typed, today)
    start = wanted.start or today
    end = (wanted.until or start) + ONE_DAY
    scope = request.user.scope(Permission.CLEARANCE_CHECK)
    try:
        answer = await queries.clearance_of_officer(
            scope, id, wanted.role, wanted.field, wanted.unit, start, end
        )
    except Invalid as wrong:
        error = error or wrong
        answer = await queries.clearance_of_officer(scope, id, wanted.role, wanted.field, None, start, end)
    asked = answer.asked
    return render(
        request, "cleared/officer.html", status=422 if error else 200, answer=answer, start=start, last=end - ONE_DAY,
        gaps=rules.explained(answer.gaps, asked), form=form(typed, error),
        roles=[(role.value, _(name)) for role, name in ROLE_NAMES.items()],
        fields=[(code, _(name)) for code, name in FIELD_NAMES.items()],
        units=await _units(scope, today, asked.unit),
    )  # fmt: skip


def _read(typed: Mapping[str, str], today: date) -> tuple[Wanted, Invalid | None]:
    try:
        return parse_form(Wanted, typed, lambda known: _day_faults(known, today)), None
    except Invalid as error:
        return Wanted(), error


def _day_faults(known: Mapping[str, Any], today: date) -> dict[str, str]:
    start = known.get("from") or today
    last = known.get("until") or start
    if not rules.EARLIEST <= start < rules.LATEST:
        return {"from": _("日期超出范围")}
    if last < start:
        return {"until": _("截止日不能早于开始日")}
    return {"until": _("日期超出范围")} if last >= rules.LATEST else {}


async def _units(scope: Any, today: date, asked: UUID | None) -> list[tuple[str, str]]:
    units = [(str(unit.id), unit.name) for unit in await queries.units_in_reach(scope, today)]
    known = asked is None or any(unit == str(asked) for unit, _name in units)
    return units if known else [("", _("使用本人的单位")), *units]


ROUTES: list[Any] = [ask_page]
