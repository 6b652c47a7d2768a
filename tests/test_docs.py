"""The docs say what the code has, and nothing else."""

import re
from pathlib import Path

import pytest

from chizheng.kernel.access import GRANTED, Permission, Role
from chizheng.service.cli.commands import cli
from chizheng.service.cli.speaking import walk
from chizheng.service.settings import SETTINGS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("README*.md"), *DOCS.rglob("*.md")]
GATE = ROOT / "src/chizheng/clearance/gate/gate.sql"


def test_settings_are_documented_with_their_defaults() -> None:
    text = (DOCS / "settings.md").read_text()
    rows = dict(re.findall(r"^\| `(CHIZHENG_\w+)` \| (?:`([^`]*)`|—) \|", text, re.M))
    assert rows == {setting.name: setting.default for setting in SETTINGS}


def test_commands_are_documented() -> None:
    listed = set(re.findall(r"^\| `chizheng ([a-z -]+?)(?: FILE)?` \|", (DOCS / "cli.md").read_text(), re.M))
    assert listed == {name for name, _help in walk(cli)}


def test_permissions_are_documented_for_each_role() -> None:
    text = (DOCS / "permissions.md").read_text()
    rows = {
        role: set(re.findall(r"`([\w:]+)`", cells))
        for role, cells in re.findall(r"^\| `(\w+)` \| \S+ \| \w+ \| (.+) \|$", text, re.M)
    }
    assert rows == {role.value: {str(one) for one in GRANTED[role]} for role in Role}
    assert set(re.findall(r"^\| `([\w:]+)` \| [a-z]", text, re.M)) == {str(one) for one in Permission}


def test_gaps_are_documented() -> None:
    codes = set(re.findall(r"(?:ROW\(|SELECT )'([a-z_]+)',|'(certificate_[a-z]+)'", GATE.read_text(), re.M))
    named = {code for pair in codes for code in pair if code}
    told = set(
        re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| `.*$", (DOCS / "gate.md").read_text(), re.M)))
    )
    assert len(named) >= 14  # the pattern still finds the gate's codes
    assert named - {"certificate_event"} <= told


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_two_readmes_show_the_same_pictures() -> None:
    pictures = [
        re.findall(r"docs/pictures/[\w-]+\.png", (ROOT / name).read_text())
        for name in ("README.md", "README.zh-CN.md")
    ]
    assert pictures[0] == pictures[1] != []
