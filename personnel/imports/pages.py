"""The pages of an import: upload, progress, preview, result, undo."""

from pathlib import PurePath
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.errors import ChizhengError, Conflict, Invalid
from chizheng.kernel.forms import OfferedAgain
from chizheng.kernel.i18n import _
from chizheng.kernel.spreadsheets import WorkbookRefused
from chizheng.kernel.web import Form, Redirect, Request, Template, form, parse_form, redirect, render
from personnel.imports.actions import discard_batch, start_preview
from personnel.imports.committing import start_commit
from personnel.imports.heading_words import REQUIRED, SYNONYMS, TITLES
from personnel.imports.labels import IGNORED_NAMES
from personnel.imports.messages import listed, sentence
from personnel.imports.queries import (
    LEVELS,
    OUTCOMES,
    Batch,
    Row,
    batches,
    footprint_of,
    one_batch,
    rows_of,
    same_file,
)
from personnel.imports.reports import empty_workbook, problems_of, report_of
from personnel.imports.said import say
from personnel.imports.undoing import undo_batch
from personnel.imports.uploads import LARGEST_REQUEST, UploadForm, content_of, workbook_response

T = TypeVar("T", bound=msgspec.Struct)

MINE: Final = requires(Permission.ROSTER_IMPORT)
PATIENCE: Final = 2
"""Seconds an upload waits for its preview, or a commit for its end, before the progress is shown instead."""


class Listing(msgspec.Struct, frozen=True):
    """Which page of a list."""

    page: int = 1
    size: int = 25


class Asked(msgspec.Struct, frozen=True):
    """Which rows of a batch."""

    level: str = ""
    outcome: str = ""
    page: int = 1
    size: int = 50


class Note(msgspec.Struct, frozen=True):
    """A problem as a page shows it."""

    level: str
    cells: str
    column: str
    value: str
    sentence: str


class Line(msgspec.Struct, frozen=True):
    """A row as a page shows it."""

    row: Row
    notes: list[Note]
    changes: list[str]


@get("/imports", **MINE)
async def list_page(request: Request) -> Template:
    """The batches, newest first."""
    asked = _asked(Listing, request)
    found = await batches(request.user, asked.page, asked.size)
    return render(request, "imports/list.html", batches=found, query=dict(request.query_params))


@get("/imports/new", **MINE)
async def new_page(request: Request) -> Template:
    """The form to upload a workbook."""
    return _new(request)


@get("/imports/template", **MINE)
async def template_file(request: Request) -> Response[Any]:
    """An empty workbook with our headings."""
    return workbook_response(empty_workbook(), _("执法人员花名册.xlsx"))


@post("/imports", request_max_body_size=LARGEST_REQUEST, **MINE)
async def upload(request: Request, data: UploadForm) -> Template | Redirect:
    """Starts reading the workbook; a file that cannot be read is told about at once, if that is found out soon."""
    try:
        filename, content = await content_of(data)
        batch = await start_preview(request.user, filename, content, clock.today(), PATIENCE)
    except (WorkbookRefused, Invalid) as error:
        return _new(request, error)
    return redirect(f"/imports/{batch}")


@get("/imports/{id:uuid}", **MINE)
async def batch_page(request: Request, id: FromPath[UUID]) -> Template:
    """One batch: its progress, its preview, or its result."""
    return await _batch(request, await one_batch(request.user, id, clock.now()))


class Choice(msgspec.Struct, frozen=True):
    """Which rows are to be written: `valid`, or all."""

    rows: str = ""


@post("/imports/{id:uuid}/commit", **MINE)
async def commit(request: Request, id: FromPath[UUID], data: Form) -> Template | Redirect:
    """Writes all rows, or the valid ones."""
    try:
        valid_only = parse_form(Choice, data).rows == "valid"
        counts = await start_commit(
            request.user, id, valid_rows_only=valid_only, today=clock.today(), patience=PATIENCE
        )
    except OfferedAgain:
        return redirect(f"/imports/{id}")
    except Conflict as error:
        return await _batch(request, await one_batch(request.user, id, clock.now()), error)
    if counts is None:
        return redirect(f"/imports/{id}")
    return redirect(
        f"/imports/{id}",
        _("已入库：新增 %(created)s 人，变更 %(changed)s 人", created=counts.created, changed=counts.changed),
    )


