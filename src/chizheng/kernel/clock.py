"""The one place that reads the clock; everything else takes `now` or `today` as an argument.

Days are Asia/Shanghai days whatever the server's zone: a certificate ends at midnight there.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in Shanghai."""
    return datetime.now(SHANGHAI).date()


def shanghai_day(instant: datetime) -> date:
    """The Shanghai day an aware instant falls on; ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(SHANGHAI).date()


def shanghai_time(instant: datetime) -> datetime:
    """The same instant as a Shanghai wall clock shows it."""
    return instant.astimezone(SHANGHAI)
