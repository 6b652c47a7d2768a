"""Every page there is, as somebody who may see it: read out, in light and dark, on a desk and on a phone."""

import re
from typing import Final, NamedTuple

import pytest

from chizheng.service.app import create_app, handlers
from chizheng.service.settings import Settings
from tests.journeys.conftest import VisitorFor
from tests.journeys.inspecting import faults_of
from tests.journeys.serving import Site
from tests.personnel.imports.files import a_row, a_workbook

ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FILES: Final = {"/imports/template", "/imports/{id:uuid}/report", "/healthz"}
"""What is fetched, not looked at."""


class Page(NamedTuple):
    """A route, who goes there, and how: an address, then links by their form, each from the page before."""

    route: str
    who: str
    way: tuple[str, ...]


ROLES: Final = (
    "bianban", "renshi", "sifaju", "shichangdui", "hutang", "hutangju", "officer", "jiangshi", "jiandu", "xitong",
    "anquan", "shenji",
)  # fmt: skip
CASE, CERTIFICATE, OFFICER = "/cases/{id:uuid}", "/certificates/{id:uuid}", "/officers/{id:uuid}"
VALID, SUSPENDED = "/certificates?state=valid&field=market", "/certificates?state=suspended"
A_CASE, A_CERTIFICATE, AN_OFFICER = f"/cases/{ID}", f"/certificates/{ID}", f"/officers/{ID}"

PAGES: Final = (
    *(Page("/", role, ("/",)) for role in ROLES),
    Page("/login", "", ("/login",)),
    Page("/password", "officer", ("/password",)),
    Page("/cleared", "hutangju", ("/cleared",)),
    Page("/cases", "hutangju", ("/cases",)),
    Page("/cases", "sifaju", ("/cases?status=open",)),
    Page("/cases/new", "hutangju", ("/cases/new",)),
    Page("/cases/new", "hutangju", ("/cases/new?field=market&unit={bureau}",)),
    Page(CASE, "hutangju", ("/cases?short=1", A_CASE)),
    Page(CASE, "sifaju", ("/cases?status=open&q=乳制品", A_CASE)),
    Page(CASE, "hutangju", ("/cases?status=closed", A_CASE)),
    Page(f"{CASE}/edit", "hutangju", ("/cases?status=open", A_CASE, f"{A_CASE}/edit")),
    Page(f"{CASE}/close", "hutangju", ("/cases?status=open", A_CASE, f"{A_CASE}/close")),
    Page(
        "/assignments/{id:uuid}/release", "hutangju",
        ("/cases?status=open&q=乳制品", A_CASE, f"/assignments/{ID}/release"),
    ),
    Page("/decisions", "jiandu", ("/decisions",)),
    Page("/decisions/{number:int}", "jiandu", ("/decisions", r"/decisions/\d+")),
    Page("/officers", "sifaju", ("/officers?page=3",)),
    Page("/officers", "hutangju", ("/officers?q=nobody-of-this-name",)),
    Page("/officers/me", "officer", ("/officers/me",)),
    Page(OFFICER, "hutangju", ("/officers", AN_OFFICER)),
    Page(OFFICER, "renshi", (SUSPENDED, AN_OFFICER)),
    Page(f"{OFFICER}/clearance", "hutangju", ("/officers", AN_OFFICER, f"{AN_OFFICER}/clearance")),
    Page(f"{OFFICER}/service", "renshi", ("/officers", AN_OFFICER, f"{AN_OFFICER}/service")),
    Page(f"{OFFICER}/unmask", "renshi", ("/officers", AN_OFFICER, f"{AN_OFFICER}/unmask")),
    Page(f"{OFFICER}/postings/new", "renshi", ("/officers", AN_OFFICER, f"{AN_OFFICER}/postings/new")),
    Page(
        f"{OFFICER}/certificates/new", "sifaju",
        ("/officers?certificate=none&establishment=enforcement&service=active", AN_OFFICER, f"{AN_OFFICER}/certificates/new"),
    ),
    Page("/postings/{id:uuid}/end", "renshi", ("/", AN_OFFICER, f"/postings/{ID}/end")),
    Page("/postings/{id:uuid}/extend", "renshi", ("/", AN_OFFICER, f"/postings/{ID}/end", f"/postings/{ID}/extend")),
    Page("/certificates", "sifaju", ("/certificates?page=2",)),
    Page(CERTIFICATE, "hutangju", (VALID, A_CERTIFICATE)),
    Page(CERTIFICATE, "sifaju", (SUSPENDED, A_CERTIFICATE)),
    *(
        Page(f"{CERTIFICATE}/{verb}", "sifaju", (VALID, A_CERTIFICATE, f"{A_CERTIFICATE}/{verb}"))
        for verb in ("suspend", "revoke", "cancel", "report_lost", "renew")
    ),
    Page(f"{CERTIFICATE}/reinstate", "sifaju", (SUSPENDED, A_CERTIFICATE, f"{A_CERTIFICATE}/reinstate")),
    Page(
        f"{CERTIFICATE}/reissue", "sifaju",
        ("/certificates?state=lost", A_CERTIFICATE, f"{A_CERTIFICATE}/reissue"),
    ),
    Page("/units", "sifaju", ("/units",)),
    Page("/units/{id:uuid}", "hutangju", ("/units", f"/units/{ID}")),
    Page("/imports", "renshi", ("/imports",)),
    Page("/imports/new", "renshi", ("/imports/new",)),
    Page("/imports/{id:uuid}", "renshi", ("/imports/{previewed}",)),
    Page("/imports/{id:uuid}", "renshi", ("/imports/{committed}",)),
    Page("/imports/{id:uuid}/undo", "renshi", ("/imports/{committed}/undo",)),
    Page("/accounts", "xitong", ("/accounts",)),
    Page("/accounts/new", "xitong", ("/accounts/new",)),
    Page("/accounts/{id:uuid}", "xitong", ("/accounts", f"/accounts/{ID}")),
    Page("/accounts/{id:uuid}", "anquan", ("/accounts", f"/accounts/{ID}")),
    Page("/audit", "jiandu", ("/audit",)),
)  # fmt: skip


