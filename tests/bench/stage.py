"""What the benchmark runs on: the demo district, two people logged in, and pairs to assign."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from chizheng.kernel import clock
from chizheng.kernel.db import execute, execute_many, fetch, fetch_value
from chizheng.kernel.ids import new_id
from chizheng.service.database import Address, opened
from chizheng.service.demo.logins import kept_logins
from chizheng.service.demo.seeding import seed_demo
from chizheng.service.sessions.rules import COOKIE
from chizheng.service.starter import start_directory
from tests.web import a_session

CASES = 150
# Each officer with the bureau (or home team) that uses them, or did last, and their own field.
QUESTIONS = """
SELECT DISTINCT ON (o.id) o.id, COALESCE(bureau.id, p.user_unit), o.field
FROM officer o JOIN standing_posting p ON p.officer = o.id
     LEFT JOIN (unit_ancestor a JOIN unit bureau ON bureau.id = a.ancestor AND bureau.kind = 'bureau') ON a.unit = p.user_unit
WHERE o.field IS NOT NULL ORDER BY o.id, p.kind IN ('exchange', 'borrowing'), p.valid_from DESC"""


class Stage(msgspec.Struct, frozen=True):
    """Cookies, the questions of an ordinary morning (officer, their bureau, their field), and pairs to assign."""

    cookie: str
    clerk_cookie: str
    questions: tuple[tuple[UUID, UUID, str], ...]
    pairs: tuple[tuple[UUID, UUID], ...]


async def build(address: Address, home: Path) -> Stage:
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
        questions = tuple(tuple(row) for row in await fetch(QUESTIONS))
        pairs = tuple((case, row["id"]) for case in cases for row in cleared)
        await execute("VACUUM ANALYZE")
        return Stage(await _cookie("jiandu"), await _cookie("hutangju"), questions, pairs)


async def _cookie(username: str) -> str:
    account = await fetch_value("SELECT id FROM account WHERE username = $1", username)
    return f"{COOKIE}={await a_session(account)}"
