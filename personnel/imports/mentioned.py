"""Whom and which certificates a workbook might speak of, found before it is understood.

The database is asked about these only: what an import needs grows with the file, not with the district.
"""

import re
import unicodedata
from typing import Final

import msgspec

from chizheng.kernel.spreadsheets import Cell, Kind, Workbook
from personnel.certificates.rules import tidy_number
from personnel.identity import STRAY, IdNumber, parse_id_number
from personnel.imports.cells import INVISIBLE

IDENTITY: Final = re.compile(r"\d{17}[\dX]")
NUMBER: Final = re.compile(r"[0-9A-Za-z一-鿿()\[\]〔〕/.-]{4,40}")


class Mentioned(msgspec.Struct, frozen=True):
    """Identity numbers and texts that may be numbers of certificates."""

    identities: frozenset[str]
    numbers: frozenset[str]


def mentioned_in(workbook: Workbook) -> Mentioned:
    """Everything in the visible sheets that looks like either."""
    identities: set[str] = set()
    numbers: set[str] = set()
    cells = (cell for sheet in workbook.sheets for row in sheet.rows.values() for cell in row)
    for text in {_text(cell) for cell in cells}:
        narrow = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        if IDENTITY.fullmatch(STRAY.sub("", narrow).upper()):
            found = parse_id_number(text)
            if isinstance(found, IdNumber):
                identities.add(found.number)
        number = "".join(narrow.split()).lstrip("'’")
        if NUMBER.fullmatch(number) and any(character.isdigit() for character in number):
            numbers |= {number, tidy_number(number)}
    return Mentioned(frozenset(identities), frozenset(numbers))


def _text(cell: Cell) -> str:
    if cell.kind is Kind.NUMBER and isinstance(cell.value, int | float):
        return f"{cell.value:.0f}" if abs(cell.value) < 1e15 else ""
    return str(cell.value) if cell.kind is Kind.TEXT and len(str(cell.value)) <= 60 else ""