@post("/imports/{id:uuid}/discard", **MINE)
async def discard(request: Request, id: FromPath[UUID]) -> Redirect:
    """Drops a previewed batch."""
    await discard_batch(request.user, id)
    return redirect("/imports", _("已放弃这次导入，没有任何内容入库"))


@get("/imports/{id:uuid}/report", **MINE)
async def report(request: Request, id: FromPath[UUID]) -> Response[Any]:
    """The uploaded workbook with its faults marked."""
    batch = await one_batch(request.user, id, clock.now())
    name = _("%(name)s-标注.xlsx", name=PurePath(batch.filename).stem)
    return workbook_response(await report_of(batch), name)


@get("/imports/{id:uuid}/undo", **MINE)
async def undo_page(request: Request, id: FromPath[UUID]) -> Template:
    """What an undo would do, and the button for it."""
    return await _undo(request, await one_batch(request.user, id, clock.now()))


@post("/imports/{id:uuid}/undo", **MINE)
async def undo(request: Request, id: FromPath[UUID]) -> Template | Redirect:
    """Takes the batch back."""
    try:
        undone = await undo_batch(request.user, id, clock.today())
    except Conflict as error:
        return await _undo(request, await one_batch(request.user, id, clock.now()), error)
    return redirect(
        f"/imports/{id}",
        _(
            "已撤销：收回 %(facts)s 条记录，恢复 %(restored)s 条",
            facts=undone.facts,
            restored=undone.restored,
        ),
    )


def _new(request: Request, error: ChizhengError | None = None) -> Template:
    told = None
    if error is not None:
        told = Invalid(error.message, file=error.message)
    columns = [
        (title, [word for word in SYNONYMS.get(column, "").split() if word != title], column in REQUIRED)
        for column, title in TITLES.items()
    ]
    return render(
        request,
        "imports/new.html",
        status=error.status if error else 200,
        form=form({}, told),
        columns=columns,
    )


async def _batch(request: Request, batch: Batch, error: Conflict | None = None) -> Template:
    asked = _asked(Asked, request)
    level = asked.level if asked.level in LEVELS else ""
    outcome = asked.outcome if asked.outcome in OUTCOMES else ""
    shows_rows = batch.state in ("previewed", "committed", "undone")
    rows = await rows_of(batch.id, level=level, outcome=outcome, number=asked.page, size=asked.size)
    return render(
        request,
        "imports/batch.html",
        status=error.status if error else 200,
        batch=batch,
        counts=batch.counts,
        error=error.message if error else batch.failure if batch.state == "previewed" else "",
        rows=rows if shows_rows else None,
        lines=[_line(row) for row in rows.items],
        level=level,
        outcome=outcome,
        query={"level": level, "outcome": outcome},
        ignored=[(row, _(IGNORED_NAMES.get(row.reason, row.reason))) for row in batch.summary.ignored_rows],
        twin=await same_file(request.user, batch) if batch.state == "previewed" else None,
    )


async def _undo(request: Request, batch: Batch, error: Conflict | None = None) -> Template:
    footprint = await footprint_of(batch.id)
    consequences = [_("收回 %(people)s 人由这次导入写入的记录，恢复原来的记录", people=footprint.people)]
    if footprint.created:
        consequences.append(_("由这次导入新建的 %(created)s 份人员档案随之撤回", created=footprint.created))
    if footprint.assignments:
        consequences.append(
            _("这些人有 %(count)s 项在办指派，失去上岗资格的将自动离岗", count=footprint.assignments)
        )
    return render(
        request,
        "imports/undo.html",
        status=error.status if error else 200,
        batch=batch,
        error=error.message if error else "",
        leaning=footprint.leaning,
        consequences=consequences,
    )


def _line(row: Row) -> Line:
    notes = [
        Note(
            problem.level.value,
            _("、").join(problem.cells),
            listed(problem.column),
            problem.value,
            sentence(problem),
        )
        for problem in problems_of(row.problems)
    ]
    return Line(row, notes, [say(change["code"], change["params"]) for change in row.changes])


def _asked(shape: type[T], request: Request) -> T:
    try:
        return parse_form(shape, dict(request.query_params))
    except Invalid:
        return shape()


ROUTES: list[Any] = [
    list_page, new_page, template_file, upload, batch_page, commit, discard, report, undo_page, undo,
]  # fmt: skip
