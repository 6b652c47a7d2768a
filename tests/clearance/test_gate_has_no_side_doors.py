"""Raw SQL attempts to get an assignment past the gate, or to keep one. Each is refused and changes nothing."""

from collections.abc import Sequence
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
from tests.conftest import Run, as_owner, by_the_owner

pytestmark = pytest.mark.usefixtures("db")

COLUMNS = "case_file, officer, role, valid_from, valid_to"


async def refused(constraint: str, sql: str, *values: Any, run: Run = execute) -> None:
    """The statement fails for this reason, and assignments are afterwards what they were."""
    before = await fetch("SELECT to_jsonb(a) FROM assignment a ORDER BY id")
    with pytest.raises(asyncpg.PostgresError) as refusal:
        await run(sql, *values)
    assert refusal.value.constraint_name == constraint
    assert await fetch("SELECT to_jsonb(a) FROM assignment a ORDER BY id") == before


@pytest.fixture
async def case(district: cast.District) -> UUID:
    return await cast.a_case(district, TODAY)


@pytest.fixture
async def stranger(db: str) -> UUID:
    """Somebody without any fact."""
    return await cast.a_person()


@pytest.fixture
async def assigned(district: cast.District, case: UUID) -> UUID:
    """A standing assignment of somebody who is cleared."""
    return await cast.assign(case, await cast.an_officer(district), TODAY, UNTIL)


INSERTS = {
    "one row": f"INSERT INTO assignment ({COLUMNS}) VALUES ($1, $2, 'lead', $3, $4)",
    "rows of a query": f"INSERT INTO assignment ({COLUMNS}) SELECT $1, o, 'lead', $3, $4 FROM unnest(ARRAY[$2::uuid]) o",
    "on conflict": f"INSERT INTO assignment ({COLUMNS}) VALUES ($1, $2, 'lead', $3, $4) ON CONFLICT DO NOTHING",
    "already ended": f"INSERT INTO assignment ({COLUMNS}, ended_at, ending)"
    " VALUES ($1, $2, 'lead', $3, $4, now(), 'released')",
    "a decision brought along": f"INSERT INTO assignment ({COLUMNS}, decision, recorded_at, door)"
    " VALUES ($1, $2, 'lead', $3, $4, gen_random_uuid(), '2020-01-01', 'page')",
    "merge": "MERGE INTO assignment USING (SELECT $1::uuid c, $2::uuid o) n ON false"
    f" WHEN NOT MATCHED THEN INSERT ({COLUMNS}) VALUES (n.c, n.o, 'lead', $3, $4)",
    "writable query": f"WITH a AS (INSERT INTO assignment ({COLUMNS}) VALUES ($1, $2, 'lead', $3, $4) RETURNING id)"
    " SELECT * FROM a",
}


@pytest.mark.parametrize("insert", INSERTS.values(), ids=INSERTS)
async def test_nobody_uncleared_is_inserted(insert: str, case: UUID, stranger: UUID) -> None:
    await refused("not_cleared", insert, case, stranger, TODAY, UNTIL)


async def test_one_uncleared_row_refuses_the_whole_statement(
    district: cast.District, case: UUID, stranger: UUID
) -> None:
    officer = await cast.an_officer(district)
    rows = (
        f"INSERT INTO assignment ({COLUMNS}) VALUES ($1, $2, 'lead', $4, $5), ($1, $3, 'co_handler', $4, $5)"
    )
    await refused("not_cleared", rows, case, officer, stranger, TODAY, UNTIL)


async def test_nobody_investigates_and_reviews_even_within_one_statement(
    district: cast.District, case: UUID
) -> None:
    officer = await cast.an_officer(district)
    rows = f"INSERT INTO assignment ({COLUMNS}) VALUES ($1, $2, 'lead', $3, $4), ($1, $2, 'hearing_chair', $3, $4)"
    await refused("not_cleared", rows, case, officer, TODAY, UNTIL)


async def test_copy_meets_the_gate(case: UUID, stranger: UUID, db: str) -> None:
    await _copy_is_refused(db, [(case, stranger, "lead", TODAY, UNTIL)])


async def test_copy_of_two_roles_of_one_person_meets_the_gate(
    district: cast.District, case: UUID, db: str
) -> None:
    officer = await cast.an_officer(district)
    await _copy_is_refused(db, [(case, officer, role, TODAY, UNTIL) for role in ("lead", "hearing_chair")])


