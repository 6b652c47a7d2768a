"""The database of this installation: its SQL files in order, and how to reach and prepare it."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from chizheng.kernel.db import engine
from chizheng.kernel.home import data_home
from chizheng.kernel.migrating import ROOT, SqlFile, migrate
from chizheng.kernel.postgres import EmbeddedPostgres

REPEATABLE = (
    SqlFile("facts", ROOT / "src/chizheng/kernel/facts.sql"),
    SqlFile("personnel", ROOT / "personnel/personnel.sql"),
    SqlFile("gate", ROOT / "src/chizheng/clearance/gate/gate.sql"),
)


@contextmanager
def postgres() -> Iterator[str]:
    """The address of the database: CHIZHENG_DATABASE_URL, or the embedded server for as long as the block lasts."""
    outside = os.environ.get("CHIZHENG_DATABASE_URL")
    if outside:
        yield outside
        return
    with EmbeddedPostgres(data_home()) as address:
        yield address


@asynccontextmanager
async def opened(address: str, size: int = 10) -> AsyncIterator[None]:
    """The engine's pool, open and up to date, on the running loop."""
    engine.configure(address)
    await engine.open(size)
    try:
        await migrate(REPEATABLE)
        yield
    finally:
        await engine.close()
