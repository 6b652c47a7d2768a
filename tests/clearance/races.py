"""Two transactions on two real connections, stepped through one order after another.

Nothing sleeps. A step that waits for the other side's lock is recognised by asking PostgreSQL who blocks whom;
its side then stands still until the other one has moved on.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import asyncpg

from tests.clearance.crowd import Person, a_crowd, violations

Statement = tuple[str, tuple[Any, ...]]
BLOCKED = "SELECT cardinality(pg_blocking_pids($1)) > 0"
LOST = {"40001", "40P01"}  # serialization failure, deadlock: the loser tries again
REFUSED = {"not_cleared", "case_is_open"}


@dataclass(frozen=True)
class Race:
    """What two sides do, at which isolation, in which order of steps ("LLRRLR")."""

    left: str
    right: str
    isolation: tuple[str, str]
    order: str

    @property
    def forced(self) -> bool:
        """Both sides have written before either commits."""
        writes = max(_place(self.order, side, 1) for side in "LR")
        return writes < min(self.order.rindex(side) for side in "LR")


@dataclass
class Tally:
    """What came of many races."""

    races: int = 0
    forced: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    violated: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.races += other.races
        self.forced += other.forced
        self.endings += other.endings
        self.violated += other.violated


def orders(left: int, right: int) -> Iterator[str]:
    """Every way in which so many steps of either side can follow each other."""
    for places in combinations(range(left + right), left):
        yield "".join("L" if n in places else "R" for n in range(left + right))


class Side:
    """One transaction on its own connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self.pid = connection.get_server_pid()
        self.reset([])

    def reset(self, script: Sequence[Statement]) -> None:
        self.script = list(script)
        self.due = 0
        self.task: asyncio.Task[Any] | None = None
        self.ending = "committed"

    @property
    def open(self) -> bool:
        """Whether it may hold a lock, or wait for one."""
        return bool(self.script)

    async def step(self, watch: asyncpg.Connection, other: "Side") -> bool:
        """Takes its next due step, or goes on waiting for the one under way; False while it is blocked."""
        if self.task is None:
            statement, values = self.script[0]
            self.task = asyncio.create_task(self.connection.execute(statement, *values))
        if not other.open:
            await asyncio.wait({self.task})
        while not self.task.done():
            if await watch.fetchval(BLOCKED, self.pid) and not self.task.done():
                return False
        await self._finish(self.task)
        return True

    async def _finish(self, task: asyncio.Task[Any]) -> None:
        self.task = None
        self.due -= 1
        self.script.pop(0)
        try:
            task.result()
        except asyncpg.PostgresError as error:
            self.ending = _how(error)
            self.script.clear()
            await self.connection.execute("ROLLBACK")


class Lane:
    """Two sides and somebody who watches them; races one after another."""

    def __init__(
        self, left: asyncpg.Connection, right: asyncpg.Connection, watch: asyncpg.Connection
    ) -> None:
        self.left, self.right, self.watch = Side(left), Side(right), watch

    @classmethod
    async def open(cls, address: str) -> "Lane":
        settings = {"synchronous_commit": "off"}
        return cls(*[await asyncpg.connect(address, server_settings=settings) for _ in range(3)])

    async def close(self) -> None:
        for connection in (self.left.connection, self.right.connection, self.watch):
            await connection.close()

    async def run(self, race: Race, left: Sequence[Statement], right: Sequence[Statement]) -> str:
        """Runs one race to its end; says how either side ended."""
        self.left.reset(_transaction(race.isolation[0], left))
        self.right.reset(_transaction(race.isolation[1], right))
        for letter in race.order:
            side = self.left if letter == "L" else self.right
            side.due += 1
            await self._move(side)
        while self.left.open or self.right.open:
            if not await self._move(self.left) and not await self._move(self.right):
                waiting = {side.task for side in (self.left, self.right) if side.task}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return f"{self.left.ending}/{self.right.ending}"

    async def _move(self, side: Side) -> bool:
        """Lets a side take the steps it is due, and then the other one what it had to put off."""
        other = self.right if side is self.left else self.left
        moved = False
        while side.open and side.due > 0:
            if not await side.step(self.watch, other):
                break
            moved = True
        if moved and other.task is not None:
            await self._move(other)
        return moved


async def hold(lanes: list[Lane], races: Sequence[Race], sides: Any) -> Tally:
    """Runs the races over the lanes, each with people of its own, and judges every standing assignment after."""
    total = Tally()
    shares = [races[n :: len(lanes)] for n in range(len(lanes))]
    for tally in await asyncio.gather(*map(_share, lanes, shares, [sides] * len(lanes))):
        total.add(tally)
    return total


async def _share(lane: Lane, races: Sequence[Race], sides: Any) -> Tally:
    tally = Tally()
    for start in range(0, len(races), 200):
        block = races[start : start + 200]
        crowd = await a_crowd(lane.watch, len(block))
        for race, person in zip(block, crowd, strict=True):
            ending = await lane.run(race, *sides(race, person))
            tally.endings[ending] += 1
            tally.races += 1
            tally.forced += race.forced
        await _judge(lane.watch, block, crowd, tally)
    return tally


async def _judge(watch: asyncpg.Connection, races: Sequence[Race], crowd: list[Person], tally: Tally) -> None:
    wrong = set(await violations(watch, [person.officer for person in crowd]))
    for race, person in zip(races, crowd, strict=True):
        if person.officer in wrong:
            tally.violated[race.right] += 1


def _transaction(isolation: str, writes: Sequence[Statement]) -> list[Statement]:
    """The first statement takes the snapshot at once, so that the order of beginnings matters."""
    return [(f"BEGIN ISOLATION LEVEL {isolation}; SELECT 1", ()), *writes, ("COMMIT", ())]


def _how(error: asyncpg.PostgresError) -> str:
    if error.sqlstate in LOST:
        return "lost"
    if getattr(error, "constraint_name", None) in REFUSED:
        return "refused"
    raise error


def _place(order: str, side: str, nth: int) -> int:
    return [n for n, letter in enumerate(order) if letter == side][nth]
