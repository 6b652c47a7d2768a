"""The embedded default database: one PostgreSQL cluster per home, supervised by the service itself.

Why it is built this way: docs/decisions/0002-embedded-postgresql.md.
"""

from chizheng.kernel.postgres.failure import PostgresFailed
from chizheng.kernel.postgres.supervisor import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "PostgresFailed"]
