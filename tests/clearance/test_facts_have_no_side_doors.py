"""Raw SQL attempts on what the gate stands on: facts, units, logs. And a catalogue of the guards themselves."""

import re
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.ids import new_id
from chizheng.kernel.postgres import EmbeddedPostgres
from tests import cast
from tests.clearance.conftest import as_replica
from tests.clearance.crowd import TODAY, UNTIL
from tests.conftest import Run, by_the_owner

pytestmark = pytest.mark.usefixtures("db")

FACTS = ("service", "establishment", "legal_qualification", "posting", "certificate", "certificate_event")


@pytest.fixture
async def officer(district: cast.District) -> UUID:
    """A person with one fact of every kind."""
    officer = await cast.an_officer(district)
    certificate = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    await cast.happened(officer, certificate, "issue", TODAY)
    await execute("INSERT INTO legal_qualification (officer, valid_from) VALUES ($1, $2)", officer, TODAY)
    return officer


async def refused(constraint: str, sql: str, *values: Any, run: Run = execute) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refusal:
        await run(sql, *values)
    assert refusal.value.constraint_name == constraint


CHANGES = {
    "its beginning": "UPDATE {} SET valid_from = valid_from - 1 WHERE officer = $1",
    "its end": "UPDATE {} SET valid_to = '2099-01-01' WHERE officer = $1",
    "its holder": "UPDATE {} SET officer = (SELECT max(id::text)::uuid FROM officer) WHERE officer = $1",
    "when it was recorded": "UPDATE {} SET recorded_at = '2020-01-01' WHERE officer = $1",
    "its series": "UPDATE {} SET series = gen_random_uuid() WHERE officer = $1",
    "its end while it is superseded": "UPDATE {} SET superseded_at = now(), valid_to = '2021-01-01' WHERE officer = $1",
    "its existence": "DELETE FROM {} WHERE officer = $1",
}


@pytest.mark.parametrize("table", FACTS)
async def test_a_fact_is_neither_changed_nor_deleted(
    table: str, officer: UUID, db: str, server: EmbeddedPostgres
) -> None:
    before = await fetch(f"SELECT to_jsonb(f) FROM {table} f WHERE officer = $1", officer)
    assert len(before) == 1
    for change in CHANGES.values():
        await refused("facts_are_append_only", change.format(table), officer)
        assert await as_replica(server, db, change.format(table), officer) == "facts_are_append_only"
    await refused("log_is_append_only", f"TRUNCATE {table}", run=by_the_owner)
    assert await as_replica(server, db, f"TRUNCATE {table}") == "log_is_append_only"
    assert await fetch(f"SELECT to_jsonb(f) FROM {table} f WHERE officer = $1", officer) == before


@pytest.mark.parametrize("table", FACTS)
async def test_a_fact_is_superseded_now_and_for_good(table: str, officer: UUID) -> None:
    supersede = (
        f"UPDATE {table} SET superseded_at = '2020-01-01' WHERE officer = $1 RETURNING superseded_at = now()"
    )
    assert await fetch_value(supersede, officer) is True
    await refused(
        "facts_are_append_only", f"UPDATE {table} SET superseded_at = NULL WHERE officer = $1", officer
    )
    await refused(
        "facts_are_append_only", f"UPDATE {table} SET superseded_at = now() WHERE officer = $1", officer
    )


@pytest.mark.parametrize("table", FACTS)
async def test_a_fact_is_recorded_now_whatever_is_claimed(table: str, officer: UUID) -> None:
    await execute(f"UPDATE {table} SET superseded_at = now() WHERE officer = $1", officer)
    columns = await fetch_value(
        "SELECT string_agg(column_name, ', ') FROM information_schema.columns WHERE table_name = $1"
        " AND column_name NOT IN ('id', 'recorded_at', 'superseded_at')",
        table,
    )
    again = (
        f"INSERT INTO {table} ({columns}, recorded_at, superseded_at) SELECT {columns}, '2020-01-01', now()"
    )
    row = await fetch(
        f"{again} FROM {table} WHERE officer = $1 RETURNING recorded_at = now(), superseded_at", officer
    )
    assert [tuple(values) for values in row] == [(True, None)]


