"""The standing names the facts it was put together from"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from chizheng.kernel.db import engine

ID = "2026-11-22T03:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The standing names the facts it was put together from"

STATEMENTS = """
CREATE TYPE standing_fact AS (kind text, id uuid, days daterange);
ALTER TABLE officer_standing ADD COLUMN facts standing_fact[] NOT NULL DEFAULT '{}';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="personnel", description=DESCRIPTION)

    async def run() -> None:
        for statement in filter(str.strip, STATEMENTS.split(";\n")):
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
