"""The gate answers in one row; functions whose shape changes make way"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from chizheng.kernel.db import engine

ID = "2026-11-22T03:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The gate answers in one row; functions whose shape changes make way"

# What is dropped here is made anew by gate.sql, in the same start; a database without it has nothing to drop.
STATEMENTS = """
DROP FUNCTION IF EXISTS gaps_as_json(uuid, uuid, text, date, date);
DROP FUNCTION IF EXISTS assignment_gaps(uuid, uuid, text, date, date);
DROP FUNCTION IF EXISTS clearance_gaps(uuid, text, text, uuid, date, date);
DROP FUNCTION IF EXISTS clearance_facts(uuid, date, date);
DROP FUNCTION IF EXISTS standing_gaps(officer_standing, text[], text, uuid, uuid[], daterange);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearance", description=DESCRIPTION)

    async def run() -> None:
        for statement in filter(str.strip, STATEMENTS.split(";\n")):
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
