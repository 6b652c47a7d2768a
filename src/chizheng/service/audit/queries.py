"""What the ids in the audit log stand for."""

from collections.abc import Iterable
from uuid import UUID

from chizheng.kernel.db import fetch


async def names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of officers, units, accounts and cases, the numbers of certificates with their holders."""
    rows = await fetch(
        """
        SELECT id, name FROM officer WHERE id = ANY ($1)
        UNION ALL SELECT id, name FROM unit WHERE id = ANY ($1)
        UNION ALL SELECT id, name FROM account WHERE id = ANY ($1)
        UNION ALL SELECT id, title FROM case_file WHERE id = ANY ($1)
        UNION ALL SELECT id, name FROM power_item WHERE id = ANY ($1)
        UNION ALL SELECT id, filename FROM import_batch WHERE id = ANY ($1)
        UNION ALL SELECT c.series, o.name || ' ' || c.number FROM certificate c JOIN officer o ON o.id = c.officer
                  WHERE c.series = ANY ($1) AND c.superseded_at IS NULL
        UNION ALL SELECT p.series, o.name FROM posting p JOIN officer o ON o.id = p.officer
                  WHERE p.series = ANY ($1) AND p.superseded_at IS NULL
        """,
        list(set(ids)),
    )
    return {row[0]: row[1] for row in rows}
