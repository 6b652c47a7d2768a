"""The home page of each role: what needs this person today comes first."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date
from typing import Final

from chizheng.clearance.assignments.queries import Duty, open_assignments_of
from chizheng.clearance.cases.queries import Filter as Cases
from chizheng.clearance.cases.queries import list_cases
from chizheng.clearance.gate.answers import DropOut, counted, dropping_out
from chizheng.clearance.gate.board import drop_rows
from chizheng.clearance.gate.queries import clearance_of_unit
from chizheng.clearance.gate.rules import ONE_DAY, explain, role_name
from chizheng.clearance.gate.rules import Role as CaseRole
from chizheng.kernel.access import Actor, Permission, Role
from chizheng.kernel.i18n import _
from chizheng.service.acting import GateAnswers
from chizheng.service.home import queries
from chizheng.service.home.boards import (
    QUARTER,
    SOON,
    Board,
    Figure,
    Home,
    Line,
    case_lines,
    certificates,
    expiry,
    people_by_town,
    postings,
    refusals,
    short_cases,
    standing,
    stood_down,
)
from personnel.acting import in_words
from personnel.certificates.queries import Certificate, own_certificate
from personnel.officers.labels import ESTABLISHMENT_NAMES


async def home_of(actor: Actor, today: date) -> Home:
    """The home page of somebody with one or several roles: their parts after each other, nothing twice."""
    parts = [await MAKERS[role](actor, today) for role in dict.fromkeys(g.role for g in actor.grants)]
    own = [part for part in parts if part.certificate]
    return Home(
        tuple(dict.fromkeys(figure for part in parts for figure in part.figures)),
        tuple(dict.fromkeys(board for part in parts for board in part.boards)),
        own[0].certificate if own else None,
        own[0].certificate_words if own else ("", ""),
    )


async def _town_bureau(actor: Actor, today: date) -> Home:
    scope = actor.scope(Permission.CLEARANCE_CHECK)
    units = [grant.unit for grant in actor.grants if grant.role is Role.TOWN_BUREAU]
    boards = [
        await clearance_of_unit(scope, unit, CaseRole.LEAD, None, today, today + SOON) for unit in units
    ]
    counts = [counted(board) for board in boards]
    cleared, people = sum(one.cleared for one in counts), sum(one.people for one in counts)
    leaving = tuple(
        _leaving(drop, fields) for board in boards for drop, fields, _why in drop_rows(dropping_out(board))
    )
    short = await list_cases(actor.scope(Permission.CASE_READ), Cases(short=True), today)
    figures = (
        Figure(cleared, _("可上岗"), "cleared", people, "/cleared"),
        Figure(people - cleared, _("不得上岗"), "not_cleared" if people > cleared else "", None, "/cleared"),
        Figure(
            short.total, _("缺承办人的案件"), "not_cleared" if short.total else "", None, "/cases?short=1"
        ),
        Figure(len(leaving), _("30 日内将不能上岗"), "ends_soon" if leaving else "", None, "/cleared"),
    )
    return Home(
        figures,
        (
            Board(
                _("缺承办人的案件"), case_lines(short.items), _("在办案件都有两名承办人。"), "/cases?short=1"
            ),
            Board(_("30 日内将不能上岗"), leaving, _("30 日内没有人将失去上岗资格。"), "/cleared"),
            await stood_down(actor),
        ),
    )


async def _town(actor: Actor, today: date) -> Home:
    return Home(
        await standing(actor, today),
        (
            await stood_down(actor),
            await short_cases(actor, today),
            await postings(actor, today),
            await certificates(actor, today),
        ),
    )


async def _owner_unit(actor: Actor, today: date) -> Home:
    return Home(
        await standing(actor, today),
        (await stood_down(actor), await postings(actor, today), await certificates(actor, today)),
    )


async def _hr_office(actor: Actor, today: date) -> Home:
    return Home(
        await standing(actor, today),
        (await postings(actor, today), await people_by_town(actor, today), await expiry(actor, today)),
    )


async def _establishment_office(actor: Actor, today: date) -> Home:
    types = await queries.establishment_by_type(actor.scope(Permission.OFFICER_READ), today)
    lines = tuple(
        Line(
            _(ESTABLISHMENT_NAMES[code]),
            f"/officers?establishment={code}",
            "neutral",
            _("%(count)s 人", count=count),
        )
        for code, count in types
    )
    return Home(
        await standing(actor, today),
        (Board(_("编制性质"), lines, _("还没有人员。")), await people_by_town(actor, today)),
    )


async def _justice_bureau(actor: Actor, today: date) -> Home:
    scope = actor.scope(Permission.CERTIFICATE_READ)
    held = tuple(_suspension(one, today) for one in await queries.suspensions(scope, today))
    return Home(
        await standing(actor, today),
        (
            Board(_("暂扣待复核"), held, _("没有暂扣中的证件。"), "/certificates?state=suspended"),
            await certificates(actor, today),
            await refusals(actor, today),
            await expiry(actor, today),
        ),
    )


async def _supervisor(actor: Actor, today: date) -> Home:
    return Home(
        await standing(actor, today),
        (await refusals(actor, today), await stood_down(actor), await short_cases(actor, today)),
    )


async def _officer(actor: Actor, today: date) -> Home:
    if actor.officer is None:
        return Home(boards=(Board(_("我的档案"), (), _("此账号还没有对应的执法人员，请联系系统管理员。")),))
    held = await own_certificate(actor.officer, today)
    duties = await open_assignments_of(actor.officer, today)
    lines = tuple(_duty(duty, today) for duty in duties)
    answers = await GateAnswers().acting([actor.officer], today)
    return Home(
        boards=(
            Board(_("我承办的案件"), lines, _("目前没有指派给您的案件。")),
            Board(_("接下来"), (*_overdue(duties, today), *_to_do(held, today)), _("目前没有要办的事。")),
        ),
        certificate=held,
        certificate_words=in_words(answers.get(actor.officer), held, today),
    )


async def _trainer(actor: Actor, today: date) -> Home:
    return Home(boards=(Board(_("今日授课"), (), _("今天没有安排给您的课程。")),))


async def _administrator(actor: Actor, today: date) -> Home:
    return Home(boards=(Board(_("账号"), (), _("新建账号、重置密码、解锁，请到账号页。"), "/accounts"),))


async def _security_officer(actor: Actor, today: date) -> Home:
    text = _("查看账号、授予和收回角色，请到账号页。新建账号、重置密码、解锁由系统管理员办理。")
    return Home(boards=(Board(_("账号与角色"), (), text, "/accounts"),))


async def _auditor(actor: Actor, today: date) -> Home:
    return Home(boards=(Board(_("审计记录"), (), _("每一步操作都在审计记录中，按链校验。"), "/audit"),))


def _leaving(drop: DropOut, fields: str) -> Line:
    words = explain(drop.gaps[0], drop.asked).message
    return Line(drop.name, f"/officers/{drop.officer}", "ends_soon", words, fields)


def _suspension(one: queries.Suspension, today: date) -> Line:
    kind, words = "ends_soon", _("暂扣，未定复核期限")
    if one.due_on and one.due_on <= today:
        kind, words = "not_cleared", _("复核已超期：暂扣，应于 %(day)s 前复核", day=one.due_on)
    elif one.due_on:
        words = _("暂扣，应于 %(day)s 前复核", day=one.due_on)
    return Line(one.name, f"/certificates/{one.certificate}", kind, words, one.unit or "")


def _duty(duty: Duty, today: date) -> Line:
    """Without a link: an officer has no page of the case."""
    words = _("%(role)s，指派至 %(day)s", role=role_name(duty.role), day=duty.end - ONE_DAY)
    if duty.due_on >= today:
        return Line(duty.title, "", "neutral", words, duty.number)
    words += _("；案件已过办理期限 %(day)s", day=duty.due_on)
    return Line(duty.title, "", "not_cleared", words, duty.number)


def _overdue(duties: Iterable[Duty], today: date) -> tuple[Line, ...]:
    return tuple(
        Line(
            _("办结超期案件"), "", "not_cleared",
            _("%(title)s：办理期限 %(day)s 已过，请报本局结案或更正期限。", title=duty.title, day=duty.due_on),
            duty.number,
        )
        for duty in duties
        if duty.handles and duty.due_on < today
    )  # fmt: skip


def _to_do(held: Certificate | None, today: date) -> tuple[Line, ...]:
    if held is None:
        return (
            Line(
                _("申领行政执法证"),
                "/officers/me",
                "not_cleared",
                _("没有执法证，不得上岗。请与派出单位联系。"),
            ),
        )
    if held.state == "valid" and held.valid_to <= today + QUARTER:
        last = held.valid_to - ONE_DAY
        return (
            Line(
                _("办理换证"),
                "/officers/me",
                "ends_soon",
                _("证件将于 %(day)s 到期，请在此前办理换证。", day=last),
            ),
        )
    return ()


MAKERS: Final[dict[Role, Callable[[Actor, date], Awaitable[Home]]]] = {
    Role.TOWN_BUREAU: _town_bureau,
    Role.TOWN: _town,
    Role.OWNER_UNIT: _owner_unit,
    Role.HR_OFFICE: _hr_office,
    Role.ESTABLISHMENT_OFFICE: _establishment_office,
    Role.JUSTICE_BUREAU: _justice_bureau,
    Role.SUPERVISOR: _supervisor,
    Role.OFFICER: _officer,
    Role.TRAINER: _trainer,
    Role.ADMINISTRATOR: _administrator,
    Role.SECURITY_OFFICER: _security_officer,
    Role.AUDITOR: _auditor,
}
