"""Filling an empty database with the demo district, all or nothing."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chizheng.kernel import audit, clock
from chizheng.kernel.access import SYSTEM, Actor, Role
from chizheng.kernel.db import execute, execute_many, fetch, fetch_value, transaction
from chizheng.kernel.errors import Conflict
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import AccountId, new_id
from chizheng.service.demo import casework
from chizheng.service.demo.careers import invent_careers
from chizheng.service.demo.logins import DISTRICT, Login, hashes
from chizheng.service.demo.people import invent_people
from chizheng.service.demo.peopling import people_the_district
from chizheng.service.demo.postings import STATIONS, bureau_of
from chizheng.service.demo.standing_down import stand_down_some


async def seed_demo(logins: list[Login], today: date) -> bool:
    """Makes the demo district unless there is an officer already; returns whether it did.

    Raises Conflict `foreign_directory` when the units are not those of the starter directory.
    """
    if await fetch_value("SELECT EXISTS (SELECT FROM officer)"):
        return False
    secrets = await hashes(logins)
    people = invent_people(today)
    careers = invent_careers(people, today)
    async with transaction():
        units = await _units()
        await people_the_district(people, careers, units, units[DISTRICT], today)
        actors = await _add_accounts(logins, secrets, units)
        await _do_casework(units, actors, today)
        await audit.record(SYSTEM, "demo.seed", ("unit", units[DISTRICT]), {"officers": len(people)})
    await execute("ANALYZE")  # fresh tables have no statistics, and the gate's first plans would be poor
    return True


async def _units() -> dict[str, UUID]:
    """The units by name, three village stations added."""
    units = {row["name"]: row["id"] for row in await fetch("SELECT name, id FROM unit")}
    if any(bureau_of(town) not in units for town in STATIONS) or DISTRICT not in units:
        raise Conflict("foreign_directory", _("单位目录不是演示区的目录，演示数据只能装入空的数据库"))
    stations = {name: new_id() for name in STATIONS.values()}
    await execute_many(
        "INSERT INTO unit (id, kind, name, parent, valid_from, position) VALUES ($1, 'station', $2, $3, $4, $5)",
        [
            (stations[name], name, units[bureau_of(town)], date(2022, 1, 1), 1000 + number)
            for number, (town, name) in enumerate(STATIONS.items())
        ],
    )
    return units | stations


async def _add_accounts(
    logins: Sequence[Login], secrets: Sequence[str], units: dict[str, UUID]
) -> dict[Role, Actor]:
    now = clock.now()
    actors = {
        login.role: Actor(
            account=AccountId(new_id()), username=login.username, name=login.name or login.username
        )
        for login in logins
    }
    await execute_many(
        "INSERT INTO account (id, username, name, password_hash, must_change, created_at)"
        " VALUES ($1, $2, $3, $4, false, $5)",
        [
            (actors[login.role].account, login.username, login.name, secret, now)
            for login, secret in zip(logins, secrets, strict=True)
        ],
    )
    await execute_many(
        "INSERT INTO account_grant (id, account, role, unit, granted_at) VALUES ($1, $2, $3, $4, $5)",
        [(new_id(), actors[login.role].account, login.role, units[login.unit], now) for login in logins],
    )
    return actors


async def _do_casework(units: dict[str, UUID], actors: dict[Role, Actor], today: date) -> None:
    clerk = actors[Role.TOWN_BUREAU]
    cases = await casework.open_cases(await casework.write_items(today), units, clerk, today)
    handlers = {case.id: await casework.staff(case, clerk, today) for case in cases if case.outcome != "none"}
    await casework.review(cases, clerk, today)
    for case in cases:
        if case.outcome == "closed":
            await casework.close(case, today)
    leaving = [handlers[case.id][-1] for case in cases if case.outcome == "one"]
    await stand_down_some(leaving, actors[Role.JUSTICE_BUREAU], actors[Role.HR_OFFICE], today)
    await casework.be_refused(cases, clerk, today)
    await _tie_officer(actors[Role.OFFICER], handlers[cases[0].id][0])


async def _tie_officer(actor: Actor, officer: UUID) -> None:
    """The officer's login belongs to the lead of the first case."""
    await execute(
        "UPDATE account SET officer = $2, name = (SELECT name FROM officer WHERE id = $2) WHERE id = $1",
        actor.account,
        officer,
    )
