"""What the benchmark runs on: the demo district, two people logged in, and pairs to assign."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from chizheng.kernel import clock
from chizheng.kernel.db import execute, execute_many, fetch, fetch_value
from chizheng.kernel.ids import new_id
from chizheng.service.database import opened
from chizheng.service.demo.logins import kept_logins
from chizheng.service.demo.seeding import seed_demo
from chizheng.service.sessions.rules import COOKIE
from chizheng.service.starter import start_directory
from tests.web import a_session

CASES = 150


class Stage(msgspec.Struct, frozen=True):
    """Cookies, people, and (case, officer) pairs that nobody has assigned yet."""

    cookie: str
    clerk_cookie: str
    bureau: UUID
    people: tuple[UUID, ...]
    pairs: tuple[tuple[UUID, UUID], ...]


async def build(address: str, home: Path) -> Stage:
    """The demo district, as `make demo` makes it."""
    today = clock.today()
    async with opened(address, 4):
        await start_directory()
        await seed_demo(kept_logins(home), today)
        bureau = await fetch_value("SELECT id FROM unit WHERE name = '湖塘镇综合行政执法局'")
        cleared = await fetch(
            "SELECT o.id FROM officer o WHERE NOT EXISTS (SELECT FROM clearance_gaps(o.id, 'co_handler', 'market', $1, $2, $3)"
            " WHERE hard)",
            bureau, today, today + timedelta(days=90),
        )  # fmt: skip
        cases = [new_id() for _ in range(CASES)]
        await execute_many(
            "INSERT INTO case_file (id, number, unit, field, title, opened_on, due_on)"
            " VALUES ($1, $2, $3, 'market', '测速', $4, $5)",
            [
                (case, f"测速{number}", bureau, today, today + timedelta(days=90))
                for number, case in enumerate(cases)
            ],
        )
        people = tuple(row["id"] for row in await fetch("SELECT id FROM officer ORDER BY id"))
        pairs = tuple((case, row["id"]) for case in cases for row in cleared)
        await execute("VACUUM ANALYZE")
        return Stage(await _cookie("jiandu"), await _cookie("hutangju"), bureau, people, pairs)


async def _cookie(username: str) -> str:
    account = await fetch_value("SELECT id FROM account WHERE username = $1", username)
    return f"{COOKIE}={await a_session(account)}"
