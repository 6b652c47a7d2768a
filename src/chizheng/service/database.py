"""The database of this installation: its SQL files in order, and how to reach and prepare it."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import msgspec

from chizheng.kernel.db import engine, fetch_value
from chizheng.kernel.home import data_home
from chizheng.kernel.migrating import ROOT, SqlFile, is_current, migrate
from chizheng.kernel.postgres import EmbeddedPostgres

REPEATABLE = (
    SqlFile("facts", ROOT / "src/chizheng/kernel/facts.sql"),
    SqlFile("personnel", ROOT / "personnel/personnel.sql"),
    SqlFile("gate", ROOT / "src/chizheng/clearance/gate/gate.sql"),
)


class Address(msgspec.Struct, frozen=True):
    """Where the database is: for the service, and for the owner of its tables, who brings it up to date."""

    service: str
    owner: str


@contextmanager
def postgres() -> Iterator[Address]:
    """The database of CHIZHENG_DATABASE_URL, or the embedded server for as long as the block lasts."""
    outside = os.environ.get("CHIZHENG_DATABASE_URL")
    if outside:
        yield Address(outside, os.environ.get("CHIZHENG_DATABASE_OWNER_URL") or outside)
        return
    embedded = EmbeddedPostgres(data_home())
    with embedded as address:
        yield Address(address, embedded.owner_dsn)


@asynccontextmanager
async def opened(address: Address, size: int = 10) -> AsyncIterator[None]:
    """The engine's pool, open on the running loop, over a database that is up to date."""
    async with _pool(address.service, 1):
        service, current = await fetch_value("SELECT current_user"), await is_current(REPEATABLE)
    if not current:
        async with _pool(address.owner, 2):
            await migrate(REPEATABLE, service)
    async with _pool(address.service, size):
        yield


@asynccontextmanager
async def _pool(address: str, size: int) -> AsyncIterator[None]:
    engine.configure(address)
    await engine.open(size)
    try:
        yield
    finally:
        await engine.close()
