"""The look keeps its promises: contrast, one source of colour, nothing inline, no missing icon."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = ROOT / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")
PACKAGES = ("src", "personnel", "courses", "exams")

GROUNDS = ("paper", "surface", "sunk", "hover")
STATUSES = ("seal", "jade", "amber", "plain")

Palette = dict[str, str]


def declarations(block: str) -> Palette:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))


def block_after(selector: str) -> str:
    start = TOKENS.index(selector)
    return TOKENS[start : TOKENS.index("}", start)]


LIGHT = declarations(block_after(":root {"))
DARK_BY_SYSTEM = declarations(block_after(':root:not([data-theme="light"])'))
DARK_BY_CHOICE = declarations(block_after(':root[data-theme="dark"]'))


def luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def pairs() -> Iterator[tuple[str, str, float]]:
    """(text, ground, least ratio): 7 for body text, 4.5 for the rest, 3 for edges and marks."""
    for ground in GROUNDS:
        yield from (
            ("ink", ground, 7.0),
            ("ink-2", ground, 7.0),
            ("ink-3", ground, 4.5),
            ("link", ground, 4.5),
        )
        yield from ((f"{status}-text", ground, 4.5) for status in STATUSES)
        yield from (("edge", ground, 3.0), ("focus", ground, 3.0))
        yield from ((mark, ground, 3.0) for mark in ("seal", "jade", "amber"))
    for status in STATUSES:
        yield from (("ink", f"{status}-soft", 7.0), (f"{status}-text", f"{status}-soft", 4.5))
    yield from (("ink-2", "seal-soft", 4.5), ("ink-2", "amber-soft", 4.5), ("jade-text", "jade-mid", 4.5))
    yield from (("band-text", "band", 7.0), ("band-text-2", "band", 4.5), ("band-text-2", "band-2", 4.5))
    yield from (("action-text", "action", 4.5), ("action-text", "action-hover", 4.5))


@pytest.mark.parametrize("palette", [LIGHT, DARK_BY_CHOICE], ids=["light", "dark"])
def test_every_text_stands_out_from_every_ground_it_may_stand_on(palette: Palette) -> None:
    faint = {
        (text, ground): round(contrast(palette[text], palette[ground]), 2)
        for text, ground, least in pairs()
        if contrast(palette[text], palette[ground]) < least
    }
    assert faint == {}


def test_dark_by_system_and_dark_by_choice_are_the_same() -> None:
    assert DARK_BY_SYSTEM == DARK_BY_CHOICE


def test_dark_renames_every_light_colour() -> None:
    assert set(LIGHT) == set(DARK_BY_CHOICE)


def templates() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("templates/**/*.html"))]


def test_no_template_carries_inline_style_or_script() -> None:
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=[\"']|javascript:|<script(?![^>]*\ssrc=)")
    found = [
        (path.name, match.group())
        for path in templates()
        for match in inline.finditer(
            re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        )
    ]
    assert found == []


def test_every_icon_asked_for_is_in_the_sprite() -> None:
    drawn = set(
        re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons/sprite.svg").read_text(encoding="utf-8"))
    )
    asked = {
        name
        for path in templates()
        for name in re.findall(r'(?:\bicon\(|icon_name=)"([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert asked - drawn == set()


def test_every_colour_a_style_names_is_defined() -> None:
    defined = set(re.findall(r"--([\w-]+):", TOKENS))
    used = {
        name
        for sheet in CSS.glob("*.css")
        for name in re.findall(r"var\(--([\w-]+)", sheet.read_text(encoding="utf-8"))
    }
    assert used - defined == set()


def test_nothing_is_fetched_from_elsewhere() -> None:
    files = [path for path in sorted((ROOT / "static").rglob("*")) if path.suffix in {".css", ".js", ".svg"}]
    remote = {
        (path.name, address)
        for path in files
        for address in re.findall(r"https?://[^\s\"')]+", path.read_text(encoding="utf-8"))
    }
    assert {address for _, address in remote} <= {"http://www.w3.org/2000/svg"}
