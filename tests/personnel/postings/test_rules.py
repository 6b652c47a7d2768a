"""Which owner, manager and user a kind of posting may join."""

from datetime import date, timedelta

import pytest

from personnel.postings.rules import Fault, Kind, Place, Triangle, faults
from personnel.units.rules import Kind as UnitKind

TODAY = date(2026, 11, 21)
LONG_AGO = date(2020, 1, 1)


def place(kind: UnitKind, *above: str, name: str = "", end: date | None = None) -> Place:
    name = name or kind.value
    return Place(kind, LONG_AGO, end, frozenset({name, *above}), name)


DISTRICT = place(UnitKind.DISTRICT)
TEAM = place(UnitKind.TEAM, "district")
TEAM_SQUAD = place(UnitKind.SQUAD, "team", "district", name="team squad")
TOWN = place(UnitKind.TOWN, "district")
OTHER_TOWN = place(UnitKind.TOWN, "district", name="other town")
BUREAU = place(UnitKind.BUREAU, "town", "district")
SQUAD = place(UnitKind.SQUAD, "bureau", "town", "district")
STATION = place(UnitKind.STATION, "bureau", "town", "district")


@pytest.mark.parametrize(
    ("kind", "units", "until", "found"),
    [
        (Kind.SECONDMENT, Triangle(TEAM, TOWN, SQUAD), None, {}),
        (Kind.SECONDMENT, Triangle(TEAM, TOWN, BUREAU), TODAY + timedelta(days=900), {}),
        (Kind.SECONDMENT, Triangle(TEAM, OTHER_TOWN, SQUAD), None, {"user": Fault.NOT_UNDER_MANAGER}),
        (Kind.SECONDMENT, Triangle(TEAM, BUREAU, SQUAD), None, {"manager": Fault.NOT_A_TOWN}),
        (Kind.SECONDMENT, Triangle(TEAM, TOWN, TOWN), None, {"user": Fault.USES_NOBODY}),
        (Kind.SECONDMENT, Triangle(TOWN, TOWN, SQUAD), None, {"owner": Fault.SAME_AS_OWNER}),
        (Kind.HOME_DUTY, Triangle(TEAM, TEAM, TEAM_SQUAD), None, {}),
        (Kind.HOME_DUTY, Triangle(TOWN, TOWN, BUREAU), None, {}),
        (Kind.HOME_DUTY, Triangle(TEAM, TOWN, BUREAU), None, {"user": Fault.NOT_UNDER_OWNER}),
        (Kind.STATION, Triangle(TEAM, TOWN, STATION), None, {}),
        (Kind.STATION, Triangle(TEAM, TOWN, SQUAD), None, {"user": Fault.NOT_A_STATION}),
        (Kind.LEADERSHIP, Triangle(TEAM, TOWN, BUREAU), None, {}),
        (Kind.LEADERSHIP, Triangle(TEAM, TOWN, SQUAD), None, {"user": Fault.NOT_A_BUREAU}),
        (Kind.EXCHANGE, Triangle(TEAM, TOWN, BUREAU), TODAY + timedelta(days=365), {}),
        (Kind.EXCHANGE, Triangle(TEAM, TOWN, BUREAU), None, {"to": Fault.MISSING}),
        (Kind.BORROWING, Triangle(TEAM, TOWN, BUREAU), TODAY + timedelta(days=183), {}),
        (Kind.BORROWING, Triangle(TEAM, TOWN, BUREAU), TODAY + timedelta(days=184), {"to": Fault.TOO_LONG}),
        (
            Kind.BORROWING,
            Triangle(TEAM, TEAM, TEAM),
            TODAY + timedelta(days=30),
            {"user": Fault.SAME_AS_OWNER},
        ),
    ],
)
def test_each_kind_joins_only_units_that_suit_it(
    kind: Kind, units: Triangle, until: date | None, found: dict[str, Fault]
) -> None:
    assert faults(kind, units, TODAY, until, "专项行动", TODAY) == found


def test_a_borrowing_needs_a_reason() -> None:
    units = Triangle(TEAM, TOWN, BUREAU)
    assert faults(Kind.BORROWING, units, TODAY, TODAY + timedelta(days=9), " ", TODAY) == {
        "reason": Fault.MISSING
    }


def test_days_run_forward_and_not_too_far_ahead() -> None:
    units = Triangle(TEAM, TOWN, BUREAU)
    start = TODAY + timedelta(days=367)
    assert faults(Kind.SECONDMENT, units, start, start, "", TODAY) == {
        "from": Fault.TOO_FAR_AHEAD,
        "to": Fault.BACKWARDS,
    }


def test_nobody_is_posted_to_a_unit_that_does_not_stand_throughout() -> None:
    ended = place(UnitKind.SQUAD, "bureau", "town", "district", end=date(2027, 1, 1))
    units = Triangle(TEAM, TOWN, ended)
    assert faults(Kind.SECONDMENT, units, TODAY, date(2027, 1, 1), "", TODAY) == {}
    assert faults(Kind.SECONDMENT, units, TODAY, None, "", TODAY) == {"user": Fault.UNIT_NOT_STANDING}
    before = date(2019, 12, 31)
    assert faults(Kind.SECONDMENT, units, before, TODAY, "", TODAY) == {
        "owner": Fault.UNIT_NOT_STANDING,
        "manager": Fault.UNIT_NOT_STANDING,
        "user": Fault.UNIT_NOT_STANDING,
    }
