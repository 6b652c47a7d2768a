"""A million officers and three million certificate events beside the 244, and the same check on both."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec

from tests.bench.stage import Stage

OFFICERS = 1_000_000
SAMPLE = 2_000
TABLES = (
    "officer", "service", "establishment", "posting", "certificate", "certificate_event",
)  # fmt: skip
# Loaded with the guards off, as the superuser of a throw-away cluster: what is measured is reading.
LOAD = (
    f"""CREATE UNLOGGED TABLE crowd AS SELECT gen_random_uuid() AS id, n,
        (SELECT array_agg(id ORDER BY id) FROM unit WHERE kind = 'squad') AS squads
        FROM generate_series(1, {OFFICERS}) n""",
    "INSERT INTO officer (id, name, pinyin, initials) SELECT id, '众' || n, 'zhong', 'z' FROM crowd",
    "INSERT INTO officer_gate (officer, turn) SELECT id, 0 FROM crowd",
    "INSERT INTO service (officer, status, valid_from) SELECT id, 'active', '2015-01-01' FROM crowd",
    "INSERT INTO establishment (officer, type, valid_from) SELECT id, 'enforcement', '2015-01-01' FROM crowd",
    """INSERT INTO posting (officer, kind, owner_unit, manager_unit, user_unit, post, valid_from)
        SELECT crowd.id, 'secondment', team.id, bureau.parent, squad.id, 'enforcement', '2020-01-01'
        FROM crowd JOIN unit squad ON squad.id = crowd.squads[1 + crowd.n % cardinality(crowd.squads)]
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


def grow_and_compare(
    server: Any, made: Stage, address: str, admin: str, compare: Callable[[Any, Stage], dict[str, Any]]
) -> None:
    """The check with 244 officers, then with a million more; prints both and the ratio of their p50."""
    few = compare(server, made)["clearance check"]
    sample = asyncio.run(_grow(admin))
    many = compare(server, msgspec.structs.replace(made, questions=sample))["clearance check"]
    print(
        f"\n{len(made.questions)} officers\n{few.line()}\n{OFFICERS:,} more, {3 * OFFICERS:,} certificate events"
    )
    print(
        f"{many.line()}\n\np50 with a million / with 244: {many.percentile(0.5) / few.percentile(0.5):.2f} (target 1.50)"
    )


async def _grow(admin: str) -> tuple[Any, ...]:
    connection = await asyncpg.connect(admin)
    try:
        for table in TABLES:
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in LOAD:
            print(statement.split("(")[0].strip(), flush=True)
            await connection.execute(statement, timeout=3600)
        await connection.execute("VACUUM ANALYZE", timeout=3600)
        sample = f"SELECT id FROM crowd TABLESAMPLE BERNOULLI (1) LIMIT {SAMPLE}"
        rows = await connection.fetch(
            "SELECT p.officer, squad.parent, 'market' FROM posting p JOIN unit squad ON squad.id = p.user_unit"
            f" WHERE p.officer IN ({sample})"
        )
        return tuple(tuple(row) for row in rows)
    finally:
        await connection.close()
