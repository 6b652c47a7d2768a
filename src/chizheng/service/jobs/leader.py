"""Which of several workers runs the jobs: the one that holds an advisory lock of PostgreSQL.

The lock lives as long as its connection, so a leader that is killed gives it up at once, and one that has lost
the database no longer leads. Takeovers may overlap for a moment; jobs are idempotent for that reason.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Final

import asyncpg

LOCK: Final = 0x6C656164  # "lead"
PATIENCE: Final = 5.0
"""Seconds between two attempts of a follower, between two heartbeats of a leader, and for one answer."""

log = logging.getLogger(__name__)

Duty = Callable[[], AbstractAsyncContextManager[None]]
Pause = Callable[[], Awaitable[None]]


async def stand_for_leader(address: str, duty: Duty, pause: Pause | None = None) -> None:
    """Tries to lead for ever; while it leads, `duty` is entered. Ends only by being cancelled.

    `pause` is awaited between attempts and heartbeats.
    """
    pause = pause or _pause
    while True:
        try:
            await _one_term(address, duty, pause)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            log.warning("no leader's connection: %s", problem)
        await pause()


async def _one_term(address: str, duty: Duty, pause: Pause) -> None:
    """From one connection's begin to its end."""
    connection = await asyncpg.connect(
        address,
        timeout=PATIENCE,
        command_timeout=PATIENCE,
        server_settings={"application_name": "chizheng leader"},
    )
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _connection: lost.set())
    try:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            await pause()
        log.info("this worker leads")
        async with duty():
            await _hold(connection, lost, pause)
    finally:
        log.info("this worker does not lead")
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=PATIENCE)


async def _hold(connection: Any, lost: asyncio.Event, pause: Pause) -> None:
    """Returns or raises as soon as the connection no longer stands."""
    ended = asyncio.ensure_future(lost.wait())
    beating = asyncio.ensure_future(_beat(connection, pause))
    try:
        await asyncio.wait((ended, beating), return_when=asyncio.FIRST_COMPLETED)
        if beating.done():
            await beating
    finally:
        for task in (ended, beating):
            task.cancel()
        await asyncio.gather(ended, beating, return_exceptions=True)


async def _beat(connection: Any, pause: Pause) -> None:
    """A half-open connection reports nothing by itself: it is asked."""
    while True:
        await pause()
        await connection.execute("SELECT 1")


async def _pause() -> None:
    await asyncio.sleep(PATIENCE)
