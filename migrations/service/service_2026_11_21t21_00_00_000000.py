"""Constraints of accounts and sessions"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from chizheng.kernel.db import engine

ID = "2026-11-21T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints of accounts and sessions"

STATEMENTS = """
CREATE UNIQUE INDEX account_grant_once ON account_grant (account, role, unit);
CREATE INDEX session_expires ON session (expires_at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="service", description=DESCRIPTION)

    async def run() -> None:
        for statement in filter(str.strip, STATEMENTS.split(";\n")):
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
