"""Postings over the API."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import post
from litestar.params import FromPath

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.web import Request
from personnel.duties import Done, done
from personnel.postings.actions import (
    NewPosting,
    cancel_before_start,
    end_posting,
    extend_posting,
    post_down,
)
from personnel.texts import DocumentNo, Reason


class Ending(msgspec.Struct, frozen=True):
    """From which day a posting no longer holds, and why."""

    on: date
    reason: Reason
    document_no: DocumentNo = ""


class Cancelling(msgspec.Struct, frozen=True):
    """Why a posting is taken back before it begins."""

    reason: Reason
    document_no: DocumentNo = ""


class Extending(msgspec.Struct, frozen=True):
    """The new first day without the posting, null for open, and why."""

    to: date | None
    reason: Reason
    document_no: DocumentNo = ""


@post("/api/v1/officers/{id:uuid}/postings", tags=["postings"], **requires(Permission.POSTING_MAKE))
async def make(request: Request, id: FromPath[UUID], data: NewPosting) -> Done:
    """Posts an officer; with `instead` the present primary posting ends on the first day. 409 `posting_overlap`."""
    return await done(request, await post_down(request.user, id, data, clock.today()))


@post(
    "/api/v1/postings/{id:uuid}/end", status_code=200, tags=["postings"], **requires(Permission.POSTING_END)
)
async def end(request: Request, id: FromPath[UUID], data: Ending) -> Done:
    """Ends a posting, also backdated or ahead. 409 `posting_ends_earlier`, `posting_not_begun`."""
    change = await end_posting(
        request.user, id, on=data.on, reason=data.reason, document_no=data.document_no, today=clock.today()
    )
    return await done(request, change)


@post(
    "/api/v1/postings/{id:uuid}/cancel",
    status_code=200,
    tags=["postings"],
    **requires(Permission.POSTING_END),
)
async def cancel(request: Request, id: FromPath[UUID], data: Cancelling) -> Done:
    """Takes back a posting that has not begun. 409 `posting_begun`."""
    change = await cancel_before_start(
        request.user, id, reason=data.reason, document_no=data.document_no, today=clock.today()
    )
    return await done(request, change)


@post(
    "/api/v1/postings/{id:uuid}/extend",
    status_code=200,
    tags=["postings"],
    **requires(Permission.POSTING_MAKE),
)
async def extend(request: Request, id: FromPath[UUID], data: Extending) -> Done:
    """Moves a posting's end further off. 409 `posting_overlap`."""
    change = await extend_posting(
        request.user, id, until=data.to, reason=data.reason, document_no=data.document_no, today=clock.today()
    )
    return await done(request, change)


ROUTES: list[Any] = [make, end, cancel, extend]
