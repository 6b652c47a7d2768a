"""What is recorded about people, on the real database."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import Role
from chizheng.kernel.db import fetch
from chizheng.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from personnel.officers.actions import (
    NewOfficer,
    ServiceChange,
    record_establishment,
    record_legal_qualification,
    record_service,
    register_officer,
    unmask,
)
from personnel.officers.rules import SERVICE_MOVES, Establishment, Secret, Status
from tests import cast
from tests.personnel.actors import an_actor, bureau_clerk, other_clerk, personnel_office

TODAY = clock.today()
YESTERDAY = TODAY - timedelta(days=1)
NEXT_MONTH = TODAY + timedelta(days=30)
NUMBER = "11010519491231002X"

pytestmark = pytest.mark.usefixtures("db")


def a_change(status: Status, start: date = TODAY) -> ServiceChange:
    return ServiceChange(status, start, reason="本人申请", document_no="人社〔2026〕3号")


async def live(table: str, value: str, officer: UUID) -> list[tuple]:
    rows = await fetch(
        f"SELECT {value}, valid_from, valid_to FROM {table} WHERE officer = $1 AND superseded_at IS NULL"
        " ORDER BY valid_from",
        officer,
    )
    return [tuple(row) for row in rows]


async def test_who_retires_is_in_service_until_the_day_before_and_stands_down(
    district: cast.District,
) -> None:
    officer = await cast.an_officer(district)
    await cast.assign(await cast.a_case(district, TODAY), officer, TODAY, NEXT_MONTH)
    await record_service(personnel_office(district), officer, a_change(Status.RETIRED), TODAY)
    assert await live("service", "status", officer) == [
        ("active", cast.LONG_AGO, TODAY),
        ("retired", TODAY, None),
    ]
    assert [
        tuple(row) for row in await fetch("SELECT ending FROM assignment WHERE officer = $1", officer)
    ] == [("stood_down",)]


async def test_suspended_from_duty_and_back(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    actor = personnel_office(district)
    await record_service(actor, officer, a_change(Status.SUSPENDED, YESTERDAY), TODAY)
    await record_service(actor, officer, a_change(Status.ACTIVE), TODAY)
    assert await live("service", "status", officer) == [
        ("active", cast.LONG_AGO, YESTERDAY),
        ("suspended", YESTERDAY, TODAY),
        ("active", TODAY, None),
    ]


@pytest.mark.parametrize("after", Status)
@pytest.mark.parametrize("before", Status)
async def test_service_goes_on_only_as_the_table_says(
    district: cast.District, before: Status, after: Status
) -> None:
    officer = await cast.a_person()
    await cast.serves(officer, before.value)
    await cast.posted(officer, district)
    if after in SERVICE_MOVES[before]:
        await record_service(personnel_office(district), officer, a_change(after), TODAY)
        assert (await live("service", "status", officer))[-1] == (after.value, TODAY, None)
    else:
        with pytest.raises(Conflict) as refusal:
            await record_service(personnel_office(district), officer, a_change(after), TODAY)
        assert refusal.value.code == "service_transition"


async def test_what_lies_ahead_is_dealt_with_first(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    actor = personnel_office(district)
    await record_service(actor, officer, a_change(Status.RETIRED, NEXT_MONTH), TODAY)
    with pytest.raises(Conflict) as refusal:
        await record_service(actor, officer, a_change(Status.SUSPENDED), TODAY)
    assert (refusal.value.code, refusal.value.details) == ("later_fact", {"from": NEXT_MONTH.isoformat()})


async def test_leaving_needs_a_reason_and_a_document(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    with pytest.raises(Invalid) as refusal:
        await record_service(personnel_office(district), officer, ServiceChange(Status.LEFT, TODAY), TODAY)
    assert refusal.value.errors == {"reason": "请填写", "document_no": "请填写"}


async def test_a_bureau_records_no_service(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    with pytest.raises(Forbidden):
        await record_service(bureau_clerk(district), officer, a_change(Status.LEFT), TODAY)


async def test_another_kind_of_post_takes_the_clearance(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    await record_establishment(personnel_office(district), officer, Establishment.CONTRACT, TODAY)
    assert await live("establishment", "type", officer) == [
        ("enforcement", cast.LONG_AGO, TODAY),
        ("contract", TODAY, None),
    ]
    assert await cast.gap_codes(officer, district.bureau, TODAY) == ["not_in_establishment"]


async def test_a_legal_qualification_lets_somebody_review(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    await record_legal_qualification(personnel_office(district), officer, "A2026", TODAY)
    assert await cast.gap_codes(officer, district.bureau, TODAY, role="legal_reviewer") == []


async def test_one_identity_number_is_one_person(district: cast.District) -> None:
    actor = personnel_office(district)
    new = NewOfficer("王一", Establishment.ENFORCEMENT, date(2020, 1, 1), "110105194912310038")
    await register_officer(actor, new)
    with pytest.raises(Conflict) as refusal:
        await register_officer(actor, new)
    assert refusal.value.code == "already_registered"


async def test_a_faulty_identity_number_is_refused(district: cast.District) -> None:
    with pytest.raises(Invalid) as refusal:
        await register_officer(
            personnel_office(district),
            NewOfficer("王一", Establishment.ENFORCEMENT, TODAY, "110105194912310021"),
        )
    assert set(refusal.value.errors) == {"id_number"}


async def registered(district: cast.District) -> UUID:
    """Somebody with a sealed number, used by the first town's bureau."""
    number = await _free_number()
    new = NewOfficer("王一", Establishment.ENFORCEMENT, date(2020, 1, 1), number)
    officer = (await register_officer(personnel_office(district), new)).id
    await cast.posted(officer, district)
    return officer


async def _free_number() -> str:
    from personnel.identity import check_character

    taken = await fetch("SELECT count(*) FROM officer")
    first = f"11010519600101{taken[0][0]:03d}"
    return first + check_character(first)


async def test_an_unmasked_number_is_shown_whole_and_logged_without_it(district: cast.District) -> None:
    officer = await registered(district)
    number = await unmask(personnel_office(district), officer, Secret.ID_NUMBER, "核对工资关系")
    entry = (
        await fetch(
            "SELECT action, changes FROM audit_entry WHERE subject_id = $1 ORDER BY seq DESC", officer
        )
    )[0]
    assert (number[:6], entry["action"], entry["changes"]) == (
        "110105",
        "officer.unmask",
        {"what": "id_number", "reason": "核对工资关系"},
    )


async def test_unmasking_asks_for_a_reason(district: cast.District) -> None:
    officer = await registered(district)
    with pytest.raises(Invalid):
        await unmask(personnel_office(district), officer, Secret.ID_NUMBER, "  ")


async def test_who_only_uses_a_person_never_gets_the_number(district: cast.District) -> None:
    officer = await registered(district)
    for actor in (bureau_clerk(district), an_actor(Role.TOWN, district.town)):
        with pytest.raises(Forbidden):
            await unmask(actor, officer, Secret.ID_NUMBER, "办案")
    office_of_the_bureau = an_actor(Role.HR_OFFICE, district.bureau)
    with pytest.raises(NotFound):
        await unmask(office_of_the_bureau, officer, Secret.ID_NUMBER, "办案")
    with pytest.raises(Forbidden):
        await unmask(other_clerk(district), officer, Secret.ID_NUMBER, "办案")
