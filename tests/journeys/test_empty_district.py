"""A fresh installation: the starter units and nothing else. Every list says what it is for and how it fills."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from chizheng.kernel.access import Role
from chizheng.kernel.db import fetch_value
from chizheng.service.database import Address, opened
from chizheng.service.sessions.rules import COOKIE
from tests.journeys.conftest import VisitorFor
from tests.journeys.inspecting import faults_of
from tests.journeys.serving import Site
from tests.web import a_session, an_account

BUREAU = "湖塘镇综合行政执法局"
LISTS = (
    (Role.TOWN_BUREAU, "/", "在办案件都有两名承办人"),
    (Role.TOWN_BUREAU, "/cleared", "本单位还没有人员"),
    (Role.TOWN_BUREAU, "/cases", "还没有案件"),
    (Role.TOWN_BUREAU, "/cases/new", "执法领域"),
    (Role.TOWN_BUREAU, "/decisions", "核验"),
    (Role.HR_OFFICE, "/", "在职人员"),
    (Role.HR_OFFICE, "/officers", "还没有"),
    (Role.HR_OFFICE, "/imports", "还没有导入过花名册"),
    (Role.HR_OFFICE, "/units", "湖塘镇"),
    (Role.JUSTICE_BUREAU, "/", "没有暂扣中的证件"),
    (Role.JUSTICE_BUREAU, "/certificates", "还没有"),
    (Role.OFFICER, "/", "此账号还没有对应的执法人员"),
)


@pytest.fixture(scope="module")
def staffed(empty_site: Site) -> Site:
    """The installation with an account for each role of the list; their sessions wait in the site."""
    with ThreadPoolExecutor(1) as elsewhere:  # Playwright's event loop runs in this thread
        elsewhere.submit(asyncio.run, _staff(empty_site)).result()
    return empty_site


async def _staff(site: Site) -> None:
    address = site.environment["CHIZHENG_DATABASE_URL"]
    async with opened(Address(address, address), size=2):
        for role in dict.fromkeys(role for role, _path, _words in LISTS):
            of_the_bureau = role in (Role.TOWN_BUREAU, Role.OFFICER)
            unit = await fetch_value(
                "SELECT id FROM unit WHERE name = $1", BUREAU if of_the_bureau else "武进区"
            )
            site.keep(role, {COOKIE: await a_session(await an_account(role, unit))})


@pytest.mark.parametrize(("role", "path", "words"), LISTS, ids=[f"{role} {path}" for role, path, _ in LISTS])
def test_an_empty_list_says_what_it_is_for(
    visitor_for: VisitorFor, staffed: Site, role: Role, path: str, words: str
) -> None:
    newcomer = visitor_for(role, at=staffed)
    newcomer.open(path)
    newcomer.says(words)
    assert faults_of(newcomer) == []
