"""How many SQL statements a piece of code runs."""

from collections.abc import Awaitable, Callable
from typing import Any

from chizheng.kernel.db import engine, transaction


async def statements_of(read: Callable[[], Awaitable[Any]]) -> list[str]:
    """The statements, in order, that this reads with.

    It reads once before, so that the driver has asked what it asks once per connection.
    """
    seen: list[str] = []
    async with transaction():
        connection = engine.current_transaction.get().connection
        await read()
        with connection.query_logger(lambda record: seen.append(record.query)):
            await read()
    return seen
