"""The marking job, in the child process: the user's archive again, with four or five of its parts changed."""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final
from xml.sax.saxutils import quoteattr

import msgspec

from chizheng.kernel.spreadsheets.cells import Limits, place
from chizheng.kernel.spreadsheets.container import CHUNK, Counted, open_part, read_part
from chizheng.kernel.spreadsheets.mark_sheet import RELATIONSHIPS, SheetMarker, Survey
from chizheng.kernel.spreadsheets.mark_styles import Styles
from chizheng.kernel.spreadsheets.marking import Mark, Marking
from chizheng.kernel.spreadsheets.outline import read_outline, relations, relations_path
from chizheng.kernel.spreadsheets.refusals import WorkbookRefused
from chizheng.kernel.spreadsheets.splicing import text_element

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
COMMENTS: Final = "xl/comments_chizheng.xml"
DRAWING: Final = "xl/drawings/vmlDrawing_chizheng.vml"
MOST_COMMENTS: Final = 2_000
TYPES: Final = "[Content_Types].xml"
OFFICE: Final = "application/vnd.openxmlformats-officedocument"
VML: Final = "urn:schemas-microsoft-com:vml"
VML_OFFICE: Final = "urn:schemas-microsoft-com:office:office"
VML_EXCEL: Final = "urn:schemas-microsoft-com:office:excel"
DRAWING_RELATION: Final = "rIdChizhengDrawing"
NO_RELATIONS: Final = f'<Relationships xmlns="{PACKAGE}/relationships"></Relationships>'.encode()
AUTHOR_NAME: Final = "错误原因"
AUTHOR: Final = re.compile(rb"<(?:\w+:)?author>([^<]*)<")
HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


Writer = Callable[[Callable[[bytes], object]], object]
"""Writes one part through the function it is given."""


def mark(archive: zipfile.ZipFile, instructions: bytes, limits: Limits) -> bytes:
    """The marked copy's bytes. WorkbookRefused when the sheet or the styles are not where they should be."""
    marking = msgspec.msgpack.decode(instructions, type=Marking)
    sheets, shared, _date1904 = read_outline(archive, limits)
    path = next((sheet.path for sheet in sheets if sheet.name == marking.sheet), None)
    if path is None or "styles" not in shared:
        raise WorkbookRefused("cannot_mark")
    source = read_part(archive, path, limits.unpacked_bytes)
    styles = Styles(read_part(archive, shared["styles"], limits.unpacked_bytes))
    survey = Survey(source)
    if survey.commented:
        comments, link = _comments_again(archive, path, marking.marks, limits), None
    else:
        comments = _comments(archive, path, source, marking.marks, limits)
        link = DRAWING_RELATION if comments else None

    def write_sheet(write: Callable[[bytes], object]) -> None:
        marker = SheetMarker(source, write, marking, styles, marking.column or survey.width + 1)
        marker.write(link)

    changed: dict[str, Writer] = {path: write_sheet, **comments}
    others = [name for name in archive.namelist() if name != shared["styles"] and not name.endswith("/")]
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as target:
        for name in dict.fromkeys([*others, *changed]):
            with target.open(name, "w") as part:
                changed.get(name, partial(_copy, archive, name, limits))(part.write)
        target.writestr(shared["styles"], styles.written())  # last: the sheet says which styles it needs
    return copy.getvalue()


def _copy(archive: zipfile.ZipFile, name: str, limits: Limits, write: Callable[[bytes], object]) -> None:
    with open_part(archive, name) as part:
        counted = Counted(part, limits.unpacked_bytes, None)
        while chunk := counted.read(CHUNK):
            write(chunk)


