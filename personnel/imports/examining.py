"""From a file's bytes to a plan for each of its rows."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from chizheng.kernel import keys
from chizheng.kernel.access import Scope
from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import new_id
from chizheng.kernel.spreadsheets import Limits, Workbook, column_letter, read_workbook
from personnel.identity import mask
from personnel.imports.cells import INVISIBLE
from personnel.imports.directory import Directory, UnitFinder
from personnel.imports.known import District, Person
from personnel.imports.loading import district_of, holders_of, people_known, units_within
from personnel.imports.mentioned import mentioned_in
from personnel.imports.messages import sentence
from personnel.imports.plan import plan_row
from personnel.imports.planner import RowPlan
from personnel.imports.problems import Level, Problem
from personnel.imports.queries import Column, Counts, Ignored, Summary
from personnel.imports.roster import Roster, parse_roster

Report = Callable[[int, int], Awaitable[None]]
"""Told how many of how many rows are done."""

LARGEST: Final = 10 * 2**20
LIMITS: Final = Limits(file_bytes=LARGEST)
CHUNK: Final = 500
LONG_NUMBER: Final = re.compile(r"\d{14,}[\dXx]?")
_reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="workbook")
"""One at a time, because reading one may take 256 MiB."""


class Examined(msgspec.Struct, frozen=True):
    """A sheet that could be read, and what becomes of each of its rows."""

    roster: Roster
    plans: list[RowPlan]


async def read_file(content: bytes) -> Workbook:
    """The workbook's cells; WorkbookRefused, in the caller's language, when it is none."""
    speaking = copy_context()
    return await asyncio.get_running_loop().run_in_executor(
        _reader, speaking.run, read_workbook, content, LIMITS
    )


async def examine(
    workbook: Workbook,
    scope: Scope,
    today: date,
    report: Report,
    before: Callable[[list[bytes]], Awaitable[None]] | None = None,
) -> Examined:
    """Plans every row against the database as it is now; Invalid when the sheet as a whole cannot be read.
    `before` is called with the blind indexes of everybody mentioned, before anything is known of them.
    """
    mentioned = await asyncio.to_thread(mentioned_in, workbook)
    indexes = [keys.blind(number) for number in sorted(mentioned.identities)]
    if before:
        await before(indexes)
    people = await people_known(indexes, scope)
    directory = await district_of(today, people, mentioned.numbers)
    roster = await asyncio.to_thread(parse_roster, workbook, directory)
    refuse_sheet(roster)
    district = District(
        finder=UnitFinder(directory.units),
        day=min(roster.as_of or today, today),
        columns=roster.columns,
        holders=await holders_of(mentioned.numbers),
        reach=await units_within(scope),
    )
    return Examined(roster, await _plan(roster, people, directory, district, report))


async def _plan(
    roster: Roster,
    people: Mapping[bytes, Person],
    directory: Directory,
    district: District,
    report: Report,
) -> list[RowPlan]:
    def plan(first: int) -> list[RowPlan]:
        return [
            plan_row(row, people.get(directory.blind(row.values.id_number)), district)
            if row.values.id_number
            else plan_row(row, None, district)
            for row in roster.rows[first : first + CHUNK]
        ]

    plans: list[RowPlan] = []
    for first in range(0, len(roster.rows), CHUNK):
        plans += await asyncio.to_thread(plan, first)
        await report(len(plans), len(roster.rows))
    return plans


def refuse_sheet(roster: Roster) -> None:
    """Raises Invalid, with the code of the first fault, for a sheet without the columns a roster needs."""
    faults = [problem for problem in roster.problems if problem.level is Level.ERROR]
    if faults:
        raise Invalid(_("；").join(sentence(problem) for problem in faults), code=faults[0].code)


def counts_of(plans: list[RowPlan]) -> Counts:
    """The rows counted by level and by outcome; all facts to be recorded."""
    levels = [plan.level for plan in plans]
    outcomes = [plan.outcome for plan in plans]
    return Counts(
        rows=len(plans),
        **{level: levels.count(level) for level in ("ok", "repaired", "warning", "error")},
        **{outcome: outcomes.count(outcome) for outcome in ("created", "changed", "unchanged")},
        facts=sum(len(plan.changes) for plan in plans),
    )


def summary_of(examined: Examined, who: str, stood_down: int = 0) -> Summary:
    """What is kept about the batch as a whole."""
    roster = examined.roster
    return Summary(
        who=who,
        counts=msgspec.structs.replace(counts_of(examined.plans), stood_down=stood_down),
        sheet=roster.sheet,
        head_row=roster.head_row,
        report_column=roster.report_column,
        as_of=roster.as_of,
        unknown_columns=tuple(
            Column(column_letter(heading.column), masked(heading.text)) for heading in roster.unknown_columns
        ),
        ignored_rows=tuple(
            Ignored(row.sheet_row, row.reason, masked(row.text)) for row in roster.ignored_rows[:500]
        ),
        ignored_sheets=roster.ignored_sheets,
    )


def kept(problem: Problem) -> dict[str, Any]:
    """A problem as it is stored: an identity number that strayed into another column is masked there too."""
    built: dict[str, Any] = msgspec.to_builtins(problem)
    params = {
        key: masked(value) if isinstance(value, str) else value for key, value in problem.params.items()
    }
    return {**built, "value": masked(problem.value), "column": masked(problem.column), "params": params}


def masked(text: str) -> str:
    """The text with long numbers masked, without the signs that PostgreSQL's JSON cannot hold."""
    return LONG_NUMBER.sub(lambda found: mask(found[0]), INVISIBLE.sub("", text))


def row_of(plan: RowPlan, batch: UUID) -> dict[str, Any]:
    """The row of import_row for a plan, in the shape of JSON. A sealed plan tells what it overwrote."""
    before = plan.person.columns if plan.person else {}
    overwritten = plan.outcome == "changed" and plan.columns
    return {
        "id": str(new_id()),
        "batch": str(batch),
        "sheet_row": plan.sheet_row,
        "name": masked(plan.name),
        "level": plan.level,
        "problems": [kept(problem) for problem in plan.problems],
        "outcome": plan.outcome,
        "officer": str(plan.officer) if plan.officer else None,
        "changes": [{"code": said.code, "params": said.params} for said in plan.said],
        "overwrote": {key: [before.get(key), value] for key, value in plan.columns.items()}
        if overwritten
        else None,
    }
