"""A crowd for races: many people cleared for everything, each with a case of their own, made in a few statements.

Also reads facts back for the oracle and says which assignments stand that should not.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from chizheng.kernel import clock
from chizheng.kernel.ids import new_id
from tests.clearance import oracle
from tests.clearance.histories import PARENTS, TREE, UNITS
from tests.clearance.oracle import Facts

TODAY = clock.today()
UNTIL = TODAY + timedelta(days=30)


@dataclass(frozen=True)
class Person:
    """Somebody to be assigned to a case, and what the other side of the race changes."""

    officer: UUID
    certificate: UUID
    case: UUID


CROWD = [
    "INSERT INTO officer (id, name, pinyin, initials) SELECT o, '某', '', '' FROM {given}",
    "INSERT INTO service (officer, status, valid_from) SELECT o, 'active', '2020-01-01' FROM {given}",
    "INSERT INTO establishment (officer, type, valid_from) SELECT o, 'enforcement', '2020-01-01' FROM {given}",
    "INSERT INTO certificate (series, officer, number, fields, area, issued_on, valid_from, valid_to)"
    " SELECT s, o, o::text, '{{market}}', $4, '2020-01-01', '2020-01-01', '2040-01-01' FROM {given}",
    "INSERT INTO posting (officer, kind, owner_unit, manager_unit, user_unit, post, valid_from)"
    " SELECT o, 'secondment', $4, $4, $5, 'enforcement', '2020-01-01' FROM {given}",
    "INSERT INTO case_file (id, number, unit, field, title, opened_on, due_on)"
    " SELECT c, c::text, $5, 'market', '', '2020-01-01', '2040-01-01' FROM {given}",
]
GIVEN = "(SELECT $4::uuid, $5::uuid) places, unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS given (o, s, c)"


async def build_units(connection: asyncpg.Connection) -> None:
    """The tree that everybody stands in; does nothing the second time."""
    for name, kind, parent in TREE:
        await connection.execute(
            "INSERT INTO unit (id, kind, name, parent, valid_from) VALUES ($1, $2, $3, $4, '2020-01-01')"
            " ON CONFLICT DO NOTHING",
            UNITS[name], kind, name, UNITS[parent] if parent else None,
        )  # fmt: skip


async def a_crowd(connection: asyncpg.Connection, size: int) -> list[Person]:
    """People who are cleared for everything in market regulation at the bureau."""
    crowd = [Person(new_id(), new_id(), new_id()) for _ in range(size)]
    ids = [[p.officer for p in crowd], [p.certificate for p in crowd], [p.case for p in crowd]]
    async with connection.transaction():
        for statement in CROWD:
            await connection.execute(statement.format(given=GIVEN), *ids, UNITS["district"], UNITS["bureau"])
    return crowd


READ: dict[str, tuple[str, Any, dict[str, str]]] = {
    "services": ("service", oracle.Service, {"status": "status"}),
    "establishments": ("establishment", oracle.Establishment, {"type": "type"}),
    "qualifications": ("legal_qualification", oracle.LegalQualification, {}),
    "postings": ("posting", oracle.Posting, {"kind": "kind", "user": "user_unit"}),
    "certificates": (
        "certificate",
        oracle.Certificate,
        {"series": "series", "fields": "fields", "area": "area"},
    ),
    "events": ("certificate_event", oracle.Event, {"certificate": "certificate", "verb": "verb"}),
}


async def what_is_known(connection: asyncpg.Connection, officers: list[UUID]) -> dict[UUID, Facts]:
    """Every version of the facts of these people, as the oracle's records."""
    known: dict[UUID, Facts] = defaultdict(lambda: Facts(parents=PARENTS))
    for list_name, (table, shape, columns) in READ.items():
        rows = await connection.fetch(
            f"SELECT officer, valid_from, valid_to, superseded_at IS NOT NULL, {', '.join(columns.values()) or 'NULL'}"
            f" FROM {table} WHERE officer = ANY ($1)",
            officers,
        )
        for officer, since, until, superseded, *rest in rows:
            special = dict(zip(columns, map(_plain, rest), strict=False))
            record = shape(officer=officer, since=since, until=until, superseded=superseded, **special)
            getattr(known[officer], list_name).append(record)
    return known


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


async def violations(connection: asyncpg.Connection, officers: list[UUID], today: date = TODAY) -> list[UUID]:
    """Officers with a standing assignment whose first remaining day has a hard gap, or whose case is closed."""
    known = await what_is_known(connection, officers)
    rows = await connection.fetch(
        "SELECT a.officer, a.role, c.field, c.unit, greatest(a.valid_from, $2), c.status"
        " FROM assignment a JOIN case_file c ON c.id = a.case_file"
        " WHERE a.ended_at IS NULL AND a.valid_to > $2 AND a.officer = ANY ($1)",
        officers, today,
    )  # fmt: skip
    return [
        officer
        for officer, role, field, unit, first, status in rows
        if status == "closed"
        or oracle.hard_gaps(known[officer], officer, role, field, unit, first, first + timedelta(days=1))
    ]
