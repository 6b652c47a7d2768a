"""What a row changes in a person's primary posting. Postings beside it (挂职, 借调) are not the roster's matter."""

from datetime import date
from uuid import UUID

import msgspec

from personnel.imports.known import Fact
from personnel.imports.planner import Planner
from personnel.postings.rules import BESIDE, Kind, Post
from personnel.units.rules import USES_NOBODY


class Place(msgspec.Struct, frozen=True):
    """Who owns, who manages, who uses, in which post."""

    owner: UUID
    manager: UUID
    user: UUID
    post: str


def plan_posting(planner: Planner, first_day: date) -> None:
    """Records the row's posting, or moves the end of the one that is there already. `first_day` is where a person
    of whom no posting is told begins to stand in their own unit.
    """
    values = planner.values
    held = [fact for fact in planner.of("posting") if fact.values["kind"] not in BESIDE]
    base = _in_force(held, values.posted_from or planner.day)
    place = _place(planner, base)
    if place is None:
        return
    start = values.posted_from
    if start is None and base is not None and _place_of(base) == place:
        start = base.valid_from
    if start is None and not (held or values.manager_unit or values.user_unit):
        start = first_day
    if start is None:
        planner.error("posted_from", "posting_start_missing")
    elif values.posted_to and values.posted_to <= start:
        planner.error("posted_to", "ends_before_start", start=start, end=values.posted_to)
    else:
        _put(planner, held, place, start)


def _in_force(held: list[Fact], day: date) -> Fact | None:
    """The posting of that day, else the last one before it, else the first one after."""
    on_that_day = [fact for fact in held if fact.holds_on(day)]
    before = [fact for fact in held if fact.valid_from <= day]
    return next(iter(on_that_day or before[-1:] or held[:1]), None)


def _place_of(fact: Fact) -> Place:
    values = fact.values
    return Place(
        UUID(values["owner_unit"]), UUID(values["manager_unit"]), UUID(values["user_unit"]), values["post"]
    )


def _place(planner: Planner, base: Fact | None) -> Place | None:
    """Where the row puts the person, blanks filled from the posting there is. None when the row says nothing of
    it, or when what it says does not do; then the problem is noted.
    """
    values, known = planner.values, _place_of(base) if base else None
    said = (values.owner_unit, values.manager_unit, values.user_unit, values.post, values.posted_from)
    if not any(said) and not values.posted_to:
        return None
    owner = values.owner_unit or (known.owner if known else None)
    if owner is None:
        planner.error("owner_unit", "owner_unit_missing")
        return None
    manager, user = _manager_and_user(planner, known, owner)
    if user is None or manager is None:
        planner.error("user_unit", "user_unit_missing")
        return None
    known_user = planner.district.finder.by_id.get(user)
    if known_user and known_user.kind in USES_NOBODY:
        planner.error("user_unit", "unit_uses_nobody", unit=known_user.name)
        return None
    return Place(owner, manager, user, values.post or (known.post if known else Post.ENFORCEMENT.value))


def _manager_and_user(planner: Planner, known: Place | None, owner: UUID) -> tuple[UUID | None, UUID | None]:
    """A town alone means its bureau, when it has one; a using unit alone lies in its town; neither means the
    person's own unit.
    """
    manager, user = planner.values.manager_unit, planner.values.user_unit
    if manager is None and user is None:
        return (known.manager, known.user) if known else (owner, owner)
    if manager is not None and user is None:
        same = known is not None and known.manager == manager
        return manager, known.user if known and same else planner.district.bureau_of(manager)
    if manager is None and user is not None:
        town = planner.district.town_of(user)
        manager = town.id if town else owner
    return manager, user


def _put(planner: Planner, held: list[Fact], place: Place, start: date) -> None:
    end = planner.values.posted_to
    same = next((fact for fact in held if _place_of(fact) == place and fact.valid_from == start), None)
    if same and (end is None or end == same.valid_to):
        return
    others = [fact for fact in held if fact is not same and fact.meets(start, end)]
    in_the_way = [fact for fact in others if same or fact.valid_from >= start]
    if in_the_way:
        _say_overlap(planner, in_the_way[0])
        return
    user = planner.district.name_of(place.user)
    if same:
        planner.say("posting_end_moved", user=user, old=same.valid_to, until=end)
        planner.replace(same, end=end)
        return
    for fact in others:
        planner.say("posting_ended", user=planner.district.name_of(fact.values["user_unit"]), until=start)
        planner.replace(fact, end=start)
    planner.say("posting_recorded", user=user, post=place.post, since=start, until=end)
    kind = Kind.HOME_DUTY if planner.district.is_within(place.user, place.owner) else Kind.SECONDMENT
    planner.record(
        "posting", start, end, officer=planner.officer, kind=kind.value, owner_unit=place.owner,
        manager_unit=place.manager, user_unit=place.user, post=place.post, document_no="", reason="",
    )  # fmt: skip


def _say_overlap(planner: Planner, other: Fact) -> None:
    column = "posted_from" if planner.values.posted_from else "user_unit"
    planner.error(
        column,
        "posting_overlaps_open" if other.valid_to is None else "posting_overlaps",
        user=planner.district.name_of(other.values["user_unit"]),
        since=other.valid_from,
        until=other.valid_to,
    )