@pytest.fixture(scope="session")
def made(site: Site) -> dict[str, str]:
    """Ids of what the demo does not come with: rosters with a faulty row, one looked at and one written."""
    rows = [a_row(600), a_row(601), a_row(602, manager_unit="滆南镇", user_unit=None)]
    return {
        "previewed": site.upload("renshi", a_workbook(a_row(603), *rows), "dry_run=true"),
        "committed": site.upload("renshi", a_workbook(*rows), "dry_run=false&valid_rows=true"),
        "bureau": site.call("sifaju", "GET", "/api/v1/units?q=湖塘镇综合行政执法局")["items"][0]["id"],
    }


def test_every_page_of_the_application_is_in_the_table() -> None:
    routes = {
        path
        for path, handler in handlers(create_app(Settings()))
        if "GET" in handler.http_methods and not path.startswith(("/api", "/static/"))
    }
    assert routes - FILES == {page.route for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=[f"{page.route}-{page.who}-{n}" for n, page in enumerate(PAGES)])
def test_nothing_is_wrong_with_the_page(
    visitor_for: VisitorFor, site: Site, made: dict[str, str], page: Page
) -> None:
    visitor = visitor_for(page.who)
    path = page.way[0].format_map(made)
    for link in page.way[1:]:
        path = link_on(site, page.who, path, link)
    visitor.open(path)
    assert faults_of(visitor) == []


def link_on(site: Site, who: str, path: str, form: str) -> str:
    """The first link of this form on a page."""
    links: list[str] = re.findall(r'href="([^"]+)"', site.page(who, path))
    found = next((link for link in links if re.fullmatch(form, link)), None)
    assert found is not None, f"{path} has no link like {form}"
    return found


def test_a_page_that_is_not_there_says_so_and_leads_home(visitor_for: VisitorFor) -> None:
    clerk = visitor_for("hutangju")
    clerk.open("/nowhere", status=404)
    assert clerk.headed() == "没有找到"
    assert faults_of(clerk) == []
    clerk.follow("回到首页")
    assert clerk.headed() == "首页"


def test_the_description_of_the_api_needs_nothing_from_elsewhere(visitor_for: VisitorFor) -> None:
    developer = visitor_for("sifaju")
    developer.open("/api/docs")
    developer.page.get_by_text("/api/v1/cases", exact=True).first.wait_for()
