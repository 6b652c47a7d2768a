"""People over the API."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, Relation, requires
from chizheng.kernel.web import Request
from personnel.duties import Done, done
from personnel.officers.actions import ServiceChange, record_service, unmask
from personnel.officers.file import File, officer_file
from personnel.officers.queries import Filters, Row, list_officers
from personnel.officers.rules import Secret
from personnel.scope import seen_by
from personnel.texts import Reason


class Officers(msgspec.Struct):
    """A page of people."""

    items: list[Row]
    total: int
    page: int
    size: int


class Unmasking(msgspec.Struct, frozen=True):
    """What is to be shown whole, and why; the reason is kept."""

    what: Secret
    reason: Reason


class Unmasked(msgspec.Struct):
    """The whole number."""

    what: Secret
    value: str


@get("/api/v1/officers", tags=["officers"], **requires(Permission.OFFICER_READ))
async def list_all(
    request: Request,
    q: FromQuery[str] = "",
    unit: FromQuery[UUID | None] = None,
    relation: FromQuery[Relation] = Relation.ANY,
    field: FromQuery[str] = "",
    certificate: FromQuery[str] = "",
    establishment: FromQuery[str] = "",
    service: FromQuery[str] = "",
    sort: FromQuery[str] = "name",
    page: FromQuery[int] = 1,
    size: FromQuery[int] = 25,
) -> Officers:
    """People in reach as they stand today. `q`: name, pinyin, initials or a certificate's number; `certificate`: a
    state, or `none`; `sort`: name, unit, until, each with a leading - for descending.
    """
    filters = Filters(q, unit, relation, field, certificate, establishment, service, sort)
    found = await list_officers(
        request.user.scope(Permission.OFFICER_READ), filters, clock.today(), page, size
    )
    return Officers(list(found.items), found.total, found.number, found.size)


@get("/api/v1/officers/{id:uuid}", tags=["officers"], **requires(Permission.OWN_READ))
async def show(request: Request, id: FromPath[UUID]) -> File:
    """One person's file, every version of every fact with both its times; also one's own."""
    return await officer_file(seen_by(request.user, Permission.OFFICER_READ), id, clock.today())


@post(
    "/api/v1/officers/{id:uuid}/unmask",
    status_code=200,
    tags=["officers"],
    **requires(Permission.OFFICER_UNMASK),
)
async def show_whole(request: Request, id: FromPath[UUID], data: Unmasking) -> Unmasked:
    """The whole identity or phone number, for a reason that goes into the log."""
    return Unmasked(data.what, await unmask(request.user, id, data.what, data.reason))


@post(
    "/api/v1/officers/{id:uuid}/service",
    status_code=200,
    tags=["officers"],
    **requires(Permission.SERVICE_RECORD),
)
async def change_service(request: Request, id: FromPath[UUID], data: ServiceChange) -> Done:
    """Records how service goes on. 409 `service_transition`, `later_fact`."""
    return await done(request, await record_service(request.user, id, data, clock.today()))


ROUTES: list[Any] = [list_all, show, show_whole, change_service]
