"""Every route × role × (own, child, other unit), from the table. A route that is not declared there fails."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from chizheng.kernel.access import GRANTED, Permission, Role
from chizheng.kernel.db import execute
from chizheng.service.app import Application, create_app, handlers
from chizheng.service.settings import Settings
from tests.service.permission_stage import MAKERS, Place, Stage, Thing, a_stage
from tests.service.permission_table import EVERYBODY, PUBLIC, TABLE, Line
from tests.web import Browser, a_browser, a_session, an_account

PLACES: tuple[Place, ...] = ("own", "child", "other")
NOBODYS = "0190a1b2-0000-7000-8000-000000000000"
AWAY = (401, 403, 404)
JSON = {"content-type": "application/json"}

_stages: dict[str, Stage] = {}


@pytest.fixture
async def stage(db: str) -> Stage:
    """One stage for the module's database."""
    if db not in _stages:
        _stages[db] = await a_stage()
    return _stages[db]


@pytest.fixture
async def door(app: Application, db: str) -> AsyncIterator[Browser]:
    async with a_browser(app) as browser:
        yield browser


def declared(app: Application) -> dict[tuple[str, str], Any]:
    return {(method, path): handler for path, handler in handlers(app) for method in handler.http_methods}


def test_the_table_knows_every_route_and_no_other() -> None:
    routes = set(declared(create_app(Settings())))
    assert (sorted(routes - set(TABLE)), sorted(set(TABLE) - routes)) == ([], [])


def test_the_table_agrees_with_what_the_routes_declare() -> None:
    for key, handler in declared(create_app(Settings())).items():
        permission, line = handler.opt["permission"], TABLE[key]
        if permission == "public":
            assert line.roles == PUBLIC, key
        elif permission == "logged-in":
            assert line.roles == EVERYBODY, key
        else:
            holders = {role for role in Role if permission in GRANTED[role]}
            # one's own file is open to those who have one: the table names fewer than hold `own:read`
            assert line.roles <= holders if permission is Permission.OWN_READ else line.roles == holders, key


@pytest.mark.parametrize("key", sorted(TABLE), ids=" ".join)
async def test_route(key: tuple[str, str], stage: Stage, door: Browser) -> None:
    path, line = key[1], TABLE[key]
    if line.roles == PUBLIC:
        answer = await ask(door, key, line, stage, nothing(path))
        assert answer.status_code < 500
        assert not answer.headers.get("location", "").startswith("/login?next")
        return
    stranger = await ask(door, key, line, stage, nothing(path))
    assert turned_away(stranger), (key, stranger.status_code)
    for role in Role:
        for place in PLACES if line.about and role in line.roles else PLACES[:1]:
            await check(door, key, line, stage, role, place)


async def check(
    door: Browser, key: tuple[str, str], line: Line, stage: Stage, role: Role, place: Place
) -> None:
    thing = nothing(key[1])
    if line.about and role in line.roles:
        thing = await MAKERS[line.about](stage, stage.spot(role, place))
    who = thing.account or await an_account(role, stage.seat(role))
    if role is Role.OFFICER and place == "own" and thing.officer is not None:
        await execute("UPDATE account SET officer = $2 WHERE id = $1", who, thing.officer)
    door.carry(await a_session(who))
    answer = await ask(door, key, line, stage, thing)
    said = (*key, role.value, place, answer.status_code, answer.text[:300])
    assert answer.status_code < 500, said
    if role not in line.roles:
        assert answer.status_code == 403, said
    elif line.about is None:
        assert answer.status_code not in AWAY or (line.may_lack and answer.status_code == 404), said
    elif place == "other" or (role is Role.OFFICER and place == "child"):
        # an officer's own file is all they have: whatever their unit, another's is not found (or not theirs to ask for)
        assert answer.status_code in ((403, 404) if role is Role.OFFICER else (404,)), said
    else:
        assert answer.status_code not in AWAY, said


async def ask(door: Browser, key: tuple[str, str], line: Line, stage: Stage, thing: Thing) -> httpx.Response:
    method, path = key
    url = re.sub(r"{(\w+):\w+}", lambda found: thing.path[found[1]], path) + (
        f"?{line.query}" if line.query else ""
    )
    if method == "GET":
        return await door.get(url)
    content = line.sends(stage, thing)
    if path.startswith("/api/"):
        return await door.request(method, url, json=content, headers=JSON)
    return await door.submit(url, content)


def nothing(path: str) -> Thing:
    """Values for the path that name no thing there is."""
    kinds = dict(re.findall(r"{(\w+):(\w+)}", path))
    return Thing(
        {name: {"uuid": NOBODYS, "int": "999999"}.get(kind, "nothing") for name, kind in kinds.items()}
    )


def turned_away(answer: httpx.Response) -> bool:
    to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login?next=")
    return to_login or answer.status_code == 401
