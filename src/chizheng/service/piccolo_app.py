"""Where Piccolo finds the tables and migrations of this package."""

from piccolo.conf.apps import AppConfig

from chizheng.kernel.migrating import migrations_of
from chizheng.service.accounts.tables import Account, AccountGrant
from chizheng.service.sessions.tables import Session

APP_CONFIG = AppConfig(
    app_name="service",
    migrations_folder_path=migrations_of("service"),
    table_classes=[Account, AccountGrant, Session],
    migration_dependencies=["chizheng.clearance.piccolo_app"],
)
