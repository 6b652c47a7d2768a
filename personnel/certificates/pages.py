"""Pages of certificates: the list, one certificate, each deed with what it will do, issuing one."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import N_, _
from chizheng.kernel.web import Form, Redirect, Request, Template, form, parse_form, redirect, render
from personnel.acting import standings
from personnel.certificates.actions import DEEDS
from personnel.certificates.issuing import NewCertificate, hindrance, issue_certificate
from personnel.certificates.labels import (
    BASES,
    CONSEQUENCES,
    STATE_NAMES,
    VERB_NAMES,
    fault_sentences,
    field_names,
    kind,
    sentence,
)
from personnel.certificates.queries import (
    Certificate,
    Filters,
    Happening,
    events_of,
    list_certificates,
    one_certificate,
    versions_of,
)
from personnel.certificates.rules import (
    LONGEST_TERM_YEARS,
    NEEDS,
    SUSPENSION_MONTHS,
    WHO,
    Order,
    State,
    Verb,
    missing,
    months_later,
    new_certificate_faults,
    verbs_on,
)
from personnel.duties import Consequence, consequences, said
from personnel.officers.file import officer_file
from personnel.officers.timeline import Entry, happening_entry
from personnel.pages import as_invalid, first_day_after, last_day, options, query_of, unit_options
from personnel.scope import seen_by
from personnel.units.labels import FIELD_NAMES
from personnel.units.rules import Field

ORDERS: Final[Mapping[Verb, str]] = {
    Verb.SUSPEND: N_("办理暂扣"),
    Verb.REINSTATE: N_("办理恢复"),
    Verb.REVOKE: N_("办理吊销"),
    Verb.CANCEL: N_("办理注销"),
    Verb.REPORT_LOST: N_("办理遗失登记"),
    Verb.REISSUE: N_("办理补发"),
    Verb.RENEW: N_("办理到期换证"),
}
"""Deeds as what is to be done; VERB_NAMES tell what was."""


class Listed(msgspec.Struct, frozen=True):
    """What the list's address asks for."""

    q: str = ""
    state: State | None = None
    field: Field | None = None
    unit: UUID | None = None
    ends_before: date | None = None
    sort: str = "until"
    page: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    size: Annotated[int, msgspec.Meta(ge=1, le=200)] = 25


@get("/certificates", **requires(Permission.CERTIFICATE_READ))
async def list_page(request: Request) -> Template:
    """Certificates of people in reach, those that end first on top."""
    typed = dict(request.query_params)
    asked, error = query_of(Listed, typed)
    scope, today = request.user.scope(Permission.CERTIFICATE_READ), clock.today()
    filters = Filters(
        asked.q, asked.state or "", asked.field or "", asked.unit, asked.ends_before, asked.sort
    )
    found = await list_certificates(scope, filters, today, asked.page, asked.size)
    return render(
        request, "certificates/list.html", status=422 if error else 200, page=found, form=form(typed, error),
        rows=[(one, kind(one, today), sentence(one, today)) for one in found.items], sort=asked.sort,
        query={name: value for name, value in typed.items() if name != "page"},
        filtered=filters != Filters(sort=asked.sort), units=[("", _("全部")), *await unit_options(scope)],
        fields=options(FIELD_NAMES, _("全部")), states=options(STATE_NAMES, _("全部")), last_day=last_day,
    )  # fmt: skip


@get("/certificates/{id:uuid}", **requires(Permission.OWN_READ))
async def show_page(request: Request, id: FromPath[UUID]) -> Template:
    """One certificate, all that happened to it, and what may be done; also one's own."""
    today = clock.today()
    found = await one_certificate(seen_by(request.user, Permission.CERTIFICATE_READ), id, today)
    events = await events_of(found.officer, id)
    told = (kind(found, today), sentence(found, today))
    if found.replaced_by is None:
        [told] = await standings(request, [(found.officer, found)], today)
    return render(
        request, "certificates/one.html", certificate=found, kind=told[0], sentence=told[1],
        words=field_names(found.fields), last=last_day(found.valid_to),
        verbs=[
            (verb.value, _(ORDERS[verb]))
            for verb in verbs_on(found.held(), _live(events), today)
            if request.user.may(WHO[verb])
        ],
        story=[_entry(event) for event in events if event.superseded_at is None],
        corrected=[_entry(event) for event in events if event.superseded_at is not None],
        versions=await versions_of(found.officer, id), last_day=last_day, now=clock.now(),
    )  # fmt: skip


@get("/officers/{id:uuid}/certificates/new", **requires(WHO[Verb.ISSUE]))
async def new_page(request: Request, id: FromPath[UUID]) -> Template:
    """The form for issuing a certificate."""
    today = clock.today()
    end = last_day(months_later(today, 60))
    file = await officer_file(request.user.scope(WHO[Verb.ISSUE]), id, today)
    usual = {
        "issued_on": str(today), "from": str(today), "to": str(end),
        "fields": [file.person.field] if file.person.field else [],
        "authority": next((one.authority for one in file.certificates), ""),
    }  # fmt: skip
    return await _issue_form(request, id, usual)


