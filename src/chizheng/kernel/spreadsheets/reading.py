"""Reading a workbook that somebody sent."""

from pathlib import Path
from typing import Final

import msgspec

from chizheng.kernel.spreadsheets.cells import Cell, Limits, Merge, Sheet, Workbook
from chizheng.kernel.spreadsheets.confined import Message, opened, run

DEFAULT: Final = Limits()

Rows = list[tuple[int, tuple[Cell, ...]]]


def read_workbook(source: Path | str | bytes, limits: Limits = DEFAULT) -> Workbook:
    """The plain cells of an .xlsx, given as a path or as its bytes. Takes up to `limits.seconds` in a child
    process, so call it in a thread from async code. Raises WorkbookRefused (see refusals.py for the codes),
    OSError when the path cannot be read.
    """
    gathered = _Gathered()
    with opened(source, limits) as file:
        for message in run("read", file, limits):
            gathered.take(message)
    return gathered.workbook()


class _Gathered:
    """What the child has told so far."""

    def __init__(self) -> None:
        self.date1904 = False
        self.sheets: list[tuple[str, bool, dict[int, tuple[Cell, ...]], list[Merge]]] = []
        self.rows = msgspec.msgpack.Decoder(Rows)

    def take(self, message: Message) -> None:
        if message.kind == "workbook":
            self.date1904 = msgspec.msgpack.decode(message.body, type=bool)
        elif message.kind == "sheet":
            name, visible = msgspec.msgpack.decode(message.body, type=tuple[str, bool])
            self.sheets.append((name, visible, {}, []))
        elif message.kind == "rows":
            self.sheets[-1][2].update(self.rows.decode(message.body))
        elif message.kind == "merge":
            self.sheets[-1][3].append(msgspec.msgpack.decode(message.body, type=Merge))

    def workbook(self) -> Workbook:
        sheets = (Sheet(name, visible, rows, tuple(merges)) for name, visible, rows, merges in self.sheets)
        return Workbook(tuple(sheets), self.date1904)
