"""A whole import in one call, for the command line."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import msgspec

from chizheng.kernel import clock
from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.i18n import _
from personnel.imports.actions import preview_roster
from personnel.imports.committing import commit_batch
from personnel.imports.examining import Report, examine, read_file, summary_of
from personnel.imports.messages import explain
from personnel.imports.queries import Counts, Summary, every_row, one_batch
from personnel.imports.reports import Found, marked, problems_of

Progress = Callable[[int, int], None]
"""Told how many of how many rows are done."""


class Outcome(msgspec.Struct, frozen=True):
    """What an import found and did. `committed`: the rows that could go in went in. `batch` is None for a rehearsal.
    `found` are the rows about which there is something to say.
    """

    committed: bool
    batch: UUID | None
    summary: Summary
    found: tuple[Found, ...]
    content: bytes

    @property
    def counts(self) -> Counts:
        """The rows, counted by level and by what became of them."""
        return self.summary.counts

    def lines(self) -> list[tuple[int, str, str]]:
        """For printing: row of the sheet, level, and all that is said about it; the gravest first."""
        order = ("error", "warning", "repaired")
        rows = sorted(self.found, key=lambda row: (order.index(row.level), row.sheet_row))
        return [(row.sheet_row, row.level, _("；").join(map(explain, row.problems))) for row in rows]

    async def report(self) -> bytes:
        """The user's own workbook, marked."""
        return await marked(self.content, self.summary, self.found)


async def import_roster(
    actor: Actor,
    filename: str,
    content: bytes,
    *,
    dry_run: bool,
    valid_rows: bool,
    today: date,
    progress: Progress | None = None,
) -> Outcome:
    """Reads a roster and, unless it is a rehearsal, writes it: all rows, or with `valid_rows` the good ones. With a
    faulty row and without `valid_rows` nothing is written and the outcome says `committed` False; the preview stays
    to be looked at on its page.

    Raises WorkbookRefused or Invalid when the file cannot be read, Forbidden without the permission.
    """

    async def report(done: int, total: int) -> None:
        if progress:
            progress(done, total)

    if dry_run:
        return await _rehearse(actor, content, today, report)
    batch = await preview_roster(actor, filename, content, today, report)
    seen = await one_batch(actor, batch, clock.now())
    committed = valid_rows or not seen.counts.error
    if committed:
        await commit_batch(actor, batch, valid_rows_only=valid_rows, today=today)
        seen = await one_batch(actor, batch, clock.now())
    rows = await every_row(batch)
    found = (Found(row.sheet_row, problems_of(row.problems)) for row in rows if row.problems)
    return Outcome(committed, batch, seen.summary, tuple(found), content)


async def _rehearse(actor: Actor, content: bytes, today: date, report: Report) -> Outcome:
    workbook = await read_file(content)
    examined = await examine(workbook, actor.scope(Permission.ROSTER_IMPORT), today, report)
    found = (Found(plan.sheet_row, plan.problems) for plan in examined.plans if plan.problems)
    return Outcome(False, None, summary_of(examined, actor.name), tuple(found), content)
