"""Importing a roster: preview and discard. Nothing of it is written but by a commit (`committing.py`)."""

import asyncio
import base64
import hashlib
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from chizheng.kernel import audit, clock, keys
from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.db import execute, fetch_value, transactional
from chizheng.kernel.errors import ChizhengError, Conflict, NotFound
from chizheng.kernel.i18n import N_, _
from chizheng.kernel.ids import new_id
from personnel.imports.background import in_background
from personnel.imports.examining import Examined, Report, examine, read_file, row_of, summary_of
from personnel.imports.queries import one_batch
from personnel.imports.writing import insert

LOCK: Final = 0x726F7374
"""One import is committed or undone at a time: each plans against what the one before has left."""
NOT_OPEN: Final = {
    "reading": N_("文件还在读取，请稍后再试"),
    "committing": N_("这次导入正在入库"),
    "committed": N_("这次导入已经入库"),
    "undone": N_("这次导入已经撤销；要重新导入，请再次上传"),
    "discarded": N_("这次导入已经放弃；要重新导入，请再次上传"),
    "failed": N_("文件没有读成，不能入库"),
}
ROW: Final = (
    "id", "batch", "sheet_row", "name", "level", "problems", "outcome", "officer", "changes", "overwrote",
)  # fmt: skip


async def preview_roster(
    actor: Actor, filename: str, content: bytes, today: date, progress: Report | None = None
) -> UUID:
    """Reads a roster and keeps what would become of each row; writes no fact. Returns the batch.

    Raises WorkbookRefused or Invalid when it cannot be read; the batch is kept as failed.
    """
    batch = await _open_batch(actor, filename, content)
    await _read(actor, batch, content, today, progress)
    return batch


async def start_preview(
    actor: Actor, filename: str, content: bytes, today: date, patience: float = 0
) -> UUID:
    """The same in the background; its state can be asked for. Waits up to `patience` seconds for the end of it, and
    raises what preview_roster raises when it fails within them.
    """
    batch = await _open_batch(actor, filename, content)
    await in_background(_read(actor, batch, content, today, None), patience)
    return batch


async def fail_interrupted() -> None:
    """Batches whose reader died with its process become failed. For the start of the only or first process."""
    await _fail("state = 'reading'", _("读取中断：请重新上传"))


@transactional
async def discard_batch(actor: Actor, batch: UUID) -> None:
    """Drops a previewed batch and the file with it. Conflict `batch_not_open` when it is not previewed."""
    await one_batch(actor, batch, clock.now())
    require_open(await fetch_value("SELECT state FROM import_batch WHERE id = $1 FOR UPDATE", batch))
    await execute("DELETE FROM import_row WHERE batch = $1", batch)
    await execute("UPDATE import_batch SET state = 'discarded', original = NULL WHERE id = $1", batch)
    await audit.record(actor, "import.discard", ("import_batch", batch))


async def original_of(batch: UUID) -> bytes:
    """The file as it came; NotFound when it is no longer kept."""
    kept = await fetch_value("SELECT original FROM import_batch WHERE id = $1", batch)
    if kept is None:
        raise NotFound(_("这次导入的原文件"))
    return base64.b64decode(keys.unseal(kept))


async def take_lock() -> None:
    """Waits until no other import is being committed or undone; holds until the transaction ends."""
    await execute("SELECT pg_advisory_xact_lock($1)", LOCK)


@transactional
async def _open_batch(actor: Actor, filename: str, content: bytes) -> UUID:
    actor.require(Permission.ROSTER_IMPORT)
    batch = new_id()
    await execute(
        "INSERT INTO import_batch (id, filename, sha256, original, state, by, at, summary)"
        " VALUES ($1, $2, $3, $4, 'reading', $5, $6, $7)",
        batch, "".join(letter for letter in filename if letter.isprintable())[-200:],
        hashlib.sha256(content).hexdigest(), keys.seal(base64.b64encode(content).decode()), actor.account,
        clock.now(), {"who": actor.name},
    )  # fmt: skip
    return batch


async def _read(actor: Actor, batch: UUID, content: bytes, today: date, progress: Report | None) -> None:
    """Carries a batch from reading to previewed, or to failed whatever happens."""

    async def report(done: int, total: int) -> None:
        await execute("UPDATE import_batch SET progress = $2, total = $3 WHERE id = $1", batch, done, total)
        if progress:
            await progress(done, total)

    failure = _("读取中断：请重新上传")
    try:
        workbook = await read_file(content)
        examined = await examine(workbook, actor.scope(Permission.ROSTER_IMPORT), today, report)
        await _keep_preview(actor, batch, examined)
        failure = ""
    except ChizhengError as error:
        failure = error.message
        raise
    finally:
        if failure:
            await asyncio.shield(_fail("id = $2 AND state = 'reading'", failure, batch))


async def _fail(where: str, failure: str, *values: object) -> None:
    await execute(
        f"UPDATE import_batch SET state = 'failed', failure = $1, original = NULL WHERE {where}",
        failure[:500],
        *values,
    )


@transactional
async def _keep_preview(actor: Actor, batch: UUID, examined: Examined) -> None:
    summary = summary_of(examined, actor.name)
    await insert("import_row", ROW, (row_of(plan, batch) for plan in examined.plans))
    await execute(
        "UPDATE import_batch SET state = 'previewed', progress = $3, total = $3, summary = $2 WHERE id = $1",
        batch, msgspec.to_builtins(summary), summary.counts.rows,
    )  # fmt: skip
    await audit.record(actor, "import.preview", ("import_batch", batch), msgspec.to_builtins(summary.counts))


def require_open(state: str) -> None:
    """Raises Conflict `batch_not_open` unless the batch waits to be committed."""
    if state != "previewed":
        raise Conflict("batch_not_open", _(NOT_OPEN[state]), {"state": state})
