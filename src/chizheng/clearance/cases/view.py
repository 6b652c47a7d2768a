"""A case as its page shows it: what happened, who had to step down, who could be assigned. No SQL, no HTML."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from chizheng.clearance.assignments.queries import Assignment, Candidate, Refusal
from chizheng.clearance.assignments.rules import Ending
from chizheng.clearance.cases.queries import Case, Event
from chizheng.clearance.gate import rules as gate
from chizheng.clearance.gate.rules import Explained, Question, Role
from chizheng.kernel.i18n import N_, _
from chizheng.kernel.templating import time

SAYINGS = {
    "case.open": N_("案件已立案"),
    "case.correct": N_("案件信息已更正"),
    "case.close": N_("案件已结案"),
}


class Moment(msgspec.Struct, frozen=True):
    """One entry of the timeline, in the words of the macros."""

    at: datetime
    when: str
    title: str
    kind: str = "neutral"
    text: str = ""
    who: str = ""
    href: str = ""


def reasons(case: Case, assignment: Assignment) -> list[Explained]:
    """Why the gate ended an assignment, in words."""
    gaps = assignment.ending_gaps
    asked = Question(assignment.role, case.field, case.unit, assignment.start, assignment.end)
    return gate.explained(gaps, asked.on_first_day(gaps))


def stood_down(case: Case, team: Iterable[Assignment]) -> list[tuple[Assignment, list[Explained]]]:
    """Whom the gate took off, latest first, and why."""
    gone = [one for one in team if one.ending == Ending.STOOD_DOWN]
    return [(one, reasons(case, one)) for one in gone]


def timeline(
    case: Case, events: Sequence[Event], team: Iterable[Assignment], refusals: Iterable[Refusal]
) -> list[Moment]:
    """Everything that happened to a case, newest first: whatever door it came through, and who did it, where known."""
    who = {
        (one["officer"], one["role"]): event.who
        for event in events
        for one in event.changes.get("officers", ())
    }
    released_by = {
        event.changes["assignment"]: event.who for event in events if "assignment" in event.changes
    }
    moments = [_done(event) for event in events if event.action in SAYINGS]
    moments += [_refused(one, who.get((str(one.officer), one.role), "")) for one in refusals]
    for one in team:
        moments.append(_assigned(one, who.get((str(one.officer), one.role), "")))
        if one.ended_at is not None and one.ending != Ending.CASE_CLOSED:
            moments.append(_ended(case, one, one.ended_at, released_by.get(str(one.id), "")))
    # of what one transaction did, the end stands above the beginning
    return sorted(moments, key=lambda moment: moment.at)[::-1]


def next_role(case: Case, team: Iterable[Assignment]) -> Role:
    """The role a case lacks most: a lead, a second handler, then a reviewer."""
    taken = {one.role for one in team if one.stands}
    if Role.LEAD not in taken:
        return Role.LEAD
    return Role.CO_HANDLER if case.handlers < case.handlers_needed else Role.LEGAL_REVIEWER


def sides(case: Case, found: Sequence[Candidate]) -> dict[str, Any]:
    """Those who may be assigned, with soft gaps in words; those who may not, with all gaps in words; and of these
    apart those whose certificate is for other fields, who come last.
    """
    told = [(_short(case, one), gate.explained(one.gaps, one.asked)) for one in found]
    barred = [pair for pair in told if not pair[0].cleared]
    return {
        "people": [(str(one.person.officer), one.person.name) for one in found if one.cleared],
        "cleared": [pair for pair in told if pair[0].cleared],
        "barred": [pair for pair in barred if not _other_field(pair[0])],
        "other_fields": [pair for pair in barred if _other_field(pair[0])],
    }


def _other_field(one: Candidate) -> bool:
    return any(gap.code == "field_not_covered" for gap in one.gaps)


def _short(case: Case, one: Candidate) -> Candidate:
    squad = one.person.squad.removeprefix(case.unit_name) or one.person.squad
    return msgspec.structs.replace(one, person=msgspec.structs.replace(one.person, squad=squad))


def _done(event: Event) -> Moment:
    return Moment(event.at, time(event.at), _(SAYINGS[event.action]), who=event.who)


def _assigned(one: Assignment, who: str) -> Moment:
    title = _("指派%(name)s任%(role)s", name=one.officer_name, role=gate.role_name(one.role))
    return Moment(one.assigned_at, time(one.assigned_at), title, "cleared", who=who)


def _refused(one: Refusal, who: str) -> Moment:
    title = _("拒绝指派%(name)s任%(role)s", name=one.officer_name, role=gate.role_name(one.role))
    text = _("核验记录第 %(number)s 号", number=one.number)
    return Moment(one.at, time(one.at), title, "not_cleared", text, who, f"/decisions/{one.number}")


def _ended(case: Case, one: Assignment, at: datetime, who: str) -> Moment:
    role = gate.role_name(one.role)
    if one.ending == Ending.STOOD_DOWN:
        text = _("；").join(reason.message for reason in reasons(case, one))
        href = f"/decisions/{one.ending_decision}" if one.ending_decision else ""
        return Moment(at, time(at), _("%(name)s离岗", name=one.officer_name), "not_cleared", text, href=href)
    if one.ending == Ending.FINISHED:
        return Moment(at, time(at), _("%(name)s任%(role)s期满", name=one.officer_name, role=role))
    title = _("%(name)s解除%(role)s", name=one.officer_name, role=role)
    return Moment(at, time(at), title, text=one.ending_reason, who=who)
