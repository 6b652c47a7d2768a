"""Setting up a directory of units: a district's own file, or the starter directory."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from chizheng.kernel import audit
from chizheng.kernel.access import Actor
from chizheng.kernel.db import execute_many, fetch, fetch_value, transactional
from chizheng.kernel.errors import Conflict, Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import new_id
from personnel.units.reading import NewUnit
from personnel.units.rules import Kind, may_stand_under

UNKNOWN_BEGINNING: Final = date(2000, 1, 1)
"""When a unit began that a file gives no day for: before any posting that could name it."""


class Placed(msgspec.Struct, frozen=True):
    """A unit that stands: its id, its kind, its parent."""

    id: UUID
    kind: Kind
    parent: UUID | None


async def fields_by_name() -> dict[str, str]:
    """The code of each field of enforcement by its name."""
    rows = await fetch("SELECT name, code FROM field ORDER BY position")
    return {row["name"]: row["code"] for row in rows}


@transactional
async def set_up_units(actor: Actor, units: Sequence[NewUnit]) -> int:
    """Adds the units and aliases that are not there yet; returns how many units it added.

    All or none. Raises Invalid for a parent nobody knows, Conflict when a unit is there in another place.
    """
    rows = await fetch("SELECT id, name, kind, parent FROM unit WHERE valid_to IS NULL")
    placed = {row["name"]: Placed(row["id"], Kind(row["kind"]), row["parent"]) for row in rows}
    new = [unit for unit in _parents_first(units, set(placed)) if not _stands(unit, placed)]
    position = await fetch_value("SELECT COALESCE(max(position), 0) FROM unit")
    for unit in new:
        placed[unit.name] = Placed(new_id(), unit.kind, _parent(unit, placed))
    await execute_many(
        "INSERT INTO unit (id, kind, name, parent, division_code, field, valid_from, position)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            (placed[unit.name].id, unit.kind, unit.name, placed[unit.name].parent, unit.division_code, unit.field,
             UNKNOWN_BEGINNING, position + number)
            for number, unit in enumerate(new, 1)
        ],
    )  # fmt: skip
    added = await _add_aliases(units, placed)
    if new or added:
        await audit.record(actor, "units.set_up", ("unit", None), {"units": len(new), "aliases": added})
    return len(new)


def _parent(unit: NewUnit, placed: dict[str, Placed]) -> UUID | None:
    above = placed[unit.parent] if unit.parent else None
    if not may_stand_under(unit.kind, above.kind if above else None):
        raise Invalid(_("第 %(row)s 行：“%(name)s”不能设在这个上级之下", row=unit.row, name=unit.name))
    return above.id if above else None


def _stands(unit: NewUnit, placed: dict[str, Placed]) -> bool:
    """Whether the unit is there already, in the same place."""
    there = placed.get(unit.name)
    if there is None:
        return False
    parent = placed[unit.parent].id if unit.parent in placed else None
    if (there.kind, there.parent) != (unit.kind, parent):
        raise Conflict(
            "unit_placed_otherwise",
            _(
                "第 %(row)s 行：单位“%(name)s”已存在，但类别或上级不同；单位不能移动",
                row=unit.row,
                name=unit.name,
            ),
        )
    return True


def _parents_first(units: Sequence[NewUnit], known: set[str]) -> list[NewUnit]:
    """The units in an order in which every parent comes before its children."""
    ordered: list[NewUnit] = []
    waiting = list(units)
    there = set(known)
    while waiting:
        ready = [unit for unit in waiting if unit.parent is None or unit.parent in there]
        if not ready:
            raise Invalid(
                _("第 %(row)s 行：没有上级单位“%(name)s”", row=waiting[0].row, name=waiting[0].parent)
            )
        ordered += ready
        there |= {unit.name for unit in ready}
        waiting = [unit for unit in waiting if unit.name not in there]
    return ordered


async def _add_aliases(units: Sequence[NewUnit], placed: dict[str, Placed]) -> int:
    held = {row["alias"]: row["unit"] for row in await fetch("SELECT alias, unit FROM unit_alias")}
    wanted = [(placed[unit.name].id, alias, unit) for unit in units for alias in unit.aliases]
    for owner, alias, unit in wanted:
        if held.get(alias, owner) != owner or placed.get(alias, placed[unit.name]).id != owner:
            raise Conflict(
                "alias_taken",
                _("第 %(row)s 行：别名“%(alias)s”已属于另一个单位", row=unit.row, alias=alias),
            )
    new = [(new_id(), owner, alias) for owner, alias, _unit in wanted if alias not in held]
    await execute_many("INSERT INTO unit_alias (id, unit, alias) VALUES ($1, $2, $3)", new)
    return len(new)
