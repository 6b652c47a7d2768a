"""Posting people down, ending postings, moving their end, cancelling what has not begun."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from chizheng.kernel import audit
from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.db import fetch, transactional
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import _
from personnel.facts import Change, amend, end_fact, record_fact, settle, supersede, take_turn
from personnel.postings import rules
from personnel.postings.labels import fault_sentences
from personnel.postings.queries import Posting, one_posting
from personnel.postings.rules import BESIDE, Kind, Place, Post, Triangle
from personnel.scope import require_reach
from personnel.texts import DocumentNo, Reason
from personnel.units.rules import Kind as UnitKind


class NewPosting(msgspec.Struct, frozen=True, rename={"start": "from", "until": "to"}):
    """A posting to be made: half-open days, `until` None for open. With `instead` the primary posting of the first day
    ends then; without it an overlap is refused.
    """

    kind: Kind
    owner: UUID
    manager: UUID
    user: UUID
    start: date
    post: Post = Post.ENFORCEMENT
    until: date | None = None
    document_no: DocumentNo = ""
    reason: Reason = ""
    instead: bool = False


@transactional
async def post_down(actor: Actor, officer: UUID, new: NewPosting, today: date) -> Change:
    """Posts an officer. Invalid with the fault of each input; Conflict `posting_overlap` naming what is in the way."""
    await require_reach(actor.scope(Permission.POSTING_MAKE), officer)
    await take_turn(officer)
    units = await _triangle(new)
    found = rules.faults(new.kind, units, new.start, new.until, new.reason, today)
    if found:
        raise Invalid(_("派驻填写有误"), **fault_sentences(found))
    if new.kind not in BESIDE:
        await _make_room(actor, officer, new)
    made = await record_fact(
        "posting", new.start, new.until, actor.account, officer=officer, kind=new.kind, owner_unit=new.owner,
        manager_unit=new.manager, user_unit=new.user, post=new.post, document_no=new.document_no, reason=new.reason,
    )  # fmt: skip
    change = await settle(made, officer)
    await audit.record(
        actor, "posting.make", ("posting", made), {"officer": officer, **msgspec.to_builtins(new)}
    )
    return change


@transactional
async def end_posting(
    actor: Actor, posting: UUID, *, on: date, reason: str, document_no: str = "", today: date
) -> Change:
    """The posting holds until the day before `on`, which may lie in the past or ahead.

    Conflict `posting_ends_earlier` when it ends by then anyway, `posting_not_begun` when it would hold no day.
    """
    held = await _turn(actor, posting, Permission.POSTING_END)
    _required(reason=reason)
    if conflict := end_conflict(held, on):
        raise conflict
    await end_fact(
        "posting", held.version, held.valid_from, on, actor.account, reason=reason,
        document_no=document_no or held.document_no,
    )  # fmt: skip
    return await _done(actor, "posting.end", held, {"on": on, "reason": reason, "document_no": document_no})


def end_conflict(held: Posting, on: date) -> Conflict | None:
    """Why this posting cannot end on that day."""
    if held.valid_to is not None and on >= held.valid_to:
        return _at("on", "posting_ends_earlier", _("该派驻到 %(day)s 已结束", day=held.valid_to))
    if on <= held.valid_from:
        text = _("该派驻自 %(day)s 起，结束日期应晚于这天", day=held.valid_from)
        return _at("on", "posting_not_begun", text)
    return None


@transactional
async def cancel_before_start(
    actor: Actor, posting: UUID, *, reason: str, document_no: str = "", today: date
) -> Change:
    """Takes back a posting that begins after today; Conflict `posting_begun` for any other."""
    held = await _turn(actor, posting, Permission.POSTING_END)
    _required(reason=reason)
    if held.valid_from <= today:
        raise Conflict("posting_begun", _("该派驻已于 %(day)s 开始，只能结束，不能取消", day=held.valid_from))
    await supersede("posting", held.version)
    return await _done(actor, "posting.cancel", held, {"reason": reason, "document_no": document_no})


@transactional
async def extend_posting(
    actor: Actor, posting: UUID, *, until: date | None, reason: str, document_no: str = "", today: date
) -> Change:
    """Moves the end of a posting further off, None for open.

    Conflict `posting_overlap` when another one follows, Invalid when the new end is no later.
    """
    held = await _turn(actor, posting, Permission.POSTING_MAKE)
    _required(reason=reason)
    if held.valid_to is None or (until is not None and until <= held.valid_to):
        raise Invalid(_("延长后的期满时间应晚于原期满时间"), to=_("请填写更晚的日期"))
    units = await _triangle(held)
    found = rules.faults(Kind(held.kind), units, held.valid_from, until, reason, today)
    if found:
        raise Invalid(_("派驻填写有误"), **fault_sentences(found))
    try:
        await amend(
            "posting", held.version, actor.account, valid_to=until, reason=reason,
            document_no=document_no or held.document_no,
        )  # fmt: skip
    except asyncpg.ExclusionViolationError as error:
        raise _at("to", "posting_overlap", _("延长后与后面的派驻重叠")) from error
    return await _done(
        actor, "posting.extend", held, {"to": until, "reason": reason, "document_no": document_no}
    )


async def _make_room(actor: Actor, officer: UUID, new: NewPosting) -> None:
    """Ends the primary posting of the first day, if asked to; refuses whatever else would overlap."""
    rows = await fetch(
        "SELECT p.id, p.valid_from, p.valid_to, u.name FROM posting p JOIN unit u ON u.id = p.user_unit"
        " WHERE p.officer = $1 AND p.superseded_at IS NULL AND NOT p.kind = ANY ($4::text[])"
        " AND daterange(p.valid_from, p.valid_to) && daterange($2, $3) ORDER BY p.valid_from FOR UPDATE OF p",
        officer, new.start, new.until, list(BESIDE),
    )  # fmt: skip
    for row in rows:
        if not new.instead or row["valid_from"] >= new.start:
            raise Conflict(
                "posting_overlap",
                _("与%(unit)s的派驻重叠（%(start)s 起）", unit=row["name"], start=row["valid_from"]),
                {"unit": row["name"], "from": str(row["valid_from"]), "to": str(row["valid_to"] or "")},
            )
        await end_fact("posting", row["id"], row["valid_from"], new.start, actor.account)


async def _turn(actor: Actor, posting: UUID, permission: Permission) -> Posting:
    """The posting as it stands once nobody else is changing it."""
    scope = actor.scope(permission)
    await take_turn((await one_posting(scope, posting)).officer)
    return await one_posting(scope, posting)


async def _done(actor: Actor, action: str, held: Posting, changes: dict[str, Any]) -> Change:
    change = await settle(held.id, held.officer)
    await audit.record(
        actor, action, ("posting", held.id), {"officer": held.officer, "user": held.user_name, **changes}
    )
    return change


async def _triangle(named: NewPosting | Posting) -> Triangle:
    rows = await fetch(
        "SELECT u.id, u.kind, u.valid_from, u.valid_to,"
        " ARRAY(SELECT a.ancestor FROM unit_ancestor a WHERE a.unit = u.id) FROM unit u WHERE u.id = ANY ($1::uuid[])",
        [named.owner, named.manager, named.user],
    )
    places = {row[0]: Place(UnitKind(row[1]), row[2], row[3], frozenset(row[4]), row[0]) for row in rows}
    unknown = {name for name in ("owner", "manager", "user") if getattr(named, name) not in places}
    if unknown:
        raise Invalid(_("没有这个单位"), **{name: _("请从列表中选择") for name in unknown})
    return Triangle(places[named.owner], places[named.manager], places[named.user])


def _at(field: str, code: str, message: str) -> Conflict:
    return Conflict(code, message, {"errors": {field: message}})


def _required(**texts: str) -> None:
    missing = {name: _("请填写") for name, text in texts.items() if not text.strip()}
    if missing:
        raise Invalid(_("填写有误"), **missing)
