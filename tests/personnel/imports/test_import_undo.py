"""Taking an import back restores exactly what was there, and refuses where something rests on it."""

from datetime import date
from uuid import UUID

import pytest

from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.errors import Conflict, NotFound
from chizheng.service.starter import start_directory
from personnel.imports.actions import preview_roster
from personnel.imports.committing import commit_batch
from personnel.imports.queries import footprint_of
from personnel.imports.undoing import undo_batch
from tests.personnel.imports.files import (
    TODAY,
    a_row,
    a_workbook,
    facts_of,
    hr,
    live_facts,
    officers,
    row_counts,
    the_officer,
)  # fmt: skip

HR = hr()
OTHER = "湖塘镇综合行政执法局二中队"
CHANGED = {
    "name": "陈新", "rank_title": "科员", "phone": "13900001111", "establishment": "劳务派遣", "user_unit": OTHER,
    "posted_from": date(2026, 3, 1), "posted_to": date(2029, 3, 1), "valid_to": date(2029, 5, 31),
    "certificate_state": "暂扣", "legal_qualified": "是",
}  # fmt: skip


@pytest.fixture(autouse=True)
async def _units(db: str) -> None:
    await start_directory()


async def taken(*rows: dict[str, object]) -> UUID:
    batch = await preview_roster(HR, "名册.xlsx", a_workbook(*rows, as_of="2026年10月31日"), TODAY)
    await commit_batch(HR, batch, valid_rows_only=False, today=TODAY)
    return batch


async def test_undo_restores_what_was_there_before() -> None:
    await taken(a_row(1), a_row(2))
    before = await live_facts(), await officers()
    batch = await taken(a_row(1, **CHANGED), a_row(2, posted_to=date(2028, 3, 1)), a_row(3))
    assert (await live_facts(), await officers()) != before
    undone = await undo_batch(HR, batch, TODAY)
    assert (await live_facts(), await officers()) == before
    assert (undone.withdrawn, undone.stood_down) == (1, 0)
    assert undone.facts > undone.restored == 4


async def test_nothing_is_deleted_by_an_undo() -> None:
    batch = await taken(a_row(5))
    before = await row_counts()
    await undo_batch(HR, batch, TODAY)
    assert await row_counts() == before


async def test_after_an_undo_the_same_file_goes_in_again() -> None:
    batch = await taken(a_row(10, **CHANGED))
    officer, facts = (
        await the_officer(10),
        await facts_of(10, "posting", "user_unit", "valid_from", "valid_to"),
    )
    await undo_batch(HR, batch, TODAY)
    assert await facts_of(10, "posting", "id") == []
    again = await taken(a_row(10, **CHANGED))
    assert await the_officer(10) == officer
    assert await facts_of(10, "posting", "user_unit", "valid_from", "valid_to") == facts
    assert await fetch_value("SELECT withdrawn_at FROM officer WHERE id = $1", officer) is None
    await undo_batch(HR, again, TODAY)
    assert await fetch_value("SELECT withdrawn_at IS NOT NULL FROM officer WHERE id = $1", officer)


async def test_batches_are_undone_in_their_turn() -> None:
    first = await taken(a_row(20))
    between = await live_facts()
    second = await taken(a_row(20, **CHANGED))
    with pytest.raises(Conflict) as refused:
        await undo_batch(HR, first, TODAY)
    assert (refused.value.code, refused.value.details) == (
        "batch_leaned_on",
        {"people": ["陈新"], "count": 1},
    )
    await undo_batch(HR, second, TODAY)
    assert await live_facts() == between
    await undo_batch(HR, first, TODAY)
    assert await facts_of(20, "service", "id") == []


async def test_twice_is_refused() -> None:
    batch = await taken(a_row(30))
    await undo_batch(HR, batch, TODAY)
    with pytest.raises(Conflict) as refused:
        await undo_batch(HR, batch, TODAY)
    assert refused.value.code == "batch_not_committed"


async def test_a_suspension_since_keeps_the_certificate_where_it_is() -> None:
    """Were the import undone and done again, the certificate would come back without its bar."""
    batch = await taken(a_row(40))
    officer = await the_officer(40)
    await execute(
        "INSERT INTO certificate_event (certificate, officer, verb, valid_from, reason)"
        " SELECT series, officer, 'suspend', '2026-11-20', '测试' FROM certificate WHERE officer = $1",
        officer,
    )
    before = await live_facts()
    assert (await footprint_of(batch)).leaning == ["陈一"]
    with pytest.raises(Conflict, match="又有变更，不能撤销：陈一"):
        await undo_batch(HR, batch, TODAY)
    assert await live_facts() == before


async def test_a_correction_made_by_hand_since_is_not_swept_away() -> None:
    batch = await taken(a_row(50))
    [row] = await fetch("SELECT * FROM posting WHERE officer = $1", await the_officer(50))
    await execute("UPDATE posting SET superseded_at = now() WHERE id = $1", row["id"])
    await execute(
        "INSERT INTO posting (series, officer, kind, owner_unit, manager_unit, user_unit, post, valid_from, valid_to)"
        " SELECT series, officer, kind, owner_unit, manager_unit, user_unit, post, valid_from, '2026-12-01'"
        " FROM posting WHERE id = $1",
        row["id"],
    )
    with pytest.raises(Conflict) as refused:
        await undo_batch(HR, batch, TODAY)
    assert refused.value.code == "batch_leaned_on"


async def test_a_column_changed_by_hand_since_stays() -> None:
    await taken(a_row(60))
    batch = await taken(a_row(60, rank_title="科员", education="本科"))
    officer = await the_officer(60)
    await execute("UPDATE officer SET rank_title = '中队长' WHERE id = $1", officer)
    await undo_batch(HR, batch, TODAY)
    [row] = await fetch("SELECT rank_title, education FROM officer WHERE id = $1", officer)
    assert tuple(row) == ("中队长", None)


async def test_somebody_elses_batch_is_not_there() -> None:
    batch = await taken(a_row(70))
    with pytest.raises(NotFound):
        await undo_batch(hr(whole=False), batch, TODAY)
