"""What is done to certificates. Each deed takes the officer's turn first, so of two clerks at once the second sees
what the first has done.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from chizheng.kernel import audit
from chizheng.kernel.access import Actor
from chizheng.kernel.db import transactional
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import _
from personnel.certificates.labels import STATE_NAMES, VERB_NAMES, fault_sentences
from personnel.certificates.queries import Certificate, Happening, events_of, holder_of, one_certificate
from personnel.certificates.rules import WHO, Order, Verb, faults, may, state_on, tidy_number
from personnel.facts import Change, amend, end_fact, record_fact, settle, take_turn


class Held(msgspec.Struct, frozen=True):
    """A certificate under the officer's turn, what counts of its events, and the order that is being carried out."""

    actor: Actor
    certificate: Certificate
    events: list[Happening]
    verb: Verb
    order: Order


@transactional
async def suspend_certificate(actor: Actor, certificate: UUID, order: Order, today: date) -> Change:
    """Bars it until somebody reinstates it; `due_on` says when that must have been looked at (辽宁 36: six months)."""
    return await _done(await _take(actor, certificate, Verb.SUSPEND, order, today))


@transactional
async def revoke_certificate(actor: Actor, certificate: UUID, order: Order, today: date) -> Change:
    """Bars it, and the person, for good (交通证件规定 33, 34)."""
    return await _done(await _take(actor, certificate, Verb.REVOKE, order, today))


@transactional
async def cancel_certificate(actor: Actor, certificate: UUID, order: Order, today: date) -> Change:
    """Bars it for good, on transfer or retirement (交通证件规定 25)."""
    return await _done(await _take(actor, certificate, Verb.CANCEL, order, today))


@transactional
async def report_lost(actor: Actor, certificate: UUID, order: Order, today: date) -> Change:
    """Bars it until a new one is issued: there is nothing to show (行政处罚法 55)."""
    return await _done(await _take(actor, certificate, Verb.REPORT_LOST, order, today))


@transactional
async def reinstate_certificate(actor: Actor, certificate: UUID, order: Order, today: date) -> Change:
    """Ends the suspension that holds on the order's day (交通证件规定 32)."""
    held = await _take(actor, certificate, Verb.REINSTATE, order, today)
    await _end_bars(held, Verb.SUSPEND)
    return await _done(held)


@transactional
async def reissue_certificate(actor: Actor, certificate: UUID, order: Order, today: date) -> Change:
    """A lost certificate under a new number, its days unchanged; the old one stays in its history (交通证件规定 24)."""
    held = await _take(actor, certificate, Verb.REISSUE, order, today)
    number = tidy_number(order.number)
    await require_free(actor, Verb.REISSUE, number, certificate, today)
    await _end_bars(held, Verb.REPORT_LOST)
    await _amend(held, number=number)
    return await _done(held, before=held.certificate.number, number=number)


@transactional
async def renew_certificate(actor: Actor, certificate: UUID, order: Order, today: date) -> Change:
    """A valid certificate gets a later end."""
    held = await _take(actor, certificate, Verb.RENEW, order, today)
    await _amend(held, valid_to=order.until)
    return await _done(held, before=held.certificate.valid_to)


DEEDS: Final[dict[Verb, Callable[[Actor, UUID, Order, date], Awaitable[Change]]]] = {
    Verb.SUSPEND: suspend_certificate,
    Verb.REINSTATE: reinstate_certificate,
    Verb.REVOKE: revoke_certificate,
    Verb.CANCEL: cancel_certificate,
    Verb.REPORT_LOST: report_lost,
    Verb.REISSUE: reissue_certificate,
    Verb.RENEW: renew_certificate,
}
"""Each verb's action; every verb but `issue`, which makes a certificate (see issuing.py)."""


async def require_free(actor: Actor, verb: Verb, number: str, but_not: UUID | None, today: date) -> None:
    """Raises Conflict `number_taken` when another certificate has or had the number; names its holder only to those
    who may see them.
    """
    holder = await holder_of(actor.scope(WHO[verb]), number, but_not, today)
    if holder is None:
        return
    if holder.name is None:
        raise number_taken(number)
    who = holder.name + (_("（%(unit)s）", unit=holder.unit_name) if holder.unit_name else "")
    text = _("证号 %(number)s 已由%(who)s持有", number=number, who=who)
    raise number_taken(number, text, certificate=str(holder.certificate))


def number_taken(number: str, text: str = "", **details: str) -> Conflict:
    """Conflict `number_taken`, which is about the number."""
    text = text or _("证号 %(number)s 已被使用", number=number)
    return Conflict("number_taken", text, {"number": number, "errors": {"number": text}, **details})


async def _take(actor: Actor, certificate: UUID, verb: Verb, order: Order, today: date) -> Held:
    """The certificate once nobody else is changing it; refuses what the rules refuse."""
    scope = actor.scope(WHO[verb])
    await take_turn((await one_certificate(scope, certificate, today)).officer)
    found = await one_certificate(scope, certificate, order.start)
    events = [event for event in await events_of(found.officer, certificate) if event.superseded_at is None]
    wrong = faults(verb, order, found.held(), found.number, today)
    if wrong:
        raise Invalid(_("填写有误"), **fault_sentences(wrong))
    known = [event.event() for event in events]
    if not may(found.held(), known, verb, order.start):
        state = state_on(found.held(), known, order.start)
        raise Conflict(
            "certificate_transition",
            _("证件于 %(day)s 的状态为“%(state)s”，不能办理“%(verb)s”", day=order.start, state=_(STATE_NAMES[state]),
              verb=_(VERB_NAMES[verb])),
            {"state": state.value, "verb": verb.value, "from": order.start.isoformat()},
        )  # fmt: skip
    return Held(actor, found, events, verb, order)


async def _end_bars(held: Held, verb: Verb) -> None:
    day = held.order.start
    for event in held.events:
        if (
            event.verb == verb
            and event.valid_from <= day
            and (event.valid_to is None or day < event.valid_to)
        ):
            await end_fact("certificate_event", event.version, event.valid_from, day, held.actor.account)


async def _amend(held: Held, **changes: Any) -> None:
    try:
        await amend("certificate", held.certificate.version, held.actor.account, **changes)
    except asyncpg.UniqueViolationError as error:
        raise number_taken(held.order.number) from error


async def _done(held: Held, **further: Any) -> Change:
    """Records the event, lets the gate act, writes the log."""
    order, certificate = held.order, held.certificate
    await record_fact(
        "certificate_event", order.start, None, held.actor.account, certificate=certificate.id,
        officer=certificate.officer, verb=held.verb.value, due_on=order.due_on if held.verb is Verb.SUSPEND else None,
        reason=order.reason.strip(), document_no=order.document_no.strip(),
    )  # fmt: skip
    change = await settle(certificate.id, certificate.officer)
    changes = {
        "officer": certificate.officer,
        "was": certificate.number,
        **msgspec.to_builtins(order),
        **further,
    }
    await audit.record(held.actor, f"certificate.{held.verb}", ("certificate", certificate.id), changes)
    return change
