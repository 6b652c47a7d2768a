"""Assignments over the API."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import Body, FromPath

from chizheng.clearance.assignments import actions, queries
from chizheng.clearance.assignments.actions import NotCleared
from chizheng.clearance.assignments.rules import Order
from chizheng.clearance.cases.queries import one_case
from chizheng.clearance.gate.api import DAYS, GapAnswer, gap_answers
from chizheng.clearance.gate.rules import Question
from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import Conflict
from chizheng.kernel.web import Request


class OrderGiven(msgspec.Struct, frozen=True, rename=DAYS, forbid_unknown_fields=True):
    """Somebody to be assigned; without days from today until the end of the day the case is due (`to` is half-open)."""

    officer: UUID
    role: str
    start: date | None = None
    end: date | None = None


class AssignmentAnswer(msgspec.Struct, frozen=True, rename=DAYS):
    """Somebody's part in a case."""

    id: UUID
    case: UUID
    officer: UUID
    officer_name: str
    role: str
    start: date
    end: date
    assigned_at: datetime
    decision: int | None
    ended_at: datetime | None
    ending: str | None
    ending_reason: str
    ending_decision: int | None
    ending_gaps: list[GapAnswer]


class Assignments(msgspec.Struct, frozen=True):
    """Everybody on a case, those who stand first; always one page."""

    items: list[AssignmentAnswer]
    total: int
    page: int
    size: int


class Released(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody is taken off."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


Given = Annotated[
    OrderGiven | list[OrderGiven], Body(description="One order, or a list that is all or nobody.")
]


def as_conflict(error: NotCleared) -> Conflict:
    """The refusal with every gap of everyone refused; `gaps` and `decision` are those of the first."""
    refused = [
        {
            "officer": str(verdict.order.officer),
            "name": verdict.name,
            "role": verdict.order.role,
            "decision": str(verdict.decision),
            "number": verdict.number,
            "gaps": msgspec.to_builtins(gap_answers(verdict.gaps, _asked(error, verdict))),
        }
        for verdict in error.verdicts
    ]
    first = {"gaps": refused[0]["gaps"], "decision": refused[0]["decision"]}
    return Conflict(error.code, error.message, {**first, "refused": refused})


@get("/api/v1/cases/{id:uuid}/assignments", tags=["assignments"], **requires(Permission.CASE_READ))
async def list_assignments(request: Request, id: FromPath[UUID]) -> Assignments:
    """Everybody on the case, ended parts included."""
    return await _answer(request, id)


@post("/api/v1/cases/{id:uuid}/assignments", tags=["assignments"], **requires(Permission.CASE_ASSIGN))
async def assign(
    request: Request, id: FromPath[UUID], data: Given
) -> Response[AssignmentAnswer | Assignments]:
    """Assigns one officer, or several together: all or nobody. Answers with the assignment, or a page of them.

    409 `not_cleared` with every gap when the gate refuses; the refusal is kept as a decision.
    """
    given = data if isinstance(data, list) else [data]
    orders = [Order(one.officer, one.role, one.start, one.end) for one in given]
    try:
        verdicts = await actions.assign_team(request.user, id, orders, "api", clock.today())
    except NotCleared as error:
        raise as_conflict(error) from error
    items = [_just_made(id, verdict) for verdict in verdicts]
    one_or_many = Assignments(items, len(items), 1, len(items)) if isinstance(data, list) else items[0]
    return Response(one_or_many, status_code=201)


@post(
    "/api/v1/assignments/{id:uuid}/release",
    tags=["assignments"],
    status_code=200,
    **requires(Permission.CASE_RELEASE),
)
async def release(request: Request, id: FromPath[UUID], data: Released) -> AssignmentAnswer:
    """Takes somebody off a case, with a reason."""
    await actions.release_assignment(request.user, id, data.reason)
    ended = await queries.one_assignment(request.user.scope(Permission.CASE_RELEASE), id)
    case = await one_case(request.user.scope(Permission.CASE_READ), ended.case, clock.today())
    return _assignment_answer(ended, case.field, case.unit)


def _just_made(case: UUID, verdict: actions.Verdict) -> AssignmentAnswer:
    assert verdict.assignment is not None
    order = verdict.order
    return AssignmentAnswer(
        id=verdict.assignment, case=case, officer=order.officer, officer_name=verdict.name, role=order.role,
        start=order.start, end=order.end, assigned_at=verdict.at, decision=verdict.number,
        ended_at=None, ending=None, ending_reason="", ending_decision=None, ending_gaps=[],
    )  # fmt: skip


async def _answer(request: Request, id: UUID) -> Assignments:
    case = await one_case(request.user.scope(Permission.CASE_READ), id, clock.today())
    items = [_assignment_answer(one, case.field, case.unit) for one in await queries.assignments_of(id)]
    return Assignments(items, len(items), 1, len(items))


def _assignment_answer(one: queries.Assignment, field: str, unit: UUID) -> AssignmentAnswer:
    asked = Question(one.role, field, unit, one.start, one.end).on_first_day(one.ending_gaps)
    gaps = gap_answers(one.ending_gaps, asked)
    return AssignmentAnswer(**{**msgspec.structs.asdict(one), "ending_gaps": gaps})


def _asked(error: NotCleared, verdict: actions.Verdict) -> Question:
    order = verdict.order
    return Question(order.role, error.case.field, error.case.unit, order.start, order.end)


ROUTES: list[Any] = [list_assignments, assign, release]
