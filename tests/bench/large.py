"""A million officers and three million certificate events beside the 244, and the same check on both, in turns: two
databases of one server, a service for each, so that a slow minute of the machine falls on both.
"""

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec

from tests.bench.stage import Stage

OFFICERS = 1_000_000
SAMPLE = 2_000
TABLES = [
    "officer", "officer_gate", "officer_standing", "service", "establishment", "posting", "certificate",
    "certificate_event",
]  # fmt: skip
# The superuser of a throw-away cluster loads with the guards off and the indexes away: what is measured is reading.
SETTINGS = (
    "ALTER SYSTEM SET max_wal_size = '16GB'", "SELECT pg_reload_conf()", "SET maintenance_work_mem = '1GB'",
    "SET synchronous_commit = off",
)  # fmt: skip
INDEXES = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'x' AND conrelid = ANY ($1::text[]::regclass[])
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = ANY ($1::text[]::regclass[]) AND NOT indisprimary
                AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)"""
LOAD = (
    f"""CREATE UNLOGGED TABLE crowd AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, {OFFICERS}) n""",
    "INSERT INTO officer (id, name, pinyin, initials) SELECT id, '众' || n, 'zhong', 'z' FROM crowd",
    "INSERT INTO officer_gate (officer, turn) SELECT id, 0 FROM crowd",
    "INSERT INTO service (officer, status, valid_from) SELECT id, 'active', '2015-01-01' FROM crowd",
    "INSERT INTO establishment (officer, type, valid_from) SELECT id, 'enforcement', '2015-01-01' FROM crowd",
    """INSERT INTO posting (officer, kind, owner_unit, manager_unit, user_unit, post, valid_from)
        SELECT crowd.id, 'secondment', team.id, bureau.parent, squad.id, 'enforcement', '2020-01-01'
        FROM (SELECT id, parent, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS all_of_them
              FROM unit WHERE kind = 'squad') squad
             JOIN crowd ON crowd.n % squad.all_of_them = squad.place
             JOIN unit bureau ON bureau.id = squad.parent,
             (SELECT id FROM unit WHERE kind = 'team' ORDER BY name LIMIT 1) team""",
    """INSERT INTO certificate (series, officer, number, fields, area, authority, issued_on, valid_from, valid_to)
        SELECT crowd.id, crowd.id, 'Z' || crowd.n, ARRAY['market'], root.id, '', '2024-01-01', '2024-01-01', '2030-01-01'
        FROM crowd, (SELECT id FROM unit WHERE parent IS NULL LIMIT 1) root""",
    """INSERT INTO certificate_event (certificate, officer, verb, valid_from, valid_to)
        SELECT crowd.id, crowd.id, happened.verb, happened.since::date, happened.until::date
        FROM crowd, (VALUES ('issue', '2024-01-01', NULL), ('suspend', '2024-05-01', '2024-06-01'),
                            ('reinstate', '2024-06-01', NULL)) AS happened (verb, since, until)""",
)
FINISH = (
    "ANALYZE",
    "INSERT INTO officer_standing SELECT s.* FROM crowd CROSS JOIN LATERAL standing_of(crowd.id) s",
    "VACUUM ANALYZE",
    "CHECKPOINT",
)
SOME = f"""
SELECT p.officer, squad.parent, 'market' FROM posting p JOIN unit squad ON squad.id = p.user_unit
WHERE p.officer IN (SELECT id FROM crowd TABLESAMPLE BERNOULLI (1) REPEATABLE (1) LIMIT {SAMPLE})"""


FEW = "few"
"""The database that stays as it is."""


def copy(admin: str) -> None:
    """Puts the database aside as it is. Nobody may be connected to it."""
    asyncio.run(_copy(admin))


def grow(admin: str, made: Stage) -> Stage:
    """Adds the million; returns the stage with questions about some of them."""
    return msgspec.structs.replace(made, questions=asyncio.run(_grow(admin)))


def say(few: Any, many: Any, officers: int) -> None:
    """Prints both and the ratio of their p50."""
    print(f"\n{officers} officers\n{few.line()}\n{OFFICERS:,} more, {3 * OFFICERS:,} certificate events")
    ratio = many.percentile(0.5) / few.percentile(0.5)
    print(f"{many.line()}\n\np50 with a million / with {officers}: {ratio:.2f} (target 1.50)")


async def _copy(admin: str) -> None:
    database = urlsplit(admin).path.lstrip("/")
    connection = await asyncpg.connect(admin.replace(f"/{database}?", "/postgres?"))
    try:
        await connection.execute(f"CREATE DATABASE {FEW} TEMPLATE {database} OWNER chizheng_owner")
    finally:
        await connection.close()


async def _grow(admin: str) -> tuple[Any, ...]:
    connection = await asyncpg.connect(admin, timeout=60)
    try:
        for statement in SETTINGS:
            await connection.execute(statement)
        away = [tuple(row) for row in await connection.fetch(INDEXES, TABLES)]
        for table in TABLES:
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in (*(drop for drop, _make in away), *LOAD, *(make for _drop, make in away), *FINISH):
            await _told(connection, statement)
        return tuple(tuple(row) for row in await connection.fetch(SOME))
    finally:
        await connection.close()


async def _told(connection: asyncpg.Connection, statement: str) -> None:
    """Runs it; says what took more than a second."""
    started = time.monotonic()
    await connection.execute(statement, timeout=3600)
    seconds = time.monotonic() - started
    if seconds > 1:
        print(f"{seconds:6.1f} s  {' '.join(statement.split())[:90]}", flush=True)
