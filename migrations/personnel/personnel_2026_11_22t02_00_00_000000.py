"""The officer's standing, and indexes by officer and day"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from chizheng.kernel.db import engine

ID = "2026-11-22T02:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The officer's standing, and indexes by officer and day"

STATEMENTS = """
CREATE TYPE held_certificate AS (series uuid, number text, fields text[], area uuid, days daterange, valid daterange);
CREATE TYPE certificate_bar AS (verb text, number text, since date, due_on date, days daterange);
CREATE TYPE standing_use AS (unit uuid, within uuid[], lent boolean, days daterange);
CREATE TABLE officer_standing (
    officer uuid PRIMARY KEY REFERENCES officer,
    in_service datemultirange NOT NULL,
    in_establishment datemultirange NOT NULL,
    legally_qualified datemultirange NOT NULL,
    certified daterange NOT NULL,
    certificates held_certificate[] NOT NULL,
    bars certificate_bar[] NOT NULL,
    used standing_use[] NOT NULL
) WITH (fillfactor = 70);
DROP INDEX service_live;
CREATE INDEX service_live ON service (officer, valid_from) WHERE superseded_at IS NULL;
DROP INDEX establishment_live;
CREATE INDEX establishment_live ON establishment (officer, valid_from) WHERE superseded_at IS NULL;
DROP INDEX legal_qualification_live;
CREATE INDEX legal_qualification_live ON legal_qualification (officer, valid_from) WHERE superseded_at IS NULL;
DROP INDEX certificate_event_live;
CREATE INDEX certificate_event_live ON certificate_event (officer, valid_from) WHERE superseded_at IS NULL;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="personnel", description=DESCRIPTION)

    async def run() -> None:
        for statement in filter(str.strip, STATEMENTS.split(";\n")):
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
