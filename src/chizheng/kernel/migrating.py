"""Brings a database up to date: Piccolo's migrations first, then the repeatable SQL (functions and triggers).

A repeatable file is applied again whenever its text has changed, in the order given, in one transaction.
"""

import hashlib
import io
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import msgspec

from chizheng.kernel import clock
from chizheng.kernel.db import engine, execute, fetch_value, transaction

ROOT = Path(__file__).parents[3]
LOCK = 0x63687A68  # "chzh": one process migrates, the others wait
OLDEST_SERVER = 150000


class SqlFile(msgspec.Struct, frozen=True):
    """A repeatable SQL file, known in the database by its name."""

    name: str
    path: Path


class DatabaseTooOld(RuntimeError):
    """The server is older than PostgreSQL 15."""


def migrations_of(package: str) -> str:
    """The folder of a package's migrations."""
    return str(ROOT / "migrations" / package)


async def migrate(files: Sequence[SqlFile]) -> None:
    """Applies what is missing. The pool must be open; safe to call from several processes at once."""
    if int(await fetch_value("SHOW server_version_num")) < OLDEST_SERVER:
        raise DatabaseTooOld("PostgreSQL 15 or newer is needed")
    assert engine.pool is not None
    async with engine.pool.acquire() as keeper:
        await keeper.execute(f"SELECT pg_advisory_lock({LOCK})")
        try:
            await _run_piccolo()
            await _apply(files)
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


async def _apply(files: Sequence[SqlFile]) -> None:
    texts = {file.name: file.path.read_text() for file in files}
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    async with transaction():
        for name, text in texts.items():
            held = await fetch_value("SELECT sha256 FROM applied_sql WHERE name = $1", name)
            if held == digests[name]:
                continue
            await execute(text)
            await execute(
                "INSERT INTO applied_sql (name, sha256, applied_at) VALUES ($1, $2, $3)"
                " ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = excluded.applied_at",
                name,
                digests[name],
                clock.now(),
            )
