"""Constraints of the gate's tables"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from chizheng.kernel.db import engine

ID = "2026-11-21T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints of the gate's tables"

STATEMENTS = """
CREATE SEQUENCE decision_number;
ALTER TABLE power_item ADD CONSTRAINT power_item_kind_known CHECK (kind IN ('approval', 'enforcement', 'cooperation'));
ALTER TABLE case_file ADD CONSTRAINT case_status_known CHECK (status IN ('open', 'closed'));
ALTER TABLE case_file ADD CONSTRAINT case_dates_forward CHECK (due_on > opened_on);
ALTER TABLE case_file SET (fillfactor = 80);
ALTER TABLE decision ADD CONSTRAINT decision_kind_known CHECK (kind IN ('assign', 'stand_down', 'check'));
CREATE INDEX decision_case ON decision (case_file);
CREATE INDEX decision_refused ON decision (at) WHERE NOT allowed;
ALTER TABLE assignment ADD CONSTRAINT assignment_role_known CHECK (role IN ('lead', 'co_handler', 'legal_reviewer', 'hearing_chair', 'observer'));
ALTER TABLE assignment ADD CONSTRAINT assignment_dates_forward CHECK (valid_to > valid_from);
ALTER TABLE assignment ADD CONSTRAINT assignment_ending_known CHECK (ending IN ('stood_down', 'released', 'finished', 'case_closed'));
ALTER TABLE assignment ADD CONSTRAINT assignment_ending_whole CHECK ((ended_at IS NULL) = (ending IS NULL));
CREATE UNIQUE INDEX assignment_once ON assignment (case_file, officer, role) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX assignment_one_lead ON assignment (case_file) WHERE ended_at IS NULL AND role = 'lead';
CREATE UNIQUE INDEX assignment_two_people ON assignment (case_file, officer) WHERE ended_at IS NULL AND role IN ('lead', 'co_handler');
CREATE INDEX assignment_of_case ON assignment (case_file);
CREATE INDEX assignment_open ON assignment (officer) WHERE ended_at IS NULL;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="clearance", description=DESCRIPTION)

    async def run() -> None:
        for statement in filter(str.strip, STATEMENTS.split(";\n")):
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
