"""New cell styles for marked cells: each is the cell's own style with another background.

Our three colours are each one step off the usual ones, so that in a marked copy that comes back they can be told
from colours of the user's own and taken off again.
"""

from typing import Final

from chizheng.kernel.spreadsheets.refusals import WorkbookRefused
from chizheng.kernel.spreadsheets.splicing import Splicer, local, prefix, walk, with_attributes

COLOURS: Final = {"error": "FFFFC7CD", "warning": "FFFFEB9B", "repaired": "FFD9EAD2"}
LEVELS: Final = tuple(COLOURS)
CLEARED: Final = "cleared"


class Styles:
    """The workbook's styles, and those that are added to them."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.tags: dict[str, tuple[int, int]] = {}
        self.styles: list[tuple[int, int]] = []
        self.fills = 0
        self.ours: set[int] = set()
        self.stale: set[int] = set()
        self.added: dict[tuple[int | None, str], int] = {}
        self.path: list[str] = []
        self.prefix = ""
        walk(source, self._start, self._end)
        if "fills" not in self.tags or "cellXfs" not in self.tags or not self.styles:
            raise WorkbookRefused("cannot_mark")

    def _start(self, name: str, attributes: dict[str, str], offset: int) -> None:
        self.path.append(local(name))
        if len(self.path) == 1:
            self.prefix = prefix(name)
        if self.path[1:] == ["fills", "fill"]:
            self.fills += 1
        elif self.path[1:] == ["cellXfs", "xf"]:
            if int(attributes.get("fillId", "0")) in self.ours:
                self.stale.add(len(self.styles))
            self.styles.append((offset, -1))
        elif self.path[1:] == ["fills", "fill", "patternFill", "fgColor"]:
            if attributes.get("rgb") in COLOURS.values():
                self.ours.add(self.fills - 1)
        elif len(self.path) == 2 and self.path[1] in ("fills", "cellXfs"):
            self.tags[self.path[1]] = (offset, -1)

    def _end(self, _name: str, offset: int) -> None:
        if self.path[1:] == ["cellXfs", "xf"]:
            start = self.styles[-1][0]
            self.styles[-1] = (start, offset)
        elif len(self.path) == 2 and self.path[1] in self.tags:
            self.tags[self.path[1]] = (self.tags[self.path[1]][0], offset)
        self.path.pop()

    def marked(self, base: int | None, level: str) -> int:
        """The style number for a cell of style `base` at this level (or CLEARED); None as base is the appended
        column's.
        """
        if base is not None and base >= len(self.styles):
            raise WorkbookRefused("damaged")
        return self.added.setdefault((base, level), len(self.styles) + len(self.added))

    def written(self) -> bytes:
        """The styles part with the new styles in it."""
        pieces: list[bytes] = []
        splicer = Splicer(self.source, lambda piece: pieces.append(bytes(piece)))
        fills = "".join(self._fill(COLOURS[level]) for level in LEVELS)
        styles = b"".join(self._style(splicer, base, level) for base, level in self.added)
        changes = {
            "fills": (self.fills + len(LEVELS), fills.encode()),
            "cellXfs": (len(self.styles) + len(self.added), styles),
        }
        for name, (start, end) in sorted(self.tags.items(), key=lambda item: item[1]):
            count, content = changes[name]
            splicer.copy_to(start)
            tag = splicer.tag(start)
            splicer.put(with_attributes(tag, count=str(count)))
            splicer.skip_to(start + len(tag))
            splicer.copy_to(end)
            splicer.put(content)
        splicer.finish()
        return b"".join(pieces)

    def _fill(self, colour: str) -> str:
        name = self.prefix
        return (
            f'<{name}fill><{name}patternFill patternType="solid"><{name}fgColor rgb="{colour}"/>'
            f'<{name}bgColor indexed="64"/></{name}patternFill></{name}fill>'
        )

    def _style(self, splicer: Splicer, base: int | None, level: str) -> bytes:
        fill = "0" if level == CLEARED else str(self.fills + LEVELS.index(level))
        if base is None:
            name = self.prefix
            return (
                f'<{name}xf numFmtId="49" fontId="0" fillId="{fill}" borderId="0" xfId="0" applyFill="1" '
                f'applyAlignment="1"><{name}alignment vertical="center" wrapText="1"/></{name}xf>'
            ).encode()
        start, end = self.styles[base]
        tag = splicer.tag(start)
        changed = with_attributes(tag, fillId=fill, applyFill="1")
        if tag.endswith(b"/>"):
            return changed
        closing = splicer.tag(end)
        return changed + self.source[start + len(tag) : end + len(closing)]
