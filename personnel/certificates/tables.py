"""Certificates and their events."""

from piccolo.columns import UUID, Array, Date, ForeignKey, OnDelete, Varchar
from piccolo.table import Table

from chizheng.kernel.facts import Fact
from personnel.officers.tables import Officer
from personnel.units.tables import Unit


class Certificate(Fact, Table):
    """行政执法证: who may enforce in which fields and where. Its `series` is the certificate's lasting id."""

    officer = ForeignKey(Officer, null=False, on_delete=OnDelete.restrict)
    number = Varchar(40)
    fields = Array(base_column=Varchar(20), default=list)
    area = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    authority = Varchar(100, default="")
    issued_on = Date(default=None)


class CertificateEvent(Fact, Table):
    """What happened to a certificate. Suspend, revoke, cancel and report_lost bar it while they hold."""

    certificate = UUID(index=True)
    officer = ForeignKey(Officer, null=False, on_delete=OnDelete.restrict)
    verb = Varchar(20)
    due_on = Date(null=True, default=None)
    reason = Varchar(500, default="")
    document_no = Varchar(100, default="")
