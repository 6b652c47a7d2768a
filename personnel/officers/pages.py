"""Pages of people: the list, one person's file, changes of service, numbers shown whole."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, Relation, requires
from chizheng.kernel.errors import Conflict, Invalid, NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Form, Redirect, Request, Template, form, parse_form, redirect, render
from personnel.acting import standings
from personnel.certificates.issuing import hindrance
from personnel.certificates.labels import STATE_NAMES, field_names, kind, sentence
from personnel.certificates.queries import own_of
from personnel.certificates.rules import WHO, State, Verb
from personnel.duties import consequences, said
from personnel.officers.actions import ServiceChange, record_service, service_faults, unmask
from personnel.officers.file import File, officer_file
from personnel.officers.labels import ESTABLISHMENT_NAMES, SECRET_NAMES, STATUS_NAMES, STATUS_VERBS
from personnel.officers.queries import NO_CERTIFICATE, Filters, Row, list_officers
from personnel.officers.rules import (
    IN_ESTABLISHMENT,
    NEEDS_A_DOCUMENT,
    SERVICE_MOVES,
    Establishment,
    Secret,
    Status,
)
from personnel.officers.timeline import picture, story, until
from personnel.pages import as_invalid, last_day, options, query_of, unit_options
from personnel.scope import seen_by
from personnel.texts import Reason
from personnel.units.labels import FIELD_NAMES, RELATION_NAMES
from personnel.units.rules import Field


class Listed(msgspec.Struct, frozen=True):
    """What the list's address asks for."""

    q: str = ""
    unit: UUID | None = None
    relation: Relation = Relation.ANY
    field: Field | None = None
    certificate: str = ""
    establishment: Establishment | None = None
    service: Status | None = None
    sort: str = "name"
    page: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    size: Annotated[int, msgspec.Meta(ge=1, le=200)] = 25


class Unmasking(msgspec.Struct, frozen=True):
    """What is to be shown whole, and why."""

    what: Secret
    reason: Reason


@get("/officers", **requires(Permission.OFFICER_READ))
async def list_page(request: Request) -> Template:
    """People in reach, narrowed by the filters in the address."""
    typed = dict(request.query_params)
    asked, error = query_of(Listed, typed, _certificate_fault)
    scope, today = request.user.scope(Permission.OFFICER_READ), clock.today()
    filters = Filters(
        asked.q, asked.unit, asked.relation, asked.field or "", asked.certificate, asked.establishment or "",
        asked.service or "", asked.sort,
    )  # fmt: skip
    found = await list_officers(scope, filters, today, asked.page, asked.size)
    return render(
        request, "officers/list.html", status=422 if error else 200, page=found, form=form(typed, error),
        rows=await standing_rows(request, found.items, today), sort=asked.sort, q=asked.q,
        query={name: value for name, value in typed.items() if name != "page"},
        filtered=filters != Filters(sort=asked.sort), units=[("", _("全部")), *await unit_options(scope)],
        relations=options(RELATION_NAMES), fields=options(FIELD_NAMES, _("全部")),
        states=[*options(STATE_NAMES, _("全部")), (NO_CERTIFICATE, _("未持证"))],
        establishments=options(ESTABLISHMENT_NAMES, _("全部")), services=options(STATUS_NAMES, _("全部")),
    )  # fmt: skip


@get("/officers/me", **requires(Permission.OWN_READ))
async def own_page(request: Request) -> Redirect:
    """To one's own file."""
    if request.user.officer is None:
        raise NotFound(_("您的人员档案"))
    return redirect(f"/officers/{request.user.officer}")


@get("/officers/{id:uuid}", **requires(Permission.OWN_READ))
async def show_page(request: Request, id: FromPath[UUID]) -> Template:
    """One person's file; also one's own."""
    today = clock.today()
    file = await officer_file(seen_by(request.user, Permission.OFFICER_READ), id, today)
    entries = story(file)
    rows, first, last = picture(file, today)
    held = own_of(file.certificates, today)
    [(held_kind, held_sentence)] = await standings(request, [(id, held)], today)
    return render(
        request, "officers/file.html", file=file, person=file.person, held=held,
        held_kind=held_kind, held_sentence=held_sentence,
        others=[(c, kind(c, today), sentence(c, today)) for c in file.certificates if c is not held],
        service=file.value_on("service", today), type=file.value_on("establishment", today),
        legal=file.value_on("legal_qualification", today),
        postings=[p for p in file.postings if p.superseded_at is None], until=until,
        here_now=next((p for p in file.postings if p.superseded_at is None and p.holds_on(today)), None),
        story=[entry for entry in entries if entry.counts],
        corrected=[entry for entry in entries if not entry.counts],
        picture=rows, first=first, last=last, now=clock.now(), last_day=last_day,
        held_fields=field_names, in_establishment=IN_ESTABLISHMENT, **_may(request),
        may_issue=request.user.may(WHO[Verb.ISSUE]) and await hindrance(id, today) is None,
    )  # fmt: skip


