"""Pages of cases: the list, opening, correcting, closing. The case itself is in `case_page`."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath

from chizheng.clearance.cases import actions, case_page, queries, rules
from chizheng.clearance.cases.actions import Correction, NewCase
from chizheng.clearance.cases.queries import Filter
from chizheng.clearance.gate.labels import CASE_STATUS_NAMES
from chizheng.clearance.gate.queries import units_in_reach
from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Form, Redirect, Request, Template, form, parse_form, redirect, render
from personnel.units.labels import FIELD_NAMES
from personnel.units.rules import Field

USUAL_DAYS = 90  # 行政处罚法 60: ninety days from the opening


class Listed(msgspec.Struct, frozen=True):
    """What the list's filter asks for."""

    q: str | None = None
    status: rules.Status | None = None
    field: Field | None = None
    unit: UUID | None = None
    short: bool = False
    page: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1


@get("/cases", **requires(Permission.CASE_READ))
async def list_cases(request: Request) -> Template:
    """Cases in reach, those that lack a handler first."""
    today, typed = clock.today(), dict(request.query_params)
    listed, error = _listed(typed)
    scope = request.user.scope(Permission.CASE_READ)
    chosen = Filter(listed.q, listed.status, listed.field, listed.unit, listed.short)
    found = await queries.list_cases(scope, chosen, today, listed.page)
    units = [(unit.id, unit.name) for unit in await units_in_reach(scope, today)]
    return render(
        request, "cases/list.html", status=422 if error else 200, page=found, form=form(typed, error),
        query={name: value for name, value in typed.items() if name != "page"}, units=units,
        filtered=chosen != Filter(), fields=_field_options(), statuses=_options(CASE_STATUS_NAMES),
    )  # fmt: skip


@get("/cases/new", **requires(Permission.CASE_OPEN))
async def new_case(request: Request) -> Template:
    """First the unit and the field; then the form with the next number and the field's power items."""
    typed = dict(request.query_params)
    today = clock.today()
    usual = {"opened_on": today.isoformat(), "due_on": (today + timedelta(days=USUAL_DAYS)).isoformat()}
    return await _new_form(request, usual | typed, _unchosen(typed))


@post("/cases/new", **requires(Permission.CASE_OPEN))
async def open_case(request: Request, data: Form) -> Template | Redirect:
    """Opens the case, or shows the form again with what is wrong."""
    today = clock.today()
    try:
        new = parse_form(NewCase, data, lambda known: rules.faults(known, today))
        case = await actions.open_case(request.user, new, today)
    except Invalid as error:
        return await _new_form(request, data, error)
    except Conflict as error:
        return await _new_form(request, data, _as_invalid(error), 409)
    return redirect(f"/cases/{case}", _("已立案，请指派承办人"))


@get("/cases/{id:uuid}/edit", **requires(Permission.CASE_OPEN))
async def edit_case(request: Request, id: FromPath[UUID]) -> Template:
    """The form for putting a case right."""
    case = await queries.one_case(request.user.scope(Permission.CASE_OPEN), id, clock.today())
    values = {name: value for name, value in msgspec.to_builtins(case).items() if value is not None}
    return await _edit_form(request, id, values)


@post("/cases/{id:uuid}/edit", **requires(Permission.CASE_OPEN))
async def correct_case(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Puts the case right, or shows the form again with what is wrong."""
    today = clock.today()
    case = await queries.one_case(request.user.scope(Permission.CASE_OPEN), id, today)
    try:
        new = parse_form(Correction, data, lambda known: actions.correction_faults(case, known, today))
        await actions.correct_case(request.user, id, new, today)
    except Invalid as error:
        return await _edit_form(request, id, data, error)
    except Conflict as error:
        return await _edit_form(request, id, data, _as_invalid(error), 409)
    return redirect(f"/cases/{id}", _("已更正"))


@get("/cases/{id:uuid}/close", **requires(Permission.CASE_CLOSE))
async def ask_close(request: Request, id: FromPath[UUID]) -> Template:
    """What closing will do."""
    case = await queries.one_case(request.user.scope(Permission.CASE_CLOSE), id, clock.today())
    return render(request, "cases/close.html", case=case)


@post("/cases/{id:uuid}/close", **requires(Permission.CASE_CLOSE))
async def close_case(request: Request, id: FromPath[UUID]) -> Redirect:
    """Closes the case."""
    try:
        ended = await actions.close_case(request.user, id, clock.today())
    except Conflict as error:
        return redirect(f"/cases/{id}", error.message, "warning")
    return redirect(f"/cases/{id}", _("已结案，%(count)s 项指派随之结束", count=ended))


def _listed(typed: Mapping[str, str]) -> tuple[Listed, Invalid | None]:
    try:
        return parse_form(Listed, typed), None
    except Invalid as error:
        return Listed(), error


def _unchosen(typed: Mapping[str, str]) -> Invalid | None:
    """What the first step still lacks, once its button has been pressed, or was given and is none of its choices."""
    field = typed.get("field", "")
    if field in FIELD_NAMES or not (field or "chosen" in typed):
        return None
    return Invalid(_("填写有误"), field=_("请选择执法领域"))


async def _new_form(
    request: Request, typed: Mapping[str, Any], error: Invalid | None = None, status: int = 422
) -> Template:
    today = clock.today()
    units = await units_in_reach(request.user.scope(Permission.CASE_OPEN), today)
    choices = [(unit.id, unit.name) for unit in units if unit.kind in actions.USES_CASES]
    field, day = _known_field(typed.get("field")), _day(typed.get("opened_on"), today)
    place = next((unit for unit, _name in choices if str(unit) == typed.get("unit")), None)
    place = place or (choices[0][0] if len(choices) == 1 else None)
    values = dict(typed)
    if place and field and "number" not in values:
        values["number"] = await queries.next_number(place, day.year)
    return render(
        request, "cases/new.html", status=status if error else 200, form=form(values, error),
        ready=bool(place and field), units=choices, place=place, field=field, fields=_field_options(),
        items=await _item_options(field, day),
    )  # fmt: skip


async def _edit_form(
    request: Request, id: UUID, typed: Mapping[str, Any], error: Invalid | None = None, status: int = 422
) -> Template:
    case = await queries.one_case(request.user.scope(Permission.CASE_OPEN), id, clock.today())
    field = _known_field(typed.get("field")) or case.field
    return render(
        request, "cases/edit.html", status=status if error else 200, case=case, form=form(typed, error),
        fields=_field_options(), items=await _item_options(field, case.opened_on),
    )  # fmt: skip


async def _item_options(field: str | None, day: date) -> list[tuple[str, str]]:
    items = await queries.items_of(field, day) if field else []
    return [("", _("未选定"))] + [(str(item.id), f"{item.code} {item.name}") for item in items]


def _as_invalid(error: Conflict) -> Invalid:
    """A conflict shown beside the field it is about."""
    return Invalid(error.message, **error.details.get("errors", {}))


def _known_field(code: str | None) -> str | None:
    return code if code in FIELD_NAMES else None


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return otherwise


def _field_options() -> list[tuple[str, str]]:
    return _options(FIELD_NAMES)


def _options(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, _(name)) for code, name in names.items()]


ROUTES: list[Any] = [
    list_cases, new_case, open_case, edit_case, correct_case, ask_close, close_case, *case_page.ROUTES,
]  # fmt: skip
