"""The gate and a naive oracle, asked the same about thousands of drawn histories."""

import asyncio
from collections import Counter

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.clearance import oracle
from tests.clearance.crowd import build_units
from tests.clearance.histories import History, histories, load
from tests.clearance.oracle import Gap

BATCH = 50
BATCHES = 102
CODES = {
    "question_unclear", "not_in_service", "not_in_establishment", "no_certificate", "certificate_not_started",
    "certificate_expired", "certificate_suspended", "certificate_cancelled", "certificate_lost", "certificate_revoked",
    "field_not_covered", "area_not_covered", "not_posted_here", "borrowed_out", "legal_qualification_missing",
}  # fmt: skip

ASK = """
SELECT q.n, g.code, g.hard, g.starts, g.ends
FROM unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::date[], $7::date[])
         AS q (n, officer, role, field, unit, since, until),
     clearance_gaps(q.officer, q.role, q.field, q.unit, q.since, q.until) g
"""


@pytest.fixture(scope="module", autouse=True)
def units(loop: asyncio.Runner, connection: asyncpg.Connection) -> None:
    loop.run(build_units(connection))


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_the_gate_finds_the_gaps_that_the_oracle_finds_in_five_thousand_histories(
    loop: asyncio.Runner, connection: asyncpg.Connection
) -> None:
    found: Counter[str] = Counter()

    @settings(
        max_examples=BATCHES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(drawn=st.lists(histories, min_size=BATCH, max_size=BATCH))
    def agree(drawn: list[History]) -> None:
        answers = loop.run(_answers(connection, drawn))
        for history, answer in zip(drawn, answers, strict=True):
            assert answer == _expected(history), history
            found.update(gap[0] for gap in answer)
        found["histories"] += len(drawn)
        found["cleared"] += answers.count(set())

    agree()
    assert found["histories"] >= 5000
    assert set(found) - {"histories", "cleared"} == CODES
    assert {name: count for name, count in found.items() if count < 50} == {}


def _expected(history: History) -> set[Gap]:
    q = history.question
    return oracle.gaps(history.facts, history.officer, q.role, q.field, q.unit, q.start, q.end)


async def _answers(connection: asyncpg.Connection, drawn: list[History]) -> list[set[Gap]]:
    """Everything in one transaction that is rolled back: facts cannot be deleted."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        await load(connection, drawn)
        rows = await connection.fetch(ASK, *map(list, zip(*_parameters(drawn), strict=True)))
    finally:
        await attempt.rollback()
    answers: list[set[Gap]] = [set() for _ in drawn]
    for number, code, hard, starts, ends in rows:
        assert hard == (code not in oracle.SOFT)
        answers[number].add((code, starts, ends))
    return answers


def _parameters(drawn: list[History]) -> list[tuple[object, ...]]:
    asked = [(history.officer, history.question) for history in drawn]
    return [(n, officer, q.role, q.field, q.unit, q.start, q.end) for n, (officer, q) in enumerate(asked)]
