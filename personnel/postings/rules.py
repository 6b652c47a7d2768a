"""Postings 派驻: their kinds, and which owner, manager and user each kind may join (区属、镇管、镇用)."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from personnel.units.rules import USES_NOBODY
from personnel.units.rules import Kind as UnitKind


class Kind(StrEnum):
    """Secondment 下沉, home duty 本单位, exchange 挂职, borrowing 借调, leadership 班子任职, station 村级服务站."""

    SECONDMENT = "secondment"
    HOME_DUTY = "home_duty"
    EXCHANGE = "exchange"
    BORROWING = "borrowing"
    LEADERSHIP = "leadership"
    STATION = "station"


class Post(StrEnum):
    """岗位: enforcement 综合执法岗, legal review 法制审核岗, office 内勤."""

    ENFORCEMENT = "enforcement"
    LEGAL_REVIEW = "legal_review"
    OFFICE = "office"


BESIDE: Final = frozenset({Kind.EXCHANGE, Kind.BORROWING})
"""Kinds that leave the primary posting as it is (公务员法 72); of the others one person has one at a time."""
SENT_DOWN: Final = frozenset({Kind.SECONDMENT, Kind.LEADERSHIP, Kind.STATION})
"""Kinds that put a person of the district under a town."""
LONGEST_BORROWING_DAYS: Final = 183
"""The longest borrowing. Long ones are forbidden; the figure is the district's own."""
FURTHEST_AHEAD_DAYS: Final = 366


class Place(msgspec.Struct, frozen=True):
    """A unit as far as the rules look at it: its kind, its days, and those above it and itself."""

    kind: UnitKind
    valid_from: date
    valid_to: date | None
    line: frozenset[object]
    id: object


class Triangle(msgspec.Struct, frozen=True):
    """Who owns, who manages, who uses."""

    owner: Place
    manager: Place
    user: Place


class Fault(StrEnum):
    """Why an input is refused."""

    MISSING = "missing"
    BACKWARDS = "backwards"
    TOO_FAR_AHEAD = "too_far_ahead"
    TOO_LONG = "too_long"
    USES_NOBODY = "uses_nobody"
    NOT_A_TOWN = "not_a_town"
    NOT_UNDER_MANAGER = "not_under_manager"
    NOT_UNDER_OWNER = "not_under_owner"
    NOT_A_STATION = "not_a_station"
    NOT_A_BUREAU = "not_a_bureau"
    SAME_AS_OWNER = "same_as_owner"
    UNIT_NOT_STANDING = "unit_not_standing"


def faults(
    kind: Kind, units: Triangle, start: date, until: date | None, reason: str, today: date
) -> dict[str, Fault]:
    """What is wrong with a posting about to be made, by the name of its input."""
    found = plain_faults(kind, start, until, reason, today) | _unit_faults(kind, units)
    for name, unit in (("owner", units.owner), ("manager", units.manager), ("user", units.user)):
        if start < unit.valid_from or (unit.valid_to is not None and (until or date.max) > unit.valid_to):
            found[name] = Fault.UNIT_NOT_STANDING
    return found


def plain_faults(
    kind: Kind | None, start: date | None, until: date | None, reason: str, today: date
) -> dict[str, Fault]:
    """What is wrong whatever the units are; a kind or a first day that is not known yet is not judged."""
    found = _day_faults(kind, start, until, today)
    return found | ({"reason": Fault.MISSING} if kind is Kind.BORROWING and not reason.strip() else {})


def _day_faults(kind: Kind | None, start: date | None, until: date | None, today: date) -> dict[str, Fault]:
    found: dict[str, Fault] = {}
    if start and start > today + timedelta(days=FURTHEST_AHEAD_DAYS):
        found["from"] = Fault.TOO_FAR_AHEAD
    if until is None:
        return found | ({"to": Fault.MISSING} if kind in BESIDE else {})
    if start is None:
        return found
    if until <= start:
        found["to"] = Fault.BACKWARDS
    elif kind is Kind.BORROWING and (until - start).days > LONGEST_BORROWING_DAYS:
        found["to"] = Fault.TOO_LONG
    return found


def _unit_faults(kind: Kind, units: Triangle) -> dict[str, Fault]:
    found: dict[str, Fault] = {}
    if units.user.kind in USES_NOBODY:
        return {"user": Fault.USES_NOBODY}
    if kind in SENT_DOWN:
        if units.manager.kind is not UnitKind.TOWN:
            found["manager"] = Fault.NOT_A_TOWN
        elif units.manager.id not in units.user.line:
            found["user"] = Fault.NOT_UNDER_MANAGER
        if units.owner.id in units.user.line and units.owner.kind is not UnitKind.DISTRICT:
            found["owner"] = Fault.SAME_AS_OWNER
    if kind is Kind.STATION and units.user.kind is not UnitKind.STATION:
        found["user"] = Fault.NOT_A_STATION
    if kind is Kind.LEADERSHIP and units.user.kind is not UnitKind.BUREAU:
        found["user"] = Fault.NOT_A_BUREAU
    if kind is Kind.HOME_DUTY and units.owner.id not in units.user.line:
        found["user"] = Fault.NOT_UNDER_OWNER
    if kind in BESIDE and units.owner.id in units.user.line and units.owner.kind is not UnitKind.DISTRICT:
        found["user"] = Fault.SAME_AS_OWNER
    return found
