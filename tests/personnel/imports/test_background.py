"""Imports take turns: each holds a workbook in memory."""

import asyncio
import inspect

from personnel.imports.background import in_background, stop_background


async def test_one_works_while_the_other_waits() -> None:
    at_work: list[int] = []
    most = 0

    async def work() -> int:
        nonlocal most
        at_work.append(1)
        most = max(most, len(at_work))
        for _step in range(5):
            await asyncio.sleep(0)
        at_work.pop()
        return most

    assert await asyncio.gather(*(in_background(work(), 30) for _import in range(4))) == [1, 1, 1, 1]


async def test_one_that_is_ended_before_its_turn_never_begins() -> None:
    begun: list[str] = []
    hold = asyncio.Event()

    async def work(name: str) -> None:
        begun.append(name)
        await hold.wait()

    works = [work("first"), work("second")]
    for one in works:
        assert await in_background(one, 0) is None
    await asyncio.sleep(0)
    await stop_background()
    assert begun == ["first"]
    assert [inspect.getcoroutinestate(one) for one in works] == [inspect.CORO_CLOSED] * 2
