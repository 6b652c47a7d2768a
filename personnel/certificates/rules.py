"""Certificates: their states, what may happen to them, who may do it, and what each deed needs.

Open this file to learn who may suspend a certificate, and when. Nothing here reads a clock or a database.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from chizheng.kernel.access import Permission
from personnel.texts import DocumentNo, Line, Reason


class State(StrEnum):
    """How a certificate stands on a day."""

    NOT_STARTED = "not_started"
    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    LOST = "lost"
    EXPIRED = "expired"


class Verb(StrEnum):
    """What is done to a certificate; `issue` is how it comes to be."""

    ISSUE = "issue"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    CANCEL = "cancel"
    REPORT_LOST = "report_lost"
    REISSUE = "reissue"
    RENEW = "renew"


MOVES: Final[dict[tuple[State, Verb], State]] = {
    (State.NOT_STARTED, Verb.SUSPEND): State.SUSPENDED,
    (State.NOT_STARTED, Verb.REVOKE): State.REVOKED,
    (State.NOT_STARTED, Verb.CANCEL): State.CANCELLED,
    (State.NOT_STARTED, Verb.REPORT_LOST): State.LOST,
    (State.VALID, Verb.SUSPEND): State.SUSPENDED,
    (State.VALID, Verb.REVOKE): State.REVOKED,
    (State.VALID, Verb.CANCEL): State.CANCELLED,
    (State.VALID, Verb.REPORT_LOST): State.LOST,
    (State.VALID, Verb.RENEW): State.VALID,
    (State.SUSPENDED, Verb.REINSTATE): State.VALID,
    (State.SUSPENDED, Verb.REVOKE): State.REVOKED,
    (State.SUSPENDED, Verb.CANCEL): State.CANCELLED,
    (State.SUSPENDED, Verb.REPORT_LOST): State.SUSPENDED,
    (State.LOST, Verb.REISSUE): State.VALID,
    (State.LOST, Verb.SUSPEND): State.SUSPENDED,
    (State.LOST, Verb.REVOKE): State.REVOKED,
    (State.LOST, Verb.CANCEL): State.CANCELLED,
    (State.EXPIRED, Verb.REVOKE): State.REVOKED,
    (State.EXPIRED, Verb.CANCEL): State.CANCELLED,
}
"""What may happen in which state, and what comes of it. An expired certificate is not renewed, because that would
cover days nobody was certified on: another one is issued. A revoked one stays revoked (交通证件规定 34)."""

WHO: Final[dict[Verb, Permission]] = {
    Verb.ISSUE: Permission.CERTIFICATE_ISSUE,
    Verb.SUSPEND: Permission.CERTIFICATE_SUSPEND,
    Verb.REINSTATE: Permission.CERTIFICATE_REINSTATE,
    Verb.REVOKE: Permission.CERTIFICATE_REVOKE,
    Verb.CANCEL: Permission.CERTIFICATE_CANCEL,
    Verb.REPORT_LOST: Permission.CERTIFICATE_REPORT_LOST,
    Verb.REISSUE: Permission.CERTIFICATE_REISSUE,
    Verb.RENEW: Permission.CERTIFICATE_ISSUE,
}
"""The permission each deed needs; a renewal is a decision like the issue."""

NEEDS: Final[dict[Verb, tuple[str, ...]]] = {
    Verb.ISSUE: ("number", "to"),
    Verb.SUSPEND: ("due_on", "reason", "document_no"),
    Verb.REINSTATE: ("reason", "document_no"),
    Verb.REVOKE: ("reason", "document_no"),
    Verb.CANCEL: ("reason", "document_no"),
    Verb.REPORT_LOST: ("reason",),
    Verb.REISSUE: ("number", "document_no"),
    Verb.RENEW: ("to", "document_no"),
}
"""What must be given besides the day."""

BARS: Final = (Verb.REVOKE, Verb.CANCEL, Verb.SUSPEND, Verb.REPORT_LOST)
"""The deeds that bar a certificate while they hold, the weightiest first."""

BARRED_AS: Final = {
    Verb.REVOKE: State.REVOKED,
    Verb.CANCEL: State.CANCELLED,
    Verb.SUSPEND: State.SUSPENDED,
    Verb.REPORT_LOST: State.LOST,
}

NOT_AHEAD: Final = frozenset({Verb.REPORT_LOST, Verb.REISSUE, Verb.RENEW})
"""Deeds that cannot be dated after today: a loss is known when it is known, and a new number counts at once."""

SUSPENSION_MONTHS: Final = 6
"""The longest suspension (辽宁省行政执法监督规定 36)."""
LONGEST_TERM_YEARS: Final = 6
"""The longest validity; provinces give five or six years."""
FURTHEST_AHEAD_DAYS: Final = 366
"""How far ahead a deed may be dated."""
LEAST_AGE: Final = 18
NUMBER: Final = re.compile(r"[0-9A-Z][0-9A-Z-]{5,29}")
"""A certificate number: 6 to 30 capital letters, digits and hyphens, once widths and case are made one."""


class Held(msgspec.Struct, frozen=True):
    """What is decided on: a certificate's days, half-open. Certificates always end."""

    issued_on: date
    valid_from: date
    valid_to: date


class Event(msgspec.Struct, frozen=True):
    """Something that happened and how long it holds; `valid_to` None is for good."""

    verb: Verb
    valid_from: date
    valid_to: date | None = None


