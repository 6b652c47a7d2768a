"""The shapes of what is invented about a person: spans of days, half-open, units by name."""

from datetime import date

import msgspec


def years_later(day: date, years: int) -> date:
    """The same day of another year; 1 March for a 29 February it lacks."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


class Served(msgspec.Struct, frozen=True):
    """A span of service."""

    status: str
    start: date
    end: date | None = None
    reason: str = ""


class Posted(msgspec.Struct, frozen=True):
    """A posting; the owner is the person's team."""

    kind: str
    manager: str
    user: str
    post: str
    start: date
    end: date | None = None
    document_no: str = ""
    reason: str = ""


class Event(msgspec.Struct, frozen=True):
    """Something that happened to a certificate."""

    verb: str
    start: date
    end: date | None = None
    due_on: date | None = None
    reason: str = ""
    document_no: str = ""


class Certified(msgspec.Struct, frozen=True):
    """A certificate; `area` is None for the whole district."""

    fields: tuple[str, ...]
    start: date
    end: date
    events: tuple[Event, ...] = ()
    area: str | None = None


class Career(msgspec.Struct, frozen=True):
    """All facts about a person besides the establishment type."""

    served: tuple[Served, ...]
    posted: tuple[Posted, ...]
    certified: tuple[Certified, ...]
    qualified_on: date | None = None
