"""Reads an XML part as a stream of its elements, in memory that does not grow with the part."""

import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from chizheng.kernel.spreadsheets.cells import Limits
from chizheng.kernel.spreadsheets.container import CHUNK, Counted, open_part
from chizheng.kernel.spreadsheets.refusals import WorkbookRefused


def elements(
    archive: zipfile.ZipFile, path: str, limits: Limits, *names: str, sheet: str | None = None
) -> Iterator[Element]:
    """The elements of these names in the first two levels below the root, each whole, and forgotten once
    used: memory does not grow with the part. The tree is built without a call into Python per element, which
    takes half the time of reading events.
    """
    builder = TreeBuilder()
    above = builder.start("above", {})
    parser = XMLParser(target=builder)  # noqa: S314  declared entities are refused in container.py
    with open_part(archive, path) as part:
        source = Counted(part, limits.unpacked_bytes, sheet)
        while chunk := source.read(CHUNK):
            _feed(parser, chunk)
            yield from _finished(above[0], names) if len(above) else ()
    _feed(parser, None)
    if len(above):
        yield from _taken(above[0], len(above[0]), names)


def _feed(parser: XMLParser, chunk: bytes | None) -> None:
    """The next bytes, None for the end: an XML part that breaks off is damaged."""
    try:
        parser.close() if chunk is None else parser.feed(chunk)
    except (ParseError, ValueError, LookupError) as error:
        raise WorkbookRefused("damaged") from error


def _finished(root: Element, names: tuple[str, ...]) -> Iterator[Element]:
    """Takes what is complete out of a tree that still grows at its last branch."""
    yield from _taken(root, len(root) - 1, names)
    if len(root) and local_name(root[-1].tag) not in names:
        yield from _taken(root[-1], len(root[-1]) - 1, names)


def _taken(parent: Element, count: int, names: tuple[str, ...]) -> Iterator[Element]:
    children = parent[: max(0, count)]
    del parent[: max(0, count)]
    for child in children:
        if local_name(child.tag) in names:
            yield child
        else:
            yield from (grandchild for grandchild in child if local_name(grandchild.tag) in names)


def local_name(tag: str) -> str:
    """The tag without its namespace."""
    return tag.rpartition("}")[2]


def whole_number(text: str | None, default: int = 0) -> int:
    """A small whole number as the file writes it."""
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise WorkbookRefused("damaged")
    return int(text)
