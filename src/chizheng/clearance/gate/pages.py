"""The board: who is cleared to act, by field, and why the others are not."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import get

import chizheng.clearance.gate.labels  # noqa: F401 - registers the words of the templates
from chizheng.clearance.cases.queries import short_of_handlers
from chizheng.clearance.gate import board, queries, rules
from chizheng.clearance.gate.answers import Counts, Unit, UnitClearance, counted, dropping_out
from chizheng.clearance.gate.rules import ROLE_NAMES, Role
from chizheng.kernel import clock
from chizheng.kernel.access import Permission, Scope, requires
from chizheng.kernel.errors import Invalid, NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Request, Template, form, parse_form, render
from personnel.units.labels import FIELD_NAMES
from personnel.units.rules import Field


class Asked(msgspec.Struct, frozen=True):
    """What the filter asks for."""

    unit: UUID | None = None
    on: date | None = None
    role: Role = Role.LEAD
    field: Field | None = None
    squad: UUID | None = None
    show: str | None = None


@get("/cleared", **requires(Permission.CLEARANCE_CHECK))
async def show_board(request: Request) -> Template:
    """Who of a unit is cleared on a day, by field; each gap in words for those who are not."""
    today = clock.today()
    typed = dict(request.query_params)
    chosen, error = _read(typed)
    scope = request.user.scope(Permission.CLEARANCE_CHECK)
    units = await queries.units_in_reach(scope, today)
    place = _place(units, chosen.unit, scope)
    if place is None:
        return render(request, "cleared/board.html", place=None, form=form(typed, error))
    start = chosen.on or today
    end = start + timedelta(days=board.SOON)
    asked = await queries.clearance_of_unit(scope, place, chosen.role, None, start, end)
    short = 0
    if request.user.may(Permission.CASE_READ):
        short = await short_of_handlers(request.user.scope(Permission.CASE_READ), today, place)
    return render(
        request, "cleared/board.html", status=422 if error else 200, place=asked, chosen=chosen,
        form=form(typed | {"unit": str(place)}, error), start=start, short=short, **_view(asked, chosen),
        unit_options=[(unit.id, unit.name) for unit in units],
        roles=[(role.value, _(name)) for role, name in ROLE_NAMES.items()],
    )  # fmt: skip


def _read(typed: Mapping[str, str]) -> tuple[Asked, Invalid | None]:
    try:
        chosen = parse_form(Asked, typed)
        rules.period(chosen.on, None, None, clock.today())
    except Invalid as error:
        return Asked(), error
    return chosen, None


def _place(units: list[Unit], wanted: UUID | None, scope: Scope) -> UUID | None:
    """The unit whose board is shown: the one asked for, else the first one in reach."""
    if wanted is not None:
        return wanted
    if units:
        return units[0].id
    if scope.everywhere:
        return None
    return scope.units[0] if scope.units else _nowhere()


def _nowhere() -> UUID:
    raise NotFound(_("这个单位"))


def _view(asked: UnitClearance, chosen: Asked) -> dict[str, Any]:
    whole = chosen.field is None and chosen.squad is None and chosen.show is None
    heat = board.heat(asked) if whole else None
    counts = counted(asked)
    return {
        "groups": board.groups(asked, chosen.squad, chosen.field, short=chosen.show == "not_cleared"),
        "away": board.away(asked, chosen.squad) if chosen.field is None else [],
        "counts": counts,
        "tabs": _tabs(asked, chosen, counts),
        "drops": board.drop_rows(dropping_out(asked)),
        "heat": heat,
        "heat_rows": [(squad, "") for squad in heat.squads] if heat else [],
        "squad_options": [("", _("全部")), *board.squads(asked)],
    }


def _tabs(asked: UnitClearance, chosen: Asked, counts: Counts) -> list[tuple[str, str, bool, int]]:
    kept = {"unit": asked.unit, "on": chosen.on, "role": chosen.role.value, "squad": chosen.squad}
    query = urlencode({name: value for name, value in kept.items() if value})
    fields = [code for code in FIELD_NAMES if code in counts.fields]
    return [
        (f"/cleared?{query}", _("全部领域"), chosen.field is None, counts.cleared),
        *(
            (
                f"/cleared?{query}&field={code}",
                _(FIELD_NAMES[code]),
                chosen.field == code,
                counts.fields[code][0],
            )
            for code in fields
        ),
    ]


ROUTES: list[Any] = [show_board]
