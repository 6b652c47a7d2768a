"""What is wrong with the page somebody is on: to a screen reader, to the eye, on a phone, in its words."""

import re
from typing import Final

from tests.journeys.visiting import TALL, Visitor

VIEWS: Final = ((1280, "light"), (360, "dark"), (360, "light"), (1280, "dark"))
ENOUGH: Final = 2
"""Of these views every page is read in the first two: each width and each theme once. No rule of the style sheets joins
a width with a theme, so the other two would find nothing more."""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = """axe.run({resultTypes: ['violations']}).then(read => read.violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 160)}`)))"""
UNFOLD = "document.querySelectorAll('main details').forEach(one => one.open = true)"

# No developer's words on a page: interface.md, "Words".
FOREIGN_WORDS: Final = {
    "an id": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}"),
    "a timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d"),
    "a code": re.compile(r"\b[a-z]+_[a-z_]+\b"),
    "a value of the program": re.compile(r"\b(?:None|True|False|null|undefined|NaN)\b|\{\}|\[\]|\\u[0-9a-f]{4}|%\("),
    "half-width punctuation": re.compile(r"[\u4e00-\u9fff][,;:?!(]|[,;:?!)][\u4e00-\u9fff]"),
}  # fmt: skip


def faults_of(visitor: Visitor, views: int = ENOUGH) -> list[str]:
    """All of it, in light and dark, wide and narrow."""
    from axe_playwright_python.sync_playwright import Axe

    page = visitor.page
    page.evaluate(UNFOLD)
    page.evaluate(Axe().axe_script)
    found = words_of(visitor)
    for width, scheme in VIEWS[:views]:
        page.set_viewport_size({"width": width, "height": TALL[width]})
        page.emulate_media(color_scheme=scheme)
        if (wider := page.evaluate(WIDER)) > 0:
            found.append(f"{width} {scheme}: scrolls sideways by {wider} px")
        found += [f"{width} {scheme}: {line}" for line in page.evaluate(BROKEN)]
    return found


def words_of(visitor: Visitor) -> list[str]:
    """Words on the page that no clerk should meet."""
    text = visitor.page.locator("body").inner_text()
    return [
        f"{kind}: {text[max(0, found.start() - 15) : found.end() + 15]!r}"
        for kind, shape in FOREIGN_WORDS.items()
        if (found := shape.search(text))
    ]
