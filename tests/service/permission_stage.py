"""The stage of the permission walk: who acts where, and a fresh thing of each kind at a chosen place.

A role acts for the unit its relation fits: an owner for a team, a user for a bureau, all others for a town. A thing is
their own, belongs to a unit below, or to another unit.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import Any, Literal, NamedTuple
from uuid import UUID

from chizheng.kernel import clock
from chizheng.kernel.access import RELATIONS, Relation, Role
from chizheng.kernel.db import execute, fetch_value
from chizheng.kernel.ids import new_id
from chizheng.kernel.keys import seal
from tests.cast import District, a_case, a_district, a_person, a_unit, certified, established, serves
from tests.web import an_account

Place = Literal["own", "child", "other"]
_numbers = count(1)


class Spot(NamedTuple):
    """Where a thing is put: its people's owner, manager and user, the unit itself, the bureau of its case."""

    owner: UUID
    manager: UUID
    user: UUID
    unit: UUID
    case_unit: UUID


class Thing(NamedTuple):
    """What the address names: values for the path, the officer concerned, and, for a batch, whose it is."""

    path: dict[str, str]
    officer: UUID | None = None
    account: UUID | None = None


class Stage(NamedTuple):
    """A district with everything twice."""

    district: District
    other_team: UUID
    team_squad: UUID
    other_squad: UUID
    today: str
    granted_below: UUID

    def fresh(self, prefix: str) -> str:
        """A text not used before."""
        return f"{prefix}{next(_numbers)}"

    def seat(self, role: Role) -> UUID:
        """The unit a role acts for."""
        seats = {Relation.OWNER: self.district.team, Relation.USER: self.district.bureau}
        return seats.get(RELATIONS.get(role, Relation.ANY), self.district.town)

    def spot(self, role: Role, place: Place) -> Spot:
        """A place seen from the role's seat."""
        d = self.district
        away = Spot(self.other_team, d.other_town, self.other_squad, d.other_bureau, d.other_bureau)
        here: dict[Relation, dict[str, Spot]] = {
            Relation.OWNER: {
                "own": away._replace(owner=d.team, unit=d.team),
                "child": away._replace(owner=self.team_squad, unit=self.team_squad),
            },
            Relation.MANAGER: {
                "own": away._replace(manager=d.town, unit=d.town, case_unit=d.town),
                "child": away._replace(manager=d.bureau, unit=d.bureau, case_unit=d.bureau),
            },
            Relation.USER: {
                "own": away._replace(user=d.bureau, unit=d.bureau, case_unit=d.bureau),
                "child": away._replace(user=d.squad, unit=d.squad, case_unit=d.squad),
            },
            Relation.ANY: {
                "own": away._replace(manager=d.town, unit=d.town, case_unit=d.town),
                "child": away._replace(manager=d.bureau, user=d.squad, unit=d.squad, case_unit=d.squad),
            },
        }
        return away if place == "other" else here[RELATIONS.get(role, Relation.ANY)][place]


async def a_stage() -> Stage:
    """Builds it; each call another one."""
    prefix = f"{next(_numbers)}号"
    district = await a_district(prefix=prefix)
    other_team = await a_unit("team", f"{prefix}区交通运输执法大队", district.root, "transport")
    team_squad = await a_unit("squad", f"{prefix}区市场监管大队一中队", district.team, "market")
    other_squad = await a_unit("squad", f"{prefix}白水街道一中队", district.other_bureau)
    today = clock.today().isoformat()
    return Stage(district, other_team, team_squad, other_squad, today, district.squad)


async def an_officer_at(stage: Stage, spot: Spot) -> Thing:
    officer = await _person(stage, spot)
    return Thing({"id": str(officer)}, officer)


async def a_certificate_at(stage: Stage, spot: Spot) -> Thing:
    officer = await _person(stage, spot)
    series = await fetch_value("SELECT series FROM certificate WHERE officer = $1", officer)
    return Thing({"id": str(series)}, officer)


