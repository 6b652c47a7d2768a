"""One PostgreSQL for the whole run; a migrated template; a database of its own for each test that asks."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

os.environ["PICCOLO_CONF"] = "chizheng.piccolo_conf"
os.environ.setdefault("CHIZHENG_KEY", "5a" * 32)

from chizheng.kernel.db import engine
from chizheng.kernel.postgres import EmbeddedPostgres
from chizheng.service.database import Address, opened
from tests.web import app, client_for, nobody

__all__ = ["app", "client_for", "nobody"]

TEMPLATE = "chizheng_template"
OWNER = "chizheng_owner"
Run = Callable[..., Awaitable[object]]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Every async test runs under anyio's plugin (`anyio_mode = "auto"`), on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real-shaped data beside the project; tests that need it are skipped without it."""
    folder = Path(os.environ.get("CHIZHENG_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip("the shared data is not here")
    return folder


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[EmbeddedPostgres]:
    """The run's own cluster; xdist's workers share it, the last one out stops it."""
    base = tmp_path_factory.getbasetemp()
    home = (base if worker_id == "master" else base.parent) / "cluster"
    running = EmbeddedPostgres(home)
    with running:
        yield running


@pytest.fixture(scope="session")
def template(server: EmbeddedPostgres, worker_id: str) -> str:
    """A migrated, empty database of this worker, from which the others are copied."""
    name = f"{TEMPLATE}_{worker_id}"
    asyncio.run(_make_template(server.admin_dsn, name))
    return name


@pytest.fixture(scope="module")
def module_database(server: EmbeddedPostgres, template: str, request: pytest.FixtureRequest) -> str:
    """An address of a fresh copy of the template, shared by the tests of one module."""
    name = f"t_{template}_{abs(hash(request.node.nodeid))}"
    asyncio.run(_copy(server.admin_dsn, template, name))
    return _at(server.dsn, name)


@pytest.fixture
async def db(module_database: str) -> AsyncIterator[str]:
    """The engine's pool, open on this test's loop; the module's database keeps what earlier tests wrote."""
    engine.configure(module_database)
    await engine.open(size=4)
    yield module_database
    await engine.close()


@pytest.fixture
async def owner_db(module_database: str) -> AsyncIterator[str]:
    """The same as `db`, in the role that owns the tables."""
    engine.configure(as_owner(module_database))
    await engine.open(size=4)
    yield module_database
    await engine.close()


def as_owner(address: str) -> str:
    """The same database, as the owner of its tables."""
    return address.replace("//chizheng@", f"//{OWNER}@")


async def by_the_owner(sql: str, *values: Any) -> None:
    """A statement on the open database that the service itself may not make: it takes a guard away."""
    connection = await asyncpg.connect(as_owner(engine.config["dsn"]))
    try:
        await connection.execute(sql, *values)
    finally:
        await connection.close()


def make_database(admin: str, template: str, name: str) -> None:
    """A fresh copy of the template under this name."""
    asyncio.run(_copy(admin, template, name))


def database_at(address: str, name: str) -> str:
    """The address of another database of the same server."""
    return _at(address, name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line about the journeys that this machine cannot make."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
    if skipped:
        terminalreporter.write_line(
            f"Chromium is not installed: {len(skipped)} browser journeys skipped, all else ran"
        )


async def _make_template(admin: str, name: str) -> None:
    await _create(admin, name, "template0")
    service, owner = (_at(admin.replace("//postgres@", f"//{role}@"), name) for role in ("chizheng", OWNER))
    async with opened(Address(service, owner), size=2):
        pass


async def _copy(admin: str, template: str, name: str) -> None:
    await _create(admin, name, template)


async def _create(admin: str, name: str, template: str) -> None:
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER} TEMPLATE "{template}"')
    finally:
        await connection.close()


def _at(address: str, database: str) -> str:
    return urlunsplit(urlsplit(address)._replace(path=f"/{database}"))
