"""The database of this installation: its SQL files in order, and how to reach and prepare it."""

import logging
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

import msgspec

from chizheng.kernel.db import engine, fetch_value
from chizheng.kernel.home import data_home
from chizheng.kernel.migrating import ROOT, SqlFile, is_current, migrate
from chizheng.kernel.postgres import EmbeddedPostgres, PostgresFailed

log = logging.getLogger("chizheng.database")

LOOKS = 2.0  # seconds between two looks at the embedded server
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
def postgres(watch: bool = False) -> Iterator[Address]:
    """The database of CHIZHENG_DATABASE_URL, or the embedded server for as long as the block lasts; with `watch` it is
    started again should it die.
    """
    outside = os.environ.get("CHIZHENG_DATABASE_URL")
    if outside:
        yield Address(outside, os.environ.get("CHIZHENG_DATABASE_OWNER_URL") or outside)
        return
    embedded = EmbeddedPostgres(data_home())
    with embedded as address, _watched(embedded) if watch else nullcontext():
        yield Address(address, embedded.owner_dsn)


@contextmanager
def _watched(embedded: EmbeddedPostgres) -> Iterator[None]:
    over = threading.Event()
    watching = threading.Thread(target=_watch, args=(embedded, over), daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


def _watch(embedded: EmbeddedPostgres, over: threading.Event) -> None:
    while not over.wait(LOOKS):
        try:
            if embedded.revive():
                log.warning("the embedded PostgreSQL had died; it runs again")
        except (PostgresFailed, OSError) as failure:
            log.error("the embedded PostgreSQL has died and does not come up: %s", failure)


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
