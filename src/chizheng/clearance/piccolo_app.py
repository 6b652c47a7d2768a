"""Where Piccolo finds the tables and migrations of this package."""

from piccolo.conf.apps import AppConfig

from chizheng.clearance.assignments.tables import Assignment
from chizheng.clearance.cases.tables import CaseFile, PowerItem
from chizheng.clearance.decisions.tables import Decision
from chizheng.kernel.migrating import migrations_of

APP_CONFIG = AppConfig(
    app_name="clearance",
    migrations_folder_path=migrations_of("clearance"),
    table_classes=[PowerItem, CaseFile, Decision, Assignment],
    migration_dependencies=["personnel.piccolo_app"],
)
