"""Lists of people and their files, on the real database."""

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import Actor, Permission, Relation, Role, Scope
from chizheng.kernel.db import execute, fetch, fetch_value
from chizheng.kernel.errors import NotFound
from personnel.certificates.queries import certificates_of, events_of
from personnel.certificates.rules import BARS, state_on
from personnel.officers.actions import NewOfficer, register_officer
from personnel.officers.file import officer_file
from personnel.officers.names import reading_of
from personnel.officers.queries import Filters, list_officers
from personnel.officers.rules import Establishment
from tests import cast
from tests.personnel.actors import an_actor, bureau_clerk, justice, other_clerk, personnel_office
from tests.personnel.statements import statements_of

TODAY = clock.today()
YESTERDAY = TODAY - timedelta(days=1)
EVERYWHERE = Scope(everywhere=True)

pytestmark = pytest.mark.usefixtures("db")


def reads(actor: Actor) -> Scope:
    return actor.scope(Permission.OFFICER_READ)


async def named(district: cast.District, name: str, user: UUID | None = None) -> UUID:
    officer = await cast.a_person(name)
    reading = reading_of(name)
    await execute(
        "UPDATE officer SET pinyin = $2, initials = $3, id_number_masked = '3204**********4446' WHERE id = $1",
        officer, reading.pinyin, reading.initials,
    )  # fmt: skip
    await cast.serves(officer)
    await cast.established(officer)
    await cast.posted(officer, district, user=user)
    return officer


async def names(district: cast.District, **filters: object) -> list[str]:
    chosen = Filters(**{"unit": district.root, **filters})  # type: ignore[arg-type]
    return [row.name for row in (await list_officers(EVERYWHERE, chosen, TODAY)).items]


async def test_people_are_found_by_name_pinyin_initials_and_number(district: cast.District) -> None:
    shan = await named(district, "单雄信")
    await named(district, "王建国")
    await cast.certified(shan, district.root, number="3204-9X77")
    found = [
        await names(district, text=text) for text in ("雄", "shanx", "SXX", "jian guo", "9x77", "100%", "dan")
    ]
    assert found == [["单雄信"], ["单雄信"], ["单雄信"], ["王建国"], ["单雄信"], [], []]


async def test_a_list_is_in_the_order_of_pinyin(district: cast.District) -> None:
    for name in ("赵一", "单二", "曾三"):
        await named(district, name)
    assert await names(district) == ["单二", "曾三", "赵一"]
    assert await names(district, sort="-name") == ["赵一", "曾三", "单二"]


async def test_a_row_says_how_somebody_stands(district: cast.District) -> None:
    officer = await named(district, "王建国")
    certificate = await cast.certified(
        officer, district.root, ("market", "city"), number=f"ROW{district.root.hex[:8]}"
    )
    row = (await list_officers(EVERYWHERE, Filters(unit=district.root), TODAY)).items[0]
    assert msgspec.structs.asdict(row) == {
        "id": officer, "name": "王建国", "id_number": "3204**********4446", "service": "active",
        "establishment": "enforcement", "owner_name": await name_of(district.team),
        "manager_name": await name_of(district.town), "user": district.squad,
        "user_name": await name_of(district.squad), "post": "enforcement", "posted": True,
        "certificate": certificate, "number": f"ROW{district.root.hex[:8]}", "fields": ["market", "city"],
        "certificate_from": cast.LONG_AGO, "certificate_to": cast.FAR_AHEAD, "state": "valid",
        "due_on": None, "barred_next": None,
    }  # fmt: skip


async def name_of(unit: UUID) -> str:
    return await fetch_value("SELECT name FROM unit WHERE id = $1", unit)


async def test_filters_narrow_by_relation_field_state_establishment_and_service(
    district: cast.District,
) -> None:
    one = await named(district, "王一")
    two = await named(district, "王二", user=district.other_bureau)
    await cast.certified(one, district.root, ("market",))
    suspended = await cast.certified(two, district.root, ("city",))
    await cast.happened(two, suspended, "suspend", YESTERDAY)
    await named(district, "王三")
    assert await names(district, unit=district.bureau, relation=Relation.USER) == ["王三", "王一"]
    assert await names(district, unit=district.other_bureau, relation=Relation.USER) == ["王二"]
    assert await names(district, unit=district.bureau, relation=Relation.OWNER) == []
    assert await names(district, unit=district.team, relation=Relation.OWNER) == ["王二", "王三", "王一"]
    assert await names(district, field="city") == ["王二"]
    assert await names(district, certificate="suspended") == ["王二"]
    assert await names(district, certificate="valid") == ["王一"]
    assert await names(district, certificate="none") == ["王三"]
    assert await names(district, establishment="contract") == []
    assert await names(district, service="active", establishment="enforcement") == ["王二", "王三", "王一"]


async def test_a_town_bureau_sees_only_the_people_it_uses(district: cast.District) -> None:
    await named(district, "王一")
    await named(district, "王二", user=district.other_bureau)
    seen = [
        [row.name for row in (await list_officers(reads(clerk(district)), Filters(), TODAY)).items]
        for clerk in (bureau_clerk, other_clerk)
    ]
    assert seen == [["王一"], ["王二"]]


