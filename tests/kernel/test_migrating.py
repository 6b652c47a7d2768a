"""A migration leaves nothing half done, and is the owner's business alone."""

import asyncio

import asyncpg
import pytest

from chizheng.kernel.db import engine, execute, fetch_value
from chizheng.kernel.migrating import NotTheOwner, migrate
from chizheng.kernel.postgres import EmbeddedPostgres
from chizheng.service.database import REPEATABLE, Address, opened


async def test_a_first_start_cut_off_anywhere_is_finished_by_the_next(server: EmbeddedPostgres) -> None:
    engine.configure((await _a_database(server, "cut_off")).owner)
    await engine.open(size=2)
    cuts = 0
    for patience in [0.05 * number for number in range(1, 20)] + [60.0]:
        try:
            await asyncio.wait_for(migrate(REPEATABLE, "chizheng"), patience)
            break
        except TimeoutError:
            cuts += 1
    assert cuts > 0
    assert await fetch_value("SELECT count(*) FROM applied_sql") == len(REPEATABLE) + 1
    await engine.close()


async def test_the_owner_migrates_and_the_service_finds_it_done(server: EmbeddedPostgres) -> None:
    address = await _a_database(server, "parted")
    async with opened(address, size=1):
        assert await fetch_value("SELECT current_user") == "chizheng"
        assert await fetch_value("SELECT count(*) FROM officer") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute("ALTER TABLE officer ADD COLUMN nothing text")
    async with opened(Address(address.service, "postgresql://nobody@127.0.0.1:1/none"), size=1):
        assert await fetch_value("SELECT count(*) FROM officer") == 0  # nothing to do: nobody else is asked


async def test_a_service_that_may_not_migrate_says_who_must(server: EmbeddedPostgres) -> None:
    address = await _a_database(server, "alone")
    with pytest.raises(NotTheOwner, match="CHIZHENG_DATABASE_OWNER_URL"):
        async with opened(Address(address.service, address.service), size=1):
            pass


async def test_one_role_may_be_both(server: EmbeddedPostgres) -> None:
    address = await _a_database(server, "one_role")
    async with opened(Address(address.owner, address.owner), size=1):
        assert await fetch_value("SELECT count(*) FROM officer") == 0


async def _a_database(server: EmbeddedPostgres, name: str) -> Address:
    admin = await asyncpg.connect(server.admin_dsn)
    await admin.execute(f"CREATE DATABASE {name} OWNER chizheng_owner TEMPLATE template0")
    await admin.close()
    return Address(*(dsn.replace("/chizheng?", f"/{name}?") for dsn in (server.dsn, server.owner_dsn)))
