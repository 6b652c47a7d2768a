"""Writes marks into one sheet's XML: other styles on marked cells, one column more, the link to the comments."""

from collections.abc import Callable
from typing import Final

from chizheng.kernel.spreadsheets.cells import address, place
from chizheng.kernel.spreadsheets.mark_styles import CLEARED, Styles
from chizheng.kernel.spreadsheets.marking import Marking
from chizheng.kernel.spreadsheets.refusals import WorkbookRefused
from chizheng.kernel.spreadsheets.splicing import Splicer, local, prefix, text_element, walk, with_attributes

RELATIONSHIPS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
AFTER_COMMENTS: Final = frozenset(
    (
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
        "extLst",
    )
)
COLUMN_WIDTH: Final = 60
LAST_COLUMN: Final = 16_384


class Survey:
    """A first look: how far the sheet's filled cells reach, and whether it has comments already."""

    def __init__(self, source: bytes) -> None:
        self.width = self.column = self.row = 0
        self.commented = False
        walk(source, self._start)

    def _start(self, name: str, attributes: dict[str, str], _offset: int) -> None:
        name = local(name)
        if name == "c":
            self.column = _column(attributes, self.column + 1)
        elif name in ("v", "is", "f"):
            self.width = max(self.width, self.column)
        elif name == "row":
            self.column = 0
        elif name == "legacyDrawing":
            self.commented = True


