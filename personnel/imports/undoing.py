"""Taking a committed batch back: what it recorded is superseded, what it superseded is recorded again."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from chizheng.kernel import audit, clock
from chizheng.kernel.access import Actor
from chizheng.kernel.db import execute, fetch, fetch_value, transactional
from chizheng.kernel.errors import Conflict
from chizheng.kernel.i18n import _
from personnel.facts import COLUMNS
from personnel.imports.actions import take_lock
from personnel.imports.queries import leaning_on, one_batch
from personnel.imports.writing import PERSONAL

SHOWN = 20


class Undone(msgspec.Struct, frozen=True):
    """What an undo did: facts taken back, earlier versions restored, people withdrawn, assignments stood down."""

    facts: int
    restored: int
    withdrawn: int
    stood_down: int


@transactional
async def undo_batch(actor: Actor, batch: UUID, today: date) -> Undone:
    """Brings everybody in the batch back to where they were before it.

    Conflict `batch_not_committed` when there is nothing to undo, `batch_leaned_on` (naming people) when something
    was changed since that rests on it: that has to be undone first.
    """
    await one_batch(actor, batch, clock.now())
    await take_lock()
    state = await fetch_value("SELECT state FROM import_batch WHERE id = $1 FOR UPDATE", batch)
    if state != "committed":
        raise Conflict("batch_not_committed", _("这次导入没有入库，或已经撤销"), {"state": state})
    await _take_turns(batch)
    await _refuse_leaning(batch)
    try:
        facts, restored = await _take_back(actor, batch)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise _leaned_on([]) from error
    await _restore_columns(batch)
    withdrawn = await execute(
        "UPDATE officer SET withdrawn_at = now() WHERE batch = $1 AND withdrawn_at IS NULL", batch
    )
    await execute("SET CONSTRAINTS ALL IMMEDIATE")
    stood_down = await fetch_value("SELECT count(*) FROM assignment WHERE ended_at = now()")
    await execute(
        "UPDATE import_batch SET state = 'undone', undone_at = $2 WHERE id = $1", batch, clock.now()
    )
    undone = Undone(facts, restored, _affected(withdrawn), stood_down)
    await audit.record(actor, "import.undo", ("import_batch", batch), msgspec.to_builtins(undone))
    return undone


async def _take_turns(batch: UUID) -> None:
    touched = " UNION ".join(f"SELECT officer FROM {table} WHERE batch = $1" for table in COLUMNS)
    await execute(
        "SELECT officer FROM officer_gate WHERE officer IN"
        f" ({touched} UNION SELECT id FROM officer WHERE batch = $1) ORDER BY officer FOR UPDATE",
        batch,
    )


async def _refuse_leaning(batch: UUID) -> None:
    people = await leaning_on(batch)
    if people:
        raise _leaned_on(people)


def _leaned_on(people: list[str]) -> Conflict:
    names = _("、").join(people[:SHOWN]) + (_("等") if len(people) > SHOWN else "")
    sentence = _("这次导入之后又有变更，不能撤销：%(names)s。请先撤销后来的变更", names=names)
    if not people:
        sentence = _("这次导入之后又有变更，不能撤销：请先撤销后来的变更")
    return Conflict("batch_leaned_on", sentence, {"people": people[:SHOWN], "count": len(people)})


async def _take_back(actor: Actor, batch: UUID) -> tuple[int, int]:
    """Supersedes first, in every table, then restores: what is restored must not meet what is taken back."""
    taken: dict[str, list[UUID]] = {}
    for table in COLUMNS:
        rows = await fetch(
            f"UPDATE {table} SET superseded_at = now() WHERE batch = $1 AND superseded_at IS NULL RETURNING series",
            batch,
        )
        taken[table] = [row["series"] for row in rows]
    restored = [await _restore(table, series, actor, batch) for table, series in taken.items() if series]
    return sum(map(len, taken.values())), sum(restored)


async def _restore(table: str, series: list[UUID], actor: Actor, batch: UUID) -> int:
    """Records again what the batch's first version of each series had superseded. It keeps the batch it came with,
    so that this one can be undone in its turn.
    """
    names = ", ".join(("series", "valid_from", "valid_to", *COLUMNS[table], "batch"))
    done = await execute(
        f"INSERT INTO {table} ({names}, recorded_by) SELECT {names}, $3 FROM {table} f"
        " WHERE f.series = ANY ($1) AND f.batch IS DISTINCT FROM $2 AND f.superseded_at ="
        f" (SELECT min(own.recorded_at) FROM {table} own WHERE own.series = f.series AND own.batch = $2)",
        series, batch, actor.account,
    )  # fmt: skip
    return _affected(done)


async def _restore_columns(batch: UUID) -> None:
    """Gives people back the columns that the batch overwrote, where nobody has changed them since."""
    rows = await fetch(
        "SELECT r.officer, r.overwrote, to_jsonb(o) AS now FROM import_row r JOIN officer o ON o.id = r.officer"
        " WHERE r.batch = $1 AND r.overwrote IS NOT NULL",
        batch,
    )
    patches = [{"id": str(row["officer"]), "patch": _patch(row["overwrote"], row["now"])} for row in rows]
    names = ", ".join(PERSONAL)
    await execute(
        f"UPDATE officer o SET ({names}) = (SELECT {names} FROM jsonb_populate_record(o, p.patch))"
        " FROM jsonb_to_recordset($1) AS p (id uuid, patch jsonb) WHERE o.id = p.id AND p.patch <> '{}'",
        patches,
    )


def _patch(overwrote: dict[str, list[Any]], now: dict[str, Any]) -> dict[str, Any]:
    return {column: old for column, (old, new) in overwrote.items() if now.get(column) == new}


def _affected(tag: str) -> int:
    """How many rows a command tag such as `UPDATE 3` or `INSERT 0 3` speaks of."""
    return int(tag.rsplit(" ", 1)[1])
