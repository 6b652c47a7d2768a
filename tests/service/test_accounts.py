"""Accounts and grants: the administrator makes, the security officer grants, and neither does the other's work."""

import re
from typing import Any
from uuid import UUID

import pytest

from chizheng.kernel import clock
from chizheng.kernel.access import SYSTEM, Role
from chizheng.kernel.db import fetch, fetch_value
from chizheng.kernel.errors import Conflict, NotFound
from chizheng.service.accounts.actions import (
    FirstLogin,
    create_account,
    grant_role,
    remove_grant,
    reset_password,
)
from chizheng.service.sessions.queries import load_actor
from tests.cast import District, a_district
from tests.web import Browser, ClientFor, an_account


@pytest.fixture
async def district(db: str) -> District:
    return await a_district(prefix=clock.now().isoformat())


@pytest.fixture
async def admin(client_for: ClientFor, district: District) -> Browser:
    return await client_for(Role.ADMINISTRATOR, district.root)


@pytest.fixture
async def security(client_for: ClientFor, district: District) -> Browser:
    return await client_for(Role.SECURITY_OFFICER, district.root)


async def held(account: UUID) -> list[tuple[str, UUID]]:
    rows = await fetch(
        "SELECT role, unit FROM account_grant WHERE account = $1 ORDER BY granted_at, id", account
    )
    return [tuple(row) for row in rows]


async def test_administrator_makes_an_account_and_sees_its_password_once(admin: Browser) -> None:
    assert (await admin.get("/accounts/new")).status_code == 200
    answer = await admin.submit("/accounts/new", {"username": "Zhang.San", "name": "张三"})
    assert answer.status_code == 200
    password = re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", answer.text)
    assert password is not None
    made = await fetch_value("SELECT id FROM account WHERE username = 'zhang.san'")
    page = await admin.get(f"/accounts/{made}")
    assert ("张三" in page.text, password[0] in page.text) == (True, False)
    log = await fetch("SELECT action, changes FROM audit_entry WHERE subject_id = $1", made)
    assert [tuple(row) for row in log] == [("account.create", {"username": "zhang.san", "name": "张三"})]


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"username": "", "name": ""}, ["username", "name"]),
        ({"username": "张三", "name": "张三"}, ["username"]),
        ({"username": "with space", "name": "x"}, ["username"]),
        ({"username": "ok.name", "name": "x" * 61}, ["name"]),
        ({"username": "ok.name", "name": "a\0b"}, ["name"]),
    ],
)
async def test_a_poor_account_is_refused_and_keeps_what_was_typed(
    admin: Browser, data: dict[str, str], fields: list[str]
) -> None:
    answer = await admin.submit("/accounts/new", data)
    assert answer.status_code == 422
    assert [field for field in ("username", "name") if f'id="f-{field}-error"' in answer.text] == fields
    assert f'value="{data["username"]}"' in answer.text


async def test_a_username_is_used_once(admin: Browser) -> None:
    await an_account(username="taken")
    answer = await admin.submit("/accounts/new", {"username": "taken", "name": "某人"})
    assert (answer.status_code, "用户名已被使用" in answer.text) == (422, True)


async def test_administrator_lists_searches_locks_and_closes(admin: Browser) -> None:
    who = await an_account(username="findme", name="可查之人")
    assert "可查之人" in (await admin.get("/accounts?q=FINDME")).text
    assert "可查之人" not in (await admin.get("/accounts?q=nobodyatall")).text
    for verb in ("deactivate", "activate", "unlock"):
        answer = await admin.submit(f"/accounts/{who}/{verb}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/accounts/{who}")
    actions = await fetch("SELECT action FROM audit_entry WHERE subject_id = $1 ORDER BY seq", who)
    assert [row[0] for row in actions] == ["account.deactivate", "account.activate", "account.unlock"]


async def test_nobody_closes_their_own_account(admin: Browser) -> None:
    answer = await admin.submit(f"/accounts/{admin.account}/deactivate")
    assert (answer.status_code, "不能停用自己的账号" in answer.text) == (409, True)


async def test_a_reset_ends_the_sessions(admin: Browser, client_for: ClientFor) -> None:
    other = await client_for()
    assert (await admin.submit(f"/accounts/{other.account}/reset")).status_code == 200
    assert (await other.get("/api/v1/session")).status_code == 401
    assert await fetch_value("SELECT must_change FROM account WHERE id = $1", other.account)


