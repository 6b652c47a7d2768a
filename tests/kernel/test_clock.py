"""Days are Shanghai days, whatever zone the server, the process or the database session is in."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from chizheng.kernel import clock
from chizheng.kernel.db import execute, fetch_value, transaction

ZONES = ("UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Shanghai")


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 20, 15, 59, 59, 999999, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(1991, 7, 1, 15, 0, tzinfo=UTC), date(1991, 7, 2)),  # summer time was kept until 1991
    ],
)
def test_a_day_begins_at_midnight_in_shanghai(instant: datetime, day: date) -> None:
    assert clock.shanghai_day(instant) == day


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        clock.shanghai_day(datetime(2026, 11, 21))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize("zone", ZONES)
def test_a_process_in_another_zone_has_the_same_today(zone: str) -> None:
    code = "from chizheng.kernel import clock; print(clock.today(), clock.now().utcoffset())"
    before = clock.today()
    said = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert date.fromisoformat(said[0]) in (before, clock.today())
    assert said[1] == "0:00:00"


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("zone", ZONES)
async def test_a_database_session_in_another_zone_has_the_same_today(zone: str) -> None:
    async with transaction():
        await execute(f"SET LOCAL TIME ZONE '{zone}'")
        instant = await fetch_value("SELECT now()")
        assert await fetch_value("SELECT shanghai_today()") == clock.shanghai_day(instant)


def test_now_is_an_aware_instant_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)
