"""Makes the README's pictures, from a freshly invented demo district on a temporary home: `make screenshots`."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import sync_playwright

from tests.journeys.serving import Site, served
from tests.journeys.visiting import ARGUMENTS, Visitor
from tests.personnel.imports.files import a_row, a_workbook, an_id

PICTURES: Final = Path(__file__).parents[2] / "docs/pictures"
LARGEST: Final = 150_000
"""Bytes of one picture; a README should load at once."""


class Picture(NamedTuple):
    """A file name, who looks, how large, and the way to the page."""

    name: str
    who: str
    width: int
    height: int
    find: Callable[[Site], str]
    scheme: str = "light"


def the_board(_site: Site) -> str:
    """Who of the bureau may act today."""
    return "/cleared"


def the_short_case(site: Site) -> str:
    """The case that one of its two handlers has left."""
    found = site.call("hutangju", "GET", "/api/v1/cases?q=电子秤&status=open")["items"]
    return f"/cases/{found[0]['id']}"


def the_import(site: Site) -> str:
    """A roster with the damage rosters have, looked at and not yet written."""
    wrong = an_id(907)[:-1] + ("0" if an_id(907)[-1] != "0" else "1")
    rows = [
        a_row(901, name="陈书遥"), a_row(902, name="沈知白", posted_from="2024.3.1", issued_on="2023年6月1日"),
        a_row(903, name="陆 景行"), a_row(904, name="谢云舟", certificate_number="３２０４０００９０４"),
        a_row(907, name="何望舒", id_number=wrong), a_row(908, name="方予安", manager_unit="滆南镇", user_unit=None),
        a_row(909, name="宋清越", valid_to=date(2023, 1, 31)), a_row(910, name="魏南乔"),
        a_row(911, name="钟以宁"), a_row(912, name="许砚清"),
    ]  # fmt: skip
    return f"/imports/{site.upload('renshi', a_workbook(*rows), 'dry_run=true', '武进区花名册.xlsx')}"


def home(_site: Site) -> str:
    """An officer's home: the certificate."""
    return "/"


SHOWN: Final = (
    Picture("cleared", "hutangju", 1280, 800, the_board),
    Picture("cleared-dark", "hutangju", 1280, 800, the_board, "dark"),
    Picture("case", "hutangju", 1280, 720, the_short_case),
    Picture("import", "renshi", 1280, 860, the_import),
    Picture("officer-phone", "officer", 360, 740, home),
    Picture("officer-phone-dark", "officer", 360, 740, home, "dark"),
)


def main() -> int:
    """Writes all of them; 1 when one is too large."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served("demo", Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        chromium = shutil.which("chromium") or "chromium"
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        too_large = [picture.name for picture in SHOWN if _taken(browser, site, picture) > LARGEST]
        browser.close()
    sys.stdout.write("".join(f"{name} is too large\n" for name in too_large))
    return 1 if too_large else 0


def _taken(browser: Any, site: Site, picture: Picture) -> int:
    visitor = Visitor(browser, site, width=picture.width, scheme=picture.scheme)
    visitor.carry(site.session_of(picture.who))
    visitor.open(picture.find(site))
    visitor.page.set_viewport_size({"width": picture.width, "height": picture.height})
    path = PICTURES / f"{picture.name}.png"
    visitor.page.screenshot(path=path)
    visitor.leave()
    sys.stdout.write(f"{path.name} {path.stat().st_size:,} bytes\n")
    return path.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
