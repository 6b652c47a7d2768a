"""What a row changes in a person's certificates. A roster may bar a certificate; it never lifts a bar."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from chizheng.kernel.i18n import N_
from personnel.certificates.rules import BARS, Verb, tidy_number
from personnel.imports.known import Fact
from personnel.imports.planner import Planner
from personnel.imports.problems import Level, worst

BARRED_BY: Final = {
    "suspended": Verb.SUSPEND,
    "revoked": Verb.REVOKE,
    "cancelled": Verb.CANCEL,
    "lost": Verb.REPORT_LOST,
}
REASON: Final = N_("花名册载明")
ONE_DAY: Final = timedelta(days=1)


def plan_certificate(planner: Planner) -> None:
    """Records the row's certificate, or corrects the dates of the one with its number, and takes over its bar."""
    if not planner.values.certificate_number:
        return
    number = tidy_number(planner.values.certificate_number)
    holder = planner.district.holders.get(number)
    if holder is not None and holder != planner.officer:
        planner.error("certificate_number", "certificate_number_shared")
        return
    known = next((fact for fact in planner.of("certificate") if fact.values["number"] == number), None)
    if known is None:
        _issue(planner, number)
    else:
        _correct(planner, known)


def _issue(planner: Planner, number: str) -> None:
    values = planner.values
    if values.issued_on is None or values.valid_to is None:
        planner.error("issued_on" if values.issued_on is None else "valid_to", "certificate_date_missing")
        return
    if not values.fields:
        planner.error("field", "certificate_field_missing")
    same_start = [fact for fact in planner.of("certificate") if fact.valid_from == values.issued_on]
    if same_start:
        planner.error("issued_on", "certificate_start_taken", number=same_start[0].values["number"])
    unit = _anchor(planner)
    if not _stays_barred(planner, None, values.issued_on) or unit is None:
        return
    series = planner.record(
        "certificate", values.issued_on, values.valid_to, officer=planner.officer, number=number,
        fields=list(values.fields), area=planner.district.root_of(unit),
        authority=values.certificate_authority or "", issued_on=values.issued_on,
    )  # fmt: skip
    planner.say(
        "certificate_recorded", number=number, since=values.issued_on, until=values.valid_to - ONE_DAY
    )
    _take_over_state(planner, series, values.issued_on, values.valid_to)


def _anchor(planner: Planner) -> UUID | None:
    """A unit of the person's district."""
    known = planner.district.finder.by_id
    postings = [UUID(fact.values["owner_unit"]) for fact in planner.of("posting")]
    units = (planner.values.owner_unit, planner.values.manager_unit, *reversed(postings))
    found = next((unit for unit in units if unit in known), None)
    if found is None and worst(planner.problems) is not Level.ERROR:
        planner.error("owner_unit", "owner_unit_missing")
    return found


def _correct(planner: Planner, known: Fact) -> None:
    """The certificate of this number with the row's dates; the fields stay those that were issued."""
    values = planner.values
    start, end = known.valid_from, values.valid_to or known.valid_to
    issued = date.fromisoformat(known.values["issued_on"]) if known.values["issued_on"] else None
    if values.issued_on and values.issued_on != issued:
        start = issued = values.issued_on
    if end is None or end <= start:
        planner.error("valid_to", "expires_before_issued", issued=start, expires=end)
        return
    taken = [fact for fact in planner.of("certificate") if fact is not known and fact.valid_from == start]
    if taken:
        planner.error("issued_on", "certificate_start_taken", number=taken[0].values["number"])
        return
    if start != known.valid_from and not _stays_barred(planner, known.series, start):
        return
    authority = known.values["authority"] or values.certificate_authority or ""
    if (start, end, authority) != (known.valid_from, known.valid_to, known.values["authority"]):
        planner.replace(known, start=start, end=end, issued_on=issued, authority=authority)
        planner.say("certificate_corrected", number=known.values["number"], since=start, until=end - ONE_DAY)
    if not set(values.fields) <= set(known.values["fields"]):
        planner.warn("field", "certificate_fields_differ")
    _take_over_state(planner, known.series, start, end)


def _open_bars(planner: Planner) -> list[Fact]:
    return [
        event
        for event in planner.of("certificate_event")
        if event.values["verb"] in BARS and (event.valid_to is None or event.valid_to > planner.day)
    ]


def _stays_barred(planner: Planner, series: UUID | None, start: date) -> bool:
    """Whether no bar on another certificate is evaded by one that begins on `start`. After a cancellation or a
    loss a later card is the ordinary way; after a suspension or a revocation it is not the roster's to give.
    """
    for event in _open_bars(planner):
        if event.values["certificate"] == str(series):
            continue
        if event.values["verb"] in (Verb.SUSPEND, Verb.REVOKE) or event.valid_from > start:
            planner.error("certificate_number", "certificate_barred", since=event.valid_from)
            return False
    return True


def _take_over_state(planner: Planner, series: UUID, start: date, end: date) -> None:
    state = planner.values.certificate_state
    bars = [event for event in _open_bars(planner) if event.values["certificate"] == str(series)]
    verb = BARRED_BY.get(state or "")
    if verb is not None and not any(event.values["verb"] == verb for event in bars):
        day = max(planner.day, start)
        planner.record(
            "certificate_event", day, None, certificate=series, officer=planner.officer, verb=verb.value,
            due_on=None, reason=REASON, document_no="",
        )  # fmt: skip
        planner.say("certificate_barred", verb=verb.value, since=day)
    elif state == "valid" and bars:
        planner.warn("certificate_state", "certificate_state_differs", since=bars[0].valid_from)
    elif state == "expired" and end > planner.day:
        planner.warn("certificate_state", "certificate_end_differs")