class SheetMarker:
    """Goes through the sheet once and writes it out changed."""

    def __init__(
        self, source: bytes, write: Callable[[bytes], object], marking: Marking, styles: Styles, column: int
    ) -> None:
        self.splicer = Splicer(source, write)
        self.marking, self.styles, self.column = marking, styles, column
        self.levels: dict[int, dict[int, str]] = {}
        for mark in marking.marks:
            row, marked = place(mark.cell)
            self.levels.setdefault(row, {})[marked] = mark.level
        self.notes = {note.row: note for note in marking.notes}
        self.relation: str | None = None
        self.prefix = ""
        self.depth = self.row = self.at = 0
        self.waiting: dict[int, str | None] = {}
        self.last_style = 0
        self.widened = column > LAST_COLUMN

    def write(self, relation: str | None) -> None:
        """Writes the whole sheet; `relation` is the id of the comments' drawing, if there is one."""
        if self.column > LAST_COLUMN:
            raise WorkbookRefused("cannot_mark")
        self.relation = relation
        walk(self.splicer.source, self._start, self._end)
        self.splicer.finish()

    def _start(self, name: str, attributes: dict[str, str], offset: int) -> None:
        self.depth += 1
        plain = local(name)
        if self.depth == 1:
            self.prefix = prefix(name)
        elif self.depth == 2:
            self._start_section(plain, offset)
        elif plain == "col" and not self.widened:
            self._pass_width(attributes, offset)
        elif plain == "row" and self.depth == 3:
            self._start_row(attributes, offset)
        elif plain == "c" and self.row:
            self._start_cell(attributes, offset)

    def _end(self, name: str, offset: int) -> None:
        self.depth -= 1
        plain = local(name)
        if self.depth == 0:
            self._link_comments(offset)
        elif plain == "cols" and not self.widened:
            self.splicer.copy_to(offset)
            self._put_width()
        elif plain == "row" and self.depth == 2 and self.row:
            self._put_before(LAST_COLUMN + 1, offset)
            self.row = 0

    def _start_section(self, name: str, offset: int) -> None:
        if name == "dimension":  # a hint that would be wrong now; programs work it out themselves
            self.splicer.copy_to(offset)
            self.splicer.skip_to(offset + len(self.splicer.tag(offset)))
        elif name == "sheetData" and not self.widened:
            self.splicer.copy_to(offset)
            self.splicer.put(f"<{self.prefix}cols>")
            self._put_width()
            self.splicer.put(f"</{self.prefix}cols>")
        elif name in AFTER_COMMENTS:
            self._link_comments(offset)

    def _link_comments(self, offset: int) -> None:
        if self.relation is None:
            return
        self.splicer.copy_to(offset)
        link = f'<{self.prefix}legacyDrawing xmlns:r="{RELATIONSHIPS}" r:id="{self.relation}"/>'
        self.splicer.put(link)
        self.relation = None

    def _pass_width(self, attributes: dict[str, str], offset: int) -> None:
        """Widths are listed in order; one that the user gave our column stays."""
        first, last = int(attributes.get("min", "1")), int(attributes.get("max", "1"))
        if first <= self.column <= last:
            self.widened = True
        elif first > self.column:
            self.splicer.copy_to(offset)
            self._put_width()

    def _put_width(self) -> None:
        where = f'min="{self.column}" max="{self.column}"'
        self.splicer.put(f'<{self.prefix}col {where} width="{COLUMN_WIDTH}" customWidth="1"/>')
        self.widened = True

    def _start_row(self, attributes: dict[str, str], offset: int) -> None:
        number = int(attributes.get("r", "0"))
        self.at = 0
        self.last_style = 0
        self.waiting = dict.fromkeys(sorted({*self.levels.get(number, ()), *self._noted(number)}))
        again = self.marking.column is not None and number > self.marking.header_row
        self.row = number if self.waiting or again else 0
        if not self.row:
            return
        tag = self.splicer.tag(offset)
        self.splicer.copy_to(offset)
        self.splicer.skip_to(offset + len(tag))
        changed = with_attributes(tag, spans=None)
        if not tag.endswith(b"/>"):
            self.splicer.put(changed)
            return
        self.splicer.put(changed[:-2] + b">")
        self._put_before(LAST_COLUMN + 1, offset + len(tag))
        self.splicer.put(f"</{self.prefix}row>")
        self.row = 0

    def _noted(self, number: int) -> tuple[int, ...]:
        """Our column, in the rows where it says something or said something the last time."""
        again = self.marking.column is not None and number > self.marking.header_row
        return (self.column,) if again or number == self.marking.header_row or number in self.notes else ()

    def _start_cell(self, attributes: dict[str, str], offset: int) -> None:
        self.at = _column(attributes, self.at + 1)
        self._put_before(self.at, offset)
        style = int(attributes.get("s", "0"))
        marked = self.at in self.waiting
        if not marked and not (self.marking.column and style in self.styles.stale):
            self.last_style = style
            return
        self.waiting.pop(self.at, None)
        self.splicer.copy_to(offset)
        tag = self.splicer.tag(offset)
        if self.at == self.column:
            self.splicer.put(self._own_cell())
            self.splicer.skip_to(self._after_cell(offset, tag))
            return
        level = self.levels[self.row][self.at] if marked else CLEARED
        self.splicer.put(with_attributes(tag, s=str(self.styles.marked(style, level))))
        self.splicer.skip_to(offset + len(tag))

    def _after_cell(self, offset: int, tag: bytes) -> int:
        if tag.endswith(b"/>"):
            return offset + len(tag)
        closing = f"</{self.prefix}c>".encode()
        end = self.splicer.source.find(closing, offset)
        if end < 0:
            raise WorkbookRefused("cannot_mark")
        return end + len(closing)

    def _put_before(self, column: int, offset: int) -> None:
        """Writes the cells that the sheet lacks and that come before this column."""
        for missing in [waiting for waiting in self.waiting if waiting < column]:
            del self.waiting[missing]
            self.splicer.copy_to(offset)
            if missing == self.column:
                self.splicer.put(self._own_cell())
            else:
                style = self.styles.marked(0, self.levels[self.row][missing])
                self.splicer.put(f'<{self.prefix}c r="{address(self.row, missing)}" s="{style}"/>')

    def _own_cell(self) -> str:
        """Our column's cell in this row: the title, the note, or nothing any more."""
        note = self.notes.get(self.row)
        where = address(self.row, self.column)
        if self.row == self.marking.header_row:
            style, text = self.last_style, self.marking.column_title
        elif note:
            style, text = self.styles.marked(None, note.level), note.text
        else:
            return ""
        words = f"<{self.prefix}is>{text_element(text, f'{self.prefix}t')}</{self.prefix}is>"
        return f'<{self.prefix}c r="{where}" s="{style}" t="inlineStr">{words}</{self.prefix}c>'


def _column(attributes: dict[str, str], expected: int) -> int:
    reference = attributes.get("r")
    try:
        return place(reference)[1] if reference else expected
    except ValueError as error:
        raise WorkbookRefused("damaged") from error
