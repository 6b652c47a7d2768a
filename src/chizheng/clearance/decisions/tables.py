"""Decisions of the gate."""

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Date, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class Decision(Table):
    """One question to the gate with its answer, the facts it stood on, and the version of the rules."""

    id = UUID(primary_key=True, default=UUID4())
    number = BigInt(unique=True)
    at = Timestamptz()
    kind = Varchar(12)
    officer = UUID(index=True)
    role = Varchar(20)
    field = Varchar(20)
    unit = UUID(index=True)
    case_file = UUID(null=True, default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None)
    allowed = Boolean()
    gaps = JSONB()
    facts = JSONB()
    rule_version = Varchar(20)
    by = UUID(null=True, default=None)
    door = Varchar(20, default="sql")
