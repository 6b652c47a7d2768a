"""What home pages show besides what the nouns' own queries answer: what ends soon, and how the whole stands."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from chizheng.clearance.gate.rules import Gap, Question
from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch_as, fetch_one
from personnel.certificates.queries import state_on_day
from personnel.postings.queries import present_posting
from personnel.scope import in_reach, reach

MOST = 8  # rows of a section; the rest is one click away


class Ending(msgspec.Struct, frozen=True):
    """Something of somebody's that ends: `last_day` is the last day it holds."""

    officer: UUID
    name: str
    unit: str | None
    id: UUID
    what: str
    last_day: date


class Suspension(msgspec.Struct, frozen=True):
    """A certificate suspended today, and by when the suspension should be looked at, where that was set."""

    name: str
    unit: str | None
    certificate: UUID
    due_on: date | None


class Month(msgspec.Struct, frozen=True):
    """A month's first day and a count."""

    month: date
    count: int


class Standing(msgspec.Struct, frozen=True):
    """How the people in reach stand: in all, posted to a town today, in establishment, with a valid certificate."""

    people: int
    posted_down: int
    established: int
    certified: int


class StoodDown(msgspec.Struct, frozen=True):
    """An assignment the gate has ended."""

    case: UUID
    number: str
    title: str
    officer: UUID
    name: str
    at: datetime
    asked: Question
    gaps: tuple[Gap, ...]


class Share(msgspec.Struct, frozen=True):
    """A unit with how many people it has in some sense."""

    unit: UUID
    name: str
    count: int


async def certificates_ending(scope: Scope, today: date, until: date) -> list[Ending]:
    """Valid certificates that end before `until`, the next first."""
    return await fetch_as(
        Ending,
        f"""SELECT o.id, o.name, at_unit.name, c.series, c.number, c.valid_to - 1
        FROM certificate c JOIN officer o ON o.id = c.officer AND o.withdrawn_at IS NULL
             CROSS JOIN {state_on_day("c", "$6")} s
             LEFT JOIN {present_posting("c.officer", "$6")} p ON true LEFT JOIN unit at_unit ON at_unit.id = p.user_unit
        WHERE c.superseded_at IS NULL AND s.state = 'valid' AND c.valid_to <= $7 AND {in_reach("o.id")}
        ORDER BY c.valid_to, o.name LIMIT {MOST}""",
        *reach(scope), today, until,
    )  # fmt: skip


async def postings_ending(scope: Scope, today: date, until: date) -> list[Ending]:
    """Postings that hold today and end before `until`, the next first."""
    return await fetch_as(
        Ending,
        f"""SELECT o.id, o.name, u.name, p.series, p.kind, p.valid_to - 1
        FROM posting p JOIN officer o ON o.id = p.officer AND o.withdrawn_at IS NULL JOIN unit u ON u.id = p.user_unit
        WHERE p.superseded_at IS NULL AND p.valid_from <= $6 AND p.valid_to > $6 AND p.valid_to <= $7
          AND {in_reach("o.id")}
        ORDER BY p.valid_to, o.name LIMIT {MOST}""",
        *reach(scope), today, until,
    )  # fmt: skip


async def suspensions(scope: Scope, today: date) -> list[Suspension]:
    """Certificates suspended today, by the day the suspension should be looked at."""
    return await fetch_as(
        Suspension,
        f"""SELECT o.name, at_unit.name, c.series, e.due_on
        FROM certificate_event e JOIN certificate c ON c.series = e.certificate AND c.superseded_at IS NULL
             JOIN officer o ON o.id = c.officer AND o.withdrawn_at IS NULL
             LEFT JOIN {present_posting("c.officer", "$6")} p ON true LEFT JOIN unit at_unit ON at_unit.id = p.user_unit
        WHERE e.superseded_at IS NULL AND e.verb = 'suspend' AND e.valid_from <= $6
          AND (e.valid_to IS NULL OR e.valid_to > $6) AND {in_reach("o.id")}
        ORDER BY e.due_on NULLS LAST, o.name LIMIT {MOST}""",
        *reach(scope), today,
    )  # fmt: skip


