"""The real-shaped roster of 244 goes in as the file beside it says."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chizheng.kernel import clock, keys
from chizheng.kernel.db import engine, fetch, fetch_value
from chizheng.kernel.errors import Conflict
from chizheng.service.starter import start_directory
from personnel.imports.actions import preview_roster
from personnel.imports.committing import commit_batch
from personnel.imports.queries import Counts, every_row, one_batch
from personnel.officers.labels import ESTABLISHMENT_NAMES
from tests.personnel.imports.files import TODAY, hr, live_facts, officers, row_counts

ACTOR = hr()
LEVELS = ("ok", "repaired", "warning", "error")


@pytest.fixture
async def roster(db: str, shared_data: Path) -> bytes:
    await start_directory()
    return (shared_data / "roster-244.xlsx").read_bytes()


@pytest.fixture(scope="module")
def truth(shared_data: Path) -> list[dict[str, Any]]:
    return json.loads((shared_data / "roster-244.expected.json").read_text())["truth"]


def expected_level(row: dict[str, Any]) -> str:
    return max((dirt["level"] for dirt in row["dirt"]), key=LEVELS.index, default="ok")


async def stored(batch: UUID) -> dict[int, dict[str, Any]]:
    """What the database has of each row's officer, in the words of the expectation."""
    rows = await fetch(
        "SELECT r.sheet_row, o.name, o.id_number, ow.name AS owner_unit, ma.name AS managing_unit, e.type,"
        " (SELECT number FROM certificate c WHERE c.officer = o.id AND c.superseded_at IS NULL) AS certificate"
        " FROM import_row r JOIN officer o ON o.id = r.officer"
        " JOIN posting p ON p.officer = o.id AND p.superseded_at IS NULL"
        " JOIN unit ow ON ow.id = p.owner_unit JOIN unit ma ON ma.id = p.manager_unit"
        " JOIN establishment e ON e.officer = o.id AND e.superseded_at IS NULL"
        " WHERE r.batch = $1 AND r.outcome <> 'refused'",
        batch,
    )
    return {
        row["sheet_row"]: {
            "name": row["name"],
            "id": keys.unseal(row["id_number"]),
            "owner_unit": row["owner_unit"],
            "managing_unit": row["managing_unit"],
            "establishment": ESTABLISHMENT_NAMES[row["type"]],
            "certificate": row["certificate"] or "",
        }
        for row in rows
    }


async def test_every_row_comes_out_as_listed(roster: bytes, truth: list[dict[str, Any]]) -> None:
    batch = await preview_roster(ACTOR, "roster-244.xlsx", roster, TODAY)
    with pytest.raises(Conflict) as refused:
        await commit_batch(ACTOR, batch, valid_rows_only=False, today=TODAY)
    assert (refused.value.code, refused.value.details) == ("rows_have_errors", {"errors": 9})
    assert await row_counts() == dict.fromkeys(await row_counts(), 0)

    counts = await commit_batch(ACTOR, batch, valid_rows_only=True, today=TODAY)
    assert counts == Counts(
        rows=245, ok=208, repaired=24, warning=4, error=9, created=236, facts=counts.facts
    )

    rows = {row.sheet_row: row.level for row in await every_row(batch)}
    assert rows == {row["sheet_row"]: expected_level(row) for row in truth}
    wanted = ("name", "id", "owner_unit", "managing_unit", "establishment", "certificate")
    assert await stored(batch) == {
        row["sheet_row"]: {key: row[key] for key in wanted} for row in truth if expected_level(row) != "error"
    }


async def test_the_same_file_again_changes_nothing(roster: bytes) -> None:
    before = await row_counts(), await officers()
    batch = await preview_roster(ACTOR, "again.xlsx", roster, TODAY)
    counts = await commit_batch(ACTOR, batch, valid_rows_only=True, today=TODAY)
    assert (await row_counts(), await officers()) == before
    assert (counts.unchanged, counts.created, counts.changed, counts.facts) == (236, 0, 0, 0)


async def test_no_whole_identity_number_is_left_readable(roster: bytes, truth: list[dict[str, Any]]) -> None:
    kept = await fetch_value(
        "SELECT string_agg(t::text, ' ') FROM (SELECT to_jsonb(r) AS t FROM import_row r"
        " UNION ALL SELECT to_jsonb(b) - 'original' FROM import_batch b"
        " UNION ALL SELECT changes FROM audit_entry UNION ALL SELECT to_jsonb(o) FROM officer o) AS everything"
    )
    assert [row["id"] for row in truth if row["id"] in kept] == []
    original = await fetch_value("SELECT original FROM import_batch LIMIT 1")
    assert original[:2] != b"PK"


async def test_what_somebody_else_reads_of_it_takes_few_statements(roster: bytes) -> None:
    newest = await fetch_value("SELECT id FROM import_batch ORDER BY at DESC LIMIT 1")
    found = await one_batch(ACTOR, newest, clock.now())
    assert (found.state, found.summary.who, found.summary.ignored_sheets) == (
        "committed",
        "人事测试",
        ("填表说明",),
    )
    assert found.summary.as_of is not None
    assert found.summary.as_of.isoformat() == "2026-10-31"
    assert len(await live_facts()) > 900
    assert engine.pool is not None
