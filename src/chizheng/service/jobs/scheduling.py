"""The jobs of this installation, and the clock that drives them in the worker that leads."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from chizheng.kernel import clock
from chizheng.service.jobs.leader import stand_for_leader
from chizheng.service.jobs.runs import Job, catch_up
from chizheng.service.jobs.work import JOBS

log = logging.getLogger(__name__)


@asynccontextmanager
async def standing_for_leader(address: str) -> AsyncIterator[None]:
    """For the length of the block this worker runs the jobs, unless another one does. The pool must be open."""
    standing = asyncio.create_task(stand_for_leader(address, scheduled))
    try:
        yield
    finally:
        standing.cancel()
        with suppress(asyncio.CancelledError):
            await standing


@asynccontextmanager
async def scheduled(jobs: Sequence[Job] = JOBS) -> AsyncIterator[None]:
    """Runs what is due: now, five seconds after midnight, and every ten minutes for what was missed or failed."""
    scheduler = AsyncIOScheduler(timezone=clock.SHANGHAI)
    scheduler.add_job(
        run_due,
        CronTrigger(minute="*/10", second=5, timezone=clock.SHANGHAI),
        args=[jobs],
        next_run_time=clock.now(),
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,  # late is better than not at all
    )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)  # cancels a job in flight: its transaction rolls back
        await asyncio.sleep(0)  # the scheduler carries that out in the loop's next turn


async def run_due(jobs: Sequence[Job]) -> list[str]:
    """Every job that has not had its run today; the names of those that ran to their end."""
    return [job.name for job in jobs if await _ran(job)]


async def _ran(job: Job) -> bool:
    """One job's trouble, even with its own records, does not keep the next from running."""
    try:
        return await catch_up(job, clock.today())
    except Exception:
        log.exception("job %s could not be looked at", job.name)
        return False