@pytest.mark.parametrize("table", FACTS)
async def test_every_fact_written_takes_the_officers_turn(table: str, officer: UUID) -> None:
    turn = "SELECT turn FROM officer_gate WHERE officer = $1"
    before = await fetch_value(turn, officer)
    await execute(f"UPDATE {table} SET superseded_at = now() WHERE officer = $1", officer)
    assert await fetch_value(turn, officer) == before + 1


async def test_without_the_row_of_the_turn_nothing_is_written(officer: UUID, district: cast.District) -> None:
    case = await cast.a_case(district, TODAY)
    await execute("DELETE FROM officer_gate WHERE officer = $1", officer)
    await refused(
        "officer_has_a_gate", "UPDATE service SET superseded_at = now() WHERE officer = $1", officer
    )
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await cast.assign(case, officer, TODAY, UNTIL)


async def test_a_fact_written_as_replica_still_stands_people_down(
    officer: UUID, district: cast.District, db: str, server: EmbeddedPostgres
) -> None:
    assignment = await cast.assign(await cast.a_case(district, TODAY), officer, TODAY, UNTIL)
    withdrawn = "UPDATE service SET superseded_at = now() WHERE officer = $1"
    assert await as_replica(server, db, withdrawn, officer) is None
    assert await fetch_value("SELECT ending FROM assignment WHERE id = $1", assignment) == "stood_down"


async def test_an_event_belongs_to_a_certificate_of_its_officer(
    officer: UUID, district: cast.District
) -> None:
    other = await cast.an_officer(district)
    certificate = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    event = "INSERT INTO certificate_event (certificate, officer, verb, valid_from) VALUES ($1, $2, 'suspend', $3)"
    await refused("event_fits_its_certificate", event, certificate, other, TODAY)
    await refused("event_fits_its_certificate", event, new_id(), officer, TODAY)


async def test_a_certificate_does_not_pass_to_another_person(officer: UUID, district: cast.District) -> None:
    other = await cast.a_person()
    await execute("UPDATE certificate SET superseded_at = now() WHERE officer = $1", officer)
    passed_on = (
        "INSERT INTO certificate (series, officer, number, fields, area, issued_on, valid_from, valid_to)"
        " SELECT series, $2, number, fields, area, issued_on, valid_from, valid_to FROM certificate WHERE officer = $1"
    )
    await refused("certificate_keeps_its_holder", passed_on, officer, other)


@pytest.mark.parametrize("fields", [[], [None], ["market", None], ["小吃"]])
async def test_a_certificate_names_known_fields_only(
    fields: list[str | None], district: cast.District
) -> None:
    insert = (
        "INSERT INTO certificate (officer, number, fields, area, issued_on, valid_from, valid_to)"
        " VALUES ($1, gen_random_uuid()::text, $2, $3, '2020-01-01', '2020-01-01', '2040-01-01')"
    )
    await refused("certificate_fields_are_known", insert, await cast.a_person(), fields, district.root)


async def test_the_tree_of_units_is_not_written_by_hand(
    district: cast.District, db: str, server: EmbeddedPostgres
) -> None:
    writes = (
        "INSERT INTO unit_ancestor (unit, ancestor, depth) VALUES ($1, $2, 1)",
        "DELETE FROM unit_ancestor WHERE unit = $1 OR ancestor = $2",
        "UPDATE unit_ancestor SET ancestor = $2 WHERE unit = $1",
    )
    for write in writes:
        await refused("closure_is_derived", write, district.bureau, district.other_bureau)
        assert (
            await as_replica(server, db, write, district.bureau, district.other_bureau)
            == "closure_is_derived"
        )
    await refused("log_is_append_only", "TRUNCATE unit_ancestor", run=by_the_owner)


@pytest.mark.parametrize(
    "change", ["parent = $2", "kind = 'team'", "id = gen_random_uuid()", "parent = NULL"]
)
async def test_a_unit_neither_moves_nor_changes_what_it_is(
    change: str, district: cast.District, db: str, server: EmbeddedPostgres
) -> None:
    moved = f"UPDATE unit SET {change} WHERE id = $1 AND id <> $2"
    await refused("unit_stays_in_the_tree", moved, district.bureau, district.other_town)
    assert (
        await as_replica(server, db, moved, district.bureau, district.other_town) == "unit_stays_in_the_tree"
    )


