"""Kinds of units, and which may stand under which (domain.md §3)."""

from enum import StrEnum
from typing import Final


class Field(StrEnum):
    """执法领域: what a certificate covers, a unit or a person is for, a case is about."""

    MARKET = "market"
    TRANSPORT = "transport"
    AGRICULTURE = "agriculture"
    CITY = "city"
    EMERGENCY = "emergency"
    LABOUR = "labour"
    HEALTH = "health"
    CONSTRUCTION = "construction"
    WATER = "water"


class Kind(StrEnum):
    """What a unit is. Districts and towns manage people; the others may use them."""

    DISTRICT = "district"
    DEPARTMENT = "department"
    TEAM = "team"
    TOWN = "town"
    BUREAU = "bureau"
    SQUAD = "squad"
    STATION = "station"
    JUSTICE_OFFICE = "justice_office"


STANDS_UNDER: Final[dict[Kind, frozenset[Kind]]] = {
    Kind.DISTRICT: frozenset(),
    Kind.DEPARTMENT: frozenset({Kind.DISTRICT}),
    Kind.TEAM: frozenset({Kind.DISTRICT, Kind.DEPARTMENT}),
    Kind.TOWN: frozenset({Kind.DISTRICT}),
    Kind.BUREAU: frozenset({Kind.TOWN}),
    Kind.SQUAD: frozenset({Kind.BUREAU, Kind.TEAM}),
    Kind.STATION: frozenset({Kind.TOWN, Kind.BUREAU, Kind.SQUAD}),
    Kind.JUSTICE_OFFICE: frozenset({Kind.TOWN, Kind.DEPARTMENT}),
}
WITH_A_FIELD: Final = frozenset({Kind.TEAM, Kind.DEPARTMENT, Kind.SQUAD})
USES_NOBODY: Final = frozenset({Kind.DISTRICT, Kind.TOWN})


def may_stand_under(kind: Kind, parent: Kind | None) -> bool:
    """Whether such a unit may have such a parent; None is the top, which only a district may be."""
    return not STANDS_UNDER[kind] if parent is None else parent in STANDS_UNDER[kind]
