"""What a roster's row changes in what is known of a person: differences only, and a blank cell never erases.

Pure but for fresh ids: the same row against the same facts plans the same changes, and none once they are written.
"""

from datetime import date
from typing import Final

from personnel.imports.known import District, Person
from personnel.imports.plan_certificates import plan_certificate
from personnel.imports.plan_postings import plan_posting
from personnel.imports.planner import Planner, RowPlan
from personnel.imports.problems import Level
from personnel.imports.roster import RosterRow

LONGEST: Final = {
    "ethnicity": 20,
    "politics": 20,
    "education": 20,
    "rank_title": 40,
    "legal_number": 60,
    "certificate_authority": 100,
}
COLUMNS: Final = (
    "name",
    "sex",
    "born",
    "ethnicity",
    "politics",
    "education",
    "rank_title",
    "field",
    "remark",
)


def plan_row(row: RosterRow, person: Person | None, district: District) -> RowPlan:
    """The plan of one row; a row with an error plans nothing and says why."""
    planner = Planner(district, row, person)
    if row.level is Level.ERROR or not _is_in_reach(planner) or not _fits(planner):
        return planner.plan()
    _plan_columns(planner)
    start = _first_day(planner)
    _plan_service(planner, start)
    _plan_establishment(planner, start)
    _plan_legal_qualification(planner)
    plan_posting(planner, start)
    plan_certificate(planner)
    return planner.plan()


def _is_in_reach(planner: Planner) -> bool:
    reach = planner.district.reach
    if reach is None:
        return True
    owner = planner.values.owner_unit
    if (owner is not None and owner not in reach) or (planner.person and not planner.person.in_reach):
        planner.error("owner_unit", "out_of_reach")
        return False
    return True


def _fits(planner: Planner) -> bool:
    for column, limit in LONGEST.items():
        text = getattr(planner.values, column)
        if text and len(text) > limit:
            planner.error(column, "longer_than", limit=limit)
    return planner.row.level is not Level.ERROR and len(planner.problems) == len(planner.row.problems)


def _plan_columns(planner: Planner) -> None:
    """The officer's own columns, as far as the row says something else than what stands there."""
    values, person = planner.values, planner.person
    said = {column: getattr(values, column) for column in COLUMNS}
    known = person.columns if person else {}
    planner.columns = {
        column: str(value)
        for column, value in said.items()
        if value not in (None, "") and str(value) != known.get(column)
    }
    if values.phone and (person is None or values.phone != person.phone):
        planner.columns["phone"] = values.phone
    if person is None:
        planner.columns["id_number"] = values.id_number
    if person and not person.withdrawn and "name" in planner.columns:
        planner.warn("name", "name_changed", known=known.get("name"))
    _say_columns(planner)


def _say_columns(planner: Planner) -> None:
    if planner.person is None:
        planner.say("officer_new")
    elif planner.person.withdrawn:
        planner.say("officer_returns")
    elif planner.columns:
        planner.say("officer_columns", columns=list(planner.columns))


def _first_day(planner: Planner) -> date:
    """The earliest day the row tells of: from then on the person is taken to have served."""
    told = (planner.values.posted_from, planner.values.issued_on)
    return min([planner.day, *(day for day in told if day)])


def _plan_service(planner: Planner, start: date) -> None:
    held = planner.of("service")
    if not held:
        planner.record(
            "service", start, None, officer=planner.officer, status="active", reason="", document_no=""
        )
        planner.say("service_recorded", since=start)
    elif not any(
        fact.values["status"] == "active" and (fact.valid_to is None or fact.valid_to > planner.day)
        for fact in held
    ):
        planner.warn("name", "service_state_differs")


def _plan_establishment(planner: Planner, start: date) -> None:
    now = planner.values.establishment
    held = planner.of("establishment")
    if now is None:
        return
    if not held:
        planner.record("establishment", start, None, officer=planner.officer, type=now)
        planner.say("establishment_recorded", type=now, since=start)
        return
    present = next((fact for fact in held if fact.holds_on(planner.day)), None)
    if present is None:
        later = next((fact.valid_from for fact in held if fact.valid_from > planner.day), None)
        planner.record("establishment", planner.day, later, officer=planner.officer, type=now)
        planner.say("establishment_recorded", type=now, since=planner.day)
    elif present.values["type"] != now:
        planner.say("establishment_changed", old=present.values["type"], type=now, since=planner.day)
        if present.valid_from == planner.day:
            planner.replace(present, type=now)
        else:
            planner.replace(present, end=planner.day)
            planner.record("establishment", planner.day, present.valid_to, officer=planner.officer, type=now)


def _plan_legal_qualification(planner: Planner) -> None:
    said, number = planner.values.legal_qualified, planner.values.legal_number or ""
    held = planner.of("legal_qualification")
    if said and not held:
        planner.record("legal_qualification", planner.day, None, officer=planner.officer, number=number)
        planner.say("legal_recorded", since=planner.day)
    elif said and number and not any(fact.values["number"] for fact in held):
        planner.replace(held[-1], number=number)
        planner.say("legal_number", number=number)
    elif said is False and held:
        planner.warn("legal_qualified", "legal_state_differs")
