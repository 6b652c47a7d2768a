"""A second opinion on clearance, written from the brief's words (domain.md §5) and as simply as can be.

Day after day, plain loops over plain records; no SQL, no ranges, nothing shared with the gate. It is slow on
purpose: whoever doubts the gate should be able to read this in five minutes and believe it.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

INVESTIGATORS = {"lead", "co_handler"}
ROLES = {"lead", "co_handler", "legal_reviewer", "hearing_chair", "observer"}
ESTABLISHED = {"administrative", "enforcement", "civil_service_managed", "institution"}
SOFT = {"borrowed_out"}
BARS = {
    "suspend": "certificate_suspended",
    "cancel": "certificate_cancelled",
    "report_lost": "certificate_lost",
}

Gap = tuple[str, date | None, date | None]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One version of a fact. `until` is the first day it no longer holds; None: open."""

    officer: UUID
    since: date
    until: date | None
    superseded: bool = False

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, kw_only=True)
class Service(Record):
    status: str


@dataclass(frozen=True, kw_only=True)
class Establishment(Record):
    type: str


@dataclass(frozen=True, kw_only=True)
class LegalQualification(Record):
    pass


@dataclass(frozen=True, kw_only=True)
class Posting(Record):
    kind: str
    user: UUID


@dataclass(frozen=True, kw_only=True)
class Certificate(Record):
    series: UUID
    fields: tuple[str, ...]
    area: UUID


@dataclass(frozen=True, kw_only=True)
class Event(Record):
    certificate: UUID
    verb: str


@dataclass
class Facts:
    """All that is known: every version of every fact, and who each unit's parent is."""

    services: list[Service] = field(default_factory=list)
    establishments: list[Establishment] = field(default_factory=list)
    qualifications: list[LegalQualification] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    parents: dict[UUID, UUID | None] = field(default_factory=dict, repr=False)

    def of(self, officer: UUID) -> "Facts":
        """What is known of one person and still stands."""
        lists = (
            self.services,
            self.establishments,
            self.qualifications,
            self.postings,
            self.certificates,
            self.events,
        )
        live = [[r for r in records if r.officer == officer and not r.superseded] for records in lists]
        return Facts(*live, parents=self.parents)  # type: ignore[arg-type]


def gaps(facts: Facts, officer: UUID, role: str, field: str, unit: UUID, start: date, end: date) -> set[Gap]:
    """Each gap with its first day and the day after its last, over the days from `start` until `end`."""
    if start >= end:
        return {("question_unclear", None, None)}
    known = facts.of(officer)
    found: dict[tuple[str, int], list[date]] = {}
    day = start
    while day < end:
        for reason in gaps_of_day(known, role, field, unit, day):
            found.setdefault(reason, []).append(day)
        day += timedelta(days=1)
    return {(code, days[0], days[-1] + timedelta(days=1)) for (code, _), days in found.items()}


def hard_gaps(
    facts: Facts, officer: UUID, role: str, field: str, unit: UUID, start: date, end: date
) -> set[Gap]:
    """The gaps that nobody may accept."""
    return {gap for gap in gaps(facts, officer, role, field, unit, start, end) if gap[0] not in SOFT}


def gaps_of_day(known: Facts, role: str, field: str, unit: UUID, day: date) -> set[tuple[str, int]]:
    """Codes of one day, each with the record it comes from (0: from the lack of one)."""
    found = set()
    if role not in ROLES:
        found.add(("question_unclear", 0))
    if not any(s.status == "active" and s.holds_on(day) for s in known.services):
        found.add(("not_in_service", 0))
    if role in ROLES - {"observer"}:
        if not any(e.type in ESTABLISHED and e.holds_on(day) for e in known.establishments):
            found.add(("not_in_establishment", 0))
        found |= _of_the_certificate(known, role, field, unit, day)
    if role == "legal_reviewer" and not any(q.holds_on(day) for q in known.qualifications):
        found.add(("legal_qualification_missing", 0))
    return found | _of_the_posting(known, unit, day)


def _of_the_certificate(known: Facts, role: str, field: str, unit: UUID, day: date) -> set[tuple[str, int]]:
    found = set()
    for event in known.events:
        if event.verb == "revoke" and event.holds_on(day):
            found.add(("certificate_revoked", id(event)))
    if not known.certificates:
        return found | {("no_certificate", 0)}
    begun = [c for c in known.certificates if c.since <= day]
    if not begun:
        return found | {("certificate_not_started", 0)}
    certificate = max(begun, key=lambda c: c.since)
    if not certificate.holds_on(day):
        found.add(("certificate_expired", id(certificate)))
    for event in known.events:
        if event.verb in BARS and event.certificate == certificate.series and event.holds_on(day):
            found.add((BARS[event.verb], id(event)))
    if role in INVESTIGATORS and field not in certificate.fields:
        found.add(("field_not_covered", id(certificate)))
    if certificate.area not in _upwards(known, unit):
        found.add(("area_not_covered", id(certificate)))
    return found


def _of_the_posting(known: Facts, unit: UUID, day: date) -> set[tuple[str, int]]:
    found = set()
    of_the_day = [p for p in known.postings if p.holds_on(day)]
    here = [p for p in of_the_day if p.user in _upwards(known, unit) or unit in _upwards(known, p.user)]
    if not here:
        found.add(("not_posted_here", 0))
    for posting in of_the_day:
        if posting.kind == "borrowing" and posting not in here:
            found.add(("borrowed_out", id(posting)))
    return found


def _upwards(known: Facts, unit: UUID) -> list[UUID]:
    """The unit and every unit above it."""
    path = []
    step: UUID | None = unit
    while step is not None:
        path.append(step)
        step = known.parents.get(step)
    return path
