"""What the scheduled jobs do."""

from datetime import date
from typing import Any, Final

import msgspec

from chizheng.clearance.assignments.actions import stand_down_expired
from chizheng.kernel import clock
from chizheng.service.jobs.runs import Job
from chizheng.service.sessions.actions import sweep_sessions
from chizheng.service.settings import read_settings


async def sweep(today: date) -> dict[str, Any]:
    """The midnight sweep: whoever's clearance has run out by the clock stands down."""
    return dict(msgspec.to_builtins(await stand_down_expired(today)))


async def forget_sessions(_today: date) -> dict[str, Any]:
    """Deletes the sessions that have ended by themselves."""
    idle = read_settings().session_idle_minutes
    return {"deleted": await sweep_sessions(clock.now(), idle)}


SWEEP: Final = Job("sweep", sweep)
JOBS: Final = (SWEEP, Job("forget_sessions", forget_sessions))
