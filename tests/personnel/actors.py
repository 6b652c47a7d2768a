"""People who act in these tests, without going through a login."""

from uuid import UUID

from chizheng.kernel.access import Actor, Grant, Role
from chizheng.kernel.ids import AccountId, OfficerId, new_id
from tests.cast import District


def an_actor(role: Role, unit: UUID, whole: bool = False, officer: UUID | None = None) -> Actor:
    return Actor(
        account=AccountId(new_id()),
        username=str(role),
        name=f"测试{role}",
        grants=(Grant(role=role, unit=unit, unit_name="", whole_district=whole),),
        officer=None if officer is None else OfficerId(officer),
    )


def justice(district: District) -> Actor:
    """The justice bureau: certificates, the whole district."""
    return an_actor(Role.JUSTICE_BUREAU, district.root, whole=True)


def personnel_office(district: District) -> Actor:
    """The HR office: postings and service, the whole district."""
    return an_actor(Role.HR_OFFICE, district.root, whole=True)


def bureau_clerk(district: District) -> Actor:
    """The first town's bureau, which uses people."""
    return an_actor(Role.TOWN_BUREAU, district.bureau)


def other_clerk(district: District) -> Actor:
    """The other town's bureau."""
    return an_actor(Role.TOWN_BUREAU, district.other_bureau)
