"""Reading batches and their rows, and what an undo would touch."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.db import fetch, fetch_as, fetch_value, one_as
from chizheng.kernel.errors import NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.paging import Page, window
from personnel.facts import COLUMNS

LIMIT: Final = timedelta(minutes=15)
"""A batch that is still being read or committed after this long has lost whoever did it."""
LEVELS: Final = ("error", "warning", "repaired", "ok")
OUTCOMES: Final = ("created", "changed", "unchanged", "refused")


class Counts(msgspec.Struct, frozen=True):
    """How many rows there are of each level, and what becomes of them."""

    rows: int = 0
    ok: int = 0
    repaired: int = 0
    warning: int = 0
    error: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    facts: int = 0
    stood_down: int = 0


class Column(msgspec.Struct, frozen=True):
    """A column that was not understood."""

    letter: str
    text: str


class Ignored(msgspec.Struct, frozen=True):
    """A row that is nobody; `reason` is title, subtotal, note, head or blank."""

    sheet_row: int
    reason: str
    text: str


class Summary(msgspec.Struct, frozen=True):
    """What is known of a batch as a whole. `head_row` and `report_column` are where the marked copy writes."""

    who: str = ""
    counts: Counts = Counts()
    sheet: str = ""
    head_row: int = 0
    report_column: int | None = None
    as_of: date | None = None
    unknown_columns: tuple[Column, ...] = ()
    ignored_rows: tuple[Ignored, ...] = ()
    ignored_sheets: tuple[str, ...] = ()


class Batch(msgspec.Struct, frozen=True):
    """One uploaded roster. States: reading, previewed, committing, committed, undone, discarded, failed."""

    id: UUID
    filename: str
    sha256: str
    state: str
    by: UUID | None
    at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    valid_rows_only: bool
    progress: int
    total: int
    summary: Summary
    failure: str
    has_original: bool

    @property
    def counts(self) -> Counts:
        """Its rows, counted."""
        return self.summary.counts


class Row(msgspec.Struct, frozen=True):
    """One row of a batch; problems and changes are coded, see messages.sentence and said.say."""

    sheet_row: int
    name: str
    level: str
    outcome: str
    officer: UUID | None
    problems: list[dict[str, Any]]
    changes: list[dict[str, Any]]


BATCH = (
    "SELECT id, filename, sha256, state, by, at, committed_at, undone_at, valid_rows_only, progress, total, summary,"
    " failure, original IS NOT NULL FROM import_batch WHERE ($1::boolean OR by = $2)"
)


async def batches(actor: Actor, number: int = 1, size: int = 25) -> Page[Batch]:
    """The batches, newest first. Who imports for a part of the district sees their own only."""
    mine = _sight(actor)
    limit, offset = window(number, size)
    items = await fetch_as(_batch, BATCH + " ORDER BY at DESC, id LIMIT $3 OFFSET $4", *mine, limit, offset)
    total = await fetch_value("SELECT count(*) FROM import_batch WHERE ($1::boolean OR by = $2)", *mine)
    return Page(items, total, max(number, 1), limit)


async def one_batch(actor: Actor, batch: UUID, now: datetime) -> Batch:
    """A batch; NotFound for one of somebody else, unless the actor imports for the whole district."""
    found = await one_as(_batch, BATCH + " AND id = $3", *_sight(actor), batch)
    if found is None:
        raise NotFound(_("这次导入"))
    if found.state == "reading" and found.at < now - LIMIT:
        return msgspec.structs.replace(found, state="failed", failure=_("读取中断：请重新上传"))
    if found.state == "committing" and found.committed_at and found.committed_at < now - LIMIT:
        return msgspec.structs.replace(found, state="previewed", committed_at=None)
    return found


async def rows_of(
    batch: UUID, *, level: str = "", outcome: str = "", number: int = 1, size: int = 50
) -> Page[Row]:
    """Rows of a batch, the gravest first."""
    limit, offset = window(number, size)
    where = " FROM import_row WHERE batch = $1 AND $2 IN ('', level) AND $3 IN ('', outcome)"
    items = await fetch_as(
        Row,
        "SELECT sheet_row, name, level, outcome, officer, problems, COALESCE(changes, '[]')" + where
        + " ORDER BY array_position(ARRAY['error', 'warning', 'repaired', 'ok'], level), sheet_row LIMIT $4 OFFSET $5",
        batch, level, outcome, limit, offset,
    )  # fmt: skip
    total = await fetch_value("SELECT count(*)" + where, batch, level, outcome)
    return Page(items, total, max(number, 1), limit)


async def every_row(batch: UUID) -> list[Row]:
    """All rows of a batch in the order of the sheet."""
    return await fetch_as(
        Row,
        "SELECT sheet_row, name, level, outcome, officer, problems, COALESCE(changes, '[]') FROM import_row"
        " WHERE batch = $1 ORDER BY sheet_row",
        batch,
    )


async def same_file(actor: Actor, batch: Batch) -> Batch | None:
    """The last committed batch of the very same file, if it is not this one."""
    return await one_as(
        _batch,
        BATCH + " AND sha256 = $3 AND id <> $4 AND state = 'committed' ORDER BY committed_at DESC LIMIT 1",
        *_sight(actor), batch.sha256, batch.id,
    )  # fmt: skip


class Footprint(msgspec.Struct, frozen=True):
    """What undoing a batch would touch: its people, their open assignments, who of them it brought in, and those
    whose later changes lean on it.
    """

    people: int
    assignments: int
    created: int
    leaning: list[str]


async def footprint_of(batch: UUID) -> Footprint:
    """What an undo would do now."""
    touched = " UNION ".join(f"SELECT officer FROM {table} WHERE batch = $1" for table in COLUMNS)
    return Footprint(
        people=await fetch_value(f"SELECT count(*) FROM ({touched}) AS touched", batch),
        assignments=await fetch_value(
            "SELECT count(*) FROM assignment WHERE ended_at IS NULL AND valid_to > shanghai_today()"
            f" AND officer IN ({touched})",
            batch,
        ),
        created=await fetch_value(
            "SELECT count(*) FROM officer WHERE batch = $1 AND withdrawn_at IS NULL", batch
        ),
        leaning=await leaning_on(batch),
    )


async def leaning_on(batch: UUID) -> list[str]:
    """The names of people with later changes that lean on the batch: a fact of it that was changed since, an event
    on a certificate that it brought, or any other fact of an officer whom it brought.
    """
    changed = (
        f"SELECT f.officer FROM {table} f JOIN {table} live ON live.series = f.series AND live.superseded_at IS NULL"
        " WHERE f.batch = $1 AND f.superseded_at IS NOT NULL AND live.batch IS DISTINCT FROM $1"
        " AND live.recorded_at > f.recorded_at"
        for table in COLUMNS
    )
    added = (
        f"SELECT f.officer FROM {table} f JOIN officer o ON o.id = f.officer WHERE o.batch = $1"
        " AND o.withdrawn_at IS NULL AND f.superseded_at IS NULL AND f.batch IS DISTINCT FROM $1"
        for table in COLUMNS
    )
    happened = (
        "SELECT e.officer FROM certificate_event e WHERE e.superseded_at IS NULL AND e.batch IS DISTINCT FROM $1"
        " AND EXISTS (SELECT FROM certificate c WHERE c.series = e.certificate AND c.batch = $1 AND NOT EXISTS"
        " (SELECT FROM certificate earlier WHERE earlier.series = c.series AND earlier.recorded_at < c.recorded_at))"
    )
    rows = await fetch(
        f"SELECT name FROM officer WHERE id IN ({' UNION '.join([*changed, *added, happened])}) ORDER BY name",
        batch,
    )
    return [row["name"] for row in rows]


def _sight(actor: Actor) -> tuple[bool, UUID | None]:
    return actor.scope(Permission.ROSTER_IMPORT).everywhere, actor.account


def _batch(*columns: Any) -> Batch:
    values = list(columns)
    values[11] = msgspec.convert(columns[11] or {}, Summary)
    return Batch(*values)
