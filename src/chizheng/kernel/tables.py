"""Tables of the ground floor besides the audit log."""

from piccolo.columns import JSONB, UUID, Date, Timestamptz, Varchar
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


class JobRun(Table):
    """A scheduled job's run for one Shanghai day; at most one finished run per job and day."""

    id = UUID(primary_key=True, default=UUID4())
    job = Varchar(50)
    day = Date(default=None)
    started_at = Timestamptz()
    finished_at = Timestamptz(default=None, null=True)
    outcome = JSONB(default=None, null=True)


class AppliedSql(Table):
    """Which text of a repeatable SQL file (functions, triggers) the database holds."""

    name = Varchar(50, primary_key=True)
    sha256 = Varchar(64)
    applied_at = Timestamptz()
