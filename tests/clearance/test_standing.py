"""The officer's standing follows from the facts, whoever writes it and whenever."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from chizheng.kernel.db import execute, fetch_value
from chizheng.kernel.ids import new_id
from chizheng.service.database import REPEATABLE
from tests import cast
from tests.clearance.crowd import TODAY, UNTIL
from tests.conftest import by_the_owner

pytestmark = pytest.mark.usefixtures("db")

KEPT = "SELECT to_jsonb(s) FROM officer_standing s WHERE officer = $1"
TRUE = "SELECT to_jsonb(standing_of($1))"
FORGE = (
    "UPDATE officer_standing SET in_service = '{(,)}', in_establishment = '{(,)}', certified = '(,)', bars = '{}'"
    " WHERE officer = $1"
)
SUSPEND = (
    "INSERT INTO certificate_event (certificate, officer, verb, valid_from)"
    " SELECT series, officer, 'suspend', $2 FROM certificate WHERE officer = $1"
)


@pytest.fixture
async def officer(district: cast.District) -> UUID:
    return await cast.an_officer(district)


async def agrees(officer: UUID) -> bool:
    return bool(await fetch_value(KEPT, officer) == await fetch_value(TRUE, officer))


async def test_somebody_new_has_a_standing_without_anything() -> None:
    person = await cast.a_person()
    assert await fetch_value(KEPT, person) == {
        "officer": str(person), "in_service": "{}", "in_establishment": "{}", "legally_qualified": "{}",
        "certified": "empty", "certificates": [], "bars": [], "used": [], "facts": [],
    }  # fmt: skip


async def test_every_fact_changes_it_and_every_fact_taken_back_changes_it_back(
    officer: UUID, district: cast.District
) -> None:
    seen = [await fetch_value(KEPT, officer)]
    series = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    await cast.happened(officer, series, "suspend", TODAY, UNTIL)
    seen.append(await fetch_value(KEPT, officer))
    await execute("INSERT INTO legal_qualification (officer, valid_from) VALUES ($1, $2)", officer, TODAY)
    seen.append(await fetch_value(KEPT, officer))
    for table in (
        "posting",
        "service",
        "establishment",
        "certificate_event",
        "certificate",
        "legal_qualification",
    ):
        await execute(f"UPDATE {table} SET superseded_at = now() WHERE officer = $1", officer)
        seen.append(await fetch_value(KEPT, officer))
        assert await agrees(officer)
    assert len({str(one) for one in seen}) == len(seen)
    assert seen[-1] == {**seen[-1], "in_service": "{}", "certified": "empty", "used": [], "bars": []}


async def test_written_by_hand_it_says_what_the_facts_say(officer: UUID) -> None:
    await execute(SUSPEND, officer, TODAY)
    before = await fetch_value(KEPT, officer)
    await execute(FORGE, officer)
    assert await fetch_value(KEPT, officer) == before
    other = await cast.a_person()
    with pytest.raises(asyncpg.UniqueViolationError):
        await execute("UPDATE officer_standing SET officer = $2 WHERE officer = $1", officer, other)


async def test_it_is_not_taken_away(officer: UUID) -> None:
    with pytest.raises(asyncpg.RestrictViolationError):
        await execute("DELETE FROM officer_standing WHERE officer = $1", officer)
    with pytest.raises(asyncpg.RestrictViolationError):
        await by_the_owner("TRUNCATE officer_standing")


async def test_without_the_row_the_gate_asks_the_facts(officer: UUID, district: cast.District) -> None:
    await _with_the_guard_off("DELETE FROM officer_standing WHERE officer = $1", officer)
    assert await cast.gap_codes(officer, district.bureau, TODAY, UNTIL) == []
    await execute(SUSPEND, officer, TODAY)
    assert await cast.gap_codes(officer, district.bureau, TODAY, UNTIL) == ["certificate_suspended"]


async def test_nobody_knows_a_stranger(district: cast.District) -> None:
    assert await cast.gap_codes(new_id(), district.bureau, TODAY, UNTIL) == [
        "no_certificate", "not_in_establishment", "not_in_service", "not_posted_here",
    ]  # fmt: skip


@pytest.mark.parametrize("first", ["the fact", "the hand"])
async def test_a_hand_beside_a_fact_leaves_what_the_facts_say(officer: UUID, first: str, db: str) -> None:
    """Whoever comes second waits for the first and writes what is true by then."""
    writes = {"the fact": (SUSPEND, officer, TODAY), "the hand": (FORGE, officer)}
    one, other = await asyncpg.connect(db), await asyncpg.connect(db)
    begun = one.transaction()
    await begun.start()
    await one.execute(*writes.pop(first))
    waiting = asyncio.create_task(other.execute(*writes.popitem()[1]))
    await _until_blocked(other.get_server_pid())
    await begun.commit()
    await waiting
    await one.close()
    await other.close()
    assert await agrees(officer)
    assert len((await fetch_value(KEPT, officer))["bars"]) == 1


async def test_a_new_wording_puts_it_together_anew(officer: UUID) -> None:
    await _with_the_guard_off(FORGE, officer)
    assert not await agrees(officer)
    text = next(file.path for file in REPEATABLE if file.name == "personnel").read_text()
    await by_the_owner(text[text.index("UPDATE officer_standing s SET officer = s.officer") :])
    assert await agrees(officer)


async def _with_the_guard_off(sql: str, officer: UUID) -> None:
    await by_the_owner("ALTER TABLE officer_standing DISABLE TRIGGER a_derived")
    await execute(sql, officer)
    await by_the_owner("ALTER TABLE officer_standing ENABLE ALWAYS TRIGGER a_derived")


async def _until_blocked(pid: int) -> None:
    for _look in range(5000):
        if await fetch_value("SELECT cardinality(pg_blocking_pids($1)) > 0", pid):
            return
    pytest.fail("the second did not wait for the first")
