"""Cases and power items."""

from piccolo.columns import UUID, BigInt, Boolean, Date, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from personnel.units.tables import Field, Unit


class PowerItem(Table):
    """赋权事项: what a town may handle."""

    id = UUID(primary_key=True, default=UUID4())
    code = Varchar(20, unique=True)
    name = Varchar(200)
    field = ForeignKey(Field, null=False, on_delete=OnDelete.restrict)
    kind = Varchar(20)
    delegated = Boolean(default=True)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)


class CaseFile(Table):
    """案件. Every assignment bumps `turn`, so that an edit of the case and an assignment cannot pass each other."""

    id = UUID(primary_key=True, default=UUID4())
    number = Varchar(60, unique=True)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict, index=True)
    field = ForeignKey(Field, null=False, on_delete=OnDelete.restrict)
    item = ForeignKey(PowerItem, null=True, default=None, on_delete=OnDelete.restrict)
    title = Varchar(200)
    parties = Varchar(300, default="")
    opened_on = Date(default=None)
    due_on = Date(default=None)
    status = Varchar(10, default="open")
    closed_on = Date(null=True, default=None)
    turn = BigInt(default=0)
    recorded_at = Timestamptz()
    recorded_by = UUID(null=True, default=None)
