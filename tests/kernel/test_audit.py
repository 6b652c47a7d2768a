"""The log shows every edit, deletion and reorder."""

import asyncpg
import pytest

from chizheng.kernel import audit
from chizheng.kernel.access import SYSTEM
from chizheng.kernel.audit.chain import Fault, verify
from chizheng.kernel.db import execute, transaction

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
            found = await verify()
            raise InterruptedError
    except InterruptedError:
        return found


async def test_an_untouched_log_is_whole_and_each_tampering_shows() -> None:
    await _write(6)
    assert await verify() == []
    assert await _tampered("UPDATE audit_entry SET changes = '{\"number\": 9}' WHERE seq = 2") == [
        Fault(2, "edited")
    ]
    assert await _tampered("DELETE FROM audit_entry WHERE seq = 3") == [Fault(3, "missing")]
    assert await _tampered("DELETE FROM audit_entry WHERE seq = 6") == [Fault(6, "tail cut")]
    assert await _tampered("UPDATE audit_head SET seq = 5") == [Fault(5, "head forged")]
    assert await _tampered("DELETE FROM audit_entry") == [Fault(1, "tail cut")]
    swapped = await _tampered(
        "UPDATE audit_entry a SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3);"
        "UPDATE audit_entry SET seq = -seq WHERE seq < 0"
    )
    assert {fault.seq for fault in swapped} >= {2, 3}


async def test_the_log_refuses_changes() -> None:
    await _write(1)
    for statement in ("UPDATE audit_entry SET who = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await execute(statement)


async def test_concurrent_writers_keep_one_chain() -> None:
    import asyncio

    await asyncio.gather(*(_write(5) for _ in range(4)))
    assert await verify() == []