async def _copy_is_refused(db: str, records: Sequence[tuple[Any, ...]]) -> None:
    connection = await asyncpg.connect(db)
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await connection.copy_records_to_table("assignment", records=records, columns=COLUMNS.split(", "))
    await connection.close()
    assert refusal.value.constraint_name == "not_cleared"
    assert await fetch_value("SELECT count(*) FROM assignment WHERE case_file = $1", records[0][0]) == 0


async def test_what_a_caller_claims_about_an_assignment_is_not_believed(
    district: cast.District, case: UUID
) -> None:
    officer = await cast.an_officer(district)
    forged = new_id()
    row = await fetch(
        f"INSERT INTO assignment ({COLUMNS}, decision, recorded_at, ended_at, ending)"
        " VALUES ($1, $2, 'lead', $3, $4, $5, '2020-01-01', '2020-01-02', 'released')"
        " RETURNING decision = $5, recorded_at = now(), ended_at, ending",
        case, officer, TODAY, UNTIL, forged,
    )  # fmt: skip
    assert tuple(row[0]) == (False, True, None, None)


CHANGES = {
    "another officer": "UPDATE assignment SET officer = (SELECT max(id::text)::uuid FROM officer) WHERE id = $1",
    "another role": "UPDATE assignment SET role = 'observer' WHERE id = $1",
    "another case": "UPDATE assignment SET case_file = NULL WHERE id = $1",
    "a longer time": "UPDATE assignment SET valid_to = valid_to + 1 WHERE id = $1",
    "an earlier beginning": "UPDATE assignment SET valid_from = valid_from - 1 WHERE id = $1",
    "another decision": "UPDATE assignment SET decision = NULL WHERE id = $1",
    "an end and more": "UPDATE assignment SET ended_at = now(), ending = 'released', role = 'observer' WHERE id = $1",
    "an end without a kind": "UPDATE assignment SET ended_at = now() WHERE id = $1",
    "nothing at all": "UPDATE assignment SET id = id WHERE id = $1",
    "a change on conflict": f"INSERT INTO assignment (id, {COLUMNS}) SELECT id, {COLUMNS} FROM assignment WHERE id = $1"
    " ON CONFLICT (id) DO UPDATE SET valid_to = '2099-01-01'",
    "a merged change": "MERGE INTO assignment a USING (SELECT $1::uuid AS id) n ON a.id = n.id"
    " WHEN MATCHED THEN UPDATE SET valid_to = '2099-01-01'",
    "a merged deletion": "MERGE INTO assignment a USING (SELECT $1::uuid AS id) n ON a.id = n.id WHEN MATCHED THEN DELETE",
    "a deletion": "DELETE FROM assignment WHERE id = $1",
    "a deletion inside a query": "WITH gone AS (DELETE FROM assignment WHERE id = $1 RETURNING id) SELECT * FROM gone",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_an_assignment_is_not_changed(change: str, assigned: UUID) -> None:
    await refused("assignment_only_ends", change, assigned)


async def test_an_ended_assignment_is_not_opened_again(assigned: UUID) -> None:
    await execute("UPDATE assignment SET ended_at = now(), ending = 'released' WHERE id = $1", assigned)
    for change in ("ended_at = NULL, ending = NULL", "ended_at = now()", "ending_reason = '另有原因'"):
        await refused("assignment_only_ends", f"UPDATE assignment SET {change} WHERE id = $1", assigned)


async def test_the_end_is_now_whatever_is_claimed(assigned: UUID) -> None:
    claimed = "UPDATE assignment SET ended_at = '2020-01-01', ending = 'released' WHERE id = $1 RETURNING ended_at = now()"
    assert await fetch_value(claimed, assigned) is True


@pytest.mark.parametrize(
    "emptied", ["assignment", "case_file CASCADE", "officer CASCADE", "unit CASCADE", "decision"]
)
async def test_nothing_is_emptied(emptied: str, assigned: UUID) -> None:
    await refused("log_is_append_only", f"TRUNCATE {emptied}", run=by_the_owner)


async def test_the_identity_of_a_case_or_a_person_does_not_move_under_an_assignment(
    assigned: UUID, case: UUID
) -> None:
    officer = await fetch_value("SELECT officer FROM assignment WHERE id = $1", assigned)
    await refused("assignment_only_ends", "UPDATE case_file SET id = gen_random_uuid() WHERE id = $1", case)
    with pytest.raises(asyncpg.RestrictViolationError):
        await execute("UPDATE officer SET id = gen_random_uuid() WHERE id = $1", officer)


@pytest.mark.parametrize("change", ["field = 'city'", "unit = parent.parent"])
async def test_a_case_is_not_corrected_to_what_its_handler_is_not_cleared_for(
    change: str, case: UUID, assigned: UUID, district: cast.District
) -> None:
    change = change.replace("parent.parent", f"'{district.other_bureau}'")
    await refused("not_cleared", f"UPDATE case_file SET {change} WHERE id = $1", case)


@pytest.mark.parametrize("column", ["field", "unit"])
async def test_a_case_always_has_its_field_and_unit(column: str, case: UUID) -> None:
    with pytest.raises(asyncpg.NotNullViolationError):
        await execute(f"UPDATE case_file SET {column} = NULL WHERE id = $1", case)


async def test_a_case_corrected_and_assigned_in_one_statement_meets_the_gate(
    district: cast.District, case: UUID
) -> None:
    officer = await cast.an_officer(district)
    both = (
        "WITH corrected AS (UPDATE case_file SET field = 'city' WHERE id = $1 RETURNING id)"
        f" INSERT INTO assignment ({COLUMNS}) SELECT id, $2, 'lead', $3::date, $4::date FROM corrected"
    )
    await refused("not_cleared", both, case, officer, TODAY, UNTIL)


async def test_nobody_joins_a_case_that_is_closed_or_does_not_exist(
    district: cast.District, case: UUID
) -> None:
    officer = await cast.an_officer(district)
    await execute("UPDATE case_file SET status = 'closed' WHERE id = $1", case)
    await refused("case_is_open", INSERTS["one row"], case, officer, TODAY, UNTIL)
    await refused("case_is_open", INSERTS["one row"], new_id(), officer, TODAY, UNTIL)
    await refused("case_is_open", INSERTS["one row"], None, officer, TODAY, UNTIL)
    await refused("officer_has_a_gate", INSERTS["one row"], case, None, TODAY, UNTIL)


FACTS = ("service", "establishment", "certificate", "posting", "officer_standing")


async def test_tables_of_somebodys_own_do_not_stand_in_for_the_real_ones(
    district: cast.District, case: UUID, stranger: UUID, db: str
) -> None:
    officer = await cast.an_officer(district)
    connection = await asyncpg.connect(db)
    await connection.execute("CREATE TEMP TABLE officer_gate AS SELECT * FROM public.officer_gate")
    for facts in FACTS:
        await connection.execute(f"CREATE TEMP TABLE {facts} AS SELECT * FROM public.{facts}")
        await connection.execute(f"UPDATE {facts} SET officer = $2 WHERE officer = $1", officer, stranger)
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await connection.execute(INSERTS["one row"], case, stranger, TODAY, UNTIL)
    await connection.close()
    assert refusal.value.constraint_name == "not_cleared"


async def test_operators_of_somebodys_own_do_not_stand_in_for_the_real_ones(
    district: cast.District, case: UUID, stranger: UUID, db: str
) -> None:
    """`standing_gaps` sets no search_path. What a session has planned with its own operators is planned anew for the guard."""
    connection = await asyncpg.connect(as_owner(db))
    await connection.execute("CREATE SCHEMA yes")
    for left, right in (("daterange", "datemultirange"), ("daterange", "daterange")):
        await connection.execute(
            f"CREATE FUNCTION yes.within({left}, {right}) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'"
        )
        await connection.execute(
            f"CREATE OPERATOR yes.<@ (FUNCTION = yes.within, LEFTARG = {left}, RIGHTARG = {right})"
        )
    await connection.execute("SET search_path = yes, public, pg_catalog")
    asked = "SELECT count(*) FROM standing_gaps(standing_of($1), role_needs('lead'), 'market', $2, '{}', daterange($3, $4))"
    fooled = [await connection.fetchval(asked, stranger, district.bureau, TODAY, UNTIL) for _turn in range(8)]
    assert max(fooled) < len(await cast.gap_codes(stranger, district.bureau, TODAY, UNTIL))
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await connection.execute(INSERTS["one row"], case, stranger, TODAY, UNTIL)
    await connection.close()
    assert refusal.value.constraint_name == "not_cleared"


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE assignment DISABLE TRIGGER c_cleared",
        "ALTER TABLE assignment DISABLE TRIGGER ALL",
        "DROP TRIGGER c_cleared ON assignment",
        "DROP TABLE decision",
        "TRUNCATE audit_entry",
        "CREATE OR REPLACE FUNCTION gate_rule_version() RETURNS text LANGUAGE sql RETURN 'none'",
        "CREATE OR REPLACE PROCEDURE take_turn(p_officer uuid) LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE TRIGGER a_first BEFORE INSERT ON assignment EXECUTE FUNCTION log_is_append_only()",
        "CREATE RULE others AS ON INSERT TO decision DO INSTEAD NOTHING",
        "CREATE FUNCTION standing_gaps() RETURNS text LANGUAGE sql RETURN ''",
        "CREATE SCHEMA mine",
        "ALTER TABLE assignment ENABLE ROW LEVEL SECURITY",
        "ALTER DATABASE {database} SET session_replication_role = replica",
        "SET session_replication_role = replica",
        "SET ROLE chizheng_owner",
    ],
)
async def test_the_service_has_no_hand_on_its_guards(statement: str, db: str) -> None:
    """What `chizheng psql` opens is the service's role: it reads and writes rows and owns nothing."""
    database = await fetch_value("SELECT quote_ident(current_database())")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(statement.format(database=database))