async def a_posting_at(stage: Stage, spot: Spot) -> Thing:
    officer = await _person(stage, spot)
    series = await fetch_value("SELECT series FROM posting WHERE officer = $1", officer)
    return Thing({"id": str(series)}, officer)


async def a_unit_at(stage: Stage, spot: Spot) -> Thing:
    return Thing({"id": str(spot.unit)})


async def a_case_at(stage: Stage, spot: Spot) -> Thing:
    case = await a_case(stage.district, clock.today(), unit=spot.case_unit)
    return Thing({"id": str(case)}, await _person(stage, spot._replace(user=await _used_in(spot.case_unit))))


async def an_assignment_at(stage: Stage, spot: Spot) -> Thing:
    officer, assignment, _number = await _assigned(stage, spot)
    return Thing({"id": str(assignment)}, officer)


async def a_decision_at(stage: Stage, spot: Spot) -> Thing:
    officer, _assignment, number = await _assigned(stage, spot)
    return Thing({"number": str(number)}, officer)


async def an_account_at(stage: Stage, spot: Spot) -> Thing:
    account = await an_account(Role.TRAINER, spot.unit)
    grant = await fetch_value("SELECT id FROM account_grant WHERE account = $1", account)
    return Thing({"id": str(account), "grant_id": str(grant)})


async def a_batch_at(stage: Stage, spot: Spot) -> Thing:
    """Batches are their maker's: "own" and "child" are the actor's, "other" is somebody's."""
    maker = await an_account(Role.HR_OFFICE, spot.unit)
    batch = await fetch_value(
        "INSERT INTO import_batch (id, filename, sha256, state, by, at, original)"
        " VALUES ($1, '名册.xlsx', '', 'previewed', $2, now(), $3) RETURNING id",
        new_id(), maker, seal("not a workbook"),
    )  # fmt: skip
    within = spot.unit in (stage.district.town, stage.district.squad)
    return Thing({"id": str(batch)}, account=maker if within else None)


MAKERS: dict[str, Callable[[Stage, Spot], Awaitable[Thing]]] = {
    "officer": an_officer_at,
    "certificate": a_certificate_at,
    "posting": a_posting_at,
    "unit": a_unit_at,
    "case": a_case_at,
    "assignment": an_assignment_at,
    "decision": a_decision_at,
    "account": an_account_at,
    "batch": a_batch_at,
}


async def _person(stage: Stage, spot: Spot) -> UUID:
    officer = await a_person(stage.fresh("甲"))
    await execute("UPDATE officer SET phone = $2 WHERE id = $1", officer, seal("13800000000"))
    await serves(officer)
    await established(officer)
    await execute(
        "INSERT INTO posting (officer, kind, owner_unit, manager_unit, user_unit, post, valid_from)"
        " VALUES ($1, 'secondment', $2, $3, $4, 'enforcement', '2020-01-01')",
        officer, spot.owner, spot.manager, spot.user,
    )  # fmt: skip
    await certified(officer, stage.district.root)
    return officer


async def _assigned(stage: Stage, spot: Spot) -> tuple[UUID, UUID, int]:
    today = clock.today()
    user = await _used_in(spot.case_unit)
    officer = await _person(stage, spot._replace(user=user))
    case = await a_case(stage.district, today, unit=user)
    row: Any = await fetch_value(
        "INSERT INTO assignment (case_file, officer, role, valid_from, valid_to) VALUES ($1, $2, 'lead', $3, $4)"
        " RETURNING ARRAY[id, decision]",
        case, officer, today, today + timedelta(days=30),
    )  # fmt: skip
    assignment, decision = row
    number = await fetch_value("SELECT number FROM decision WHERE id = $1", decision)
    return officer, assignment, number


async def _used_in(unit: UUID) -> UUID:
    """The unit itself, or, of a town, its bureau."""
    sql = "SELECT COALESCE((SELECT b.id FROM unit b WHERE b.parent = u.id AND u.kind = 'town' LIMIT 1), u.id) FROM unit u"
    found: UUID = await fetch_value(f"{sql} WHERE u.id = $1", unit)
    return found