def _comments(
    archive: zipfile.ZipFile, sheet: str, source: bytes, marks: Sequence[Mark], limits: Limits
) -> dict[str, Writer]:
    """The parts that comments need: the texts, their boxes, and three places where these are registered."""
    names = archive.namelist()
    if not marks or COMMENTS in names or DRAWING in names or MAIN.encode() not in source[:4096]:
        return {}
    shown = _shown(marks)
    links = relations_path(sheet)
    known = read_part(archive, links, limits.unpacked_bytes) if links in names else NO_RELATIONS
    kinds = read_part(archive, TYPES, limits.unpacked_bytes)
    contents = {
        COMMENTS: _texts(shown),
        DRAWING: _boxes(shown),
        links: _appended(known, _links(posixpath.dirname(sheet))),
        TYPES: _appended(kinds, _types(vml_known=b'"vml"' in kinds.lower())),
    }
    return {name: partial(_give, content) for name, content in contents.items()}


def _comments_again(
    archive: zipfile.ZipFile, sheet: str, marks: Sequence[Mark], limits: Limits
) -> dict[str, Writer]:
    """In a marked copy that came back the old reasons give way to the new ones; a user's own comments stay."""
    found = dict(relations(archive, sheet, limits).values())
    if not {"comments", "vmlDrawing"} <= set(found):
        return {}
    authors = set(AUTHOR.findall(read_part(archive, found["comments"], limits.unpacked_bytes)))
    if authors != {AUTHOR_NAME.encode()}:
        return {}
    shown = _shown(marks)
    return {
        found["comments"]: partial(_give, _texts(shown)),
        found["vmlDrawing"]: partial(_give, _boxes(shown)),
    }


def _shown(marks: Sequence[Mark]) -> list[Mark]:
    return list({mark.cell: mark for mark in marks}.values())[:MOST_COMMENTS]


def _give(content: bytes, write: Callable[[bytes], object]) -> None:
    write(content)


def _appended(part: bytes, addition: str) -> bytes:
    """The part with something more before the end of its root element."""
    end = part.rfind(b"</")
    if end < 0 or b":" in part[end:]:
        raise WorkbookRefused("cannot_mark")
    return part[:end] + addition.encode() + part[end:]


def _links(folder: str) -> str:
    def link(identity: str, kind: str, path: str) -> str:
        target = quoteattr(posixpath.relpath(path, folder or "."))
        return f'<Relationship Id="{identity}" Type="{RELATIONSHIPS}/{kind}" Target={target}/>'

    comments = link("rIdChizhengComments", "comments", COMMENTS)
    return comments + link(DRAWING_RELATION, "vmlDrawing", DRAWING)


def _types(*, vml_known: bool) -> str:
    default = "" if vml_known else f'<Default Extension="vml" ContentType="{OFFICE}.vmlDrawing"/>'
    return f'{default}<Override PartName="/{COMMENTS}" ContentType="{OFFICE}.spreadsheetml.comments+xml"/>'


def _texts(marks: Sequence[Mark]) -> bytes:
    texts = "".join(
        f'<comment ref="{mark.cell}" authorId="0"><text>{text_element(mark.reason)}</text></comment>'
        for mark in marks
    )
    root = f'<comments xmlns="{MAIN}"><authors><author>{AUTHOR_NAME}</author></authors>'
    return f"{HEAD}{root}<commentList>{texts}</commentList></comments>".encode()


def _boxes(marks: Sequence[Mark]) -> bytes:
    """A hidden yellow box per comment, in the old drawing language that spreadsheet programs still want."""
    boxes = "".join(_box(number, *place(mark.cell)) for number, mark in enumerate(marks, start=1))
    names = f'xmlns:v="{VML}" xmlns:o="{VML_OFFICE}" xmlns:x="{VML_EXCEL}"'
    kind = (
        '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"/>'
    )
    return f"<xml {names}>{kind}{boxes}</xml>".encode()


def _box(number: int, row: int, column: int) -> str:
    anchor = f"{column},15,{max(0, row - 2)},10,{column + 4},15,{row + 3},4"
    return (
        f'<v:shape id="_x0000_s{1024 + number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" '
        'fillcolor="#ffffe1" o:insetmode="auto"><v:textbox/><x:ClientData ObjectType="Note"><x:MoveWithCells/>'
        f"<x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    )