async def test_no_answer_is_not_a_yes(district: cast.District, case: UUID, db: str) -> None:
    officer = await cast.an_officer(district)
    connection = await asyncpg.connect(as_owner(db))
    changing = connection.transaction()
    await changing.start()
    await connection.execute(
        "CREATE OR REPLACE FUNCTION standing_gaps(standing officer_standing, needs text[], p_field text, p_unit uuid,"
        " here uuid[], asked daterange) RETURNS clearance_gap[] LANGUAGE plpgsql STABLE AS 'BEGIN RETURN NULL; END'"
    )
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await connection.execute(INSERTS["one row"], case, officer, TODAY, UNTIL)
    await changing.rollback()
    await connection.close()
    assert refusal.value.constraint_name == "gate_answers"


async def test_functions_of_somebodys_own_do_not_stand_in_for_the_real_ones(assigned: UUID, db: str) -> None:
    connection = await asyncpg.connect(as_owner(db))
    await connection.execute("CREATE SCHEMA mine")
    await connection.execute(
        "CREATE FUNCTION mine.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS 'SELECT jsonb_build_object()'"
    )
    await connection.execute("SET search_path = mine, public, pg_catalog")
    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute(
            "UPDATE assignment SET ended_at = now(), ending = 'released', role = 'observer' WHERE id = $1",
            assigned,
        )
    await connection.close()


