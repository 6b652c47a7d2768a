"""Certificates over the API. Each deed is a route of its own, so that each carries its own permission."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.web import Request
from personnel.certificates.actions import DEEDS
from personnel.certificates.issuing import NewCertificate, issue_certificate
from personnel.certificates.queries import (
    Certificate,
    Filters,
    Happening,
    Version,
    events_of,
    list_certificates,
    one_certificate,
    versions_of,
)
from personnel.certificates.rules import WHO, Order, State, Verb, verbs_on
from personnel.duties import Done, done
from personnel.facts import Change
from personnel.scope import seen_by


class Certificates(msgspec.Struct):
    """A page of certificates."""

    items: list[Certificate]
    total: int
    page: int
    size: int


class Detail(msgspec.Struct):
    """A certificate, what may be done to it today, and all versions of its events and of itself."""

    certificate: Certificate
    verbs: list[Verb]
    events: list[Happening]
    versions: list[Version]


@get("/api/v1/certificates", tags=["certificates"], **requires(Permission.CERTIFICATE_READ))
async def list_all(
    request: Request,
    q: FromQuery[str] = "",
    standing: Annotated[State | None, QueryParameter(name="state")] = None,
    field: FromQuery[str] = "",
    unit: FromQuery[UUID | None] = None,
    ends_before: FromQuery[date | None] = None,
    sort: FromQuery[str] = "until",
    page: FromQuery[int] = 1,
    size: FromQuery[int] = 25,
) -> Certificates:
    """Certificates of people in reach, in their state of today. `ends_before`: valid ones that end by that day."""
    filters = Filters(q, standing or "", field, unit, ends_before, sort)
    scope = request.user.scope(Permission.CERTIFICATE_READ)
    found = await list_certificates(scope, filters, clock.today(), page, size)
    return Certificates(list(found.items), found.total, found.number, found.size)


@get("/api/v1/certificates/{id:uuid}", tags=["certificates"], **requires(Permission.OWN_READ))
async def show(request: Request, id: FromPath[UUID]) -> Detail:
    """One certificate; also one's own."""
    day = clock.today()
    found = await one_certificate(seen_by(request.user, Permission.CERTIFICATE_READ), id, day)
    events = await events_of(found.officer, id)
    live = [event.event() for event in events if event.superseded_at is None]
    return Detail(
        certificate=found,
        verbs=list(verbs_on(found.held(), live, day)),
        events=events,
        versions=await versions_of(found.officer, id),
    )


@post("/api/v1/certificates", tags=["certificates"], **requires(WHO[Verb.ISSUE]))
async def issue(request: Request, data: NewCertificate) -> Change:
    """Issues a certificate. 409 `not_in_service`, `not_in_establishment`, `certificate_held`, `revoked_before`,
    `number_taken`.
    """
    return await issue_certificate(request.user, data, clock.today())


def deed_route(verb: Verb) -> HTTPRouteHandler:
    """The route of one deed."""

    async def do(request: Request, id: FromPath[UUID], data: Order) -> Done:
        return await done(request, await DEEDS[verb](request.user, id, data, clock.today()))

    do.__name__ = f"{verb.value}_certificate"
    do.__doc__ = f"{DEEDS[verb].__doc__} 409 `certificate_transition` in a state that does not allow it."
    return post(
        f"/api/v1/certificates/{{id:uuid}}/{verb.value}",
        status_code=200,
        tags=["certificates"],
        **requires(WHO[verb]),
    )(do)


ROUTES: list[Any] = [list_all, show, issue, *(deed_route(verb) for verb in DEEDS)]
