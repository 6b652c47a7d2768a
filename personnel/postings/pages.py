"""Pages of postings: a new one, and ending one. The postings themselves stand in the officer's file."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Form, Redirect, Request, Template, form, parse_form, redirect, render
from personnel.duties import consequences, said
from personnel.officers.file import File, officer_file, only_live
from personnel.pages import as_invalid, first_day_after, last_day, options, unit_options
from personnel.postings import rules
from personnel.postings.actions import (
    NewPosting,
    cancel_before_start,
    end_conflict,
    end_posting,
    extend_posting,
    post_down,
)
from personnel.postings.labels import KIND_NAMES, POST_NAMES, fault_sentences
from personnel.postings.queries import Posting, one_posting
from personnel.postings.rules import LONGEST_BORROWING_DAYS, Kind, Post
from personnel.texts import DocumentNo, Reason


class Ending(msgspec.Struct, frozen=True):
    """From which day a posting no longer holds, and why."""

    on: date
    reason: Reason
    document_no: DocumentNo = ""


class Extending(msgspec.Struct, frozen=True):
    """The last day of a posting that goes on, none for open, and why."""

    to: date | None
    reason: Reason
    document_no: DocumentNo = ""


class Cancelling(msgspec.Struct, frozen=True):
    """Why a posting is taken back before it begins."""

    reason: Reason
    document_no: DocumentNo = ""


@get("/officers/{id:uuid}/postings/new", **requires(Permission.POSTING_MAKE))
async def new_page(request: Request, id: FromPath[UUID]) -> Template:
    """The form for a posting; owner and kind as they are now."""
    file = await officer_file(request.user.scope(Permission.POSTING_MAKE), id, clock.today())
    last = _now(file) or next(iter(only_live(file.postings)), None)
    usual: dict[str, Any] = {
        "from": str(clock.today()), "kind": Kind.SECONDMENT.value, "post": Post.ENFORCEMENT.value,
    }  # fmt: skip
    return await _new_form(
        request, file, usual | ({"owner": last.owner, "manager": last.manager} if last else {})
    )


@post("/officers/{id:uuid}/postings/new", status_code=200, **requires(Permission.POSTING_MAKE))
async def make(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Posts the officer, or shows the form again with what is wrong."""
    today = clock.today()
    file = await officer_file(request.user.scope(Permission.POSTING_MAKE), id, today)
    try:
        new = parse_form(NewPosting, data, lambda known: _plain_faults(known, today))
        new = msgspec.structs.replace(new, until=first_day_after(new.until))
        change = await post_down(request.user, id, new, today)
    except Invalid as error:
        return await _new_form(request, file, data, error, 422)
    except Conflict as error:
        return await _new_form(request, file, data, as_invalid(error), 409)
    return redirect(f"/officers/{id}", await said(request, change, _("已派驻")))


@get("/postings/{id:uuid}/end", **requires(Permission.POSTING_END))
async def end_page(request: Request, id: FromPath[UUID]) -> Template:
    """What ending will do, and why it is done."""
    return await _end_form(request, id, {"on": str(clock.today())})


