"""Changes an XML part in place: everything that is not touched stays byte for byte as the user's program wrote it.

Rewriting a workbook through a library loses what the library does not know (pictures, shapes, print settings) and
costs half a kilobyte of memory per cell; splicing loses nothing and holds the part once.
"""

import re
from collections.abc import Callable
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from chizheng.kernel.spreadsheets.refusals import WorkbookRefused

TAG: Final = re.compile(rb"<(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>")
NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FORMULA_LEADS: Final = ("=", "+", "-", "@", "\t", "\r")


class Splicer:
    """Copies a part to `write`, piece by piece, with changes between the pieces."""

    def __init__(self, source: bytes, write: Callable[[bytes], object]) -> None:
        if source[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise WorkbookRefused("cannot_mark")  # UTF-16: allowed, but no spreadsheet program writes it
        self.source, self.write, self.position = source, write, 0
        self.view = memoryview(source)

    def copy_to(self, offset: int) -> None:
        """Copies what lies before the offset."""
        if offset > self.position:
            self.write(self.view[self.position : offset])  # type: ignore[arg-type]  # any buffer will do
            self.position = offset

    def put(self, text: str | bytes) -> None:
        """Writes something new here."""
        self.write(text.encode() if isinstance(text, str) else text)

    def skip_to(self, offset: int) -> None:
        """Leaves out what lies before the offset."""
        self.position = max(self.position, offset)

    def tag(self, offset: int) -> bytes:
        """The whole tag that begins at the offset."""
        found = TAG.match(self.source, offset)
        if not found:
            raise WorkbookRefused("cannot_mark")
        return found[0]

    def finish(self) -> None:
        """Copies the rest."""
        self.copy_to(len(self.source))


def walk(
    source: bytes,
    start: Callable[[str, dict[str, str], int], object],
    end: Callable[[str, int], object] | None = None,
) -> None:
    """Calls `start(name, attributes, offset)` and `end(name, offset)` for every element, names as written."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: start(name, attributes, parser.CurrentByteIndex)
    if end is not None:
        ended = end
        parser.EndElementHandler = lambda name: ended(name, parser.CurrentByteIndex)
    try:
        parser.Parse(source, True)
    except expat.ExpatError as error:
        raise WorkbookRefused("damaged") from error


def local(name: str) -> str:
    """x:row -> row."""
    return name.rpartition(":")[2]


def prefix(name: str) -> str:
    """x:row -> x: ; row -> nothing."""
    return name[: len(name) - len(local(name))]


def with_attributes(tag: bytes, **values: str | None) -> bytes:
    """The start tag with these attributes set; None takes one away."""
    for name in values:
        tag = re.sub(rb"\s" + name.encode() + rb"\s*=\s*(\"[^\"]*\"|'[^']*')", b"", tag, count=1)
    added = "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)
    head = re.match(rb"<[^\s/>]+", tag)
    if head is None:
        raise WorkbookRefused("cannot_mark")
    return head[0] + added.encode() + tag[head.end() :]


def harmless(text: str) -> str:
    """Text for a cell: no character XML forbids, nothing that a spreadsheet takes for a formula."""
    clean = NOT_XML.sub("", text)[:8_000]
    return f"'{clean}" if clean.startswith(FORMULA_LEADS) else clean


def text_element(text: str, name: str = "t") -> str:
    """The text as an XML element that keeps its spaces."""
    return f'<{name} xml:space="preserve">{escape(harmless(text))}</{name}>'
