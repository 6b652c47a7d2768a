"""What the tests of the board, cases, assignments and decisions share: actors, a case with its team, and gaps."""

from datetime import date, timedelta
from uuid import UUID

from chizheng.clearance.assignments.actions import assign_officer
from chizheng.clearance.assignments.rules import Order
from chizheng.clearance.gate.rules import Role as CaseRole
from chizheng.kernel import clock
from chizheng.kernel.access import Actor, Grant, Role
from chizheng.kernel.db import fetch_value
from chizheng.kernel.ids import AccountId, new_id
from tests import cast

TODAY = clock.today()
TOMORROW = TODAY + timedelta(days=1)
NEXT_MONTH = TODAY + timedelta(days=30)


def an_actor(role: Role, unit: UUID, whole: bool = False, name: str = "赵婷") -> Actor:
    """Somebody with one grant."""
    return Actor(AccountId(new_id()), "tester", name, (Grant(role, unit, "单位", whole),))


def a_clerk(district: cast.District, unit: UUID | None = None) -> Actor:
    """A clerk of the first town's bureau, or of another unit."""
    return an_actor(Role.TOWN_BUREAU, unit or district.bureau)


async def certificate_of(officer: UUID) -> UUID:
    """The series of an officer's certificate."""
    return await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)


async def suspended(officer: UUID, start: date = TODAY) -> None:
    """Somebody's certificate, suspended from a day on."""
    await cast.happened(officer, await certificate_of(officer), "suspend", start)


async def assigned(
    district: cast.District, case: UUID, officer: UUID, role: str = CaseRole.LEAD, end: date = NEXT_MONTH
) -> UUID:
    """An assignment made by the bureau's clerk."""
    order = Order(officer, role, TODAY, end)
    verdict = await assign_officer(a_clerk(district), case, order, "page", TODAY)
    assert verdict.assignment is not None
    return verdict.assignment