class Order(msgspec.Struct, frozen=True, rename={"start": "from", "until": "to"}):
    """What somebody wants done: from which day, why, on what paper. `until` is the first day a renewed certificate is
    no longer valid; `due_on` the day a suspension must have been looked at.
    """

    start: date
    reason: Reason = ""
    document_no: DocumentNo = ""
    due_on: date | None = None
    number: Line = ""
    until: date | None = None


class Fault(StrEnum):
    """Why an input is refused."""

    MISSING = "missing"
    BEFORE_ISSUE = "before_issue"
    TOO_FAR_AHEAD = "too_far_ahead"
    AHEAD = "ahead"
    NOT_AFTER = "not_after"
    SUSPENSION_TOO_LONG = "suspension_too_long"
    TERM_TOO_LONG = "term_too_long"
    NOT_LONGER = "not_longer"
    NUMBER_MALFORMED = "number_malformed"
    NUMBER_THE_SAME = "number_the_same"
    NO_FIELD = "no_field"


def bars_on(events: Iterable[Event], day: date) -> frozenset[Verb]:
    """What bars the certificate on that day."""
    return frozenset(
        event.verb
        for event in events
        if event.verb in BARS and event.valid_from <= day and (event.valid_to is None or day < event.valid_to)
    )


def state_on(certificate: Held, events: Iterable[Event], day: date) -> State:
    """The state on a day; of several bars the weightiest gives the name."""
    barred = bars_on(events, day)
    for verb in BARS:
        if verb in barred:
            return BARRED_AS[verb]
    if day < certificate.valid_from:
        return State.NOT_STARTED
    return State.VALID if day < certificate.valid_to else State.EXPIRED


def may(certificate: Held, events: Iterable[Event], verb: Verb, day: date) -> bool:
    """Whether the deed may be done with effect from that day: the state allows it, and the same bar does not hold
    already then or later.
    """
    known = tuple(events)
    repeated = verb in BARS and any(
        event.verb is verb and (event.valid_to is None or event.valid_to > day) for event in known
    )
    return (state_on(certificate, known, day), verb) in MOVES and not repeated


def verbs_on(certificate: Held, events: Iterable[Event], day: date) -> tuple[Verb, ...]:
    """What may be done to it that day, in the order of `Verb`."""
    known = tuple(events)
    return tuple(verb for verb in Verb if may(certificate, known, verb, day))


def faults(verb: Verb, order: Order, certificate: Held, number: str, today: date) -> dict[str, Fault]:
    """What is wrong with an order, by the name of its input; `number` is the certificate's present one."""
    given = {
        "reason": order.reason.strip(), "document_no": order.document_no.strip(), "due_on": order.due_on,
        "number": order.number.strip(), "to": order.until,
    }  # fmt: skip
    found = missing(verb, given)
    if order.start < certificate.issued_on:
        found["from"] = Fault.BEFORE_ISSUE
    elif verb in NOT_AHEAD and order.start > today:
        found["from"] = Fault.AHEAD
    elif order.start > today + timedelta(days=FURTHEST_AHEAD_DAYS):
        found["from"] = Fault.TOO_FAR_AHEAD
    if verb is Verb.SUSPEND and order.due_on:
        found |= _suspension_faults(order.start, order.due_on)
    if verb is Verb.REISSUE and order.number.strip():
        found |= number_faults(order.number, number)
    if verb is Verb.RENEW and order.until:
        found |= _term_faults(order.start, order.until, certificate.valid_to)
    return found


def missing(verb: Verb, given: Mapping[str, object]) -> dict[str, Fault]:
    """What the deed needs and is not given."""
    return {name: Fault.MISSING for name in NEEDS[verb] if not given.get(name)}


def new_certificate_faults(
    number: str, fields: Iterable[str], issued_on: date | None, start: date | None, until: date | None
) -> dict[str, Fault]:
    """What is wrong with a certificate about to be issued; days not known yet are not judged."""
    found: dict[str, Fault] = number_faults(number) if number.strip() else {"number": Fault.MISSING}
    if not tuple(fields):
        found["fields"] = Fault.NO_FIELD
    if start and issued_on and start < issued_on:
        found["from"] = Fault.BEFORE_ISSUE
    return found | (_term_faults(start, until) if start and until else {})


def number_faults(number: str, present: str = "") -> dict[str, Fault]:
    """Whether a number is well-formed and another than the present one."""
    if not NUMBER.fullmatch(tidy_number(number)):
        return {"number": Fault.NUMBER_MALFORMED}
    return {"number": Fault.NUMBER_THE_SAME} if tidy_number(number) == present else {}


def tidy_number(number: str) -> str:
    """A number as it is kept: narrow, capital, without spaces."""
    return "".join(unicodedata.normalize("NFKC", number).upper().split())


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day; the calendar's end when there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _suspension_faults(start: date, due_on: date) -> dict[str, Fault]:
    if due_on <= start:
        return {"due_on": Fault.NOT_AFTER}
    return {"due_on": Fault.SUSPENSION_TOO_LONG} if due_on > months_later(start, SUSPENSION_MONTHS) else {}


def _term_faults(start: date, until: date, present: date | None = None) -> dict[str, Fault]:
    if until <= start:
        return {"to": Fault.NOT_AFTER}
    if present is not None and until <= present:
        return {"to": Fault.NOT_LONGER}
    longest = months_later(start, 12 * LONGEST_TERM_YEARS)
    if present is not None:
        longest = max(longest, months_later(present, 12 * LONGEST_TERM_YEARS))
    return {"to": Fault.TERM_TOO_LONG} if until > longest else {}
