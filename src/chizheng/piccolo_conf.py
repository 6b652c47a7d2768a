"""What Piccolo reads: the engine (which connects only when told to) and the packages with tables."""

from piccolo.conf.apps import AppRegistry

from chizheng.kernel.db import engine

DB = engine

APP_REGISTRY = AppRegistry(
    apps=[
        "chizheng.kernel.piccolo_app",
        "personnel.piccolo_app",
        "chizheng.clearance.piccolo_app",
        "chizheng.service.piccolo_app",
    ]
)
