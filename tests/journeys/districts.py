"""What journeys make for themselves in the demo district, so that none leans on another."""

from datetime import timedelta
from typing import NamedTuple
from urllib.parse import quote

from chizheng.kernel import clock
from tests.journeys.serving import Site

BUREAU = "湖塘镇综合行政执法局"
DAYS = 60


class Person(NamedTuple):
    """An officer of the bureau."""

    officer: str
    name: str


def unit_of(site: Site, name: str = BUREAU) -> str:
    """The id of a unit."""
    units = site.call("sifaju", "GET", f"/api/v1/units?q={quote(name)}")["items"]
    return next(str(unit["id"]) for unit in units if unit["name"] == name)


def a_case(site: Site, title: str) -> str:
    """The id of a case in market supervision that the bureau has just opened."""
    wanted = {
        "unit": unit_of(site), "field": "market", "title": title, "parties": "某商行",
        "due_on": (clock.today() + timedelta(days=DAYS)).isoformat(),
    }  # fmt: skip
    return str(site.call("hutangju", "POST", "/api/v1/cases", wanted)["id"])


def cleared(site: Site) -> list[Person]:
    """Who of the bureau may handle such a case until it is due; without the officer who has a login."""
    start, end = clock.today(), clock.today() + timedelta(days=DAYS + 1)
    query = f"field=market&role=lead&from={start}&to={end}"
    board = site.call("hutangju", "GET", f"/api/v1/units/{unit_of(site)}/clearance?{query}")
    oneself = site.call("officer", "GET", "/api/v1/session")["account"]["name"]
    found = [Person(one["officer"], one["name"]) for one in board["items"] if one["cleared"]]
    return [person for person in found if person.name != oneself]


def assign(site: Site, case: str, *team: Person) -> None:
    """The bureau assigns a lead and a co-handler."""
    orders = [
        {"officer": person.officer, "role": role}
        for person, role in zip(team, ("lead", "co_handler"), strict=True)
    ]
    site.call("hutangju", "POST", f"/api/v1/cases/{case}/assignments", orders)


def handlers(site: Site, case: str) -> int:
    """How many handlers a case has."""
    return int(site.call("hutangju", "GET", f"/api/v1/cases/{case}")["handlers"])


def certificate_of(site: Site, person: Person) -> str:
    """The id of an officer's certificate."""
    found = site.call("sifaju", "GET", f"/api/v1/certificates?q={quote(person.name)}")
    return str(found["items"][0]["id"])


def suspend(site: Site, person: Person) -> None:
    """The justice bureau suspends an officer's certificate from today."""
    body = {
        "from": clock.today().isoformat(), "due_on": (clock.today() + timedelta(days=DAYS)).isoformat(),
        "reason": "群众举报，正在核查", "document_no": "武司监〔2026〕1号",
    }  # fmt: skip
    site.call("sifaju", "POST", f"/api/v1/certificates/{certificate_of(site, person)}/suspend", body)
