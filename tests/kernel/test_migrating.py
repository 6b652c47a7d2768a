"""A migration that is cut off leaves nothing half done."""

import asyncio

import asyncpg

from chizheng.kernel.db import engine, fetch_value
from chizheng.kernel.migrating import migrate
from chizheng.kernel.postgres import EmbeddedPostgres
from chizheng.service.database import REPEATABLE


async def test_a_first_start_cut_off_anywhere_is_finished_by_the_next(server: EmbeddedPostgres) -> None:
    admin = await asyncpg.connect(server.admin_dsn)
    await admin.execute("CREATE DATABASE cut_off OWNER chizheng TEMPLATE template0")
    await admin.close()
    engine.configure(server.dsn.replace("/chizheng?", "/cut_off?"))
    await engine.open(size=2)
    cuts = 0
    for patience in [0.05 * number for number in range(1, 20)] + [60.0]:
        try:
            await asyncio.wait_for(migrate(REPEATABLE), patience)
            break
        except TimeoutError:
            cuts += 1
    assert cuts > 0
    assert await fetch_value("SELECT count(*) FROM applied_sql") == len(REPEATABLE)
    await engine.close()