async def test_who_only_uses_a_person_sees_no_identity_number(district: cast.District) -> None:
    officer = await named(district, "王一")
    town = an_actor(Role.TOWN, district.town)
    seen = []
    for actor in (bureau_clerk(district), town, personnel_office(district)):
        row = (await list_officers(reads(actor), Filters(unit=district.root), TODAY)).items[0]
        file = await officer_file(reads(actor), officer, TODAY)
        seen.append((row.id_number, file.person.id_number, file.person.personal))
    assert seen == [("", "", False), *[("3204**********4446", "3204**********4446", True)] * 2]


async def test_a_file_out_of_reach_is_not_there(district: cast.District) -> None:
    officer = await named(district, "王一")
    with pytest.raises(NotFound):
        await officer_file(reads(other_clerk(district)), officer, TODAY)


async def test_somebody_sees_their_own_file(district: cast.District) -> None:
    officer = await named(district, "王一")
    own = Scope(everywhere=False, officer=an_actor(Role.OFFICER, district.root, officer=officer).officer)
    assert (await officer_file(own, officer, TODAY)).person.name == "王一"


async def test_a_list_takes_as_many_statements_for_thirty_rows_as_for_one(district: cast.District) -> None:
    async def read() -> None:
        await list_officers(
            EVERYWHERE, Filters(text="张", unit=district.root, certificate="valid"), TODAY, size=50
        )

    first = await named(district, "张一")
    await cast.certified(first, district.root)
    for_one = await statements_of(read)
    for _number in range(29):
        await cast.certified(await named(district, "张一"), district.root)
    assert (len(for_one), await statements_of(read)) == (1, for_one)


async def test_a_file_takes_as_many_statements_however_much_is_in_it(district: cast.District) -> None:
    async def read() -> None:
        await officer_file(EVERYWHERE, officer, TODAY)

    officer = await named(district, "张一")
    for_little = await statements_of(read)
    for year in range(10):
        certificate = await cast.certified(
            officer, district.root, start=date(2000 + year, 1, 1), end=date(2001 + year, 1, 1)
        )
        await cast.happened(officer, certificate, "suspend", date(2000 + year, 2, 1), date(2000 + year, 3, 1))
    assert await statements_of(read) == for_little


async def test_pages_count_all_that_was_found(district: cast.District) -> None:
    for number in range(5):
        await named(district, f"李{'一二三四五'[number]}")
    page = await list_officers(EVERYWHERE, Filters(unit=district.root), TODAY, number=2, size=2)
    assert (len(page.items), page.total, page.number, page.pages) == (2, 5, 2, 3)
    beyond = await list_officers(EVERYWHERE, Filters(unit=district.root), TODAY, number=9, size=2)
    assert (len(beyond.items), beyond.total, beyond.number) == (2, 5, 1)


@pytest.mark.parametrize("sort", ["name", "-name", "unit", "-unit", "until", "-until", "nonsense"])
async def test_every_order_shows_the_same_people(district: cast.District, sort: str) -> None:
    for name in ("王一", "王二"):
        await cast.certified(await named(district, name), district.root)
    assert sorted(await names(district, sort=sort)) == ["王一", "王二"]


async def test_who_was_posted_here_last_is_found_unless_only_today_counts(district: cast.District) -> None:
    officer = await cast.a_person("王一")
    await cast.posted(officer, district, end=YESTERDAY)
    assert await names(district, unit=district.bureau) == ["王一"]
    assert await names(district, unit=district.bureau, posted=True) == []


async def test_the_database_and_the_rules_agree_on_every_state(district: cast.District) -> None:
    officer = await cast.a_person()
    for number, verb in enumerate((*BARS, "reinstate", "report_lost")):
        start = date(2010 + 2 * number, 1, 1)
        certificate = await cast.certified(
            officer, district.root, start=start, end=start + timedelta(days=300)
        )
        await cast.happened(
            officer, certificate, verb, start + timedelta(days=100), start + timedelta(days=200)
        )
        await cast.happened(
            officer, certificate, "suspend", start + timedelta(days=150), start + timedelta(days=250)
        )
    days = [date(2010, 1, 1) + timedelta(days=25 * step) for step in range(200)]
    differing = []
    events = await events_of(officer)
    for day in days:
        for held in await certificates_of(officer, day):
            known = [event.event() for event in events if event.certificate == held.id]
            if held.state != state_on(held.held(), known, day):
                differing.append((day, held.state))
    assert differing == []


async def test_a_registered_officer_is_found_and_their_number_lies_sealed(district: cast.District) -> None:
    actor = personnel_office(district)
    new = NewOfficer(
        "查 良镛", Establishment.INSTITUTION, date(2020, 1, 1), "11010519491231002x", "13812341234"
    )
    change = await register_officer(actor, new)
    row = (await list_officers(reads(justice(district)), Filters(text="zhaly"), TODAY)).items
    assert row == []
    found = (await list_officers(reads(justice(district)), Filters(text="zhaliang"), TODAY)).items
    assert [(r.id, r.id_number, r.service, r.establishment) for r in found] == [
        (change.id, "1101**********002X", "active", "institution")
    ]
    stored = (await fetch("SELECT id_number, sex, born, phone_masked FROM officer WHERE id = $1", change.id))[
        0
    ]
    assert b"1949" not in stored["id_number"]
    assert (stored["sex"], stored["born"], stored["phone_masked"]) == (
        "female",
        date(1949, 12, 31),
        "138****1234",
    )
