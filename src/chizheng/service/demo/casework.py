"""Invented cases, handled through the gate like any other. Expects an open transaction."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec

from chizheng.kernel import audit
from chizheng.kernel.access import Actor
from chizheng.kernel.db import execute, execute_many, fetch, fetch_one, fetch_value
from chizheng.kernel.ids import new_id
from chizheng.service.demo.postings import BUREAU

FOLDER: Final = Path(__file__).parent
FIRST_NUMBER: Final = 21
BY_CLERK: Final = "page"
BY_NOBODY: Final = "demo"
USED_BY: Final = "EXISTS (SELECT FROM unit_ancestor a WHERE a.unit = p.user_unit AND a.ancestor = $1)"
SHOWN_BUREAU: Final = "湖塘镇" + BUREAU
REFUSED_AT_SHOWN: Final = 6
REFUSED_ELSEWHERE: Final = 4
REVIEWED: Final = 4


class Case(msgspec.Struct, frozen=True):
    """A case as it stands in the database, with what is to become of it."""

    id: UUID
    unit: UUID
    bureau: str
    field: str
    opened_on: date
    due_on: date
    outcome: str


async def write_items(today: date) -> dict[str, tuple[UUID, str]]:
    """The power items; their ids and fields by code."""
    rows = _table("power_items.csv")
    items = {row["code"]: (new_id(), row["field"]) for row in rows}
    since = date(today.year - 2, 1, 1)
    await execute_many(
        "INSERT INTO power_item (id, code, name, field, kind, delegated, valid_from)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            (
                items[row["code"]][0],
                row["code"],
                row["name"],
                row["field"],
                row["kind"],
                row["delegated"] == "1",
                since,
            )
            for row in rows
        ],
    )
    return items


async def open_cases(
    items: dict[str, tuple[UUID, str]], units: dict[str, UUID], clerk: Actor, today: date
) -> list[Case]:
    """All cases, open, with nobody on them yet. The clerk is that of the shown bureau."""
    rows = _table("cases.csv")
    cases = [_case(row, items[row["item"]][1], units, today) for row in rows]
    await execute_many(
        "INSERT INTO case_file (id, number, unit, field, item, title, parties, opened_on, due_on, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            (case.id, _number(row["town"], case.opened_on, number), case.unit, case.field, items[row["item"]][0],
             row["title"], row["parties"], case.opened_on, case.due_on,
             clerk.account if case.bureau == SHOWN_BUREAU else None)
            for number, (case, row) in enumerate(zip(cases, rows, strict=True), FIRST_NUMBER)
        ],
    )  # fmt: skip
    return cases


async def staff(case: Case, clerk: Actor, today: date) -> list[UUID]:
    """Puts a lead and a co-handler on the case: whoever is cleared throughout and has least to do."""
    until = max(case.due_on, today + timedelta(days=15))
    cleared = await fetch(
        "SELECT DISTINCT o.id, o.born, o.name, (SELECT count(*) FROM assignment a WHERE a.officer = o.id) AS duties"
        " FROM posting p JOIN officer o ON o.id = p.officer"
        f" WHERE p.superseded_at IS NULL AND p.post = 'enforcement' AND {USED_BY}"
        " AND NOT EXISTS (SELECT FROM clearance_gaps(o.id, 'lead', $2, $1, $3, $4) g WHERE g.hard)"
        " ORDER BY duties, o.born, o.name LIMIT 2",
        case.unit, case.field, case.opened_on, until,
    )  # fmt: skip
    for row, role in zip(cleared, ("lead", "co_handler"), strict=False):
        await assign(case, row["id"], role, case.opened_on, until, clerk)
    return [row["id"] for row in cleared]


async def assign(case: Case, officer: UUID, role: str, start: date, end: date, clerk: Actor) -> None:
    """Asks the gate; it assigns or keeps the refusal. Only the shown bureau has a clerk who could have asked."""
    asker = clerk if case.bureau == SHOWN_BUREAU else None
    row = await fetch_one(
        "SELECT o.name, told.assignment, told.number"
        " FROM officer o, assign_officer($1, o.id, $3, $4, $5, $6, $7) told WHERE o.id = $2",
        case.id, officer, role, start, end, asker and asker.account, BY_CLERK if asker else BY_NOBODY,
    )  # fmt: skip
    assert row is not None
    if asker:
        told = {
            "officer": officer,
            "name": row["name"],
            "role": role,
            "from": start,
            "to": end,
            "decision": row["number"],
        }
        action = "assignment.assign" if row["assignment"] else "assignment.refuse"
        await audit.record(asker, action, ("case", case.id), {"officers": [told]})


async def close(case: Case, today: date) -> None:
    """The case is done, and with it the duties in it."""
    await execute(
        "UPDATE assignment SET ended_at = now(), ending = 'case_closed', ending_reason = '案件结案'"
        " WHERE case_file = $1 AND ended_at IS NULL",
        case.id,
    )
    closed = min(case.due_on - timedelta(days=5), today - timedelta(days=2))
    await execute("UPDATE case_file SET status = 'closed', closed_on = $2 WHERE id = $1", case.id, closed)


async def review(cases: list[Case], clerk: Actor, today: date) -> None:
    """Some cases have a legal reviewer."""
    for case in [case for case in cases if case.outcome == "two"][:REVIEWED]:
        reviewer = await fetch_value(
            f"SELECT p.officer FROM posting p WHERE p.superseded_at IS NULL AND {USED_BY}"
            " AND NOT EXISTS (SELECT FROM assignment_gaps($2, p.officer, 'legal_reviewer', $3, $4) g WHERE g.hard)"
            " ORDER BY p.post = 'legal_review' DESC, p.officer LIMIT 1",
            case.unit, case.id, today, today + timedelta(days=10),
        )  # fmt: skip
        if reviewer is not None:
            await assign(case, reviewer, "legal_reviewer", today, today + timedelta(days=10), clerk)


async def be_refused(cases: list[Case], clerk: Actor, today: date) -> None:
    """Attempts that the gate refuses, most of them in the shown bureau, each for other reasons."""
    open_ones = [case for case in cases if case.outcome in ("none", "one")]
    shown = [case for case in open_ones if case.bureau == SHOWN_BUREAU]
    others = [case for case in open_ones if case.bureau != SHOWN_BUREAU]
    for case, number in [(shown[0], REFUSED_AT_SHOWN), *((case, 1) for case in others[:REFUSED_ELSEWHERE])]:
        for officer in await _uncleared(case, number, today):
            await assign(case, officer, "co_handler", today, today + timedelta(days=30), clerk)


async def _uncleared(case: Case, number: int, today: date) -> list[UUID]:
    """People of the bureau who lack something, no two for the same reasons, those of the field first."""
    rows = await fetch(
        "SELECT DISTINCT ON (reasons) o.id, o.field = $2 AS own_field, reasons"
        " FROM posting p JOIN officer o ON o.id = p.officer CROSS JOIN LATERAL ("
        "   SELECT array_agg(g.code ORDER BY g.code) AS reasons"
        "   FROM clearance_gaps(o.id, 'co_handler', $2, $1, $3, $4) g WHERE g.hard) AS gaps"
        f" WHERE p.superseded_at IS NULL AND {USED_BY} AND reasons IS NOT NULL"
        " ORDER BY reasons, own_field DESC, o.born",
        case.unit, case.field, today, today + timedelta(days=30),
    )  # fmt: skip
    rows.sort(key=lambda row: (not row["own_field"], len(row["reasons"]), row["reasons"]))
    return [row["id"] for row in rows[:number]]


def _case(row: dict[str, str], field: str, units: dict[str, UUID], today: date) -> Case:
    bureau = row["town"] + BUREAU
    opened = today - timedelta(days=int(row["opened"]))
    due = opened + timedelta(days=int(row["days"]))
    return Case(new_id(), units[bureau], bureau, field, opened, due, row["outcome"])


def _number(town: str, opened: date, number: int) -> str:
    short = town.removesuffix("镇").removesuffix("街道").removesuffix("旅游度假区").removeprefix("武进")
    return f"武{short}综执立〔{opened.year}〕{number}号"


def _table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
