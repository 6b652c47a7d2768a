"""Assignments."""

from piccolo.columns import UUID, Date, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from chizheng.clearance.cases.tables import CaseFile
from personnel.officers.tables import Officer


class Assignment(Table):
    """案件指派: an officer in a role of a case for an interval. Active until `ended_at` is set; then it stays ended."""

    id = UUID(primary_key=True, default=UUID4())
    case_file = ForeignKey(CaseFile, null=False, on_delete=OnDelete.restrict)
    officer = ForeignKey(Officer, null=False, on_delete=OnDelete.restrict)
    role = Varchar(20)
    valid_from = Date(default=None)
    valid_to = Date(default=None)
    recorded_at = Timestamptz()
    recorded_by = UUID(null=True, default=None)
    door = Varchar(20, default="sql")
    decision = UUID(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    ended_by = UUID(null=True, default=None)
    ending = Varchar(12, null=True, default=None)
    ending_reason = Varchar(500, default="")
    ending_decision = UUID(null=True, default=None)
