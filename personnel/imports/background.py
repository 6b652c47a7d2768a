"""Work that goes on after the request that began it has been answered. Its state lies in the batch's row."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from chizheng.kernel.errors import ChizhengError

log = logging.getLogger("chizheng.imports")

T = TypeVar("T")
# One at a time: each holds a workbook in memory. A loop of its own has a semaphore of its own.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_running: set[asyncio.Task[Any]] = set()


async def in_background(work: Coroutine[Any, Any, T], patience: float) -> T | None:
    """Begins the work and waits up to `patience` seconds: its result or its error, None when it still goes on."""
    task = asyncio.create_task(_in_turn(work))
    _running.add(task)
    task.add_done_callback(_running.discard)
    task.add_done_callback(_heard)
    done, _waiting = await asyncio.wait([task], timeout=patience)
    return task.result() if done else None


async def _in_turn(work: Coroutine[Any, Any, T]) -> T:
    try:
        async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(1)):
            return await work
    finally:
        work.close()  # ended while it waited for its turn, it never began


async def stop_background() -> None:
    """Ends what this process still works on; each batch says so. For the shutdown, before the pool closes."""
    running = list(_running)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def _heard(task: asyncio.Task[Any]) -> None:
    """What a file's fault was stands in the batch; a fault of ours goes to the log."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, ChizhengError):
        log.error("an import failed", exc_info=error)
