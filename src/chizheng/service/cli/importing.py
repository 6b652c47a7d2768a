"""Commands that import."""

import sys
from pathlib import Path
from typing import Final
from uuid import UUID

import click

from chizheng.kernel import clock
from chizheng.kernel.access import SYSTEM
from chizheng.kernel.errors import ChizhengError
from chizheng.kernel.i18n import N_, _
from chizheng.kernel.spreadsheets import WorkbookRefused
from chizheng.service.cli.installation import with_installation
from chizheng.service.cli.speaking import Given, Group, NewFile, Number, WholeFile, option
from personnel.imports.importing import Outcome, import_roster
from personnel.imports.queries import Counts, Summary
from personnel.imports.undoing import Undone, undo_batch
from personnel.units.directory import fields_by_name, set_up_units
from personnel.units.reading import read_units

LEVELS: Final = {"error": N_("错误"), "warning": N_("请核对")}
"""What is printed row by row; what was only repaired stands in the report."""


@click.group(cls=Group, name="import", help=N_("导入"))
def imports() -> None:
    pass


@imports.command(help=N_("导入花名册（.xlsx），或用 --undo 撤销一次导入"))
@click.argument("file", type=WholeFile(), metavar="FILE", required=False)
@option("--dry-run", is_flag=True, help=N_("只核对，不写入"))
@option("--report", type=NewFile(), metavar="OUT.xlsx", help=N_("另存一份标出问题的原工作簿"))
@option("--valid-rows", is_flag=True, help=N_("只导入没有错误的行；不加则有一行错误就全部不导入"))
@option("--undo", type=Number(), metavar="BATCH", help=N_("撤销这个批次的导入"))
@click.pass_context
def roster(
    context: click.Context,
    file: Given | None,
    dry_run: bool,
    report: Path | None,
    valid_rows: bool,
    undo: UUID | None,
) -> None:
    if undo is not None:
        if file or dry_run or report or valid_rows:
            raise click.UsageError(_("--undo 不与其他选项同用"), context)
        _say_undone(with_installation(lambda: undo_batch(SYSTEM, undo, clock.today())))
        return
    if file is None:
        raise click.MissingParameter(ctx=context, param=context.command.params[0])
    if report is not None and report.exists() and report.samefile(file.path):
        raise click.UsageError(_("--report 不能写在要导入的文件上"), context)
    outcome, marked = with_installation(lambda: _import_roster(file, dry_run, valid_rows, report is not None))
    _say_found(outcome)
    if isinstance(marked, bytes) and report is not None:
        report.write_bytes(marked)
        click.echo(_("标出问题的工作簿：%(file)s", file=report))
    elif isinstance(marked, WorkbookRefused):
        click.echo(marked.message, err=True)
    _say_done(outcome, dry_run)
    if isinstance(marked, WorkbookRefused):
        context.exit(1)


@imports.command(help=N_("导入单位目录（CSV 或 .xlsx），已有的不变"))
@click.argument("file", type=WholeFile(), metavar="FILE")
def units(file: Given) -> None:
    made = with_installation(lambda: _import_units(file))
    click.echo(_("新建单位 %(count)s 个", count=made))


async def _import_roster(
    file: Given, dry_run: bool, valid_rows: bool, wants_report: bool
) -> tuple[Outcome, bytes | WorkbookRefused]:
    """What became of it, and the marked workbook, or why there is none: that must not hide what was written."""
    outcome = await import_roster(
        SYSTEM,
        file.path.name,
        file.content,
        dry_run=dry_run,
        valid_rows=valid_rows,
        today=clock.today(),
        progress=_say_progress,
    )
    try:
        return outcome, await outcome.report() if wants_report else b""
    except WorkbookRefused as error:
        return outcome, error


async def _import_units(file: Given) -> int:
    return await set_up_units(SYSTEM, read_units(file.path.name, file.content, await fields_by_name()))


def _say_progress(done: int, total: int) -> None:
    """On a terminal one line that counts up; in a log a line each time."""
    live = sys.stderr.isatty()
    text = _("已核对 %(done)s / %(total)s 行", done=done, total=total)
    click.echo(f"\r{text}" if live else text, err=True, nl=not live or done == total)


def _say_found(outcome: Outcome) -> None:
    _say_left_out(outcome.summary)
    for row, level, text in outcome.lines():
        if level in LEVELS:
            click.echo(_("第 %(row)s 行 %(level)s：%(text)s", row=row, level=_(LEVELS[level]), text=text))
    counts = outcome.counts
    click.echo(
        _(
            "共 %(rows)s 行：无问题 %(ok)s，已修正 %(repaired)s，请核对 %(warning)s，错误 %(error)s",
            rows=counts.rows,
            ok=counts.ok,
            repaired=counts.repaired,
            warning=counts.warning,
            error=counts.error,
        )
    )


def _say_left_out(summary: Summary) -> None:
    """What of the workbook was not read."""
    click.echo(_("工作表“%(sheet)s”，表头在第 %(row)s 行", sheet=summary.sheet, row=summary.head_row))
    if summary.unknown_columns:
        columns = _("、").join(f"{column.letter}({column.text})" for column in summary.unknown_columns)
        click.echo(_("没有读的列（不认识）：%(columns)s", columns=columns))
    if summary.ignored_rows:
        rows = _("、").join(str(row.sheet_row) for row in summary.ignored_rows)
        click.echo(_("没有读的行（标题、小计、说明、空行）：%(rows)s", rows=rows))
    if summary.ignored_sheets:
        click.echo(_("没有读的工作表：%(sheets)s", sheets=_("、").join(summary.ignored_sheets)))


def _say_done(outcome: Outcome, dry_run: bool) -> None:
    if dry_run:
        click.echo(_("试运行，没有写入"))
    elif outcome.committed:
        _say_counts(outcome.counts)
        click.echo(_("如要撤销：chizheng import roster --undo %(batch)s", batch=outcome.batch))
    else:
        raise ChizhengError(
            "rows_have_errors",
            _("有错误的行，没有写入任何一行：请改正后重新导入，或加 --valid-rows 只导入没有错误的行"),
        )


def _say_counts(counts: Counts) -> None:
    click.echo(
        _(
            "已入库：新增 %(created)s 人，变更 %(changed)s 人，不变 %(unchanged)s 人，%(stood_down)s 项指派离岗",
            created=counts.created,
            changed=counts.changed,
            unchanged=counts.unchanged,
            stood_down=counts.stood_down,
        )
    )


def _say_undone(undone: Undone) -> None:
    click.echo(
        _(
            "已撤销：收回记录 %(facts)s 条，恢复 %(restored)s 条，撤回档案 %(withdrawn)s 份，%(stood_down)s 项指派离岗",
            facts=undone.facts,
            restored=undone.restored,
            withdrawn=undone.withdrawn,
            stood_down=undone.stood_down,
        )
    )