async def test_the_three_offices_are_reset_on_the_server_only(
    admin: Browser, security: Browser, district: District
) -> None:
    assert security.account is not None
    answer = await admin.submit(f"/accounts/{security.account}/reset")
    assert (answer.status_code, "命令行" in answer.text) == (409, True)
    assert isinstance(await reset_password(SYSTEM, security.account), FirstLogin)


async def test_security_officer_grants_and_takes_back(security: Browser, district: District) -> None:
    who = await an_account()
    data = {"role": "town_bureau", "unit": str(district.bureau)}
    assert (await security.submit(f"/accounts/{who}/grants", data)).status_code == 303
    assert await held(who) == [("town_bureau", district.bureau)]
    again = await security.submit(f"/accounts/{who}/grants", data)
    assert (again.status_code, "已有这项授权" in again.text) == (409, True)
    grant = await fetch_value("SELECT id FROM account_grant WHERE account = $1", who)
    assert (await security.submit(f"/accounts/{who}/grants/{grant}/remove")).status_code == 303
    assert await held(who) == []
    actions = await fetch("SELECT action FROM audit_entry WHERE subject_id = $1 ORDER BY seq", who)
    assert [row[0] for row in actions] == ["account.grant", "account.ungrant"]


async def test_administrator_cannot_grant_and_security_officer_cannot_make(
    admin: Browser, security: Browser, district: District
) -> None:
    who = await an_account()
    data = {"role": "town_bureau", "unit": str(district.bureau)}
    refused = [
        await admin.submit(f"/accounts/{who}/grants", data),
        await security.submit("/accounts/new", {"username": "someone", "name": "某人"}),
        await security.submit(f"/accounts/{who}/reset"),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert await held(who) == []


async def test_nobody_changes_their_own_grants(security: Browser, district: District) -> None:
    data = {"role": "hr_office", "unit": str(district.root)}
    own = await fetch_value("SELECT id FROM account_grant WHERE account = $1", security.account)
    for path in ("grants", f"grants/{own}/remove"):
        assert (await security.submit(f"/accounts/{security.account}/{path}", data)).status_code == 409
    assert security.account is not None
    assert await held(security.account) == [("security_officer", district.root)]


@pytest.mark.parametrize("first", [Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR])
@pytest.mark.parametrize("second", [Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR, Role.HR_OFFICE])
async def test_one_person_holds_one_of_the_three_offices(
    db: str, district: District, first: Role, second: Role
) -> None:
    who = await an_account(first, district.root)
    wanted = grant_role(SYSTEM, who, second, district.town, now=clock.now())
    if second in (first, Role.HR_OFFICE):
        await wanted
    else:
        with pytest.raises(Conflict, match="同一人"):
            await wanted


async def test_whoever_has_a_town_reaches_no_further(client_for: ClientFor, district: District) -> None:
    browser = await client_for(Role.SECURITY_OFFICER, district.town)
    assert browser.account is not None
    local, elsewhere = (
        await load_actor(browser.account),
        await an_account(Role.TOWN_BUREAU, district.other_bureau),
    )
    mine = await an_account(Role.TOWN_BUREAU, district.bureau)
    await grant_role(local, mine, Role.TOWN, district.town, now=clock.now())
    with pytest.raises(NotFound):
        await grant_role(local, elsewhere, Role.TOWN, district.town, now=clock.now())
    assert (await browser.get(f"/accounts/{elsewhere}")).status_code == 404
    assert (await browser.get(f"/accounts/{mine}")).status_code == 200
    upward = await browser.submit(
        f"/accounts/{mine}/grants", {"role": "hr_office", "unit": str(district.root)}
    )
    assert upward.status_code == 422
    assert len(await held(mine)) == 2


async def test_a_grant_of_another_account_is_not_found(security: Browser, district: District) -> None:
    mine, other = await an_account(), await an_account(Role.TOWN, district.town)
    grant = await fetch_value("SELECT id FROM account_grant WHERE account = $1", other)
    assert (await security.submit(f"/accounts/{mine}/grants/{grant}/remove")).status_code == 404
    with pytest.raises(NotFound):
        await remove_grant(SYSTEM, mine, grant)


async def test_first_passwords_are_never_shared(db: str) -> None:
    made: list[Any] = [await create_account(SYSTEM, f"batch{n}", "某人", now=clock.now()) for n in range(5)]
    assert len({first.password for first in made}) == 5
