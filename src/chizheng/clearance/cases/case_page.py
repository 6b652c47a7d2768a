"""The page of one case: its team, whom the gate would let in, and why not the others."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath

from chizheng.clearance.assignments import actions
from chizheng.clearance.assignments import rules as assigning
from chizheng.clearance.assignments.actions import NotCleared
from chizheng.clearance.assignments.queries import Assignment, assignments_of, candidates, refusals_of
from chizheng.clearance.assignments.rules import Dated, Order
from chizheng.clearance.cases import queries, rules, view
from chizheng.clearance.cases.queries import Case
from chizheng.clearance.gate import rules as gate
from chizheng.clearance.gate.rules import ROLE_NAMES, Question, Role
from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import ChizhengError, Conflict, Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Form, Redirect, Request, Template, form, parse_form, redirect, render

ONE_DAY = timedelta(days=1)


class Wanted(msgspec.Struct, frozen=True):
    """Whom the page looks for; `until` is the last day."""

    role: Role | None = None
    start: date | None = msgspec.field(default=None, name="from")
    until: date | None = None


class Single(msgspec.Struct, frozen=True):
    """One officer to be assigned; `until` is the last day."""

    officer: UUID
    role: Role
    start: date = msgspec.field(name="from")
    until: date


class Team(msgspec.Struct, frozen=True):
    """A lead and a co-handler to be assigned together."""

    lead: UUID
    co_handler: UUID
    start: date = msgspec.field(name="from")
    until: date


@get("/cases/{id:uuid}", **requires(Permission.CASE_READ))
async def show_case(request: Request, id: FromPath[UUID]) -> Template:
    """A case: its team, its history, and who could be assigned."""
    return await _page(request, id, dict(request.query_params))


@post("/cases/{id:uuid}/assignments", **requires(Permission.CASE_ASSIGN))
async def assign(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Assigns one officer; whom the gate refuses is shown with every gap, status 409."""
    try:
        one = parse_form(Single, data)
        order = Order(one.officer, one.role, one.start, one.until + ONE_DAY)
        verdict = await actions.assign_officer(request.user, id, order, "page", clock.today())
    except (Invalid, Conflict) as error:
        return await _page(request, id, data, error)
    said = _("已指派%(name)s任%(role)s", name=verdict.name, role=gate.role_name(order.role))
    return redirect(f"/cases/{id}", said)


@post("/cases/{id:uuid}/team", **requires(Permission.CASE_ASSIGN))
async def assign_team(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Assigns a lead and a co-handler, both or neither."""
    try:
        team = parse_form(Team, data)
        end = team.until + ONE_DAY
        orders = [
            Order(team.lead, Role.LEAD, team.start, end),
            Order(team.co_handler, Role.CO_HANDLER, team.start, end),
        ]
        if team.lead == team.co_handler:
            raise Invalid(_("填写有误"), co_handler=_("主办和协办须是两个人"))
        await actions.assign_team(request.user, id, orders, "page", clock.today())
    except (Invalid, Conflict) as error:
        return await _page(request, id, data, error)
    return redirect(f"/cases/{id}", _("已指派主办和协办"))


async def _page(
    request: Request, id: UUID, typed: Mapping[str, Any], error: Invalid | Conflict | None = None
) -> Template:
    today = clock.today()
    case = await queries.one_case(request.user.scope(Permission.CASE_READ), id, today)
    team = await assignments_of(id)
    return render(
        request, "cases/case.html", status=error.status if error else 200, case=case, team=team,
        last_day=lambda end: end - ONE_DAY, reasons=lambda one: view.reasons(case, one),
        gone=view.stood_down(case, team), missing=rules.missing_handlers(case.handlers),
        moments=view.timeline(case, await queries.history_of(id), team, await refusals_of(id)), error=error,
        refused=_refusals(error), **await _choice(request, case, team, typed, error, today),
    )  # fmt: skip


async def _choice(
    request: Request, case: Case, team: list[Assignment], typed: Mapping[str, Any],
    error: ChizhengError | None, today: date,
) -> dict[str, Any]:  # fmt: skip
    """Who could be assigned, for those who may assign; nothing for the others or when the case is closed."""
    told = _as_invalid(error) if error else None
    if not (case.is_open and request.user.may(Permission.CASE_ASSIGN)):
        return {"may_assign": False, "form": form(typed, told)}
    start, end = assigning.default_days(case.opened_on, case.due_on, today)
    wanted, fault = _wanted(typed)
    role = wanted.role or view.next_role(case, team)
    start, end = wanted.start or start, wanted.until + ONE_DAY if wanted.until else end
    try:
        assigning.check_order(Dated(case.id, role, start=start, end=end), case.opened_on, today)
    except Invalid as wrong:
        fault = fault or Invalid(
            wrong.message, **{_page_name(name): text for name, text in wrong.errors.items()}
        )
        start, end = assigning.default_days(case.opened_on, case.due_on, today)
    scope = request.user.scope(Permission.CASE_ASSIGN)
    values = {"role": role, "from": start.isoformat(), "until": (end - ONE_DAY).isoformat()} | dict(typed)
    return {
        "may_assign": True,
        "role": role,
        "start": start,
        "until": end - ONE_DAY,
        "form": form(values, told or fault),
        "roles": [(code.value, _(name)) for code, name in ROLE_NAMES.items()],
        **view.sides(case, await candidates(scope, case, role, start, end)),
    }


def _wanted(typed: Mapping[str, Any]) -> tuple[Wanted, Invalid | None]:
    try:
        return parse_form(Wanted, typed), None
    except Invalid as error:
        return Wanted(), error


def _refusals(error: ChizhengError | None) -> list[tuple[actions.Verdict, list[gate.Explained]]]:
    """Whom the gate refused just now, with every gap in words."""
    if not isinstance(error, NotCleared):
        return []
    case = error.case
    return [
        (
            one,
            gate.explained(
                one.gaps, Question(one.order.role, case.field, case.unit, one.order.start, one.order.end)
            ),
        )
        for one in error.verdicts
    ]


def _as_invalid(error: ChizhengError) -> Invalid:
    return error if isinstance(error, Invalid) else Invalid(error.message)


def _page_name(name: str) -> str:
    return "until" if name == "to" else name


ROUTES: list[Any] = [show_case, assign, assign_team]