async def certificates_by_month(scope: Scope, today: date) -> list[Month]:
    """How many valid certificates end in each of the next twelve months, this one included."""
    return await fetch_as(
        Month,
        f"""SELECT month::date, (SELECT count(*) FROM certificate c JOIN officer o ON o.id = c.officer
                 CROSS JOIN {state_on_day("c", "$6")} s
                 WHERE c.superseded_at IS NULL AND o.withdrawn_at IS NULL AND s.state = 'valid'
                   AND c.valid_to - 1 >= month AND c.valid_to - 1 < month + interval '1 month' AND {in_reach("o.id")})
        FROM generate_series(date_trunc('month', $6::date), date_trunc('month', $6::date) + interval '11 months',
                             interval '1 month') month""",
        *reach(scope), today,
    )  # fmt: skip


async def standing(scope: Scope, today: date) -> Standing:
    """The counts over everybody in reach who is in service today."""
    row = await fetch_one(
        f"""SELECT count(*),
               count(*) FILTER (WHERE EXISTS (
                   SELECT FROM posting p JOIN unit u ON u.id = p.manager_unit AND u.kind = 'town'
                   WHERE p.officer = o.id AND p.superseded_at IS NULL
                     AND daterange(p.valid_from, p.valid_to) @> $6::date)),
               count(*) FILTER (WHERE EXISTS (
                   SELECT FROM establishment e WHERE e.officer = o.id AND e.superseded_at IS NULL
                     AND e.type IN ('administrative', 'enforcement', 'civil_service_managed', 'institution')
                     AND daterange(e.valid_from, e.valid_to) @> $6::date)),
               count(*) FILTER (WHERE EXISTS (
                   SELECT FROM certificate c CROSS JOIN {state_on_day("c", "$6")} s
                   WHERE c.officer = o.id AND c.superseded_at IS NULL AND s.state = 'valid'))
        FROM officer o
        WHERE o.withdrawn_at IS NULL AND {in_reach("o.id")} AND EXISTS (
            SELECT FROM service s WHERE s.officer = o.id AND s.superseded_at IS NULL AND s.status = 'active'
              AND daterange(s.valid_from, s.valid_to) @> $6::date)""",
        *reach(scope), today,
    )  # fmt: skip
    assert row is not None
    return Standing(*row)


async def stood_down_since(scope: Scope, since: datetime) -> list[StoodDown]:
    """Assignments of people in reach that the gate has ended since then, the latest first."""
    return await fetch_as(
        _stood_down,
        f"""SELECT c.id, c.number, c.title, o.id, o.name, a.ended_at, d.role, d.field, d.unit, d.valid_from, d.valid_to,
               d.gaps
        FROM assignment a JOIN case_file c ON c.id = a.case_file JOIN officer o ON o.id = a.officer
             JOIN decision d ON d.id = a.ending_decision
        WHERE a.ending = 'stood_down' AND a.ended_at >= $6 AND {in_reach("o.id")}
        ORDER BY a.ended_at DESC LIMIT {MOST}""",
        *reach(scope), since,
    )  # fmt: skip


def _stood_down(*row: Any) -> StoodDown:
    case, number, title, officer, name, at, role, field, unit, start, end, gaps = row
    asked = Question(role, field, unit, start, end)
    return StoodDown(case, number, title, officer, name, at, asked, msgspec.convert(gaps, tuple[Gap, ...]))


async def people_by_town(scope: Scope, today: date) -> list[Share]:
    """How many people each town manages today."""
    return await fetch_as(
        Share,
        f"""SELECT u.id, u.name, count(DISTINCT p.officer)
        FROM unit u JOIN posting p ON p.manager_unit = u.id AND p.superseded_at IS NULL
             AND daterange(p.valid_from, p.valid_to) @> $6::date
        WHERE u.kind = 'town' AND {in_reach("p.officer")}
        GROUP BY u.id, u.name, u.position ORDER BY u.position, u.name""",
        *reach(scope), today,
    )  # fmt: skip


async def establishment_by_type(scope: Scope, today: date) -> list[tuple[str, int]]:
    """How many people in reach stand in each establishment type today."""
    return await fetch_as(
        lambda *row: (row[0], row[1]),
        f"""SELECT e.type, count(DISTINCT e.officer) FROM establishment e
            JOIN officer o ON o.id = e.officer AND o.withdrawn_at IS NULL
        WHERE e.superseded_at IS NULL AND daterange(e.valid_from, e.valid_to) @> $6::date AND {in_reach("e.officer")}
        GROUP BY e.type ORDER BY count(DISTINCT e.officer) DESC""",
        *reach(scope), today,
    )  # fmt: skip
