"""Standing down: when it happens, when it does not, and what it must not collide with."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from chizheng.kernel.db import execute, fetch_one, fetch_value, transaction
from chizheng.kernel.ids import new_id
from tests import cast
from tests.clearance.crowd import TODAY, UNTIL

pytestmark = pytest.mark.usefixtures("db")

DAY = timedelta(days=1)
RELEASE = "UPDATE assignment SET ended_at = now(), ending = 'released' WHERE id = $1"
SUSPEND = "INSERT INTO certificate_event (certificate, officer, verb, valid_from) SELECT series, officer, 'suspend', $2"
SUSPEND += " FROM certificate WHERE officer = $1"
STANDING = "SELECT ended_at IS NULL FROM assignment WHERE id = $1"


@pytest.fixture
async def officer(district: cast.District) -> UUID:
    return await cast.an_officer(district)


@pytest.fixture
async def case(district: cast.District) -> UUID:
    return await cast.a_case(district, TODAY)


@pytest.fixture
async def assigned(officer: UUID, case: UUID) -> UUID:
    return await cast.assign(case, officer, TODAY, UNTIL)


@pytest.fixture
async def other(db: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else's connection."""
    connection = await asyncpg.connect(db)
    yield connection
    await connection.close()


async def waits(task: "asyncio.Task[object]", pid: int) -> bool:
    """Whether the statement came to wait for a lock before it ended."""
    while not task.done():
        if await fetch_value("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            return True
    return False


async def test_an_assignment_to_come_ends_if_its_first_day_is_barred(officer: UUID, case: UUID) -> None:
    later = await cast.assign(case, officer, TODAY + 10 * DAY, UNTIL)
    await execute(SUSPEND, officer, TODAY + 10 * DAY)
    assert await fetch_value(STANDING, later) is False


async def test_an_assignment_to_come_stands_if_the_bar_ends_before_it(officer: UUID, case: UUID) -> None:
    later = await cast.assign(case, officer, TODAY + 10 * DAY, UNTIL)
    series = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    await cast.happened(officer, series, "suspend", TODAY, TODAY + 10 * DAY)
    assert await fetch_value(STANDING, later) is True


async def test_what_is_over_stays_as_it_was(officer: UUID, case: UUID) -> None:
    past = await cast.assign(case, officer, TODAY - 10 * DAY, TODAY)
    await execute(SUSPEND, officer, TODAY - 20 * DAY)
    assert await fetch_value(STANDING, past) is True


async def test_the_last_day_counts(officer: UUID, case: UUID) -> None:
    last = await cast.assign(case, officer, TODAY - 10 * DAY, TODAY + DAY)
    await execute(SUSPEND, officer, TODAY)
    assert await fetch_value(STANDING, last) is False


async def test_an_observer_does_not_lean_on_a_certificate(officer: UUID, case: UUID) -> None:
    watching = await cast.assign(case, officer, TODAY, UNTIL, "observer")
    await execute(SUSPEND, officer, TODAY)
    assert await fetch_value(STANDING, watching) is True
    await execute("UPDATE service SET superseded_at = now() WHERE officer = $1", officer)
    assert await fetch_value(STANDING, watching) is False


async def test_standing_down_is_a_decision_with_its_gaps(officer: UUID, assigned: UUID) -> None:
    await execute(SUSPEND, officer, TODAY)
    row = await fetch_one(
        "SELECT d.kind, d.allowed, d.valid_from, d.valid_to, d.gaps FROM assignment a"
        " JOIN decision d ON d.id = a.ending_decision WHERE a.id = $1",
        assigned,
    )
    assert tuple(row)[:4] == ("stand_down", False, TODAY, UNTIL)
    assert [gap["code"] for gap in row["gaps"]] == ["certificate_suspended"]


async def test_a_correction_that_ends_an_assignment_names_who_corrected(
    officer: UUID, assigned: UUID
) -> None:
    corrector = new_id()
    async with transaction():
        await execute("UPDATE service SET superseded_at = now() WHERE officer = $1", officer)
        await execute(
            "INSERT INTO service (series, officer, status, valid_from, valid_to, recorded_by)"
            " SELECT series, officer, status, valid_from, $2, $3 FROM service WHERE officer = $1",
            officer, TODAY, corrector,
        )  # fmt: skip
    assert await fetch_value("SELECT ended_by FROM assignment WHERE id = $1", assigned) == corrector


async def test_constraints_set_immediate_stand_down_between_two_writes(officer: UUID, assigned: UUID) -> None:
    async with transaction():
        await execute("SET CONSTRAINTS ALL IMMEDIATE")
        await execute("UPDATE service SET superseded_at = now() WHERE officer = $1", officer)
        assert await fetch_value(STANDING, assigned) is False


async def test_a_fact_rolled_back_to_a_savepoint_clears_nobody(
    district: cast.District, other: asyncpg.Connection
) -> None:
    officer, case = await cast.an_officer(district), await cast.a_case(district, TODAY)
    await execute("UPDATE service SET superseded_at = now() WHERE officer = $1", officer)
    await other.execute("BEGIN; SAVEPOINT before")
    await other.execute(
        "INSERT INTO service (officer, status, valid_from) VALUES ($1, 'active', '2020-01-01')", officer
    )
    await other.execute("ROLLBACK TO before")
    with pytest.raises(asyncpg.CheckViolationError):
        await other.execute(
            "INSERT INTO assignment (case_file, officer, role, valid_from, valid_to) VALUES ($1, $2, 'lead', $3, $4)",
            case, officer, TODAY, UNTIL,
        )  # fmt: skip


async def test_a_suspension_waits_for_a_release_and_then_has_nothing_to_end(
    officer: UUID, assigned: UUID, other: asyncpg.Connection, db: str
) -> None:
    releasing = await asyncpg.connect(db)
    await releasing.execute("BEGIN")
    await releasing.execute(RELEASE, assigned)
    suspending = asyncio.create_task(other.execute(SUSPEND, officer, TODAY))
    assert await waits(suspending, other.get_server_pid())
    await releasing.execute("COMMIT")
    await releasing.close()
    await suspending
    row = await fetch_one("SELECT ending, ending_decision FROM assignment WHERE id = $1", assigned)
    assert tuple(row) == ("released", None)
    assert (
        await fetch_value("SELECT count(*) FROM decision WHERE officer = $1 AND kind = 'stand_down'", officer)
        == 0
    )


async def test_the_nightly_sweep_waits_for_a_fact_that_is_being_written(
    officer: UUID, assigned: UUID, other: asyncpg.Connection
) -> None:
    tomorrow = TODAY + DAY
    await other.execute("BEGIN")
    await other.execute(SUSPEND, officer, tomorrow)
    sweep = asyncio.create_task(fetch_value("SELECT stand_down($1, $2, NULL)", officer, tomorrow))
    holder = other.get_server_pid()
    blocked = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1::int = ANY (pg_blocking_pids(pid)))"
    while not sweep.done() and not await fetch_value(blocked, holder):
        pass
    assert not sweep.done()
    await other.execute("COMMIT")
    assert await sweep == 1
    assert await fetch_value(STANDING, assigned) is False


