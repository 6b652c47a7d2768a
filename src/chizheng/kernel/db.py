"""PostgreSQL: one engine for Piccolo and for raw statements, and the one way to open a transaction.

Raw statements use `$1` placeholders and join the transaction that is open, if there is one.
"""

import asyncio
import functools
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

import asyncpg
import msgspec
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from chizheng.kernel.errors import Conflict
from chizheng.kernel.i18n import _

P = ParamSpec("P")
T = TypeVar("T")

ATTEMPTS = 6
# One plan per statement and connection: planning the gate's question anew costs more than answering it. A district's
# data lies in memory, where an index is as near as the table. The search_path is that of the database's own guards:
# a function both call is planned once, not anew at each change of path.
SESSION = {
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "random_page_cost": "1.1",
    "search_path": "public, pg_temp",
}
POOL_SIZE = 10  # per worker; a pool of 2 had a p99 of 450 ms


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """Without the RESET round trip at release: no code here sets session state on a pooled connection."""

    def get_reset_query(self) -> str:
        return ""


class Transaction(PostgresTransaction):
    """Piccolo's, but the connection goes back also when COMMIT itself fails (a deferred constraint, say)."""

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if self._parent:
            return False
        try:
            if error is not None and not self._rolled_back:
                await self.rollback()  # type: ignore[no-untyped-call]
            elif error is None and not self._committed and not self._rolled_back:
                await self.commit()  # type: ignore[no-untyped-call]
        finally:
            self.engine.current_transaction.reset(self.context)
            if self.engine.pool:
                await self.engine.pool.release(self.connection)
            else:
                await self.connection.close()
        return False


class Engine(PostgresEngine):
    """Connects only when told to: importing the configuration opens nothing."""

    def transaction(self, allow_nested: bool = True) -> Transaction:
        return Transaction(engine=self, allow_nested=allow_nested)

    def configure(self, dsn: str) -> None:
        """Points the engine at a database; takes effect with the next connection."""
        self.config = {"dsn": dsn}

    async def check_version(self) -> None:
        """Nothing: the migration asks the server for its version itself."""

    async def open(self, size: int = POOL_SIZE) -> None:
        """Opens the pool on the running loop."""
        await self.start_connection_pool(
            min_size=1,
            max_size=size,
            connection_class=Connection,
            init=_prepare,
            command_timeout=60,
            server_settings=SESSION,
        )

    async def close(self) -> None:
        """Closes the pool, if open."""
        if self.pool:
            await self.close_connection_pool()


engine = Engine(config={})


async def fetch(sql: str, *values: Any) -> list[asyncpg.Record]:
    """All rows of a statement."""
    return await _connection().fetch(sql, *values)  # type: ignore[no-any-return]


async def fetch_one(sql: str, *values: Any) -> asyncpg.Record | None:
    """The first row, or None."""
    return await _connection().fetchrow(sql, *values)


async def fetch_value(sql: str, *values: Any) -> Any:
    """The first column of the first row, or None."""
    return await _connection().fetchval(sql, *values)


async def execute(sql: str, *values: Any) -> str:
    """Runs a statement; returns PostgreSQL's command tag, such as `UPDATE 1`."""
    return await _connection().execute(sql, *values)  # type: ignore[no-any-return]


async def execute_many(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Runs a statement once per row, pipelined."""
    await _connection().executemany(sql, rows)


async def fetch_as(shape: Callable[..., T], sql: str, *values: Any) -> list[T]:
    """All rows, each as a Struct whose fields stand in the order of the columns."""
    return [shape(*row) for row in await fetch(sql, *values)]


async def one_as(shape: Callable[..., T], sql: str, *values: Any) -> T | None:
    """The first row as a Struct whose fields stand in the order of the columns, or None."""
    row = await fetch_one(sql, *values)
    return None if row is None else shape(*row)


@asynccontextmanager
async def transaction(isolation: str | None = None) -> AsyncIterator[None]:
    """One transaction; refuses to nest, because a nested one would commit nothing of its own."""
    async with engine.transaction(allow_nested=False):
        if isolation:
            await execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
        yield


def transactional(action: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """An action in one transaction, tried again when PostgreSQL breaks a deadlock or a serialization cycle.

    Raises Conflict `busy` when it still loses after several tries.
    """

    @functools.wraps(action)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(ATTEMPTS):
            try:
                async with transaction():
                    return await action(*args, **kwargs)
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter, no secret
        raise Conflict("busy", _("同一时间有其他人在修改，请再试一次"))

    return run


def _connection() -> Any:
    """The open transaction's connection, else the pool, which takes one for a single statement."""
    current = engine.current_transaction.get()
    if current is not None:
        return current.connection
    if engine.pool is None:
        raise RuntimeError("the connection pool is not open")
    return engine.pool


async def _prepare(connection: Any) -> None:
    """JSON columns arrive as Python values; text that Piccolo has already dumped passes as it is."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(kind, encoder=_dump, decoder=msgspec.json.decode, schema="pg_catalog")


def _dump(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
