"""Constraints, indexes and fields of personnel"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from chizheng.kernel.db import engine

ID = "2026-11-21T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Constraints, indexes and fields of personnel"

STATEMENTS = """
ALTER TABLE unit ADD CONSTRAINT unit_kind_known CHECK (kind IN ('district', 'department', 'team', 'town', 'bureau', 'squad', 'station', 'justice_office'));
ALTER TABLE unit ADD CONSTRAINT unit_dates_forward CHECK (valid_to > valid_from);
ALTER TABLE unit_ancestor ADD CONSTRAINT unit_ancestor_once UNIQUE (unit, ancestor);
CREATE INDEX unit_ancestor_down ON unit_ancestor (ancestor, unit);
ALTER TABLE officer ADD CONSTRAINT officer_sex_known CHECK (sex IN ('male', 'female'));
CREATE INDEX officer_name_like ON officer USING gin (name gin_trgm_ops, pinyin gin_trgm_ops, initials gin_trgm_ops);
ALTER TABLE officer_gate SET (fillfactor = 50);
ALTER TABLE service ADD CONSTRAINT service_status_known CHECK (status IN ('active', 'suspended', 'left', 'retired', 'dismissed'));
ALTER TABLE service ADD CONSTRAINT service_dates_forward CHECK (valid_to > valid_from);
ALTER TABLE service ADD CONSTRAINT service_no_overlap EXCLUDE USING gist (officer WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (superseded_at IS NULL);
CREATE INDEX service_live ON service (officer) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX service_version ON service (series) WHERE superseded_at IS NULL;
ALTER TABLE establishment ADD CONSTRAINT establishment_type_known CHECK (type IN ('administrative', 'enforcement', 'civil_service_managed', 'institution', 'contract', 'dispatched', 'worker', 'temporary', 'auxiliary'));
ALTER TABLE establishment ADD CONSTRAINT establishment_dates_forward CHECK (valid_to > valid_from);
ALTER TABLE establishment ADD CONSTRAINT establishment_no_overlap EXCLUDE USING gist (officer WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (superseded_at IS NULL);
CREATE INDEX establishment_live ON establishment (officer) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX establishment_version ON establishment (series) WHERE superseded_at IS NULL;
ALTER TABLE legal_qualification ADD CONSTRAINT legal_qualification_dates_forward CHECK (valid_to > valid_from);
CREATE INDEX legal_qualification_live ON legal_qualification (officer) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX legal_qualification_version ON legal_qualification (series) WHERE superseded_at IS NULL;
ALTER TABLE posting ADD CONSTRAINT posting_kind_known CHECK (kind IN ('secondment', 'home_duty', 'exchange', 'borrowing', 'leadership', 'station'));
ALTER TABLE posting ADD CONSTRAINT posting_post_known CHECK (post IN ('enforcement', 'legal_review', 'office'));
ALTER TABLE posting ADD CONSTRAINT posting_dates_forward CHECK (valid_to > valid_from);
ALTER TABLE posting ADD CONSTRAINT posting_no_overlap EXCLUDE USING gist (officer WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (superseded_at IS NULL AND kind NOT IN ('exchange', 'borrowing'));
CREATE INDEX posting_live ON posting (officer, valid_from) WHERE superseded_at IS NULL;
CREATE INDEX posting_user ON posting (user_unit) WHERE superseded_at IS NULL;
CREATE INDEX posting_manager ON posting (manager_unit) WHERE superseded_at IS NULL;
CREATE INDEX posting_owner ON posting (owner_unit) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX posting_version ON posting (series) WHERE superseded_at IS NULL;
ALTER TABLE certificate ADD CONSTRAINT certificate_dates_forward CHECK (valid_to > valid_from);
ALTER TABLE certificate ALTER COLUMN valid_to SET NOT NULL;
CREATE UNIQUE INDEX certificate_number_once ON certificate (number) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX certificate_version ON certificate (series) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX certificate_start_once ON certificate (officer, valid_from) WHERE superseded_at IS NULL;
CREATE INDEX certificate_ends ON certificate (valid_to) WHERE superseded_at IS NULL;
ALTER TABLE certificate_event ADD CONSTRAINT certificate_event_verb_known CHECK (verb IN ('issue', 'suspend', 'reinstate', 'revoke', 'cancel', 'report_lost', 'reissue', 'renew'));
ALTER TABLE certificate_event ADD CONSTRAINT certificate_event_dates_forward CHECK (valid_to > valid_from);
CREATE INDEX certificate_event_live ON certificate_event (officer) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX certificate_event_version ON certificate_event (series) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX import_row_once ON import_row (batch, sheet_row);
CREATE INDEX import_batch_at ON import_batch (at);
CREATE INDEX service_batch ON service (batch) WHERE batch IS NOT NULL;
CREATE INDEX establishment_batch ON establishment (batch) WHERE batch IS NOT NULL;
CREATE INDEX legal_qualification_batch ON legal_qualification (batch) WHERE batch IS NOT NULL;
CREATE INDEX posting_batch ON posting (batch) WHERE batch IS NOT NULL;
CREATE INDEX certificate_batch ON certificate (batch) WHERE batch IS NOT NULL;
CREATE INDEX certificate_event_batch ON certificate_event (batch) WHERE batch IS NOT NULL;
CREATE INDEX officer_batch ON officer (batch) WHERE batch IS NOT NULL;
INSERT INTO field (code, name, name_en, position) VALUES
    ('market', '市场监管', 'Market regulation', 1), ('transport', '交通运输', 'Transport', 2),
    ('agriculture', '农业农村', 'Agriculture', 3), ('city', '城市管理', 'City management', 4),
    ('emergency', '应急管理', 'Emergency management', 5), ('labour', '劳动监察', 'Labour inspection', 6),
    ('health', '公共卫生', 'Public health', 7), ('construction', '城乡建设', 'Construction', 8),
    ('water', '水政水利', 'Water', 9);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="personnel", description=DESCRIPTION)

    async def run() -> None:
        for statement in filter(str.strip, STATEMENTS.split(";\n")):
            await engine.run_ddl(statement)

    manager.add_raw(run)
    return manager
