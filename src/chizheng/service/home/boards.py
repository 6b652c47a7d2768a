"""What a home page is made of, and the boards that several roles share. A line leads to where it is settled."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from chizheng.clearance.cases.queries import CaseRow, list_cases
from chizheng.clearance.cases.queries import Filter as Cases
from chizheng.clearance.decisions.queries import Decision, list_decisions
from chizheng.clearance.decisions.queries import Filter as Decisions
from chizheng.clearance.gate.rules import HANDLERS_NEEDED, explain
from chizheng.kernel import clock
from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.i18n import _
from chizheng.service.home import queries
from personnel.certificates.queries import Certificate
from personnel.postings.labels import KIND_NAMES as POSTING_KINDS

SOON: Final = timedelta(days=30)
QUARTER: Final = timedelta(days=90)
WEEK: Final = timedelta(days=7)


class Figure(msgspec.Struct, frozen=True):
    """A key number; `of` when it is a part of something."""

    value: int
    label: str
    kind: str = ""
    of: int | None = None
    href: str = ""


class Line(msgspec.Struct, frozen=True):
    """One matter: who or what, how it stands, where it lies; no `href` where its reader has no page of it."""

    name: str
    href: str
    kind: str
    sentence: str
    meta: str = ""


class Board(msgspec.Struct, frozen=True):
    """A titled list, with what to say when it is empty; `more` leads to the whole."""

    title: str
    lines: tuple[Line, ...] = ()
    empty: str = ""
    more: str = ""
    chart: tuple[tuple[str, int], ...] = ()


class Home(msgspec.Struct, frozen=True):
    """Figures first, then boards: what needs this person comes before what is merely so."""

    figures: tuple[Figure, ...] = ()
    boards: tuple[Board, ...] = ()
    certificate: Certificate | None = None
    certificate_words: tuple[str, str] = ("", "")  # kind, sentence


async def standing(actor: Actor, today: date) -> tuple[Figure, ...]:
    """The four key numbers about the people in reach."""
    have = await queries.standing(actor.scope(Permission.OFFICER_READ), today)
    return (
        Figure(have.people, _("在职人员"), href="/officers"),
        Figure(have.posted_down, _("今日派驻在镇"), of=have.people, href="/officers"),
        Figure(have.certified, _("证件有效"), "cleared", have.people, "/certificates?state=valid"),
        Figure(
            have.people - have.certified, _("没有有效证件"),
            "not_cleared" if have.people > have.certified else "", None, "/officers?certificate=none",
        ),
    )  # fmt: skip


async def postings(actor: Actor, today: date) -> Board:
    """Postings that end within 30 days."""
    lines = tuple(
        Line(
            one.name, f"/officers/{one.officer}", "ends_soon",
            _("%(kind)s至 %(day)s 期满", kind=_(POSTING_KINDS[one.what]), day=one.last_day), one.unit or "",
        )
        for one in await queries.postings_ending(actor.scope(Permission.OFFICER_READ), today, today + SOON)
    )  # fmt: skip
    return Board(_("30 日内期满的派驻"), lines, _("30 日内没有期满的派驻。"), "/officers")


async def certificates(actor: Actor, today: date) -> Board:
    """Certificates that end within 90 days."""
    scope = actor.scope(Permission.CERTIFICATE_READ)
    lines = tuple(
        Line(
            one.name, f"/certificates/{one.id}", "ends_soon",
            _("证件 %(number)s 至 %(day)s", number=one.what, day=one.last_day), one.unit or "",
        )
        for one in await queries.certificates_ending(scope, today, today + QUARTER)
    )  # fmt: skip
    more = f"/certificates?state=valid&ends_before={today + QUARTER}"
    return Board(_("90 日内到期的证件"), lines, _("90 日内没有到期的证件。"), more)


async def expiry(actor: Actor, today: date) -> Board:
    """Certificates by the month they end in, as a picture."""
    months = await queries.certificates_by_month(actor.scope(Permission.CERTIFICATE_READ), today)
    points = tuple((f"{month.month:%Y-%m}", month.count) for month in months)
    return Board(_("每月到期证件"), chart=points, more="/certificates?sort=until")


async def people_by_town(actor: Actor, today: date) -> Board:
    """How many people each town manages."""
    lines = tuple(
        Line(one.name, f"/units/{one.unit}", "neutral", _("%(count)s 人", count=one.count))
        for one in await queries.people_by_town(actor.scope(Permission.OFFICER_READ), today)
    )
    return Board(_("各镇今日管理的人员"), lines, _("还没有派驻到镇的人员。"), "/units")


async def short_cases(actor: Actor, today: date) -> Board:
    """Open cases that lack a handler."""
    short = await list_cases(actor.scope(Permission.CASE_READ), Cases(short=True), today, size=queries.MOST)
    return Board(
        _("缺承办人的案件"), case_lines(short.items), _("在办案件都有两名承办人。"), "/cases?short=1"
    )


async def refusals(actor: Actor, today: date) -> Board:
    """What the gate refused in the last week."""
    page = await list_decisions(actor.scope(Permission.DECISION_READ), Decisions(), 1, queries.MOST)
    fresh = [one for one in page.items if clock.shanghai_day(one.at) > today - WEEK]
    lines = tuple(_refusal(one) for one in fresh)
    return Board(_("近 7 日未通过的核验"), lines, _("近 7 日没有未通过的核验。"), "/decisions")


async def stood_down(actor: Actor) -> Board:
    """Whom the gate took off a case in the last week: user, manager and owner are told."""
    reads_cases = actor.may(Permission.CASE_READ)
    since = clock.now() - WEEK
    found = await queries.stood_down_since(actor.scope(Permission.OFFICER_READ), since)
    lines = tuple(_stand_down(one, to_case=reads_cases) for one in found)
    return Board(
        _("近 7 日离岗的承办人"), lines, _("近 7 日没有人离岗。"), "/cases" if reads_cases else "/officers"
    )


def case_lines(cases: Sequence[CaseRow]) -> tuple[Line, ...]:
    """Cases as lines, with how many handlers they have."""
    return tuple(
        Line(
            case.title, f"/cases/{case.id}", "not_cleared",
            _("%(have)s / %(need)s 名承办人，%(day)s 到期", have=case.handlers, need=HANDLERS_NEEDED, day=case.due_on),
            case.unit_name,
        )
        for case in cases[: queries.MOST]
    )  # fmt: skip


def _refusal(decision: Decision) -> Line:
    words = explain(decision.gaps[0], decision.asked).message if decision.gaps else ""
    return Line(
        decision.officer_name, f"/decisions/{decision.number}", "not_cleared", words, decision.unit_name
    )


def _stand_down(one: queries.StoodDown, *, to_case: bool) -> Line:
    where = f"/cases/{one.case}" if to_case else f"/officers/{one.officer}"
    return Line(one.name, where, "not_cleared", explain(one.gaps[0], one.asked).message, one.title)
