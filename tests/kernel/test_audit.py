"""The log shows every edit, deletion and reorder."""

import asyncpg
import pytest

from chizheng.kernel import audit
from chizheng.kernel.access import SYSTEM
from chizheng.kernel.audit.chain import Fault, verify
from chizheng.kernel.db import execute, fetch_value, transaction

pytestmark = pytest.mark.usefixtures("owner_db")


async def _write(count: int) -> None:
    for number in range(count):
        async with transaction():
            await audit.record(SYSTEM, "test.write", ("nothing", None), {"number": number})


async def _tampered(statement: str) -> list[Fault]:
    """What verify finds after somebody with full rights ran the statement; undone afterwards."""
    found: list[Fault] = []
    try:
        async with transaction():
            await execute("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
            await execute(statement)
            found = await verify(used=True)
            raise InterruptedError
    except InterruptedError:
        return found


async def test_an_untouched_log_is_whole_and_each_tampering_shows() -> None:
    await _write(6)
    assert await verify(used=True) == []
    assert await _tampered("UPDATE audit_entry SET changes = '{\"number\": 9}' WHERE seq = 2") == [
        Fault(2, "edited")
    ]
    assert await _tampered("DELETE FROM audit_entry WHERE seq = 3") == [Fault(3, "missing")]
    assert await _tampered("DELETE FROM audit_entry WHERE seq = 6") == [Fault(6, "tail cut")]
    assert await _tampered("UPDATE audit_head SET seq = 5") == [Fault(5, "head forged")]
    assert await _tampered("DELETE FROM audit_entry") == [Fault(1, "tail cut")]
    assert await _tampered("DELETE FROM audit_entry; DELETE FROM audit_head") == [Fault(0, "head forged")]
    slipped_in = "ALTER TABLE audit_entry DROP CONSTRAINT audit_begins_at_one; INSERT INTO audit_entry (seq, who) VALUES (0, 'x')"
    assert Fault(1, "missing") in await _tampered(slipped_in)
    swapped = await _tampered(
        "UPDATE audit_entry a SET seq = CASE seq WHEN 2 THEN 93 ELSE 92 END WHERE seq IN (2, 3);"
        "UPDATE audit_entry SET seq = seq - 90 WHERE seq > 90"
    )
    assert {fault.seq for fault in swapped} >= {2, 3}


async def test_numbers_of_people_are_not_kept_whole() -> None:
    changes = {
        "reason": "当事人张三320412198808081236，电话13812345678", "number": "13812345678", "rows": 3,
        "officers": [{"note": "32041219880808123X"}], "sha256": "320412198808081236ab",
    }  # fmt: skip
    async with transaction():
        await audit.record(SYSTEM, "test.write", ("nothing", None), changes)
    assert await fetch_value("SELECT changes FROM audit_entry ORDER BY seq DESC LIMIT 1") == {
        "reason": "当事人张三3204**********1236，电话138****5678", "number": "13812345678", "rows": 3,
        "officers": [{"note": "3204**********123X"}], "sha256": "320412198808081236ab",
    }  # fmt: skip


async def test_the_log_refuses_changes() -> None:
    await _write(1)
    for statement in ("UPDATE audit_entry SET who = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await execute(statement)


async def test_concurrent_writers_keep_one_chain() -> None:
    import asyncio

    await asyncio.gather(*(_write(5) for _ in range(4)))
    assert await verify(used=True) == []
