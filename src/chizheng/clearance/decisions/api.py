"""Decisions of the gate over the API."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery

from chizheng.clearance.decisions import queries, rules
from chizheng.clearance.decisions.queries import Decision, Filter
from chizheng.clearance.gate.api import DAYS, GapAnswer, gap_answers
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Request


class FactAnswer(msgspec.Struct, frozen=True, rename=DAYS):
    """A fact the answer stood on, in the version it had."""

    kind: str
    id: UUID
    content: str
    start: date
    end: date | None
    recorded_at: datetime
    superseded_at: datetime | None


class DecisionAnswer(msgspec.Struct, frozen=True, rename=DAYS):
    """A question to the gate with its answer."""

    id: UUID
    number: int
    at: datetime
    kind: str
    officer: UUID
    officer_name: str
    role: str
    field: str
    unit: UUID
    unit_name: str
    case: UUID | None
    case_number: str | None
    start: date
    end: date
    allowed: bool
    rule_version: str
    door: str
    who: str | None
    gaps: list[GapAnswer]
    facts: list[FactAnswer] | None = None  # told for one decision, not in lists


class Decisions(msgspec.Struct, frozen=True):
    """A page of decisions, newest first."""

    items: list[DecisionAnswer]
    total: int
    page: int
    size: int


@get("/api/v1/decisions", tags=["decisions"], **requires(Permission.DECISION_READ))
async def list_decisions(
    request: Request,
    result: FromQuery[str] = rules.Result.REFUSED,
    unit: FromQuery[UUID | None] = None,
    officer: FromQuery[UUID | None] = None,
    on: FromQuery[date | None] = None,
    page: FromQuery[int] = 1,
    size: FromQuery[int] = 25,
) -> Decisions:
    """What the gate refused (`result=refused`), allowed (`allowed`), or both (`all`)."""
    if result not in list(rules.Result):
        raise Invalid(_("参数有误"), result=_("应为其中之一：%(codes)s", codes=_("、").join(rules.Result)))
    scope = request.user.scope(Permission.DECISION_READ)
    found = await queries.list_decisions(scope, Filter(result, unit, officer, on), page, size)
    return Decisions([_answer(one) for one in found.items], found.total, found.number, found.size)


@get("/api/v1/decisions/{number:int}", tags=["decisions"], **requires(Permission.DECISION_READ))
async def show_decision(request: Request, number: FromPath[int]) -> DecisionAnswer:
    """One decision with the versions of the facts it stood on."""
    decision = await queries.one_decision(request.user.scope(Permission.DECISION_READ), number)
    facts = [FactAnswer(**msgspec.structs.asdict(fact)) for fact in await queries.facts_of(decision.id)]
    return msgspec.structs.replace(_answer(decision), facts=facts)


def _answer(decision: Decision) -> DecisionAnswer:
    values = msgspec.structs.asdict(decision)
    del values["case_title"]
    return DecisionAnswer(**{**values, "gaps": gap_answers(decision.gaps, decision.asked)})


ROUTES: list[Any] = [list_decisions, show_decision]
