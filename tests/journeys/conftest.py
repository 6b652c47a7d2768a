"""One real server for each worker, with the demo district in it, and a real browser to visit it with."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from chizheng.kernel.postgres import EmbeddedPostgres
from tests.conftest import database_at, make_database
from tests.journeys.serving import Site, served
from tests.journeys.visiting import ARGUMENTS, Visitor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every journey; without Chromium they are skipped, and tests/conftest.py says so in one line."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture(scope="session")
def site(server: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`chizheng demo`, serving a copy of the template; it fills it itself."""
    database = _copied(server, template, f"{template}_demo")
    with served("demo", tmp_path_factory.mktemp("demo"), database) as running:
        yield running


@pytest.fixture(scope="session")
def empty_site(
    server: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """`chizheng serve` on a fresh installation: the starter units and nothing else."""
    database = _copied(server, template, f"{template}_empty")
    with served("serve", tmp_path_factory.mktemp("empty"), database) as running:
        yield running


def _copied(server: EmbeddedPostgres, template: str, name: str) -> str:
    # in a thread of its own: this one may have Playwright's event loop running in it
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(make_database, server.admin_dsn, template, name).result()
    return database_at(server.dsn, name)


# Of the package, not of the session: Playwright keeps an event loop running in this thread while it lives, and the
# asynchronous tests that follow on the same worker need one of their own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[object]:
    """One browser process for all journeys of this worker."""
    from playwright.sync_api import sync_playwright

    environment = {**os.environ, "LANGUAGE": "zh_CN", "LC_ALL": "C.UTF-8"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=environment)
        yield browser
        browser.close()


VisitorFor = Callable[..., Visitor]


@pytest.fixture
def visitor_for(chromium: object, site: Site) -> Iterator[VisitorFor]:
    """`clerk = visitor_for("hutangju", width=360)`: a browser of their own, logged in.

    The journey fails on what none of them should have met: console errors, script errors, foreign requests.
    """
    with ExitStack() as leaving:
        met: list[Visitor] = []

        def make(username: str = "", *, at: Site = site, **habits: object) -> Visitor:
            visitor = Visitor(chromium, at, **habits)
            leaving.callback(visitor.leave)
            met.append(visitor)
            if username:
                visitor.carry(at.session_of(username))
            return visitor

        yield make
        faults = [fault for visitor in met for fault in visitor.faults]
    assert faults == []
