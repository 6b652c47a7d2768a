"""Texts as the parts of a workbook write them."""

import re
from typing import Final
from xml.etree.ElementTree import Element

from chizheng.kernel.spreadsheets.cells import BLANK, Cell, Kind, Limits
from chizheng.kernel.spreadsheets.streaming import local_name

ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def text_cell(text: str, limits: Limits) -> Cell:
    """A text as a cell; an overlong one keeps only its beginning and says so by its kind."""
    if not text:
        return BLANK
    if len(text) > limits.text:
        return Cell(Kind.TOO_LONG, text[:50])
    if "_x" in text:
        text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Cell(Kind.TEXT, text)


def text_of(element: Element) -> str:
    """The text of a string, rich or plain, without the reading aids (rPh) of East Asian text."""
    pieces: list[str] = []
    for child in element:
        name = local_name(child.tag)
        if name == "t":
            pieces.append(child.text or "")
        elif name == "r":
            pieces.extend(grandchild.text or "" for grandchild in child if local_name(grandchild.tag) == "t")
    return "".join(pieces)
