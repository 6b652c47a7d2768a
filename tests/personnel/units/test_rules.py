"""Which unit may stand under which."""

from personnel.units.rules import STANDS_UNDER, Kind, may_stand_under


def test_only_a_district_stands_at_the_top_and_nothing_under_its_like() -> None:
    assert [kind for kind in Kind if may_stand_under(kind, None)] == [Kind.DISTRICT]
    assert [kind for kind in Kind if may_stand_under(kind, kind)] == []


def test_every_kind_has_its_place() -> None:
    assert set(STANDS_UNDER) == set(Kind)
