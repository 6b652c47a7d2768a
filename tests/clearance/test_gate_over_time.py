"""Any sequence of facts and assignments, each committed: what stands is always cleared, and only the rest has ended."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from tests.clearance import oracle
from tests.clearance.crowd import TODAY, Person, a_crowd, build_units, what_is_known
from tests.clearance.histories import UNITS, Tape
from tests.clearance.oracle import INVESTIGATORS, Facts

DAYS = [TODAY + timedelta(days=n) for n in (-400, -30, -1, 0, 0, 0, 1, 2, 7, 30, 60)]
LENGTHS = [1, 2, 7, 30, 60, 400]
ROLES = ["lead", "co_handler", "lead", "hearing_chair", "observer", "legal_reviewer"]
PLACES = ["bureau", "bureau", "squad", "neighbour"]
REFUSALS = (asyncpg.CheckViolationError, asyncpg.ExclusionViolationError, asyncpg.UniqueViolationError)

ADD = {
    "service": ("status", ["active", "active", "suspended", "left"]),
    "establishment": ("type", ["enforcement", "institution", "contract"]),
    "legal_qualification": ("number", ["1"]),
}
FACT = "INSERT INTO {0} (officer, {1}, valid_from, valid_to) VALUES ($1, $2, $3, $4)"
POSTING = (
    "INSERT INTO posting (officer, kind, owner_unit, manager_unit, user_unit, post, valid_from, valid_to)"
    " VALUES ($1, $2, $3, $3, $3, 'enforcement', $4, $5)"
)
CERTIFICATE = (
    "INSERT INTO certificate (officer, number, fields, area, issued_on, valid_from, valid_to)"
    " VALUES ($1, gen_random_uuid()::text, $2, $3, $4, $4, $5)"
)
EVENT = "INSERT INTO certificate_event (certificate, officer, verb, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5)"
SUPERSEDE = (
    "UPDATE {0} SET superseded_at = now() WHERE id = (SELECT id FROM {0} WHERE officer = $1 AND superseded_at IS NULL"
    " ORDER BY valid_from DESC, id LIMIT 1)"
)
TABLES = ["service", "establishment", "posting", "certificate", "certificate_event", "legal_qualification"]
ASSIGN = "INSERT INTO assignment (case_file, officer, role, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5)"
STANDING = """
SELECT a.id, a.role, c.field, c.unit, a.valid_from, a.valid_to FROM assignment a JOIN case_file c ON c.id = a.case_file
WHERE a.officer = $1 AND a.ended_at IS NULL AND a.valid_to > $2
"""


@pytest.fixture(scope="module", autouse=True)
def units(loop: asyncio.Runner, connection: asyncpg.Connection) -> None:
    loop.run(build_units(connection))


@settings(
    max_examples=100, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(drawn=st.binary(min_size=160, max_size=160))
def test_what_stands_is_cleared_and_what_is_cleared_stands(
    loop: asyncio.Runner, connection: asyncpg.Connection, drawn: bytes
) -> None:
    loop.run(_live(connection, Tape(drawn)))


async def _live(connection: asyncpg.Connection, tape: Tape) -> None:
    """Twenty things happen to one person; after each the oracle looks over the assignments."""
    (person,) = await a_crowd(connection, 1)
    had: set[str] = set()
    for _ in range(20):
        before = await connection.fetch(STANDING, person.officer, TODAY)
        if tape.one_in(2):
            await _assigns(connection, tape, person, had)
            before = await connection.fetch(STANDING, person.officer, TODAY)
        else:
            await _changes(connection, tape, person)
        facts = (await what_is_known(connection, [person.officer]))[person.officer]
        after = {row["id"] for row in await connection.fetch(STANDING, person.officer, TODAY)}
        cleared = {row["id"] for row in before if not _first_day_gaps(facts, person.officer, row)}
        assert after == cleared
        event("stood down" if len(after) < len(before) else "stood")


def _first_day_gaps(facts: Facts, officer: UUID, row: asyncpg.Record) -> set[oracle.Gap]:
    first = max(row["valid_from"], TODAY)
    return oracle.hard_gaps(
        facts, officer, row["role"], row["field"], row["unit"], first, first + timedelta(days=1)
    )


async def _assigns(connection: asyncpg.Connection, tape: Tape, person: Person, had: set[str]) -> None:
    """An assignment goes through exactly if the oracle finds the whole interval cleared."""
    role, since, until = tape.pick(ROLES), *_days(tape)
    facts = (await what_is_known(connection, [person.officer]))[person.officer]
    gaps = oracle.hard_gaps(facts, person.officer, role, "market", UNITS["bureau"], since, until)
    conflict = role != "observer" and any(
        (role in INVESTIGATORS) != (other in INVESTIGATORS) for other in had
    )
    try:
        await connection.execute(ASSIGN, person.case, person.officer, role, since, until)
    except asyncpg.UniqueViolationError:
        assert not gaps  # cleared, but in this role already
    except asyncpg.CheckViolationError:
        assert gaps or conflict
    else:
        assert not gaps
        assert not conflict
        had |= {role} - {"observer"}


def _days(tape: Tape) -> tuple[date, date]:
    since = tape.pick(DAYS)
    return since, since + timedelta(days=tape.pick(LENGTHS))


async def _changes(connection: asyncpg.Connection, tape: Tape, person: Person) -> None:
    """Some fact ends, begins or is corrected; what the constraints refuse has not happened."""
    since, until = _days(tape)
    end = None if tape.one_in(3) else until
    table = tape.pick(TABLES)
    try:
        async with connection.transaction():
            if table != "certificate_event" or tape.one_in(3):
                await connection.execute(SUPERSEDE.format(table), person.officer)
            if tape.one_in(4):
                return
            if table in ADD:
                column, values = ADD[table]
                await connection.execute(
                    FACT.format(table, column), person.officer, tape.pick(values), since, end
                )
            elif table == "posting":
                kind = tape.pick(["secondment", "secondment", "borrowing"])
                await connection.execute(POSTING, person.officer, kind, UNITS[tape.pick(PLACES)], since, end)
            elif table == "certificate":
                fields = [tape.pick(["market", "market", "city"])]
                area = UNITS[tape.pick(["district", "town", "neighbour_town"])]
                await connection.execute(CERTIFICATE, person.officer, fields, area, since, until)
            else:
                verb = tape.pick(["suspend", "revoke", "cancel", "report_lost", "renew"])
                await connection.execute(EVENT, person.certificate, person.officer, verb, since, end)
    except REFUSALS:
        event("refused by a constraint")