@post("/officers/{id:uuid}/certificates/new", status_code=200, **requires(WHO[Verb.ISSUE]))
async def issue(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Issues it, or shows the form again with what is wrong."""
    try:
        new = parse_form(NewCertificate, {**data, "officer": str(id)}, _issue_faults)
        new = msgspec.structs.replace(new, until=first_day_after(new.until))
        change = await issue_certificate(request.user, new, clock.today())
    except Invalid as error:
        return await _issue_form(request, id, data, error, 422)
    except Conflict as error:
        return await _issue_form(request, id, data, as_invalid(error), 409)
    return redirect(f"/certificates/{change.id}", _("已发证"))


def ask_route(verb: Verb) -> HTTPRouteHandler:
    """The page that says what a deed will do and asks for its reason."""

    async def ask(request: Request, id: FromPath[UUID]) -> Template:
        today = clock.today()
        usual = {"from": str(today)}
        if verb is Verb.SUSPEND:
            usual["due_on"] = str(months_later(today, SUSPENSION_MONTHS))
        return await _deed_form(request, id, verb, usual)

    ask.__name__ = f"ask_{verb.value}"
    return get(f"/certificates/{{id:uuid}}/{verb.value}", **requires(WHO[verb]))(ask)


def deed_route(verb: Verb) -> HTTPRouteHandler:
    """Does the deed, or shows the form again with what is wrong."""

    async def do(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
        try:
            order = parse_form(Order, data, lambda known: fault_sentences(missing(verb, known)))
            order = msgspec.structs.replace(order, until=first_day_after(order.until))
            change = await DEEDS[verb](request.user, id, order, clock.today())
        except Invalid as error:
            return await _deed_form(request, id, verb, data, error, 422)
        except Conflict as error:
            return await _deed_form(request, id, verb, data, as_invalid(error), 409)
        text = _("已办理：%(verb)s", verb=_(VERB_NAMES[verb]))
        return redirect(f"/certificates/{id}", await said(request, change, text))

    do.__name__ = f"do_{verb.value}"
    return post(f"/certificates/{{id:uuid}}/{verb.value}", status_code=200, **requires(WHO[verb]))(do)


def _entry(event: Happening) -> Entry:
    """An event on its certificate's own page, which it need not link to."""
    return msgspec.structs.replace(happening_entry(event), href="")


def _live(events: list[Happening]) -> list[Any]:
    return [event.event() for event in events if event.superseded_at is None]


async def _deed_form(
    request: Request, certificate: UUID, verb: Verb, typed: Mapping[str, Any], error: Invalid | None = None,
    status: int = 200,
) -> Template:  # fmt: skip
    today = clock.today()
    found = await one_certificate(request.user.scope(WHO[verb]), certificate, today)
    return render(
        request, "certificates/deed.html", status=status, certificate=found, verb=verb.value,
        word=_(ORDERS[verb]), kind=kind(found, today), sentence=sentence(found, today),
        consequences=await _consequences(request, found, verb), basis=_(BASES[verb]) if verb in BASES else "",
        needs=NEEDS[verb], form=form(typed, error), months=SUSPENSION_MONTHS, years=LONGEST_TERM_YEARS,
        grave=verb in (Verb.SUSPEND, Verb.REVOKE, Verb.CANCEL),
    )  # fmt: skip


async def _consequences(request: Request, certificate: Certificate, verb: Verb) -> list[str | Consequence]:
    lines: list[str | Consequence] = [_(CONSEQUENCES[verb])]
    if verb in (Verb.SUSPEND, Verb.REVOKE, Verb.CANCEL, Verb.REPORT_LOST):
        lines += await consequences(request, certificate.officer, clock.today())
    return lines


def _issue_faults(known: Mapping[str, Any]) -> dict[str, str]:
    days = known.get("issued_on"), known.get("from"), first_day_after(known.get("to"))
    return fault_sentences(new_certificate_faults(known.get("number", ""), known.get("fields", ()), *days))


async def _issue_form(
    request: Request, officer: UUID, typed: Mapping[str, Any], error: Invalid | None = None, status: int = 200
) -> Template:
    scope, today = request.user.scope(WHO[Verb.ISSUE]), clock.today()
    file = await officer_file(scope, officer, today)
    if error is None and (in_the_way := await hindrance(officer, today)):
        error = as_invalid(in_the_way)  # said before the form is filled in, not after
    return render(
        request, "certificates/new.html", status=status, person=file.person, form=form(typed, error),
        fields=options(FIELD_NAMES), units=await unit_options(scope), years=LONGEST_TERM_YEARS,
    )  # fmt: skip


ROUTES: list[Any] = [
    list_page, show_page, new_page, issue,
    *(ask_route(verb) for verb in DEEDS), *(deed_route(verb) for verb in DEEDS),
]  # fmt: skip
