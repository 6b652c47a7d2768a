"""The audit log's own words for what was changed."""

import pytest

from chizheng.kernel import audit
from chizheng.kernel.access import SYSTEM, Role
from chizheng.kernel.db import fetch_value, transaction
from chizheng.service.audit.wording import told
from tests import cast
from tests.web import ClientFor


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"from": "2026-11-01", "to": "2026-11-22"}, ["自：2026-11-01", "至（含当日）：2026-11-21"]),
        ({"to": ["2026-11-22", "2027-01-01"]}, ["至（含当日）：2026-11-21 改为 2026-12-31"]),
        ({"to": None}, []),
    ],
)
def test_the_last_day_is_told_not_the_day_after(changes: dict[str, object], words: list[str]) -> None:
    assert told(changes, {}) == words


async def test_an_entry_is_headed_by_its_number(client_for: ClientFor, db: str) -> None:
    district = await cast.a_district("审计")
    async with transaction():
        await audit.record(SYSTEM, "posting.end", ("unit", district.root), {"to": "2026-11-22"})
    seq = await fetch_value("SELECT max(seq) FROM audit_entry")
    page = (await (await client_for(Role.AUDITOR, district.root)).get("/audit")).text
    assert f'<th scope="row" class="nowrap">第 {seq} 条</th>' in page
    assert "2026-11-22</span>" not in page
