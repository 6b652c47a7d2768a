"""What the tests of the gate share. Soaks run only when asked for by their mark."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from chizheng.kernel.ids import new_id
from chizheng.kernel.postgres import EmbeddedPostgres
from tests import cast, conftest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test` leaves the soaks out; `make soak` runs nothing else."""
    if "soak" in str(config.getoption("-m")):
        return
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip(reason="long: make soak"))


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """A loop of the module's own, for tests that Hypothesis or a schedule drives from outside a loop."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def connection(loop: asyncio.Runner, module_database: str) -> Iterator[asyncpg.Connection]:
    """A raw connection to the module's database, that does not wait for the disk."""
    opened = loop.run(asyncpg.connect(module_database, server_settings={"synchronous_commit": "off"}))
    yield opened
    loop.run(opened.close())


@pytest.fixture
async def district(db: str) -> cast.District:
    """A district of the test's own."""
    return await cast.a_district(new_id().hex[-12:])


@pytest.fixture
def spare_database(loop: asyncio.Runner, server: EmbeddedPostgres, template: str) -> str:
    """A copy of the template for one test alone, to be spoilt."""
    name = f"spare_{template}"
    loop.run(conftest._copy(server.admin_dsn, template, name))
    return conftest._at(server.dsn, name)


async def as_replica(server: EmbeddedPostgres, database: str, sql: str, *values: Any) -> str | None:
    """What refuses the superuser whose session plays a replica, for whom ordinary triggers do not fire."""
    address = urlsplit(server.admin_dsn)._replace(path=urlsplit(database).path)
    connection = await asyncpg.connect(urlunsplit(address))
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(sql, *values)
    except asyncpg.IntegrityConstraintViolationError as refusal:
        return str(refusal.constraint_name)
    finally:
        await connection.close()
    return None
