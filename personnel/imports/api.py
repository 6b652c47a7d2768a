"""Imports over the API: upload, look at the rows, commit, undo."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.web import Request
from personnel.imports.actions import discard_batch, preview_roster
from personnel.imports.committing import commit_batch
from personnel.imports.messages import sentence
from personnel.imports.queries import Batch, Column, Counts, Ignored, Row, batches, one_batch, rows_of
from personnel.imports.reports import problems_of, report_of
from personnel.imports.said import say
from personnel.imports.undoing import Undone, undo_batch
from personnel.imports.uploads import LARGEST_REQUEST, UploadForm, content_of, workbook_response

MINE = requires(Permission.ROSTER_IMPORT)
TAKES_A_FILE = {**MINE, "opt": {**MINE["opt"], "upload": True}}


class Import(msgspec.Struct, frozen=True):
    """An uploaded roster. States: reading, previewed, committed, undone, discarded, failed."""

    id: UUID
    filename: str
    sha256: str
    state: str
    who: str
    at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    valid_rows_only: bool
    progress: int
    total: int
    failure: str
    counts: Counts
    sheet: str
    as_of: date | None
    unknown_columns: tuple[Column, ...]
    ignored_rows: tuple[Ignored, ...]
    ignored_sheets: tuple[str, ...]


class Imports(msgspec.Struct, frozen=True):
    """A page of imports, newest first."""

    items: list[Import]
    total: int
    page: int
    size: int


class Fault(msgspec.Struct, frozen=True):
    """What is wrong in a row: cells, heading, what stands there (masked), and what to do about it."""

    code: str
    level: str
    cells: tuple[str, ...]
    column: str
    value: str
    message: str


class Planned(msgspec.Struct, frozen=True):
    """One change, planned or made."""

    code: str
    params: dict[str, Any]
    message: str


class ImportRow(msgspec.Struct, frozen=True):
    """A row of the sheet. Levels: ok, repaired, warning, error. Outcomes: created, changed, unchanged, refused."""

    sheet_row: int
    name: str
    level: str
    outcome: str
    officer: UUID | None
    problems: list[Fault]
    changes: list[Planned]


class ImportRows(msgspec.Struct, frozen=True):
    """A page of rows, the gravest first."""

    items: list[ImportRow]
    total: int
    page: int
    size: int


class Committing(msgspec.Struct, frozen=True):
    """Whether to take the valid rows although others are faulty."""

    valid_rows: bool = False


@post("/api/v1/imports/roster", tags=["imports"], request_max_body_size=LARGEST_REQUEST, **TAKES_A_FILE)
async def upload(
    request: Request, data: UploadForm, dry_run: FromQuery[bool] = True, valid_rows: FromQuery[bool] = False
) -> Import:
    """Reads a roster (multipart, field `file`, an .xlsx of at most 10 MiB) and plans its rows. Nothing is written
    unless `dry_run` is false: then it is committed at once, with `valid_rows` without the faulty ones. 422 with the
    reason's code for a file that cannot be read, 409 `rows_have_errors`.
    """
    filename, content = await content_of(data)
    batch = await preview_roster(request.user, filename, content, clock.today())
    if not dry_run:
        await commit_batch(request.user, batch, valid_rows_only=valid_rows, today=clock.today())
    return await _one(request, batch)


@get("/api/v1/imports", tags=["imports"], **MINE)
async def list_imports(request: Request, page: FromQuery[int] = 1, size: FromQuery[int] = 25) -> Imports:
    """The imports one may see: of the whole district, or one's own."""
    found = await batches(request.user, page, size)
    return Imports([_shown(batch) for batch in found.items], found.total, found.number, found.size)


@get("/api/v1/imports/{id:uuid}", tags=["imports"], **MINE)
async def show_import(request: Request, id: FromPath[UUID]) -> Import:
    """One import."""
    return await _one(request, id)


@get("/api/v1/imports/{id:uuid}/rows", tags=["imports"], **MINE)
async def list_rows(
    request: Request,
    id: FromPath[UUID],
    level: FromQuery[str] = "",
    outcome: FromQuery[str] = "",
    page: FromQuery[int] = 1,
    size: FromQuery[int] = 50,
) -> ImportRows:
    """Its rows with what is wrong and what is planned or was done; filtered by `level` and `outcome`."""
    await one_batch(request.user, id, clock.now())
    found = await rows_of(id, level=level, outcome=outcome, number=page, size=size)
    return ImportRows([_row(row) for row in found.items], found.total, found.number, found.size)


@post("/api/v1/imports/{id:uuid}/commit", status_code=200, tags=["imports"], **MINE)
async def commit(request: Request, id: FromPath[UUID], data: Committing) -> Import:
    """Writes the rows, all or none: 409 `rows_have_errors` unless `valid_rows`; 409 `batch_not_open`."""
    await commit_batch(request.user, id, valid_rows_only=data.valid_rows, today=clock.today())
    return await _one(request, id)


@post("/api/v1/imports/{id:uuid}/discard", status_code=200, tags=["imports"], **MINE)
async def discard(request: Request, id: FromPath[UUID]) -> Import:
    """Drops a previewed import and its file. 409 `batch_not_open`."""
    await discard_batch(request.user, id)
    return await _one(request, id)


@post("/api/v1/imports/{id:uuid}/undo", status_code=200, tags=["imports"], **MINE)
async def undo(request: Request, id: FromPath[UUID]) -> Undone:
    """Takes a committed import back. 409 `batch_not_committed`, `batch_leaned_on` with the people."""
    return await undo_batch(request.user, id, clock.today())


@get("/api/v1/imports/{id:uuid}/report", tags=["imports"], **MINE)
async def report(request: Request, id: FromPath[UUID]) -> Response[Any]:
    """The uploaded workbook with its faulty cells marked."""
    batch = await one_batch(request.user, id, clock.now())
    return workbook_response(await report_of(batch), f"marked-{batch.filename}")


async def _one(request: Request, batch: UUID) -> Import:
    return _shown(await one_batch(request.user, batch, clock.now()))


def _shown(batch: Batch) -> Import:
    own = {name: getattr(batch, name) for name in Import.__struct_fields__ if hasattr(batch, name)}
    summary = batch.summary
    return Import(
        **own,
        who=summary.who,
        sheet=summary.sheet,
        as_of=summary.as_of,
        unknown_columns=summary.unknown_columns,
        ignored_rows=summary.ignored_rows,
        ignored_sheets=summary.ignored_sheets,
    )


def _row(row: Row) -> ImportRow:
    faults = [
        Fault(
            problem.code, problem.level.value, problem.cells, problem.column, problem.value, sentence(problem)
        )
        for problem in problems_of(row.problems)
    ]
    planned = [
        Planned(change["code"], change["params"], say(change["code"], change["params"]))
        for change in row.changes
    ]
    return ImportRow(row.sheet_row, row.name, row.level, row.outcome, row.officer, faults, planned)


ROUTES: list[Any] = [
    upload, list_imports, show_import, list_rows, commit, discard, undo, report,
]  # fmt: skip