async def test_a_suspension_that_cannot_stand_people_down_is_not_recorded(
    officer: UUID, assigned: UUID, other: asyncpg.Connection
) -> None:
    """Somebody holds the assignment for too long: the commit gives up, and with it the whole suspension."""
    async with transaction():
        await execute("SELECT FROM assignment WHERE id = $1 FOR UPDATE", assigned)
        await other.execute("BEGIN; SET LOCAL lock_timeout = '1ms'")
        await other.execute(SUSPEND, officer, TODAY)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await other.execute("COMMIT")
    assert await fetch_value("SELECT count(*) FROM certificate_event WHERE officer = $1", officer) == 0
    assert await fetch_value(STANDING, assigned) is True


async def test_a_refusal_is_kept_under_the_officers_turn(
    officer: UUID, case: UUID, other: asyncpg.Connection, db: str
) -> None:
    """Its gaps and its facts are those of one moment: whoever changes a fact waits until the refusal is kept."""
    await execute(SUSPEND, officer, TODAY)
    refusing = await asyncpg.connect(db)
    await refusing.execute("BEGIN")
    told = await refusing.fetchrow(
        "SELECT assignment, decision FROM assign_officer($1, $2, 'lead', $3, $4, NULL, 'test')",
        case, officer, TODAY, UNTIL,
    )  # fmt: skip
    assert (told["assignment"], told["decision"] is None) == (None, False)
    healing = asyncio.create_task(
        other.execute("UPDATE certificate_event SET superseded_at = now() WHERE officer = $1", officer)
    )
    assert await waits(healing, other.get_server_pid())
    await refusing.execute("COMMIT")
    await refusing.close()
    await healing
