"""Assigning against everything that can take a clearance away, in every order of steps, at every isolation level.

A violation is an assignment that still stands after both sides have ended although its first remaining day
is not cleared; the oracle judges, not the gate.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product

import asyncpg
import pytest

from tests.clearance.crowd import TODAY, UNTIL, Person, build_units
from tests.clearance.races import Lane, Race, Statement, Tally, hold, orders
from tests.conftest import as_owner

READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE = LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
LANES = 4

EVENT = "INSERT INTO certificate_event (certificate, officer, verb, valid_from) VALUES ($1, $2, '{}', $3)"
SUPERSEDE = "UPDATE {} SET superseded_at = now() WHERE officer = $1 AND superseded_at IS NULL"
CERTIFICATE = (
    "INSERT INTO certificate (series, officer, number, fields, area, issued_on, valid_from, valid_to)"
    " SELECT series, officer, number, $2::varchar[], area, issued_on, valid_from, $3 FROM certificate WHERE officer = $1"
)
SHORTER = {
    "posting": "INSERT INTO posting (series, officer, kind, owner_unit, manager_unit, user_unit, post, valid_from, valid_to)"
    " SELECT series, officer, kind, owner_unit, manager_unit, user_unit, post, valid_from, $2 FROM posting WHERE officer = $1",
    "service": "INSERT INTO service (officer, status, valid_from, valid_to)"
    " VALUES ($1, 'active', '2020-01-01', $2::date), ($1, 'left', $2, NULL)",
    "establishment": "INSERT INTO establishment (officer, type, valid_from, valid_to)"
    " VALUES ($1, 'enforcement', '2020-01-01', $2::date), ($1, 'contract', $2, NULL)",
}
RELEASE = (
    "UPDATE assignment SET ended_at = now(), ending = 'case_closed' WHERE case_file = $1 AND ended_at IS NULL"
)
ONE_WRITE = ("suspend", "revoke", "cancel", "report_lost", "case field corrected", "service withdrawn")
TWO_WRITES = ("posting", "service", "establishment", "validity backdated", "field corrected", "case closed")
OF_THE_CASE = {"case field corrected", "case closed"}
DOORS = {
    "insert": "INSERT INTO assignment (case_file, officer, role, valid_from, valid_to) VALUES ($1, $2, 'lead', $3, $4)",
    "function": "SELECT assign_officer($1, $2, 'lead', $3, $4, NULL, 'race')",
}


def sides(race: Race, person: Person) -> tuple[list[Statement], list[Statement]]:
    """What the two sides of this race write about this person."""
    return [(DOORS[race.left], (person.case, person.officer, TODAY, UNTIL))], _taking_away(race.right, person)


def _taking_away(kind: str, person: Person) -> list[Statement]:
    if kind in SHORTER:
        return [(SUPERSEDE.format(kind), (person.officer,)), (SHORTER[kind], (person.officer, TODAY))]
    match kind:
        case "validity backdated":
            corrected: tuple[object, ...] = (person.officer, ["market"], TODAY)
            return [(SUPERSEDE.format("certificate"), (person.officer,)), (CERTIFICATE, corrected)]
        case "field corrected":
            corrected = (person.officer, ["city"], UNTIL)
            return [(SUPERSEDE.format("certificate"), (person.officer,)), (CERTIFICATE, corrected)]
        case "service withdrawn":
            return [(SUPERSEDE.format("service"), (person.officer,))]
        case "case field corrected":
            return [("UPDATE case_file SET field = 'city' WHERE id = $1", (person.case,))]
        case "case closed":
            closed = "UPDATE case_file SET status = 'closed' WHERE id = $1"
            return [(closed, (person.case,)), (RELEASE, (person.case,))]
        case verb:
            return [(EVENT.format(verb), (person.certificate, person.officer, TODAY))]


def every_race(isolations: list[tuple[str, str]]) -> list[Race]:
    """Each door against each kind of change, at each pair of isolation levels, in each order of steps."""
    return [
        Race(door, kind, isolation, order)
        for kinds, steps in ((ONE_WRITE, 3), (TWO_WRITES, 4))
        for door, kind, isolation, order in product(DOORS, kinds, isolations, list(orders(3, steps)))
    ]


SAME = [(level, level) for level in LEVELS]
MIXED = list(product(LEVELS, LEVELS))


@asynccontextmanager
async def lanes(address: str) -> AsyncIterator[list[Lane]]:
    opened = [await Lane.open(address) for _ in range(LANES)]
    await build_units(opened[0].watch)
    try:
        yield opened
    finally:
        for lane in opened:
            await lane.close()


async def races_at(address: str, races: list[Race]) -> Tally:
    async with lanes(address) as opened:
        return await hold(opened, races, sides)


@pytest.mark.parametrize("level", LEVELS)
def test_no_order_of_steps_leaves_an_uncleared_assignment(
    loop: asyncio.Runner, module_database: str, level: str
) -> None:
    tally = loop.run(races_at(module_database, every_race([(level, level)])))
    assert tally.violated == {}
    assert (tally.races, tally.forced) == (660, 456)
    if level == READ_COMMITTED:
        assert {ending for ending in tally.endings if "lost" in ending} == set()
    if level == REPEATABLE_READ:
        assert tally.endings["lost/lost"] == 0


@pytest.mark.soak
def test_twenty_thousand_forced_overlaps_leave_no_uncleared_assignment(
    loop: asyncio.Runner, module_database: str
) -> None:
    total = Tally()
    while total.forced < 20_000:
        total.add(loop.run(races_at(module_database, every_race(MIXED))))
    print(total)
    assert total.violated == {}


NO_TURN = "BEGIN END"
ROW_LOCK_ONLY = "BEGIN PERFORM FROM officer_gate WHERE officer = p_officer FOR UPDATE; END"
FACT_KINDS = {*ONE_WRITE, *TWO_WRITES} - OF_THE_CASE


@pytest.mark.parametrize(
    ("body", "level"),
    [(NO_TURN, READ_COMMITTED), (ROW_LOCK_ONLY, REPEATABLE_READ)],
    ids=["no turn", "row lock only"],
)
def test_without_the_turn_the_same_races_find_violations_of_every_kind(
    loop: asyncio.Runner, spare_database: str, body: str, level: str
) -> None:
    weaker = f"CREATE OR REPLACE PROCEDURE take_turn(p_officer uuid) LANGUAGE plpgsql AS $$ {body}; $$"
    tally = loop.run(_weakened(spare_database, weaker, level))
    assert set(tally.violated) == FACT_KINDS


def test_without_the_turn_of_the_case_the_same_races_find_violations_of_every_kind(
    loop: asyncio.Runner, spare_database: str
) -> None:
    weaker = """DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('assignment_is_cleared'::regproc),
        'UPDATE case_file SET turn = turn + 1 WHERE id = NEW.case_file RETURNING status INTO case_status',
        'SELECT status INTO case_status FROM case_file WHERE id = NEW.case_file'); END $do$"""
    tally = loop.run(_weakened(spare_database, weaker, READ_COMMITTED))
    assert set(tally.violated) == OF_THE_CASE


async def _weakened(address: str, weaker: str, level: str) -> Tally:
    connection = await asyncpg.connect(as_owner(address))
    await connection.execute(weaker)
    await connection.close()
    return await races_at(address, [race for race in every_race([(level, level)]) if race.left == "insert"])