@pytest.mark.parametrize("name", ["an end and more", "another officer", "a deletion", "a longer time"])
async def test_a_superuser_who_plays_replica_changes_no_assignment(
    name: str, assigned: UUID, db: str, server: EmbeddedPostgres
) -> None:
    refusal = await as_replica(server, db, CHANGES[name], assigned)
    assert refusal == "assignment_only_ends"


async def test_a_superuser_who_plays_replica_assigns_nobody_uncleared(
    case: UUID, stranger: UUID, db: str, server: EmbeddedPostgres
) -> None:
    assert await as_replica(server, db, INSERTS["one row"], case, stranger, TODAY, UNTIL) == "not_cleared"
    assert (
        await as_replica(server, db, INSERTS["one row"], case, new_id(), TODAY, UNTIL) == "officer_has_a_gate"
    )
    assert (
        await as_replica(server, db, INSERTS["one row"], new_id(), stranger, TODAY, UNTIL) == "case_is_open"
    )


async def test_a_superuser_who_plays_replica_corrects_no_case_away_from_its_handler(
    case: UUID, assigned: UUID, db: str, server: EmbeddedPostgres
) -> None:
    assert (
        await as_replica(server, db, "UPDATE case_file SET field = 'city' WHERE id = $1", case)
        == "not_cleared"
    )
