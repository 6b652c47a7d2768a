"""Posting people and ending postings, on the real database."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from chizheng.kernel import clock
from chizheng.kernel.db import fetch, fetch_value
from chizheng.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from chizheng.kernel.ids import new_id
from personnel.postings.actions import (
    NewPosting,
    cancel_before_start,
    end_posting,
    extend_posting,
    post_down,
)
from personnel.postings.rules import Kind
from tests import cast
from tests.personnel.actors import bureau_clerk, personnel_office

TODAY = clock.today()
YESTERDAY = TODAY - timedelta(days=1)
TOMORROW = TODAY + timedelta(days=1)
NEXT_MONTH = TODAY + timedelta(days=30)

pytestmark = pytest.mark.usefixtures("db")


def a_posting(district: cast.District, start: date = TODAY, **changes: object) -> NewPosting:
    values: dict = {
        "kind": Kind.SECONDMENT, "owner": district.team, "manager": district.town, "user": district.squad,
        "start": start, "document_no": "人社〔2026〕9号",
    } | changes  # fmt: skip
    return NewPosting(**values)


async def live(officer: UUID) -> list[tuple]:
    rows = await fetch(
        "SELECT user_unit, valid_from, valid_to FROM posting WHERE officer = $1 AND superseded_at IS NULL"
        " ORDER BY valid_from, kind",
        officer,
    )
    return [tuple(row) for row in rows]


async def posting_of(officer: UUID) -> UUID:
    return await fetch_value(
        "SELECT series FROM posting WHERE officer = $1 AND superseded_at IS NULL", officer
    )


async def test_a_posting_clears_for_its_unit(district: cast.District) -> None:
    officer = await cast.a_person()
    await cast.serves(officer)
    await cast.established(officer)
    await cast.certified(officer, district.root)
    await post_down(personnel_office(district), officer, a_posting(district), TODAY)
    assert await live(officer) == [(district.squad, TODAY, None)]
    assert await cast.gap_codes(officer, district.bureau, TODAY) == []


async def test_a_second_primary_posting_is_refused_unless_it_comes_instead(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    elsewhere = a_posting(district, NEXT_MONTH, manager=district.other_town, user=district.other_bureau)
    with pytest.raises(Conflict) as refusal:
        await post_down(personnel_office(district), officer, elsewhere, TODAY)
    assert refusal.value.code == "posting_overlap"
    instead = a_posting(
        district, NEXT_MONTH, manager=district.other_town, user=district.other_bureau, instead=True
    )
    await post_down(personnel_office(district), officer, instead, TODAY)
    assert await live(officer) == [
        (district.squad, cast.LONG_AGO, NEXT_MONTH),
        (district.other_bureau, NEXT_MONTH, None),
    ]


async def test_an_exchange_leaves_the_primary_posting_as_it_is(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    exchange = a_posting(
        district,
        kind=Kind.EXCHANGE,
        manager=district.other_town,
        user=district.other_bureau,
        until=NEXT_MONTH,
    )
    await post_down(personnel_office(district), officer, exchange, TODAY)
    assert await live(officer) == [
        (district.squad, cast.LONG_AGO, None),
        (district.other_bureau, TODAY, NEXT_MONTH),
    ]
    assert await cast.gap_codes(officer, district.bureau, TODAY) == []


async def test_an_ended_posting_stands_down_and_keeps_its_history(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    await cast.assign(await cast.a_case(district, TODAY), officer, TODAY, NEXT_MONTH)
    posting = await posting_of(officer)
    change = await end_posting(personnel_office(district), posting, on=TODAY, reason="轮岗", today=TODAY)
    assert await live(officer) == [(district.squad, cast.LONG_AGO, TODAY)]
    versions = await fetch("SELECT valid_to FROM posting WHERE series = $1 ORDER BY recorded_at", posting)
    assert [row["valid_to"] for row in versions] == [None, TODAY]
    ended = await fetch(
        "SELECT ending FROM assignment WHERE officer = $1 AND ended_at = $2", officer, change.at
    )
    assert [row["ending"] for row in ended] == ["stood_down"]


async def test_a_posting_ended_ahead_keeps_clearing_until_then(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    await end_posting(
        personnel_office(district), await posting_of(officer), on=NEXT_MONTH, reason="轮岗", today=TODAY
    )
    assert await cast.gap_codes(officer, district.bureau, NEXT_MONTH - timedelta(days=1)) == []
    assert await cast.gap_codes(officer, district.bureau, NEXT_MONTH) == ["not_posted_here"]


async def test_a_posting_does_not_end_twice_or_before_it_began(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    posting = await posting_of(officer)
    actor = personnel_office(district)
    await end_posting(actor, posting, on=TODAY, reason="轮岗", today=TODAY)
    for on, code in ((TOMORROW, "posting_ends_earlier"), (cast.LONG_AGO, "posting_not_begun")):
        with pytest.raises(Conflict) as refusal:
            await end_posting(actor, posting, on=on, reason="轮岗", today=TODAY)
        assert refusal.value.code == code


async def test_ending_asks_for_a_reason(district: cast.District) -> None:
    posting = await posting_of(await cast.an_officer(district))
    with pytest.raises(Invalid) as refusal:
        await end_posting(personnel_office(district), posting, on=TODAY, reason=" ", today=TODAY)
    assert refusal.value.errors == {"reason": "请填写"}


async def test_only_what_has_not_begun_is_taken_back(district: cast.District) -> None:
    actor = personnel_office(district)
    officer = await cast.a_person()
    ahead = (await post_down(actor, officer, a_posting(district, TOMORROW), TODAY)).id
    await cancel_before_start(actor, ahead, reason="取消安排", today=TODAY)
    assert await live(officer) == []
    begun = (await post_down(actor, officer, a_posting(district), TODAY)).id
    with pytest.raises(Conflict) as refusal:
        await cancel_before_start(actor, begun, reason="取消安排", today=TODAY)
    assert refusal.value.code == "posting_begun"


async def test_an_end_moves_further_off_but_not_into_the_next_posting(district: cast.District) -> None:
    actor = personnel_office(district)
    officer = await cast.a_person()
    first = (await post_down(actor, officer, a_posting(district, until=TOMORROW), TODAY)).id
    await post_down(actor, officer, a_posting(district, NEXT_MONTH), TODAY)
    await extend_posting(actor, first, until=NEXT_MONTH, reason="延期", today=TODAY)
    assert await live(officer) == [(district.squad, TODAY, NEXT_MONTH), (district.squad, NEXT_MONTH, None)]
    with pytest.raises(Conflict) as refusal:
        await extend_posting(actor, first, until=None, reason="延期", today=TODAY)
    assert refusal.value.code == "posting_overlap"
    with pytest.raises(Invalid):
        await extend_posting(actor, first, until=TOMORROW, reason="延期", today=TODAY)


async def test_faults_are_told_beside_their_inputs(district: cast.District) -> None:
    officer = await cast.a_person()
    wrong = a_posting(district, manager=district.other_town)
    with pytest.raises(Invalid) as refusal:
        await post_down(personnel_office(district), officer, wrong, TODAY)
    assert refusal.value.errors == {"user": "使用单位不在镇管单位之下"}
    unknown = a_posting(district, owner=new_id())
    with pytest.raises(Invalid) as refusal:
        await post_down(personnel_office(district), officer, unknown, TODAY)
    assert refusal.value.errors == {"owner": "请从列表中选择"}


async def test_who_may_not_or_cannot_reach_is_refused(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    with pytest.raises(Forbidden):
        await post_down(bureau_clerk(district), officer, a_posting(district), TODAY)
    with pytest.raises(NotFound):
        await end_posting(personnel_office(district), new_id(), on=TODAY, reason="轮岗", today=TODAY)
