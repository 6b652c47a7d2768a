"""What an import writes, what it leaves alone, and what it refuses."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from chizheng.kernel import clock, keys
from chizheng.kernel.access import Actor, Role
from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from chizheng.kernel.spreadsheets import WorkbookRefused
from chizheng.service.starter import start_directory
from personnel.imports.actions import (
    discard_batch,
    fail_interrupted,
    preview_roster,
    start_preview,
)
from personnel.imports.background import stop_background
from personnel.imports.committing import commit_batch, reopen_interrupted, start_commit
from personnel.imports.importing import import_roster
from personnel.imports.messages import explain
from personnel.imports.queries import Batch, Counts, every_row, one_batch
from personnel.imports.reports import problems_of
from tests.conftest import by_the_owner
from tests.personnel.imports.files import (
    TODAY,
    a_row,
    a_workbook,
    an_id,
    facts_of,
    hr,
    live_facts,
    officers,
    row_counts,
    the_officer,
)  # fmt: skip

HR = hr()
SQUAD, OTHER = "湖塘镇综合行政执法局一中队", "湖塘镇综合行政执法局二中队"


@pytest.fixture(autouse=True)
async def _units(db: str) -> None:
    await start_directory()


async def taken(*rows: dict[str, Any], as_of: str = "", valid_rows: bool = False, actor: Actor = HR) -> UUID:
    """Imports these rows; the batch."""
    batch = await preview_roster(actor, "名册.xlsx", a_workbook(*rows, as_of=as_of), TODAY)
    await commit_batch(actor, batch, valid_rows_only=valid_rows, today=TODAY)
    return batch


async def said(batch: UUID) -> list[tuple[str, list[str]]]:
    """Outcome and problem codes of each row."""
    return [
        (row.outcome, [problem.code for problem in problems_of(row.problems)])
        for row in await every_row(batch)
    ]


async def codes(*rows: dict[str, Any], as_of: str = "") -> list[tuple[str, list[str]]]:
    """What a preview of these rows says."""
    return await said(await preview_roster(HR, "名册.xlsx", a_workbook(*rows, as_of=as_of), TODAY))


async def unit(name: str) -> UUID:
    return await fetch_value("SELECT id FROM unit WHERE name = $1", name)


# --- a new person -----------------------------------------------------------------------------------------------


async def test_a_new_person_comes_in_whole() -> None:
    batch = await taken(a_row(1, legal_qualified="是", sex="男"), as_of="2026年10月31日")
    officer = await fetch("SELECT * FROM officer WHERE id = $1", await the_officer(1))
    kept = dict(officer[0])
    assert (kept["name"], kept["pinyin"], kept["sex"], kept["born"]) == (
        "陈二",
        "chener",
        "male",
        date(1990, 3, 7),
    )
    assert (keys.unseal(kept["id_number"]), keys.unseal(kept["phone"])) == (an_id(1), "13812345678")
    assert (kept["id_number_masked"], kept["phone_masked"]) == (
        f"3204**********{an_id(1)[-4:]}",
        "138****5678",
    )
    assert (kept["batch"], kept["recorded_by"], kept["field"]) == (batch, HR.account, "market")
    assert await facts_of(1, "service", "status", "valid_from", "valid_to") == [
        ("active", date(2023, 6, 1), None)
    ]
    assert await facts_of(1, "establishment", "type", "valid_from") == [("institution", date(2023, 6, 1))]
    assert await facts_of(1, "legal_qualification", "valid_from") == [(date(2026, 10, 31),)]
    root = await unit("武进区")
    assert await facts_of(
        1, "certificate", "number", "fields", "area", "authority", "valid_from", "valid_to"
    ) == [("32040000001", ["market"], root, "武进区人民政府", date(2023, 6, 1), date(2028, 6, 1))]
    units = [await unit(name) for name in ("区市场监管综合行政执法大队", "湖塘镇", SQUAD)]
    assert await facts_of(
        1,
        "posting",
        "kind",
        "owner_unit",
        "manager_unit",
        "user_unit",
        "post",
        "valid_from",
        "valid_to",
        "batch",
    ) == [("secondment", *units, "enforcement", date(2024, 3, 1), date(2027, 3, 1), batch)]


async def test_somebody_of_whom_no_posting_is_told_stands_in_their_own_unit() -> None:
    blank = dict.fromkeys(("manager_unit", "user_unit", "posted_from", "posted_to", "post"))
    await taken(a_row(2, **blank))
    own = await unit("区市场监管综合行政执法大队")
    assert await facts_of(2, "posting", "kind", "owner_unit", "manager_unit", "user_unit", "valid_from") == [
        ("home_duty", own, own, own, date(2023, 6, 1))
    ]


async def test_a_town_alone_means_its_one_bureau() -> None:
    await taken(a_row(3, user_unit=None))
    assert await facts_of(3, "posting", "user_unit") == [(await unit("湖塘镇综合行政执法局"),)]


async def test_contract_staff_go_in_flagged_and_the_gate_refuses_them() -> None:
    batch = await taken(a_row(4, establishment="劳动合同制"))
    assert await said(batch) == [("created", ["contract_staff_with_certificate"])]
    gaps = await fetch_value(
        "SELECT array_agg(code) FROM clearance_gaps($1, 'lead', 'market', $2, $3, $4)",
        await the_officer(4), await unit(SQUAD), TODAY, TODAY + timedelta(days=1),
    )  # fmt: skip
    assert gaps == ["not_in_establishment"]


# --- again, and with differences --------------------------------------------------------------------------------


async def test_the_same_rows_again_write_nothing() -> None:
    row = a_row(10, certificate_state="暂扣", legal_qualified="是", remark="骨干")
    await taken(row, as_of="2026年10月31日")
    before = await row_counts(), await officers()
    assert await said(await taken(row, as_of="2026年10月31日")) == [("unchanged", [])]
    assert await said(await taken(row)) == [("unchanged", [])]
    assert (await row_counts(), await officers()) == before


async def test_a_blank_cell_never_erases() -> None:
    await taken(a_row(11, rank_title="科员", remark="骨干", legal_qualified="是", legal_number="A2020"))
    before = await row_counts(), await officers(), await live_facts()
    blank = {"name": "陈二", "id_number": an_id(11)}
    keep = {"owner_unit": a_row(11)["owner_unit"], "establishment": None, "manager_unit": None}
    assert await said(await taken({**blank, **keep})) == [("unchanged", [])]
    assert (await row_counts(), await officers(), await live_facts()) == before


async def test_columns_that_differ_are_set_and_a_new_name_is_flagged() -> None:
    await taken(a_row(12))
    batch = await taken(a_row(12, name="陈新", rank_title="科员", phone="13900001111"))
    assert await said(batch) == [("changed", ["name_changed"])]
    kept = (await fetch("SELECT * FROM officer WHERE id = $1", await the_officer(12)))[0]
    assert (kept["name"], kept["pinyin"], kept["rank_title"], keys.unseal(kept["phone"])) == (
        "陈新", "chenxin", "科员", "13900001111",
    )  # fmt: skip


async def test_another_establishment_type_begins_on_the_day_of_the_sheet() -> None:
    await taken(a_row(13))
    await taken(a_row(13, establishment="劳务派遣"), as_of="2026年10月31日")
    assert await facts_of(13, "establishment", "type", "valid_from", "valid_to") == [
        ("institution", date(2023, 6, 1), date(2026, 10, 31)),
        ("dispatched", date(2026, 10, 31), None),
    ]


async def test_only_the_end_of_a_posting_moves() -> None:
    await taken(a_row(14))
    series = await facts_of(14, "posting", "series")
    await taken(a_row(14, posted_to=date(2028, 3, 1)))
    assert await facts_of(14, "posting", "series", "valid_to") == [(*series[0], date(2028, 3, 1))]


async def test_a_later_posting_ends_the_one_before() -> None:
    await taken(a_row(15))
    await taken(a_row(15, user_unit=OTHER, posted_from=date(2026, 3, 1), posted_to=None))
    assert await facts_of(15, "posting", "user_unit", "valid_from", "valid_to") == [
        (await unit(SQUAD), date(2024, 3, 1), date(2026, 3, 1)),
        (await unit(OTHER), date(2026, 3, 1), None),
    ]


async def test_a_posting_across_a_known_one_is_an_error_that_names_it() -> None:
    await taken(a_row(16))
    batch = await preview_roster(
        HR, "x", a_workbook(a_row(16, user_unit=OTHER, posted_from=date(2023, 9, 1))), TODAY
    )
    [row] = await every_row(batch)
    assert [explain(problem) for problem in problems_of(row.problems)] == [
        "I2（派驻时间）：与已有派驻重叠：湖塘镇综合行政执法局一中队，2024-03-01 至 2027-03-01。请核对时间，或先在派驻中调整"
    ]


async def test_another_unit_without_a_day_is_not_guessed() -> None:
    await taken(a_row(17))
    assert await codes(a_row(17, user_unit=OTHER, posted_from=None, posted_to=None)) == [
        ("refused", ["posting_start_missing"])
    ]


async def test_somebody_who_left_is_flagged_and_stays_left() -> None:
    await taken(a_row(18))
    officer = await the_officer(18)
    await execute("UPDATE service SET superseded_at = now() WHERE officer = $1", officer)
    await execute(
        "INSERT INTO service (officer, status, valid_from) VALUES ($1, 'left', '2026-01-01')", officer
    )
    assert await said(await taken(a_row(18))) == [("unchanged", ["service_state_differs"])]


# --- certificates -----------------------------------------------------------------------------------------------


async def test_other_dates_correct_the_certificate_of_that_number() -> None:
    await taken(a_row(20))
    await taken(a_row(20, valid_to=date(2029, 5, 31)))
    assert await facts_of(20, "certificate", "valid_from", "valid_to") == [
        (date(2023, 6, 1), date(2029, 6, 1))
    ]
    assert (
        await fetch_value("SELECT count(*) FROM certificate WHERE officer = $1", await the_officer(20)) == 2
    )


@pytest.mark.parametrize(
    ("order", "state", "verb"),
    [(21, "暂扣", "suspend"), (22, "吊销", "revoke"), (23, "注销", "cancel"), (24, "遗失", "report_lost")],
)
async def test_a_state_that_bars_is_taken_over_once(order: int, state: str, verb: str) -> None:
    await taken(a_row(order, certificate_state=state), as_of="2026年10月31日")
    await taken(a_row(order, certificate_state=state))
    assert await facts_of(order, "certificate_event", "verb", "valid_from", "valid_to") == [
        (verb, date(2026, 10, 31), None)
    ]


async def test_a_roster_never_lifts_a_bar() -> None:
    await taken(a_row(25, certificate_state="暂扣"))
    before = await live_facts()
    assert await said(await taken(a_row(25, certificate_state="有效"))) == [
        ("unchanged", ["certificate_state_differs"])
    ]
    assert await live_facts() == before


async def test_a_new_card_does_not_get_round_a_suspension() -> None:
    await taken(a_row(26, certificate_state="暂扣"))
    fresh = a_row(
        26, certificate_number="32049999926", issued_on=date(2026, 11, 1), valid_to=date(2031, 10, 31)
    )
    assert await codes(fresh) == [("refused", ["certificate_barred"])]


async def test_a_card_after_a_loss_goes_in() -> None:
    await taken(a_row(27, certificate_state="遗失"), as_of="2026年9月30日")
    fresh = a_row(
        27, certificate_number="32049999927", issued_on=date(2026, 11, 1), valid_to=date(2031, 10, 31)
    )
    assert await said(await taken(fresh)) == [("changed", [])]


async def test_a_number_held_by_another_person_is_refused() -> None:
    await taken(a_row(28))
    assert await codes(a_row(29, certificate_number="32040000028")) == [
        ("refused", ["certificate_number_shared"])
    ]


async def test_two_cards_from_the_same_day_are_refused() -> None:
    await taken(a_row(30))
    assert await codes(a_row(30, certificate_number="32049999930")) == [
        ("refused", ["certificate_start_taken"])
    ]


async def test_the_roster_does_not_add_a_field_to_a_certificate() -> None:
    await taken(a_row(31))
    assert await said(await taken(a_row(31, field="市场监管、城市管理"))) == [
        ("unchanged", ["certificate_fields_differ"])
    ]


async def test_a_certificate_without_a_field_is_refused() -> None:
    assert await codes(a_row(32, field=None)) == [("refused", ["certificate_field_missing"])]


# --- all or nothing, twice, at once -----------------------------------------------------------------------------


async def test_one_faulty_row_keeps_all_out_unless_the_valid_ones_are_wanted() -> None:
    content = a_workbook(a_row(40), a_row(41, id_number="320412199003070001"))
    batch = await preview_roster(HR, "名册.xlsx", content, TODAY)
    before = await row_counts()
    with pytest.raises(Conflict, match="有 1 行不能入库"):
        await commit_batch(HR, batch, valid_rows_only=False, today=TODAY)
    assert await row_counts() == before
    counts = await commit_batch(HR, batch, valid_rows_only=True, today=TODAY)
    assert counts == Counts(rows=2, ok=1, error=1, created=1, facts=4)


async def test_two_commits_of_one_batch_at_once_write_once() -> None:
    batch = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(42)), TODAY)
    answers = await asyncio.gather(
        *(commit_batch(HR, batch, valid_rows_only=False, today=TODAY) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Counts"]
    assert len(await facts_of(42, "posting", "id")) == 1


async def test_the_same_file_twice_at_once_writes_once() -> None:
    content = a_workbook(a_row(43), a_row(44))
    batches = [await preview_roster(HR, "名册.xlsx", content, TODAY) for _ in range(2)]
    counts = await asyncio.gather(
        *(commit_batch(HR, batch, valid_rows_only=False, today=TODAY) for batch in batches)
    )
    assert sorted((one.created, one.unchanged) for one in counts) == [(0, 2), (2, 0)]


async def test_the_plan_is_made_again_when_it_is_committed() -> None:
    """What was learnt between preview and commit counts: the number has found another holder."""
    batch = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(45)), TODAY)
    await taken(a_row(46, certificate_number="32040000045"))
    with pytest.raises(Conflict, match="有 1 行不能入库"):
        await commit_batch(HR, batch, valid_rows_only=False, today=TODAY)


async def test_what_only_the_database_knows_becomes_a_problem_of_that_row() -> None:
    """A rule that the planner does not know of refuses one row; the others go in."""
    await by_the_owner("ALTER TABLE posting ADD CONSTRAINT no_such_post CHECK (post <> 'office') NOT VALID")
    try:
        batch = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(47), a_row(48, post="内勤")), TODAY)
        before = await row_counts()
        with pytest.raises(Conflict, match="有 1 行不能入库"):
            await commit_batch(HR, batch, valid_rows_only=False, today=TODAY)
        assert await row_counts() == before
        await commit_batch(HR, batch, valid_rows_only=True, today=TODAY)
    finally:
        await by_the_owner("ALTER TABLE posting DROP CONSTRAINT no_such_post")
    assert await said(batch) == [("created", []), ("refused", ["refused_by_database"])]
    assert (
        await fetch_value("SELECT count(*) FROM officer WHERE id_number_index = $1", keys.blind(an_id(48)))
        == 0
    )


async def test_an_open_assignment_stands_down_when_the_roster_bars_the_certificate() -> None:
    await taken(a_row(49))
    officer, bureau = await the_officer(49), await unit("湖塘镇综合行政执法局")
    case = await fetch_value(
        "INSERT INTO case_file (number, unit, field, title, opened_on, due_on)"
        " VALUES ('案49', $1, 'market', '无照经营案', $2, $3) RETURNING id",
        bureau, clock.today(), clock.today() + timedelta(days=60),
    )  # fmt: skip
    await execute(
        "INSERT INTO assignment (case_file, officer, role, valid_from, valid_to) VALUES ($1, $2, 'lead', $3, $4)",
        case, officer, clock.today(), clock.today() + timedelta(days=30),
    )  # fmt: skip
    batch = await preview_roster(
        HR, "名册.xlsx", a_workbook(a_row(49, certificate_state="暂扣")), clock.today()
    )
    counts = await commit_batch(HR, batch, valid_rows_only=False, today=clock.today())
    assert (counts.stood_down, counts.changed) == (1, 1)


# --- who, and what is no roster ----------------------------------------------------------------------------------


async def test_only_with_the_permission() -> None:
    with pytest.raises(Forbidden):
        await preview_roster(hr(role=Role.JUSTICE_BUREAU), "名册.xlsx", a_workbook(a_row(60)), TODAY)


async def test_hr_of_a_part_writes_for_its_own_units_only() -> None:
    await taken(a_row(61))
    team = await unit("区市场监管综合行政执法大队")
    local = hr(team, whole=False)
    other = a_row(62, owner_unit="区城市管理综合行政执法大队")
    batch = await preview_roster(local, "名册.xlsx", a_workbook(a_row(61), other), TODAY)
    assert await said(batch) == [("unchanged", []), ("refused", ["out_of_reach"])]
    with pytest.raises(NotFound):
        await commit_batch(hr(team, whole=False), batch, valid_rows_only=True, today=TODAY)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"{}", b"\x00" * 100])
async def test_a_file_that_is_none_leaves_a_failed_batch_and_nothing_else(content: bytes) -> None:
    before = await row_counts()
    with pytest.raises(WorkbookRefused):
        await preview_roster(HR, "名册.xlsx", content, TODAY)
    newest = await fetch("SELECT state, failure, original FROM import_batch ORDER BY at DESC LIMIT 1")
    assert (newest[0]["state"], newest[0]["original"], bool(newest[0]["failure"])) == ("failed", None, True)
    assert await row_counts() == before


async def test_a_sheet_without_its_columns_is_refused_as_a_whole() -> None:
    with pytest.raises(Invalid) as refused:
        await preview_roster(
            HR, "名册.xlsx", a_workbook({"name": "陈一", "phone": "1", "rank_title": "科员"}), TODAY
        )
    assert refused.value.code == "column_missing"
    assert "身份证号码" in refused.value.message


async def test_an_identity_number_in_the_wrong_column_is_not_kept() -> None:
    batch = await preview_roster(
        HR, "名册.xlsx", a_workbook(a_row(63, name=an_id(63), rank_title=an_id(64))), TODAY
    )
    kept = await fetch_value(
        "SELECT string_agg(to_jsonb(r)::text, ' ') FROM import_row r WHERE batch = $1", batch
    )
    assert an_id(63) not in kept
    assert an_id(64) not in kept


# --- in the background -------------------------------------------------------------------------------------------


async def test_a_preview_in_the_background_can_be_left_and_found_again() -> None:
    batch = await start_preview(HR, "名册.xlsx", a_workbook(a_row(70)), TODAY)
    assert (await one_batch(HR, batch, clock.now())).state == "reading"
    for _attempt in range(200):
        found = await one_batch(HR, batch, clock.now())
        if found.state != "reading":
            break
        await asyncio.sleep(0.05)
    assert (found.state, found.progress, found.total) == ("previewed", 1, 1)


async def test_a_reader_that_is_stopped_leaves_a_failed_batch() -> None:
    batch = await start_preview(HR, "名册.xlsx", a_workbook(a_row(71)), TODAY)
    await stop_background()
    found = await one_batch(HR, batch, clock.now())
    assert (found.state, found.failure, found.has_original) == ("failed", "读取中断：请重新上传", False)


async def test_a_batch_whose_reader_died_is_failed_at_the_next_start() -> None:
    batch = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(72)), TODAY)
    await execute("UPDATE import_batch SET state = 'reading' WHERE id = $1", batch)
    later = await one_batch(HR, batch, clock.now() + timedelta(hours=1))
    assert later.state == "failed"
    await fail_interrupted()
    assert await fetch_value("SELECT state FROM import_batch WHERE id = $1", batch) == "failed"


async def test_a_commit_in_the_background_can_be_left_and_found_again() -> None:
    batch = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(74)), TODAY)
    assert await start_commit(HR, batch, valid_rows_only=False, today=TODAY, patience=0) is None
    assert (await one_batch(HR, batch, clock.now())).state == "committing"
    for again in (commit_batch(HR, batch, valid_rows_only=False, today=TODAY), discard_batch(HR, batch)):
        with pytest.raises(Conflict, match="正在入库"):
            await again
    found = await settled(batch)
    assert (found.state, found.counts.created, found.progress, found.total) == ("committed", 1, 1, 1)


async def test_a_commit_that_ends_in_time_tells_what_it_did_and_one_that_fails_what_is_wrong() -> None:
    good = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(75)), TODAY)
    done = await start_commit(HR, good, valid_rows_only=False, today=TODAY, patience=60)
    assert done == Counts(rows=1, ok=1, created=1, facts=4)
    bad = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(76, id_number="320412199003070001")), TODAY)
    with pytest.raises(Conflict, match="有 1 行不能入库"):
        await start_commit(HR, bad, valid_rows_only=False, today=TODAY, patience=60)
    assert await start_commit(HR, bad, valid_rows_only=False, today=TODAY, patience=0) is None
    found = await settled(bad)
    assert (found.state, found.failure[:8], found.committed_at) == ("previewed", "有 1 行不能入", None)


async def test_a_commit_that_is_stopped_writes_nothing_and_is_open_again() -> None:
    batch = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(77)), TODAY)
    before = await row_counts()
    await start_commit(HR, batch, valid_rows_only=False, today=TODAY, patience=0)
    await stop_background()
    found = await one_batch(HR, batch, clock.now())
    assert (found.state, found.failure) == ("previewed", "入库中断，没有任何内容入库；请再次入库")
    assert await row_counts() == before
    assert (await commit_batch(HR, batch, valid_rows_only=False, today=TODAY)).created == 1


async def test_a_commit_whose_process_died_is_open_again() -> None:
    batch = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(78)), TODAY)
    await execute(
        "UPDATE import_batch SET state = 'committing', committed_at = $2 WHERE id = $1", batch, clock.now()
    )
    assert (await one_batch(HR, batch, clock.now())).state == "committing"
    assert (await one_batch(HR, batch, clock.now() + timedelta(hours=1))).state == "previewed"
    await reopen_interrupted()
    assert (await commit_batch(HR, batch, valid_rows_only=False, today=TODAY)).created == 1


async def settled(batch: UUID) -> Batch:
    """The batch when it is no longer being committed."""
    for _look in range(600):
        found = await one_batch(HR, batch, clock.now())
        if found.state != "committing":
            break
        await asyncio.sleep(0.05)
    return found


async def test_a_discarded_batch_cannot_be_committed() -> None:
    batch = await preview_roster(HR, "名册.xlsx", a_workbook(a_row(73)), TODAY)
    await discard_batch(HR, batch)
    with pytest.raises(Conflict, match="已经放弃"):
        await commit_batch(HR, batch, valid_rows_only=True, today=TODAY)


# --- the command line's door --------------------------------------------------------------------------------------


async def test_a_rehearsal_writes_nothing_at_all() -> None:
    before = await row_counts(), await fetch_value("SELECT count(*) FROM import_batch")
    told: list[tuple[int, int]] = []
    outcome = await import_roster(
        HR, "名册.xlsx", a_workbook(a_row(80), a_row(81, establishment="不知道")), dry_run=True, valid_rows=False,
        today=TODAY, progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert (await row_counts(), await fetch_value("SELECT count(*) FROM import_batch")) == before
    assert (outcome.committed, outcome.batch, outcome.counts.created, outcome.counts.error) == (
        False,
        None,
        1,
        1,
    )
    assert [(row, level) for row, level, _text in outcome.lines()] == [(3, "error")]
    assert told == [(2, 2)]
    assert (await outcome.report()).startswith(b"PK")


async def test_from_the_command_line_all_or_the_valid_rows() -> None:
    content = a_workbook(a_row(82), a_row(83, establishment="不知道"))
    refused = await import_roster(HR, "x.xlsx", content, dry_run=False, valid_rows=False, today=TODAY)
    assert (refused.committed, refused.counts.error) == (False, 1)
    done = await import_roster(HR, "x.xlsx", content, dry_run=False, valid_rows=True, today=TODAY)
    assert (done.committed, done.counts.created) == (True, 1)


async def test_each_step_is_in_the_audit_log() -> None:
    batch = await taken(a_row(90))
    rows = await fetch("SELECT action, changes FROM audit_entry WHERE subject_id = $1 ORDER BY seq", batch)
    assert [row["action"] for row in rows] == ["import.preview", "import.commit"]
    assert rows[1]["changes"]["created"] == 1
