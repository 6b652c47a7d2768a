"""Pages of the gate's decisions: the list, refusals first, and one with all it stood on."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

import chizheng.clearance.gate.labels  # noqa: F401 - registers the words of the templates
from chizheng.clearance.decisions import queries
from chizheng.clearance.decisions.queries import Decision, Filter
from chizheng.clearance.decisions.rules import Result
from chizheng.clearance.gate import rules
from chizheng.clearance.gate.queries import units_in_reach
from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import N_, _
from chizheng.kernel.templating import register_labels
from chizheng.kernel.web import Request, Template, form, parse_form, render

RESULT_NAMES = {Result.REFUSED: N_("未通过"), Result.ALLOWED: N_("通过"), Result.ALL: N_("全部")}
register_labels(
    "fact_kind",
    {
        "service": N_("在职"),
        "establishment": N_("编制"),
        "posting": N_("派驻"),
        "certificate": N_("行政执法证"),
        "certificate_event": N_("证件事项"),
        "legal_qualification": N_("法律职业资格"),
    },
)
register_labels(
    "fact_content",
    {
        "active": N_("在职"),
        "suspended": N_("停职"),
        "left": N_("离职"),
        "retired": N_("退休"),
        "dismissed": N_("辞退"),
        "administrative": N_("行政编制"),
        "enforcement": N_("行政执法专项编制"),
        "civil_service_managed": N_("参公管理事业编制"),
        "institution": N_("事业编制"),
        "contract": N_("劳动合同制"),
        "dispatched": N_("劳务派遣"),
        "worker": N_("工勤"),
        "temporary": N_("临时人员"),
        "auxiliary": N_("辅助人员"),
        "suspend": N_("暂扣"),
        "revoke": N_("吊销"),
        "cancel": N_("注销"),
        "report_lost": N_("报遗失"),
    },
)


class Listed(msgspec.Struct, frozen=True):
    """What the list's filter asks for."""

    result: Result = Result.REFUSED
    unit: UUID | None = None
    officer: UUID | None = None
    on: date | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1


@get("/decisions", **requires(Permission.DECISION_READ))
async def list_decisions(request: Request) -> Template:
    """What the gate decided; refusals first."""
    typed = dict(request.query_params)
    listed, error = _listed(typed)
    scope = request.user.scope(Permission.DECISION_READ)
    chosen = Filter(listed.result, listed.unit, listed.officer, listed.on)
    found = await queries.list_decisions(scope, chosen, listed.page)
    units = [(unit.id, unit.name) for unit in await units_in_reach(scope, clock.today())]
    return render(
        request, "decisions/list.html", status=422 if error else 200, page=found, form=form(typed, error),
        query={name: value for name, value in typed.items() if name != "page"}, units=units, listed=listed,
        results=[(result.value, _(name)) for result, name in RESULT_NAMES.items()], words=_words,
        filtered=chosen != Filter(),
    )  # fmt: skip


@get("/decisions/{number:int}", **requires(Permission.DECISION_READ))
async def show_decision(request: Request, number: FromPath[int]) -> Template:
    """One decision: question, answer, gaps, the versions of the facts, the version of the rules."""
    decision = await queries.one_decision(request.user.scope(Permission.DECISION_READ), number)
    facts = await queries.facts_of(decision.id)
    return render(
        request, "decisions/decision.html", decision=decision, facts=facts, gaps=_words(decision),
        last_day=decision.end - rules.ONE_DAY, before=lambda end: end - rules.ONE_DAY,
    )  # fmt: skip


def _listed(typed: Mapping[str, str]) -> tuple[Listed, Invalid | None]:
    try:
        return parse_form(Listed, typed), None
    except Invalid as error:
        return Listed(), error


def _words(decision: Decision) -> list[rules.Explained]:
    return rules.explained(decision.gaps, decision.asked)


ROUTES: list[Any] = [list_decisions, show_decision]
