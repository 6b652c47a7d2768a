"""The audit log and its head."""

from piccolo.columns import JSONB, UUID, BigInt, Bytea, SmallInt, Timestamptz, Varchar
from piccolo.table import Table


class AuditEntry(Table):
    """One thing somebody did. `hash` chains it to `previous`, the hash of the entry before."""

    seq = BigInt(primary_key=True)
    at = Timestamptz()
    account = UUID(null=True, default=None)
    who = Varchar(100)
    address = Varchar(64, default="")
    action = Varchar(64)
    subject_kind = Varchar(32)
    subject_id = UUID(null=True, default=None, index=True)
    changes = JSONB()
    previous = Bytea()
    hash = Bytea()


class AuditHead(Table):
    """The last entry, sealed with a key the database does not hold: a cut tail shows."""

    id = SmallInt(primary_key=True, default=1)
    seq = BigInt()
    hash = Bytea()
    mac = Bytea()
