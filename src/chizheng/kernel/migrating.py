"""Brings a database up to date: Piccolo's migrations first, then the repeatable SQL (functions and triggers).

A repeatable file is applied again whenever its text has changed, in the order given, in one transaction. The tables'
owner does it, and lets the service at the rows: docs/decisions/0006.
"""

import hashlib
import io
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import asyncpg
import msgspec

from chizheng.kernel import clock
from chizheng.kernel.db import engine, execute, fetch_value, transaction
from chizheng.kernel.errors import ChizhengError
from chizheng.kernel.i18n import _

ROOT = Path(__file__).parents[3]
LOCK = 0x63687A68  # "chzh": one process migrates, the others wait
OLDEST_SERVER = 150000
MAY_MAINTAIN = 170000  # the first server on which ANALYZE can be granted
CURRENT = "everything"  # the row of `applied_sql` that says so for this program as a whole


class SqlFile(msgspec.Struct, frozen=True):
    """A repeatable SQL file, known in the database by its name."""

    name: str
    path: Path


class DatabaseTooOld(RuntimeError):
    """The server is older than PostgreSQL 15."""


def migrations_of(package: str) -> str:
    """The folder of a package's migrations."""
    return str(ROOT / "migrations" / package)


class NotTheOwner(ChizhengError):
    """The database has to be brought up to date, and whoever is connected may not."""

    def __init__(self, user: str) -> None:
        message = _(
            "数据库须先升级，而 %(user)s 无权修改表结构：请用 CHIZHENG_DATABASE_OWNER_URL 指明所有者的连接地址",
            user=user,
        )
        super().__init__("not_the_owner", message)


async def is_current(files: Sequence[SqlFile]) -> bool:
    """Whether the database is as this program wants it, and lets the present user at its rows."""
    try:
        held = await fetch_value("SELECT sha256 FROM applied_sql WHERE name = $1", CURRENT)
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        return False
    return bool(held == _digest_of_everything(files))


async def migrate(files: Sequence[SqlFile], service: str) -> None:
    """Applies what is missing and lets the role `service` at the rows.

    The pool must be open, as the tables' owner; safe to call from several processes at once. Raises DatabaseTooOld;
    NotTheOwner.
    """
    if await _version() < OLDEST_SERVER:
        raise DatabaseTooOld("PostgreSQL 15 or newer is needed")
    if not await fetch_value("SELECT has_schema_privilege('public', 'CREATE')"):
        raise NotTheOwner(await fetch_value("SELECT current_user"))
    assert engine.pool is not None
    async with engine.pool.acquire() as keeper:
        await keeper.execute(f"SELECT pg_advisory_lock({LOCK})")
        try:
            await _run_piccolo()
            await _apply(files, service)
        finally:
            await keeper.execute(f"SELECT pg_advisory_unlock({LOCK})")


async def _run_piccolo() -> None:
    os.environ["PICCOLO_CONF"] = "chizheng.piccolo_conf"
    from piccolo.apps.migrations.commands.forwards import run_forwards

    printed = io.StringIO()
    # Piccolo notes a migration only after its transaction: a start that was interrupted between the two could never
    # migrate again. Within one transaction around all of them it is all or nothing.
    async with engine.transaction():
        with redirect_stdout(printed):
            result = await run_forwards(app_name="all")
        if not result.success:
            raise RuntimeError(f"migration failed: {result.message}\n{printed.getvalue()}")


async def _apply(files: Sequence[SqlFile], service: str) -> None:
    async with transaction():
        for file in files:
            text = file.path.read_text()
            digest = hashlib.sha256(text.encode()).hexdigest()
            if await fetch_value("SELECT sha256 FROM applied_sql WHERE name = $1", file.name) != digest:
                await execute(text)
                await _note(file.name, digest)
        await _let_in(service)
        await _note(CURRENT, _digest_of_everything(files))


async def _note(name: str, digest: str) -> None:
    await execute(
        "INSERT INTO applied_sql (name, sha256, applied_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = excluded.applied_at",
        name, digest, clock.now(),
    )  # fmt: skip


async def _let_in(service: str) -> None:
    """Rows, sequences and statistics for the service; no table, function or trigger is its own."""
    role = await fetch_value("SELECT quote_ident($1)", service)
    maintain = ", MAINTAIN" if await _version() >= MAY_MAINTAIN else ""
    tables = f"SELECT, INSERT, UPDATE, DELETE{maintain} ON ALL TABLES"
    for rights in ("USAGE ON", f"{tables} IN", "USAGE, SELECT ON ALL SEQUENCES IN"):
        await execute(f"GRANT {rights} SCHEMA public TO {role}")


async def _version() -> int:
    return int(await fetch_value("SHOW server_version_num"))


def _digest_of_everything(files: Sequence[SqlFile]) -> str:
    migrations = sorted((ROOT / "migrations").rglob("*.py"))
    return hashlib.sha256(
        b"".join(path.read_bytes() for path in [*migrations, *(file.path for file in files)])
    ).hexdigest()
