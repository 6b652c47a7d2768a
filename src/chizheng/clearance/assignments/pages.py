"""Taking somebody off a case."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath

from chizheng.clearance.assignments import actions, queries, rules
from chizheng.clearance.cases.queries import one_case
from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Form, Redirect, Request, Template, form, parse_form, redirect, render


@get("/assignments/{id:uuid}/release", **requires(Permission.CASE_RELEASE))
async def ask_release(request: Request, id: FromPath[UUID]) -> Template | Redirect:
    """What taking this person off will do."""
    return await _form(request, id)


class Leaving(msgspec.Struct, frozen=True):
    """What the form says."""

    reason: str = ""


@post("/assignments/{id:uuid}/release", **requires(Permission.CASE_RELEASE))
async def release(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Takes the person off, or shows the form again with what is wrong."""
    assignment = await queries.one_assignment(request.user.scope(Permission.CASE_RELEASE), id)
    case = f"/cases/{assignment.case}"
    try:
        await actions.release_assignment(request.user, id, parse_form(Leaving, data).reason)
    except Invalid as error:
        return await _form(request, id, data, error)
    except Conflict as error:
        return redirect(case, error.message, "warning")
    return redirect(case, _("已解除%(name)s的指派", name=assignment.officer_name))


async def _form(
    request: Request, id: UUID, data: dict[str, Any] | None = None, error: Invalid | None = None
) -> Template | Redirect:
    scope, today = request.user.scope(Permission.CASE_RELEASE), clock.today()
    assignment = await queries.one_assignment(scope, id)
    if not assignment.stands:
        return redirect(f"/cases/{assignment.case}", _("这项指派已经结束"), "warning")
    case = await one_case(scope, assignment.case, today)
    duties = [duty for duty in await queries.open_assignments_of(assignment.officer, today) if duty.id == id]
    left = case.handlers - sum(duty.handles for duty in duties)
    lines = [rules.short_sentence(left)] if queries.cases_left_short(duties) else []
    return render(
        request, "assignments/release.html", status=422 if error else 200, assignment=assignment, case=case,
        consequences=lines, form=form(data or {}, error),
    )  # fmt: skip


ROUTES: list[Any] = [ask_release, release]