async def test_a_unit_does_not_come_before_its_parent(district: cast.District) -> None:
    parent = new_id()
    both = (
        "INSERT INTO unit (id, kind, name, parent, valid_from) VALUES ($2, 'squad', $5, $1, '2020-01-01'),"
        " ($1, 'bureau', $4, $3, '2020-01-01')"
    )
    await refused(
        "unit_follows_its_parent", both, parent, new_id(), district.town, parent.hex, f"{parent.hex}一中队"
    )


@pytest.mark.parametrize("kind", ["root", "town"])
async def test_nobody_is_posted_to_the_use_of_a_district_or_a_town(
    kind: str, district: cast.District
) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await cast.posted(await cast.a_person(), district, getattr(district, kind))
    assert refusal.value.constraint_name == "posting_is_usable"


GUARDS = "SELECT array_agg(tgname::text ORDER BY tgname) FROM pg_trigger WHERE tgrelid = $1::text::regclass AND tgenabled = 'A'"


async def test_every_table_of_facts_carries_every_guard_always() -> None:
    with_facts = await fetch_value(
        "SELECT array_agg(table_name::text) FROM information_schema.columns c JOIN pg_tables ON tablename = table_name"
        " WHERE column_name = 'superseded_at' AND EXISTS (SELECT FROM information_schema.columns o"
        " WHERE o.table_name = c.table_name AND o.column_name = 'officer')"
    )
    assert set(with_facts) == set(FACTS)
    common = {"a_append_only", "a_no_truncate", "b_changes_standing", "b_takes_turn", "d_stands_down"}
    own = {"posting": {"c_usable"}, "certificate": {"c_sound"}, "certificate_event": {"c_fits"}}
    assert {t: set(await fetch_value(GUARDS, t)) for t in FACTS} == {
        t: common | own.get(t, set()) for t in FACTS
    }


async def test_every_table_whose_rows_carry_a_clearance_carries_the_gate_always() -> None:
    with_role = await fetch_value(
        "SELECT array_agg(table_name::text ORDER BY table_name) FROM information_schema.columns c"
        " JOIN pg_tables ON tablename = table_name WHERE column_name = 'officer' AND EXISTS (SELECT FROM"
        " information_schema.columns r WHERE r.table_name = c.table_name AND r.column_name = 'role')"
    )
    assert with_role == ["assignment", "decision"]  # decision is a log: what was asked, not who acts
    assert await fetch_value(GUARDS, "assignment") == ["c_cleared", "c_no_truncate", "c_only_ends"]
    assert await fetch_value(GUARDS, "decision") == ["a_append_only", "a_no_truncate"]
    assert "c_keeps_team" in await fetch_value(GUARDS, "case_file")


async def test_every_guard_binds_its_names_itself() -> None:
    """A function of text that carries no search_path would look up tables where its caller likes."""
    loose = await fetch(
        "SELECT proname FROM pg_proc JOIN pg_language l ON l.oid = prolang"
        " WHERE pronamespace = 'public'::regnamespace AND lanname IN ('sql', 'plpgsql') AND prosqlbody IS NULL"
        " AND proname NOT LIKE 'guard_%'"  # those run when the database is made
        " AND NOT COALESCE('search_path=public, pg_temp' = ANY (proconfig), false)"
    )
    assert [row["proname"] for row in loose] == ["standing_gaps"]


async def test_the_one_guard_without_a_path_names_every_schema() -> None:
    """`standing_gaps` is the hot path: it writes `public.` before whatever is not PostgreSQL's own."""
    body = await fetch_value("SELECT prosrc FROM pg_proc WHERE proname = 'standing_gaps'")
    named = await fetch_value(
        "SELECT array_agg(name) FROM (SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace) ours"
    )
    code = re.sub(r"--.*|'[^']*'", "", body)
    assert [word for word in re.findall(r"(?<![.\w])[a-z_]+", code) if word in named] == []
    assert len(re.findall(r"\bpublic\.", code)) > 10
