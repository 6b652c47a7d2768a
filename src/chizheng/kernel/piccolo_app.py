"""Where Piccolo finds the tables and migrations of this package."""

from piccolo.conf.apps import AppConfig

from chizheng.kernel.audit.tables import AuditEntry, AuditHead
from chizheng.kernel.migrating import migrations_of
from chizheng.kernel.tables import AppliedSql, JobRun

APP_CONFIG = AppConfig(
    app_name="kernel",
    migrations_folder_path=migrations_of("kernel"),
    table_classes=[AuditEntry, AuditHead, JobRun, AppliedSql],
    migration_dependencies=[],
)
