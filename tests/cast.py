"""The tests' small cast: a district with two towns, each with a bureau and two squads, a team, and its people.

Written with plain SQL, so that a fault in an action cannot hide a fault in the gate.
"""

from datetime import date, timedelta
from uuid import UUID

import msgspec

from chizheng.kernel.db import execute, fetch_value
from chizheng.kernel.ids import new_id

LONG_AGO = date(2020, 1, 1)
FAR_AHEAD = date(2040, 1, 1)


class District(msgspec.Struct, frozen=True):
    """The units of the stage, by what they are."""

    root: UUID
    team: UUID
    town: UUID
    bureau: UUID
    squad: UUID
    other_town: UUID
    other_bureau: UUID


async def a_unit(kind: str, name: str, parent: UUID | None = None, field: str | None = None) -> UUID:
    return await fetch_value(
        "INSERT INTO unit (id, kind, name, parent, field, valid_from) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        new_id(), kind, name, parent, field, LONG_AGO,
    )  # fmt: skip


async def a_district(prefix: str = "") -> District:
    """Two towns under one district. The prefix keeps names apart when a module builds several."""
    root = await a_unit("district", f"{prefix}山阳区")
    team = await a_unit("team", f"{prefix}区市场监管综合行政执法大队", root, "market")
    town = await a_unit("town", f"{prefix}青石镇", root)
    bureau = await a_unit("bureau", f"{prefix}青石镇综合行政执法局", town)
    squad = await a_unit("squad", f"{prefix}青石镇综合行政执法局一中队", bureau)
    other_town = await a_unit("town", f"{prefix}白水街道", root)
    other_bureau = await a_unit("bureau", f"{prefix}白水街道综合行政执法局", other_town)
    return District(root, team, town, bureau, squad, other_town, other_bureau)


async def a_person(name: str = "陈一") -> UUID:
    """Somebody without a single fact."""
    return await fetch_value(
        "INSERT INTO officer (id, name, pinyin, initials) VALUES ($1, $2, '', '') RETURNING id",
        new_id(),
        name,
    )


async def serves(
    officer: UUID, status: str = "active", start: date = LONG_AGO, end: date | None = None
) -> UUID:
    return await fetch_value(
        "INSERT INTO service (officer, status, valid_from, valid_to) VALUES ($1, $2, $3, $4) RETURNING id",
        officer, status, start, end,
    )  # fmt: skip


async def established(
    officer: UUID, type: str = "enforcement", start: date = LONG_AGO, end: date | None = None
) -> UUID:
    return await fetch_value(
        "INSERT INTO establishment (officer, type, valid_from, valid_to) VALUES ($1, $2, $3, $4) RETURNING id",
        officer, type, start, end,
    )  # fmt: skip


async def posted(
    officer: UUID, district: District, user: UUID | None = None, kind: str = "secondment",
    start: date = LONG_AGO, end: date | None = None,
) -> UUID:  # fmt: skip
    return await fetch_value(
        "INSERT INTO posting (officer, kind, owner_unit, manager_unit, user_unit, post, valid_from, valid_to)"
        " VALUES ($1, $2, $3, $4, $5, 'enforcement', $6, $7) RETURNING id",
        officer, kind, district.team, district.town, user or district.squad, start, end,
    )  # fmt: skip


async def certified(
    officer: UUID, area: UUID, fields: tuple[str, ...] = ("market",), start: date = LONG_AGO, end: date = FAR_AHEAD,
    number: str | None = None,
) -> UUID:  # fmt: skip
    """Issues a certificate; returns its series."""
    return await fetch_value(
        "INSERT INTO certificate (officer, number, fields, area, authority, issued_on, valid_from, valid_to)"
        " VALUES ($1, $2, $3, $4, '山阳区人民政府', $5, $5, $6) RETURNING series",
        officer, number or f"3204{new_id().int % 10**12:012d}", list(fields), area, start, end,
    )  # fmt: skip


async def happened(officer: UUID, certificate: UUID, verb: str, start: date, end: date | None = None) -> UUID:
    return await fetch_value(
        "INSERT INTO certificate_event (certificate, officer, verb, valid_from, valid_to, reason)"
        " VALUES ($1, $2, $3, $4, $5, '测试') RETURNING id",
        certificate, officer, verb, start, end,
    )  # fmt: skip


async def an_officer(district: District, name: str = "陈一", fields: tuple[str, ...] = ("market",)) -> UUID:
    """Somebody cleared for everything in these fields at the first town's bureau."""
    officer = await a_person(name)
    await serves(officer)
    await established(officer)
    await posted(officer, district)
    await certified(officer, district.root, fields)
    return officer


async def a_case(
    district: District, opened: date, days: int = 90, field: str = "market", unit: UUID | None = None
) -> UUID:
    return await fetch_value(
        "INSERT INTO case_file (id, number, unit, field, title, opened_on, due_on)"
        " VALUES ($1, $2, $3, $4, '无照经营案', $5, $6) RETURNING id",
        new_id(), f"案{new_id().hex}", unit or district.bureau, field, opened, opened + timedelta(days=days),
    )  # fmt: skip


async def gap_codes(
    officer: UUID, unit: UUID, day: date, until: date | None = None, role: str = "lead", field: str = "market"
) -> list[str]:
    """The codes the gate answers with, in order."""
    return await fetch_value(
        "SELECT COALESCE(array_agg(code ORDER BY code), '{}') FROM clearance_gaps($1, $2, $3, $4, $5, $6)",
        officer, role, field, unit, day, until or day + timedelta(days=1),
    )  # fmt: skip


async def assign(case: UUID, officer: UUID, start: date, end: date, role: str = "lead") -> UUID:
    """A raw INSERT, as somebody at a SQL prompt would write it."""
    return await fetch_value(
        "INSERT INTO assignment (case_file, officer, role, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        case, officer, role, start, end,
    )  # fmt: skip


async def supersede(table: str, id: UUID) -> None:
    await execute(f"UPDATE {table} SET superseded_at = now() WHERE id = $1", id)