@get("/officers/{id:uuid}/service", **requires(Permission.SERVICE_RECORD))
async def service_page(request: Request, id: FromPath[UUID]) -> Template:
    """The form for a change of service."""
    return await _service_form(request, id, {"from": clock.today().isoformat()})


@post("/officers/{id:uuid}/service", status_code=200, **requires(Permission.SERVICE_RECORD))
async def change_service(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Records it, or shows the form again with what is wrong."""
    try:
        new = parse_form(ServiceChange, data, lambda known: service_faults(known, clock.today()))
        change = await record_service(request.user, id, new, clock.today())
    except Invalid as error:
        return await _service_form(request, id, data, error, 422)
    except Conflict as error:
        return await _service_form(request, id, data, as_invalid(error), 409)
    text = _("已记录：%(day)s 起%(status)s", day=new.start, status=_(STATUS_NAMES[new.status]))
    return redirect(f"/officers/{id}", await said(request, change, text))


@get("/officers/{id:uuid}/unmask", **requires(Permission.OFFICER_UNMASK))
async def unmask_page(request: Request, id: FromPath[UUID]) -> Template:
    """Asks what is to be shown, and why."""
    return await _unmask_form(request, id, {"what": Secret.ID_NUMBER.value})


@post("/officers/{id:uuid}/unmask", status_code=200, **requires(Permission.OFFICER_UNMASK))
async def show_whole(request: Request, id: FromPath[UUID], data: Form) -> Template:
    """Shows the number once; the reason is in the log."""
    try:
        asked = parse_form(Unmasking, data)
        value = await unmask(request.user, id, asked.what, asked.reason)
    except Invalid as error:
        return await _unmask_form(request, id, data, error)
    return await _unmask_form(request, id, {"what": asked.what.value}, value=value, what=asked.what)


async def standing_rows(request: Request, rows: Sequence[Row], today: date) -> list[tuple[Row, str, str]]:
    """Each row with its status kind and sentence."""
    people = [(row.id, None if row.state == NO_CERTIFICATE else row) for row in rows]
    return [(row, *told) for row, told in zip(rows, await standings(request, people, today), strict=True)]


def _may(request: Request) -> dict[str, bool]:
    actor = request.user
    return {
        "may_post": actor.may(Permission.POSTING_MAKE),
        "may_end": actor.may(Permission.POSTING_END),
        "may_serve": actor.may(Permission.SERVICE_RECORD),
        "may_unmask": actor.may(Permission.OFFICER_UNMASK),
        "may_list": actor.may(Permission.OFFICER_READ),
    }


async def _file(request: Request, officer: UUID, permission: Permission) -> File:
    return await officer_file(request.user.scope(permission), officer, clock.today())


async def _service_form(
    request: Request, officer: UUID, typed: dict[str, Any], error: Invalid | None = None, status: int = 200
) -> Template:
    file = await _file(request, officer, Permission.SERVICE_RECORD)
    before = file.value_on("service", clock.today())
    possible = SERVICE_MOVES[Status(before) if before else None]
    steps = [step for step in Status if step in possible]
    return render(
        request, "officers/service.html", status=status, person=file.person, form=form(typed, error), before=before,
        steps=[(step.value, _(STATUS_VERBS[step])) for step in steps], document=_document_needed(steps),
        consequences=[*_service_consequences(steps), *await consequences(request, officer, clock.today())],
    )  # fmt: skip


def _document_needed(steps: Sequence[Status]) -> str:
    """For which of the steps a document number must be given: all, some or none."""
    needed = [step in NEEDS_A_DOCUMENT for step in steps]
    return "all" if all(needed) else "some" if any(needed) else "none"


def _service_consequences(steps: Sequence[Status]) -> list[str]:
    """What the steps that end or interrupt service do; nothing when there is only the way back."""
    barred = [_(STATUS_VERBS[step]) for step in steps if step is not Status.ACTIVE]
    gone = [_(STATUS_VERBS[step]) for step in steps if step not in (Status.ACTIVE, Status.SUSPENDED)]
    if not barred:
        return []
    return [
        _("%(steps)s的，自该日起不得上岗，在办案件中的指派同时离岗。", steps=_("、").join(barred)),
        _("%(steps)s的，行政执法证应先交回并办理注销（交通运输行政执法证件管理规定第二十五条）。",
          steps=_("、").join(gone)),
    ]  # fmt: skip


def _certificate_fault(known: Mapping[str, Any]) -> dict[str, str]:
    wanted = known.get("certificate", "")
    return {} if wanted in ("", NO_CERTIFICATE, *State) else {"certificate": _("请从列表中选择")}


async def _unmask_form(
    request: Request, officer: UUID, typed: dict[str, Any], error: Invalid | None = None,
    value: str = "", what: Secret | None = None,
) -> Template:  # fmt: skip
    file = await _file(request, officer, Permission.OFFICER_UNMASK)
    return render(
        request, "officers/unmask.html", status=422 if error else 200, person=file.person, form=form(typed, error),
        secrets=options(SECRET_NAMES), value=value, what=what,
    )  # fmt: skip


ROUTES: list[Any] = [
    list_page, own_page, show_page, service_page, change_service, unmask_page, show_whole,
]  # fmt: skip
