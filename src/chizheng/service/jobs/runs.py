"""Running a job once for each day, and making up for days on which nothing ran."""

import logging
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import msgspec

from chizheng.kernel import clock
from chizheng.kernel.db import execute, execute_many, fetch_value
from chizheng.kernel.ids import new_id

log = logging.getLogger(__name__)


class Job(msgspec.Struct, frozen=True):
    """Work due once each Shanghai day. It must be idempotent; what it returns is kept as the day's outcome."""

    name: str
    work: Callable[[date], Awaitable[dict[str, Any]]]


async def catch_up(job: Job, today: date) -> bool:
    """Does today's work unless it is done, and with it that of every day missed since the last finished run.

    The work looks at the present, so one run makes up for all missed days; each is recorded. A failure is
    logged and leaves the days open for the next attempt. Returns whether the job ran to its end.
    """
    last = await fetch_value(
        "SELECT max(day) FROM job_run WHERE job = $1 AND finished_at IS NOT NULL", job.name
    )
    if last is not None and last >= today:
        return False
    await _begin(job.name, today)
    try:
        outcome = await job.work(today)
    except Exception:
        log.exception("job %s failed for %s; it will be tried again", job.name, today)
        return False
    await _finish(job.name, missed_days(last, today), today, outcome)
    return True


def missed_days(last: date | None, today: date) -> list[date]:
    """The days before today without a finished run; none when the job has never run."""
    first = today if last is None else last + timedelta(days=1)
    return [first + timedelta(days=number) for number in range((today - first).days)]


async def _begin(name: str, day: date) -> None:
    await execute(
        "INSERT INTO job_run (id, job, day, started_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (job, day) DO UPDATE SET started_at = excluded.started_at WHERE job_run.finished_at IS NULL",
        new_id(),
        name,
        day,
        clock.now(),
    )


async def _finish(name: str, missed: list[date], today: date, outcome: dict[str, Any]) -> None:
    now = clock.now()
    made_up = {"made_up_on": today.isoformat()}
    await execute_many(
        "INSERT INTO job_run (id, job, day, started_at, finished_at, outcome) VALUES ($1, $2, $3, $4, $4, $5)"
        " ON CONFLICT (job, day) DO UPDATE SET finished_at = excluded.finished_at, outcome = excluded.outcome"
        " WHERE job_run.finished_at IS NULL",
        [(new_id(), name, day, now, made_up) for day in missed] + [(new_id(), name, today, now, outcome)],
    )
