"""Writing plans into the database, many rows to a statement, inside an open transaction."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from chizheng.kernel import keys
from chizheng.kernel.db import execute
from personnel.facts import COLUMNS
from personnel.identity import mask, mask_phone
from personnel.imports.examining import Report
from personnel.imports.planner import Change, RowPlan
from personnel.imports.problems import Level, Problem
from personnel.officers.names import reading_of

T = TypeVar("T")
CHUNK: Final = 2_000
PERSONAL: Final = (
    "name", "pinyin", "initials", "sex", "born", "phone", "phone_masked", "ethnicity", "politics", "education",
    "rank_title", "field", "remark", "batch", "withdrawn_at",
)  # fmt: skip
SECRET: Final = ("id_number", "id_number_index", "id_number_masked")


class Batching(msgspec.Struct, frozen=True):
    """Under whose name and for which batch the facts are recorded."""

    batch: UUID
    by: UUID | None


async def write_plans(plans: Sequence[RowPlan], under: Batching, report: Report) -> list[RowPlan]:
    """Writes sealed plans all at once; should the database refuse one, row by row, the refused ones as error
    rows. Tells `report` how many tables are done. Returns the plans as they were carried out.
    """
    await execute("SAVEPOINT whole")
    try:
        await _write(plans, under, report)
    except asyncpg.IntegrityConstraintViolationError:
        await execute("ROLLBACK TO SAVEPOINT whole")
        return [await _write_alone(plan, under) for plan in plans]
    await execute("RELEASE SAVEPOINT whole")
    return list(plans)


async def _write_alone(plan: RowPlan, under: Batching) -> RowPlan:
    await execute("SAVEPOINT alone")
    try:
        await _write([plan], under, _silent)
    except asyncpg.IntegrityConstraintViolationError as error:
        await execute("ROLLBACK TO SAVEPOINT alone")
        params = {"constraint": error.constraint_name or ""}
        problem = Problem("refused_by_database", Level.ERROR, params=params)
        return msgspec.structs.replace(
            plan, problems=(*plan.problems, problem), outcome="refused", changes=(), said=(), columns={}
        )
    await execute("RELEASE SAVEPOINT alone")
    return plan


async def _write(plans: Sequence[RowPlan], under: Batching, report: Report) -> None:
    await _write_officers(plans, under)
    written = [(plan.officer, change) for plan in plans for change in plan.changes]
    for table in COLUMNS:
        ids = [change.replaces for _officer, change in written if change.table == table and change.replaces]
        if ids:
            await execute(
                f"UPDATE {table} SET superseded_at = now() WHERE superseded_at IS NULL AND id = ANY ($1)", ids
            )
    for done, table in enumerate(COLUMNS, 1):
        await report(done, len(COLUMNS) + 1)
        facts = [_fact(change, under) for _officer, change in written if change.table == table]
        await insert(
            table, ("series", "valid_from", "valid_to", "recorded_by", "batch", *COLUMNS[table]), facts
        )


async def insert(table: str, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Adds rows given in the shape of JSON, as to_jsonb shows the table's own."""
    names = ", ".join(columns)
    for chunk in _chunks(rows):
        await execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, $1)",
            chunk,
        )


async def _write_officers(plans: Sequence[RowPlan], under: Batching) -> None:
    await insert(
        "officer",
        ("id", "recorded_by", *SECRET, *PERSONAL),
        (_new_officer(plan, under) for plan in plans if plan.outcome == "created" and plan.person is None),
    )
    columns = ", ".join(PERSONAL)
    patches = (
        {"id": str(plan.officer), "patch": plan.columns} for plan in plans if plan.person and plan.columns
    )
    for chunk in _chunks(patches):
        await execute(
            f"UPDATE officer o SET ({columns}) = (SELECT {columns} FROM jsonb_populate_record(o, p.patch))"
            " FROM jsonb_to_recordset($1) AS p (id uuid, patch jsonb) WHERE o.id = p.id",
            chunk,
        )


async def _silent(done: int, total: int) -> None:
    """Row by row nobody could see it move."""


def _new_officer(plan: RowPlan, under: Batching) -> dict[str, Any]:
    blank = {"phone_masked": "", "remark": ""}
    return {**blank, **plan.columns, "id": str(plan.officer), "recorded_by": _text(under.by)}


def sealed(plans: Sequence[RowPlan], under: Batching) -> list[RowPlan]:
    """The plans with the officer's columns as the table has them: numbers sealed and masked, the name spelled."""
    return [_sealed(plan, under) for plan in plans]


def _sealed(plan: RowPlan, under: Batching) -> RowPlan:
    patch = dict(plan.columns)
    if "phone" in patch:
        patch |= {"phone": _hex(keys.seal(patch["phone"])), "phone_masked": mask_phone(patch["phone"])}
    if "name" in patch:
        reading = reading_of(patch["name"])
        patch |= {"pinyin": reading.pinyin, "initials": reading.initials}
    if "id_number" in patch:
        number = patch["id_number"]
        patch |= {
            "id_number": _hex(keys.seal(number)),
            "id_number_index": _hex(keys.blind(number)),
            "id_number_masked": mask(number),
        }
    if plan.outcome == "created":
        patch |= {"batch": str(under.batch), "withdrawn_at": None}
    return msgspec.structs.replace(plan, columns=patch)


def _fact(change: Change, under: Batching) -> dict[str, Any]:
    return {
        **change.values,
        "series": str(change.series),
        "valid_from": change.valid_from.isoformat(),
        "valid_to": change.valid_to.isoformat() if change.valid_to else None,
        "recorded_by": _text(under.by),
        "batch": str(under.batch),
    }


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


def _hex(data: bytes) -> str:
    return f"\\x{data.hex()}"


def _text(id: UUID | None) -> str | None:
    return str(id) if id else None
