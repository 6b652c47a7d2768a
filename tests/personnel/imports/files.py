"""Workbooks made for a test, who imports them, and what is in the database afterwards."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from openpyxl import Workbook

from chizheng.kernel import keys
from chizheng.kernel.access import Actor, Grant, Role
from chizheng.kernel.db import fetch, fetch_value
from chizheng.kernel.ids import AccountId, new_id
from personnel.facts import COLUMNS
from personnel.identity import check_character
from personnel.imports.heading_words import TITLES

TODAY = date(2026, 11, 21)
USUAL = {
    "name": "陈一", "owner_unit": "区市场监管综合行政执法大队", "establishment": "事业编制", "field": "市场监管",
    "manager_unit": "湖塘镇", "user_unit": "湖塘镇综合行政执法局一中队", "post": "综合执法岗",
    "posted_from": date(2024, 3, 1), "posted_to": date(2027, 3, 1), "certificate_authority": "武进区人民政府",
    "issued_on": date(2023, 6, 1), "valid_to": date(2028, 5, 31), "certificate_state": "有效", "phone": "13812345678",
}  # fmt: skip


def hr(unit: UUID | None = None, *, whole: bool = True, role: Role = Role.HR_OFFICE) -> Actor:
    """Somebody of the HR office, of the whole district unless told otherwise."""
    grant = Grant(role, unit or new_id(), "武进区", whole_district=whole)
    return Actor(account=AccountId(new_id()), username="hr", name="人事测试", grants=(grant,))


def an_id(order: int, born: str = "19900307") -> str:
    """A valid identity number; every order (1–999) is another person."""
    number = f"320412{born}{order:03d}"
    return number + check_character(number)


def a_row(order: int, **cells: Any) -> dict[str, Any]:
    """A sound row for person number `order`; None empties a cell."""
    return {
        **USUAL,
        "name": f"陈{'一二三四五六七八九十'[order % 10]}",
        "id_number": an_id(order),
        "certificate_number": f"3204{order:07d}",
        **cells,
    }


def a_workbook(*rows: dict[str, Any], as_of: str = "") -> bytes:
    """An .xlsx with our headings and these rows."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "花名册"
    if as_of:
        sheet.append([f"截至{as_of}"])
    columns = [column for column in TITLES if any(column in row for row in rows)]
    sheet.append([TITLES[column] for column in columns])
    for row in rows:
        sheet.append([row.get(column) for column in columns])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


async def live_facts() -> list[dict[str, Any]]:
    """Every live fact as it reads, whichever version says it."""
    found: list[dict[str, Any]] = []
    for table in COLUMNS:
        columns = ", ".join(("series", "valid_from", "valid_to", *COLUMNS[table]))
        rows = await fetch(f"SELECT {columns} FROM {table} WHERE superseded_at IS NULL ORDER BY series")
        found += [{"table": table, **dict(row)} for row in rows]
    return found


async def officers() -> list[dict[str, Any]]:
    """Every officer who is not withdrawn, whole."""
    rows = await fetch("SELECT * FROM officer WHERE withdrawn_at IS NULL ORDER BY id")
    return [dict(row) for row in rows]


async def row_counts() -> dict[str, int]:
    """How many rows each table of people and facts has, old versions included."""
    tables: Sequence[str] = ("officer", *COLUMNS)
    return {table: await fetch_value(f"SELECT count(*) FROM {table}") for table in tables}


async def the_officer(order: int) -> UUID:
    """The id of person number `order`."""
    return await fetch_value("SELECT id FROM officer WHERE id_number_index = $1", keys.blind(an_id(order)))


async def facts_of(order: int, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """The live facts of one table and person, earliest first: these columns."""
    rows = await fetch(
        f"SELECT {', '.join(columns)} FROM {table} WHERE officer = $1 AND superseded_at IS NULL ORDER BY valid_from",
        await the_officer(order),
    )
    return [tuple(row) for row in rows]
