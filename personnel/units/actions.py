"""Making units, naming them otherwise, ending them. A unit never moves: it ends, and another begins."""

from datetime import date
from uuid import UUID

import asyncpg
import msgspec

from chizheng.kernel import audit
from chizheng.kernel.access import Actor, Permission
from chizheng.kernel.db import execute, fetch_one, fetch_value, transactional
from chizheng.kernel.errors import Conflict, Invalid, NotFound
from chizheng.kernel.i18n import _
from chizheng.kernel.ids import new_id
from personnel.scope import unit_in_reach, unit_reach
from personnel.units.labels import KIND_NAMES
from personnel.units.rules import Kind, may_stand_under


class NewUnit(msgspec.Struct, frozen=True):
    """A unit to be made. `field` is a team's own field, `division_code` where it lies."""

    name: str
    kind: Kind
    parent: UUID | None
    valid_from: date
    field: str | None = None
    division_code: str | None = None
    position: int = 0


@transactional
async def make_unit(actor: Actor, unit: NewUnit) -> UUID:
    """Makes a unit. Invalid when its kind may not stand there, Conflict `name_taken` for a name or alias in use."""
    await _reachable(actor, unit.parent)
    name = unit.name.strip()
    await _free(name)
    above = await _parent_kind(unit.parent)
    if not may_stand_under(unit.kind, above):
        raise Invalid(
            _("%(kind)s不能设在这个上级之下", kind=_(KIND_NAMES[unit.kind])), parent=_("请选择别的上级单位")
        )
    made = new_id()
    try:
        await execute(
            "INSERT INTO unit (id, kind, name, parent, division_code, field, valid_from, position)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            made, unit.kind, name, unit.parent, unit.division_code, unit.field, unit.valid_from, unit.position,
        )  # fmt: skip
    except asyncpg.ForeignKeyViolationError as error:
        raise Invalid(_("没有这个执法领域"), field=_("请从列表中选择")) from error
    await audit.record(
        actor, "unit.make", ("unit", made), {"name": name, "kind": unit.kind, "parent": unit.parent}
    )
    return made


@transactional
async def add_alias(actor: Actor, unit: UUID, alias: str) -> None:
    """Another name people write for the unit. Conflict `name_taken` when it names some unit already."""
    await _reachable(actor, unit)
    alias = alias.strip()
    await _free(alias)
    await execute("INSERT INTO unit_alias (id, unit, alias) VALUES ($1, $2, $3)", new_id(), unit, alias)
    await audit.record(actor, "unit.add_alias", ("unit", unit), {"alias": alias})


@transactional
async def end_unit(actor: Actor, unit: UUID, on: date) -> None:
    """The unit stands until the day before `on`.

    Conflict `unit_in_use` while postings name it, or units stand under it, on that day or later.
    """
    await _reachable(actor, unit)
    row = await fetch_one("SELECT name, valid_from, valid_to FROM unit WHERE id = $1 FOR UPDATE", unit)
    assert row is not None
    if row["valid_to"] is not None or on <= row["valid_from"]:
        raise Invalid(_("撤并日期应晚于设立日期，且单位尚未撤并"), on=_("请更正日期"))
    people = await fetch_value(
        "SELECT count(DISTINCT officer) FROM posting WHERE superseded_at IS NULL"
        " AND (valid_to IS NULL OR valid_to > $2) AND $1 IN (owner_unit, manager_unit, user_unit)",
        unit, on,
    )  # fmt: skip
    units = await fetch_value(
        "SELECT count(*) FROM unit WHERE parent = $1 AND (valid_to IS NULL OR valid_to > $2)", unit, on
    )
    if people or units:
        raise Conflict(
            "unit_in_use",
            _("该日仍有 %(people)s 人派驻、%(units)s 个下级单位，不能撤并", people=people, units=units),
            {"people": people, "units": units},
        )
    await execute("UPDATE unit SET valid_to = $2 WHERE id = $1", unit, on)
    await audit.record(actor, "unit.end", ("unit", unit), {"name": row["name"], "to": on})


async def _reachable(actor: Actor, unit: UUID | None) -> None:
    """Whoever brings the roster in keeps its directory; a top unit only for the whole district."""
    scope = actor.scope(Permission.ROSTER_IMPORT)
    known = "SELECT EXISTS (SELECT FROM unit u WHERE u.id = $3 AND " + unit_in_reach("u.id") + ")"
    if unit is None and not scope.everywhere:
        raise NotFound(_("这个上级单位"))
    if unit is not None and not await fetch_value(known, *unit_reach(scope), unit):
        raise NotFound(_("这个单位"))


async def _parent_kind(parent: UUID | None) -> Kind | None:
    if parent is None:
        return None
    return Kind(await fetch_value("SELECT kind FROM unit WHERE id = $1", parent))


async def _free(name: str) -> None:
    if not name:
        raise Invalid(_("请填写单位名称"), name=_("请填写"))
    taken = (
        "SELECT u.name FROM unit u WHERE u.name = $1"
        " UNION ALL SELECT u.name FROM unit_alias a JOIN unit u ON u.id = a.unit WHERE a.alias = $1"
    )
    holder = await fetch_value(taken, name)
    if holder:
        raise Conflict("name_taken", _("“%(name)s”已是%(unit)s的名称或别名", name=name, unit=holder))
