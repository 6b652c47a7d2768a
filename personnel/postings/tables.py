"""Postings."""

from piccolo.columns import ForeignKey, OnDelete, Varchar
from piccolo.table import Table

from chizheng.kernel.facts import Fact
from personnel.officers.tables import Officer
from personnel.units.tables import Unit


class Posting(Fact, Table):
    """派驻: the unit that owns the officer, the one that manages, the one that uses, in one post, for a time."""

    officer = ForeignKey(Officer, null=False, on_delete=OnDelete.restrict)
    kind = Varchar(20)
    owner_unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    manager_unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    user_unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    post = Varchar(20)
    document_no = Varchar(100, default="")
    reason = Varchar(500, default="")
