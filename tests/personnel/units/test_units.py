"""Units: the tree, its counts, its rules, on the real database."""

from datetime import timedelta
from uuid import UUID

import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import SYSTEM, Permission, Role, Scope
from chizheng.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from personnel.postings.actions import end_posting
from personnel.postings.queries import postings_of
from personnel.units.actions import NewUnit, add_alias, end_unit, make_unit
from personnel.units.queries import one_unit, unit_choices, unit_tree, units_above, units_under
from personnel.units.rules import Kind
from tests import cast
from tests.personnel.actors import an_actor, bureau_clerk, personnel_office
from tests.personnel.statements import statements_of

TODAY = clock.today()
EVERYWHERE = Scope(everywhere=True)

pytestmark = pytest.mark.usefixtures("db")


def reads(role: Role, unit: UUID) -> Scope:
    return an_actor(role, unit).scope(Permission.UNIT_READ)


async def test_the_tree_shows_each_unit_after_the_one_above_with_its_people(district: cast.District) -> None:
    await cast.an_officer(district)
    await cast.an_officer(district)
    nodes = await unit_tree(reads(Role.HR_OFFICE, district.root), TODAY)
    assert {node.id: (node.depth, node.owned, node.managed, node.used) for node in nodes} == {
        district.root: (0, 2, 2, 2),
        district.team: (1, 2, 0, 0),
        district.town: (1, 0, 2, 2),
        district.bureau: (2, 0, 0, 2),
        district.squad: (3, 0, 0, 2),
        district.other_town: (1, 0, 0, 0),
        district.other_bureau: (2, 0, 0, 0),
    }
    order = [node.id for node in nodes]
    assert order[order.index(district.town) :][:3] == [district.town, district.bureau, district.squad]


async def test_a_bureau_sees_its_own_subtree(district: cast.District) -> None:
    nodes = await unit_tree(reads(Role.TOWN_BUREAU, district.bureau), TODAY)
    assert [(node.id, node.depth) for node in nodes] == [(district.bureau, 0), (district.squad, 1)]
    with pytest.raises(NotFound):
        await one_unit(reads(Role.TOWN_BUREAU, district.bureau), district.other_bureau, TODAY)


async def test_counts_are_of_people_in_reach(district: cast.District) -> None:
    await cast.an_officer(district)
    nodes = await unit_tree(reads(Role.OWNER_UNIT, district.other_town), TODAY)
    assert {(node.owned, node.managed, node.used) for node in nodes} == {(0, 0, 0)}


async def test_units_are_found_by_name_and_alias(district: cast.District) -> None:
    alias = f"青石{district.town.hex}"
    await add_alias(SYSTEM, district.town, alias)
    found = await unit_tree(EVERYWHERE, TODAY, alias[:20])
    assert [(node.id, node.aliases) for node in found] == [(district.town, [alias])]
    with pytest.raises(Conflict) as refusal:
        await add_alias(SYSTEM, district.other_town, alias)
    assert refusal.value.code == "name_taken"


async def test_the_way_to_a_unit_begins_where_the_reach_does(district: cast.District) -> None:
    above = await units_above(reads(Role.TOWN, district.town), district.squad)
    assert [choice.id for choice in above] == [district.town, district.bureau]
    under = await units_under(EVERYWHERE, district.bureau, TODAY)
    assert [node.id for node in under] == [district.squad]


async def test_a_unit_is_made_where_its_kind_may_stand(district: cast.District) -> None:
    actor = personnel_office(district)
    name = f"新站{district.root.hex}"
    made = await make_unit(actor, NewUnit(name, Kind.STATION, district.bureau, TODAY))
    assert [choice.id for choice in await units_above(EVERYWHERE, made)] == [
        district.root,
        district.town,
        district.bureau,
    ]
    with pytest.raises(Invalid) as refusal:
        await make_unit(actor, NewUnit(f"{name}二", Kind.TOWN, district.bureau, TODAY))
    assert set(refusal.value.errors) == {"parent"}
    with pytest.raises(Conflict):
        await make_unit(actor, NewUnit(name, Kind.STATION, district.bureau, TODAY))


async def test_a_unit_does_not_end_while_people_are_posted_to_it(district: cast.District) -> None:
    officer = await cast.an_officer(district)
    actor = personnel_office(district)
    on = TODAY + timedelta(days=10)
    with pytest.raises(Conflict) as refusal:
        await end_unit(actor, district.squad, on)
    assert (refusal.value.code, refusal.value.details) == ("unit_in_use", {"people": 1, "units": 0})
    posting = (await postings_of(officer))[0].id
    await end_posting(actor, posting, on=on, reason="撤并", today=TODAY)
    await end_unit(actor, district.squad, on)
    assert (await one_unit(EVERYWHERE, district.squad, TODAY)).valid_to == on
    later = await unit_choices(reads(Role.HR_OFFICE, district.bureau), on)
    assert [choice.id for choice in later] == [district.bureau]


async def test_a_unit_does_not_end_before_those_under_it(district: cast.District) -> None:
    with pytest.raises(Conflict) as refusal:
        await end_unit(personnel_office(district), district.other_town, TODAY)
    assert refusal.value.details == {"people": 0, "units": 1}


async def test_who_brings_no_roster_makes_no_unit(district: cast.District) -> None:
    with pytest.raises(Forbidden):
        await make_unit(bureau_clerk(district), NewUnit("某站", Kind.STATION, district.bureau, TODAY))


async def test_the_tree_takes_one_statement_however_large_it_is(district: cast.District) -> None:
    async def read() -> None:
        await unit_tree(EVERYWHERE, TODAY)

    for_few = await statements_of(read)
    for number in range(20):
        await cast.a_unit("squad", f"中队{number}{district.root.hex}", district.bureau)
    assert (len(for_few), await statements_of(read)) == (1, for_few)
