"""Facts with two times: when they hold in the world, and when we recorded them (domain.md §4).

A fact is never changed. A correction supersedes the version and records another of the same series; the
database refuses anything else (`facts.sql`).
"""

from piccolo.columns import UUID, Date, Timestamptz
from piccolo.columns.defaults.uuid import UUID4


class Fact:
    """The columns every fact has. `valid_to` is the first day it no longer holds; null means open."""

    id = UUID(primary_key=True, default=UUID4())
    series = UUID(default=UUID4(), index=True)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)
    recorded_at = Timestamptz()
    recorded_by = UUID(default=None, null=True)
    superseded_at = Timestamptz(default=None, null=True)
    batch = UUID(default=None, null=True)
