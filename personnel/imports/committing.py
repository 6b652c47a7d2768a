"""Committing a batch: its rows planned again against the database as it is now, and written in one transaction."""

import asyncio
from contextvars import Context
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from chizheng.kernel import audit, clock
from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.db import execute, fetch_value, transactional
from chizheng.kernel.errors import ChizhengError, Conflict
from chizheng.kernel.i18n import _
from chizheng.kernel.spreadsheets import Workbook
from personnel.imports.actions import ROW, original_of, require_open, take_lock
from personnel.imports.background import in_background
from personnel.imports.examining import Examined, examine, read_file, row_of, summary_of
from personnel.imports.planner import RowPlan
from personnel.imports.queries import Batch, Counts, one_batch
from personnel.imports.writing import Batching, insert, sealed, write_plans

PLANNED: Final = 0.3
"""The part of the work that is done when all rows are planned; the rest is writing them."""


async def commit_batch(actor: Actor, batch: UUID, *, valid_rows_only: bool, today: date) -> Counts:
    """Writes a previewed batch; returns what was done.

    All rows or none: with a faulty row Conflict `rows_have_errors`, unless only the valid ones are wanted. Conflict
    `batch_not_open` when it is being committed, or was committed, undone or discarded before.
    """
    known = await _claim(actor, batch)
    return await _carry_out(actor, known, valid_rows_only, today)


async def start_commit(
    actor: Actor, batch: UUID, *, valid_rows_only: bool, today: date, patience: float
) -> Counts | None:
    """The same in the background; its state can be asked for. What it did or raised within `patience` seconds, else
    None; an error after that stands in the batch, which is open again.
    """
    known = await _claim(actor, batch)
    return await in_background(_carry_out(actor, known, valid_rows_only, today), patience)


async def reopen_interrupted() -> None:
    """Batches whose commit died with its process are open again: nothing of them was written. For the start of the
    only or first process.
    """
    await _reopen("state = 'committing'", _interrupted())


@transactional
async def _claim(actor: Actor, batch: UUID) -> Batch:
    actor.require(Permission.ROSTER_IMPORT)
    await fetch_value("SELECT id FROM import_batch WHERE id = $1 FOR UPDATE", batch)
    known = await one_batch(actor, batch, clock.now())
    require_open(known.state)
    await execute(
        "UPDATE import_batch SET state = 'committing', committed_at = $2, progress = 0, failure = '' WHERE id = $1",
        batch, clock.now(),
    )  # fmt: skip
    return known


async def _carry_out(actor: Actor, batch: Batch, valid_rows_only: bool, today: date) -> Counts:
    failure = _interrupted()
    try:
        workbook = await read_file(await original_of(batch.id))
        counts = await _commit(actor, batch, workbook, valid_rows_only, today)
        failure = ""
    except ChizhengError as error:
        failure = error.message
        raise
    finally:
        if failure:
            await asyncio.shield(_reopen("id = $2 AND state = 'committing'", failure, batch.id))
    return counts


@transactional
async def _commit(
    actor: Actor, batch: Batch, workbook: Workbook, valid_rows_only: bool, today: date
) -> Counts:
    async def planned(done: int, total: int) -> None:
        await _tell(batch, PLANNED * done / total)

    async def written(done: int, total: int) -> None:
        await _tell(batch, PLANNED + (1 - PLANNED) * done / total)

    await take_lock()
    examined = await examine(
        workbook, actor.scope(Permission.ROSTER_IMPORT), today, planned, before=_take_turns
    )
    _refuse_errors(examined.plans, valid_rows_only)
    under = Batching(batch.id, actor.account)
    plans = await write_plans(await asyncio.to_thread(sealed, examined.plans, under), under, written)
    _refuse_errors(plans, valid_rows_only)
    await execute("SET CONSTRAINTS ALL IMMEDIATE")
    stood_down = await fetch_value("SELECT count(*) FROM assignment WHERE ended_at = now()")
    summary = summary_of(Examined(examined.roster, plans), batch.summary.who or actor.name, stood_down)
    await execute("DELETE FROM import_row WHERE batch = $1", batch.id)
    await insert("import_row", ROW, (row_of(plan, batch.id) for plan in plans))
    ended = await execute(
        "UPDATE import_batch SET state = 'committed', committed_at = $2, valid_rows_only = $3, summary = $4,"
        " progress = total"
        " WHERE id = $1 AND state = 'committing'",
        batch.id, clock.now(), valid_rows_only, msgspec.to_builtins(summary),
    )  # fmt: skip
    if ended != "UPDATE 1":  # given up for lost, and taken up by somebody else
        require_open("committed")
    done = {**msgspec.to_builtins(summary.counts), "valid_rows_only": valid_rows_only, "sha256": batch.sha256}
    await audit.record(actor, "import.commit", ("import_batch", batch.id), done)
    return summary.counts


async def _take_turns(indexes: list[bytes]) -> None:
    """Waits for whoever is changing one of these people, in the one order everybody keeps."""
    await execute(
        "SELECT g.officer FROM officer_gate g JOIN officer o ON o.id = g.officer"
        " WHERE o.id_number_index = ANY ($1::bytea[]) ORDER BY g.officer FOR UPDATE OF g",
        indexes,
    )


def _refuse_errors(plans: list[RowPlan], valid_rows_only: bool) -> None:
    errors = sum(plan.outcome == "refused" for plan in plans)
    if errors and not valid_rows_only:
        raise Conflict(
            "rows_have_errors",
            _("有 %(errors)s 行不能入库：请改正后重新上传，或只导入没有错误的行", errors=errors),
            {"errors": errors},
        )


async def _reopen(where: str, failure: str, *values: object) -> None:
    await execute(
        f"UPDATE import_batch SET state = 'previewed', committed_at = NULL, failure = $1 WHERE {where}",
        failure[:500],
        *values,
    )


async def _tell(batch: Batch, share: float) -> None:
    """How far the work is, in rows; beside the open transaction, on a connection of its own, for others to see it."""
    rows = batch.counts.rows

    async def write() -> None:
        await execute(
            "UPDATE import_batch SET progress = $2, total = $3 WHERE id = $1",
            batch.id,
            int(share * rows),
            rows,
        )

    await asyncio.get_running_loop().create_task(write(), context=Context())


def _interrupted() -> str:
    return _("入库中断，没有任何内容入库；请再次入库")
