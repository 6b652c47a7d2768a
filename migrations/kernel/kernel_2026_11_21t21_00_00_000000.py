"""Constraints of the ground floor"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from chizheng.kernel.db import engine

ID = "2026-11-21T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints of the ground floor"

STATEMENTS = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE UNIQUE INDEX job_run_once ON job_run (job, day);
CREATE INDEX audit_entry_at ON audit_entry (at);
ALTER TABLE audit_head ADD CONSTRAINT audit_has_one_head CHECK (id = 1);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="kernel", description=DESCRIPTION)

    async def run() -> None:
        for statement in filter(str.strip, STATEMENTS.split(";\n")):
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
