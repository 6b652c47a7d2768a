"""One worker leads and runs the jobs; each job runs once a day and makes up for days it missed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from chizheng.kernel import clock
from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.service.jobs.leader import stand_for_leader
from chizheng.service.jobs.runs import Job, catch_up, missed_days
from chizheng.service.jobs.scheduling import run_due, scheduled
from chizheng.service.jobs.work import SWEEP, forget_sessions
from tests import cast

TODAY = date(2026, 11, 21)


class Ledger:
    """A job that notes the days it worked, and fails when told to."""

    def __init__(self, name: str) -> None:
        self.days: list[date] = []
        self.failing = False
        self.worked = asyncio.Event()
        self.job = Job(name, self.work)

    async def work(self, day: date) -> dict[str, Any]:
        if self.failing:
            raise RuntimeError("out of luck")
        self.days.append(day)
        self.worked.set()
        return {"done": 1}


@pytest.fixture
async def ledger(db: str, request: pytest.FixtureRequest) -> Ledger:
    return Ledger(request.node.name[:50])


async def runs_of(ledger: Ledger) -> list[tuple[date, Any]]:
    rows = await fetch("SELECT day, outcome FROM job_run WHERE job = $1 ORDER BY day", ledger.job.name)
    return [(row["day"], row["outcome"]) for row in rows]


async def test_a_job_runs_once_a_day(ledger: Ledger) -> None:
    assert [await catch_up(ledger.job, TODAY), await catch_up(ledger.job, TODAY)] == [True, False]
    assert ledger.days == [TODAY]
    assert await runs_of(ledger) == [(TODAY, {"done": 1})]


async def test_three_days_of_downtime_are_made_up_by_one_run(ledger: Ledger) -> None:
    await catch_up(ledger.job, TODAY - timedelta(days=4))
    await catch_up(ledger.job, TODAY)
    made_up = {"made_up_on": "2026-11-21"}
    assert ledger.days == [TODAY - timedelta(days=4), TODAY]
    assert await runs_of(ledger) == [
        (TODAY - timedelta(days=4), {"done": 1}),
        (TODAY - timedelta(days=3), made_up),
        (TODAY - timedelta(days=2), made_up),
        (TODAY - timedelta(days=1), made_up),
        (TODAY, {"done": 1}),
    ]


def test_a_job_that_never_ran_has_missed_nothing() -> None:
    assert missed_days(None, TODAY) == []


async def test_a_failure_is_logged_and_tried_again(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    ledger.failing = True
    assert not await catch_up(ledger.job, TODAY)
    assert "will be tried again" in caplog.text
    assert await runs_of(ledger) == [(TODAY, None)]
    ledger.failing = False
    assert await catch_up(ledger.job, TODAY)
    assert await runs_of(ledger) == [(TODAY, {"done": 1})]


async def test_one_failing_job_does_not_keep_the_others_from_running(ledger: Ledger) -> None:
    broken = Ledger("broken")
    broken.failing = True
    assert await run_due([broken.job, ledger.job]) == [ledger.job.name]


async def test_what_is_due_runs_as_soon_as_a_worker_leads(ledger: Ledger) -> None:
    async with scheduled([ledger.job]):
        await asyncio.wait_for(ledger.worked.wait(), 10)
    assert ledger.days == [clock.today()]


async def test_the_sweep_ends_what_the_clock_has_ended(db: str) -> None:
    """A suspension from tomorrow on leaves today alone; tomorrow nobody writes a fact, only the sweep notices."""
    today, tomorrow = clock.today(), clock.today() + timedelta(days=1)
    district = await cast.a_district("清理")
    officer = await cast.an_officer(district)
    case = await cast.a_case(district, today)
    assignment = await cast.assign(case, officer, today, today + timedelta(days=30))
    certificate = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    await cast.happened(officer, certificate, "suspend", tomorrow)
    assert await fetch_value("SELECT ending FROM assignment WHERE id = $1", assignment) is None
    assert await catch_up(SWEEP, tomorrow)
    assert await fetch_value("SELECT ending FROM assignment WHERE id = $1", assignment) == "stood_down"
    outcome = await fetch_value("SELECT outcome FROM job_run WHERE job = 'sweep' AND day = $1", tomorrow)
    assert outcome["stood_down"] == 1


async def test_sessions_past_their_limit_are_forgotten(db: str) -> None:
    account = await fetch_value(
        "INSERT INTO account (username, name, password_hash) VALUES ('sessions', '', '') RETURNING id"
    )
    now = clock.now()
    for token, end in ((b"old", now - timedelta(seconds=1)), (b"new", now + timedelta(hours=1))):
        await execute(
            "INSERT INTO session (token_hash, account, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
            token, account, now, end,
        )  # fmt: skip
    assert await forget_sessions(clock.today()) == {"deleted": 1}
    assert [row[0] for row in await fetch("SELECT token_hash FROM session WHERE account = $1", account)] == [
        b"new"
    ]


class Worker:
    """A candidate whose terms are told as events; `step` lets it make its next attempt or heartbeat."""

    def __init__(self, address: str) -> None:
        self.began, self.ended, self.waits = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._go = asyncio.Semaphore(0)
        self.task = asyncio.create_task(stand_for_leader(address, self._duty, self._pause))

    def step(self) -> None:
        self.waits.clear()
        self._go.release()

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    @asynccontextmanager
    async def _duty(self) -> AsyncIterator[None]:
        self.began.set()
        yield
        self.ended.set()

    async def _pause(self) -> None:
        self.waits.set()
        await self._go.acquire()


@pytest.fixture
async def candidate(db: str) -> AsyncIterator[Callable[[], Worker]]:
    workers: list[Worker] = []

    def stand() -> Worker:
        workers.append(Worker(db))
        return workers[-1]

    yield stand
    for worker in workers:
        await worker.stop()


async def happens(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), 10)


async def test_of_two_workers_one_leads(candidate: Callable[[], Worker]) -> None:
    first = candidate()
    await happens(first.began)
    second = candidate()
    await happens(second.waits)
    second.step()
    await happens(second.waits)
    assert (first.began.is_set(), second.began.is_set()) == (True, False)


async def test_when_the_leaders_connection_is_cut_it_stops_and_the_other_takes_over(
    candidate: Callable[[], Worker],
) -> None:
    first = candidate()
    await happens(first.began)
    second = candidate()
    await happens(second.waits)
    cut = "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
    await execute(f"{cut} WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()")
    await happens(first.ended)
    second.step()
    await happens(second.began)


async def test_a_worker_without_a_database_keeps_trying(tmp_path: Any) -> None:
    lonely = Worker(f"postgresql://chizheng@/none?host={tmp_path}")
    await happens(lonely.waits)
    lonely.step()
    await happens(lonely.waits)
    assert not lonely.task.done()
    await lonely.stop()
