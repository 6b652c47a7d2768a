"""Where Piccolo finds the tables and migrations of this package."""

from piccolo.conf.apps import AppConfig

from chizheng.kernel.migrating import migrations_of
from personnel.certificates.tables import Certificate, CertificateEvent
from personnel.imports.tables import ImportBatch, ImportRow
from personnel.officers.tables import Establishment, LegalQualification, Officer, OfficerGate, Service
from personnel.postings.tables import Posting
from personnel.units.tables import Field, Unit, UnitAlias, UnitAncestor

APP_CONFIG = AppConfig(
    app_name="personnel",
    migrations_folder_path=migrations_of("personnel"),
    table_classes=[
        Field,
        Unit,
        UnitAlias,
        UnitAncestor,
        Officer,
        OfficerGate,
        Service,
        Establishment,
        LegalQualification,
        Posting,
        Certificate,
        CertificateEvent,
        ImportBatch,
        ImportRow,
    ],
    migration_dependencies=["chizheng.kernel.piccolo_app"],
)
