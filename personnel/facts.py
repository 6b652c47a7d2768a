"""Writing facts inside an open transaction: take the officer's turn, record, supersede, settle.

The order every action keeps: `take_turn`, read what is there, decide, write, `settle`, audit. Names of tables and
columns are constants of this code base; values always travel as parameters.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.errors import Conflict
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import new_id

COLUMNS: Final = {
    "service": ("officer", "status", "reason", "document_no"),
    "establishment": ("officer", "type"),
    "legal_qualification": ("officer", "number"),
    "posting": (
        "officer", "kind", "owner_unit", "manager_unit", "user_unit", "post", "document_no", "reason",
    ),
    "certificate": ("officer", "number", "fields", "area", "authority", "issued_on"),
    "certificate_event": ("certificate", "officer", "verb", "due_on", "reason", "document_no"),
}  # fmt: skip


class Change(msgspec.Struct, frozen=True):
    """What an action did: to which thing, of which officer, in the transaction of which instant. Assignments that stood
    down because of it carry the same instant as their `ended_at`.
    """

    id: UUID
    officer: UUID
    at: datetime


async def take_turn(officer: UUID) -> None:
    """Waits until nobody else is changing this officer's facts or assignments."""
    await execute("CALL take_turn($1)", officer)


async def record_fact(
    table: str, start: date, end: date | None, by: UUID | None, series: UUID | None = None, **values: Any
) -> UUID:
    """Records a fact that holds in [start, end); returns its series. `values` names the columns of COLUMNS."""
    series = series or new_id()
    row = {"series": series, "valid_from": start, "valid_to": end, "recorded_by": by, **values}
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())
    return series


async def supersede(table: str, version: UUID) -> None:
    """Ends a version in our books: what it says never counted from now on, but stays to be seen."""
    await execute(
        f"UPDATE {table} SET superseded_at = now() WHERE id = $1 AND superseded_at IS NULL", version
    )


async def amend(table: str, version: UUID, by: UUID | None, **changes: Any) -> None:
    """Supersedes a version and records it again with these columns changed."""
    await supersede(table, version)
    columns = ("series", "valid_from", "valid_to", *COLUMNS[table])
    places = {name: f"${number}" for number, name in enumerate(changes, 3)}
    chosen = ", ".join(places.get(name, name) for name in columns)
    await execute(
        f"INSERT INTO {table} ({', '.join(columns)}, recorded_by) SELECT {chosen}, $2 FROM {table} WHERE id = $1",
        version,
        by,
        *changes.values(),
    )


async def end_fact(table: str, version: UUID, start: date, on: date, by: UUID | None, **changes: Any) -> None:
    """The fact holds until the day before `on`; one that would hold no day at all is only superseded."""
    if on > start:
        await amend(table, version, by, valid_to=on, **changes)
    else:
        await supersede(table, version)


async def follow(table: str, officer: UUID, start: date, by: UUID | None, **values: Any) -> UUID:
    """Records what holds from `start` on in place of what held before; a fact that began the same day is corrected.

    Raises Conflict `later_fact` when something later is on record: that has to be dealt with first.
    """
    rows = await fetch(
        f"SELECT id, valid_from FROM {table} WHERE officer = $1 AND superseded_at IS NULL"
        " AND (valid_to IS NULL OR valid_to > $2) ORDER BY valid_from",
        officer, start,
    )  # fmt: skip
    if rows and rows[-1]["valid_from"] > start:
        day = rows[-1]["valid_from"]
        raise Conflict(
            "later_fact", _("%(day)s 起已有新的记录，请先处理该记录", day=day), {"from": day.isoformat()}
        )
    for row in rows:
        await end_fact(table, row["id"], row["valid_from"], start, by)
    return await record_fact(table, start, None, by, officer=officer, **values)


async def settle(id: UUID, officer: UUID) -> Change:
    """Lets the gate stand down what is no longer cleared now, not at the commit, so that the log is written last."""
    await execute("SET CONSTRAINTS ALL IMMEDIATE")
    return Change(id, officer, await fetch_value("SELECT now()"))