@post("/postings/{id:uuid}/end", status_code=200, **requires(Permission.POSTING_END))
async def end(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Ends the posting, or shows the form again with what is wrong."""
    held = await one_posting(request.user.scope(Permission.POSTING_END), id)
    try:
        asked = parse_form(Ending, data, lambda known: _end_faults(held, known))
        change = await end_posting(
            request.user,
            id,
            on=asked.on,
            reason=asked.reason,
            document_no=asked.document_no,
            today=clock.today(),
        )
    except Invalid as error:
        return await _end_form(request, id, data, error, 422)
    except Conflict as error:
        return await _end_form(request, id, data, as_invalid(error), 409)
    return redirect(f"/officers/{change.officer}", await said(request, change, _("派驻已结束")))


@post("/postings/{id:uuid}/cancel", status_code=200, **requires(Permission.POSTING_END))
async def cancel(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Takes back a posting that has not begun."""
    try:
        asked = parse_form(Cancelling, data)
        change = await cancel_before_start(
            request.user, id, reason=asked.reason, document_no=asked.document_no, today=clock.today()
        )
    except Invalid as error:
        return await _end_form(request, id, data, error, 422)
    except Conflict as error:
        return await _end_form(request, id, data, as_invalid(error), 409)
    return redirect(f"/officers/{change.officer}", await said(request, change, _("派驻已取消")))


@get("/postings/{id:uuid}/extend", **requires(Permission.POSTING_MAKE))
async def extend_page(request: Request, id: FromPath[UUID]) -> Template:
    """Until when it goes on, and why."""
    return await _extend_form(request, id, {})


@post("/postings/{id:uuid}/extend", status_code=200, **requires(Permission.POSTING_MAKE))
async def extend(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Moves the end further off, or shows the form again with what is wrong."""
    try:
        asked = parse_form(Extending, data)
        change = await extend_posting(
            request.user, id, until=first_day_after(asked.to), reason=asked.reason,
            document_no=asked.document_no, today=clock.today(),
        )  # fmt: skip
    except Invalid as error:
        return await _extend_form(request, id, data, error, 422)
    except Conflict as error:
        return await _extend_form(request, id, data, as_invalid(error), 409)
    return redirect(f"/officers/{change.officer}", await said(request, change, _("派驻已延长")))


def _plain_faults(known: Mapping[str, Any], today: date) -> dict[str, str]:
    until, reason = first_day_after(known.get("to")), known.get("reason", "")
    return fault_sentences(rules.plain_faults(known.get("kind"), known.get("from"), until, reason, today))


def _end_faults(held: Posting, known: Mapping[str, Any]) -> dict[str, str]:
    """What keeps the posting from ending that day, where more is wrong; alone it is the conflict it is to the API."""
    conflict = end_conflict(held, known["on"]) if "on" in known and "reason" not in known else None
    return {"on": conflict.message} if conflict else {}


def _now(file: File) -> Posting | None:
    return next((one for one in only_live(file.postings) if one.holds_on(clock.today())), None)


async def _new_form(
    request: Request, file: File, typed: Mapping[str, Any], error: Invalid | None = None, status: int = 200
) -> Template:
    scope, today, person = request.user.scope(Permission.POSTING_MAKE), clock.today(), file.person
    return render(
        request, "postings/new.html", status=status, person=person, form=form(typed, error), now=_now(file),
        kinds=options(KIND_NAMES), posts=options(POST_NAMES), days=LONGEST_BORROWING_DAYS,
        units=[("", _("请选择")), *await unit_options(scope)], duties=await consequences(request, person.id, today),
    )  # fmt: skip


async def _end_form(
    request: Request, posting: UUID, typed: Mapping[str, Any], error: Invalid | None = None, status: int = 200
) -> Template:
    scope, today = request.user.scope(Permission.POSTING_END), clock.today()
    held = await one_posting(scope, posting)
    file = await officer_file(scope, held.officer, today)
    return render(
        request, "postings/end.html", status=status, posting=held, person=file.person, form=form(typed, error),
        begun=held.valid_from <= today, duties=await consequences(request, held.officer, today),
        may_extend=held.valid_to is not None and request.user.may(Permission.POSTING_MAKE),
    )  # fmt: skip


async def _extend_form(
    request: Request, posting: UUID, typed: Mapping[str, Any], error: Invalid | None = None, status: int = 200
) -> Template:
    scope = request.user.scope(Permission.POSTING_MAKE)
    held = await one_posting(scope, posting)
    file = await officer_file(scope, held.officer, clock.today())
    return render(
        request, "postings/extend.html", status=status, posting=held, person=file.person, form=form(typed, error),
        last=last_day(held.valid_to) if held.valid_to else None,
    )  # fmt: skip


ROUTES: list[Any] = [new_page, make, end_page, end, cancel, extend_page, extend]
