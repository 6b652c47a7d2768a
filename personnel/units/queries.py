"""Reading units: the tree with its people counted, one unit, a search by name or alias."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec

from chizheng.kernel.access import Scope
from chizheng.kernel.db import fetch, fetch_as, one_as
from chizheng.kernel.errors import NotFound
from chizheng.kernel.i18n import _
from personnel.scope import in_reach, reach, unit_in_reach, unit_reach


class Node(msgspec.Struct, frozen=True, rename={"valid_from": "from", "valid_to": "to"}):
    """A unit with the people of its whole subtree as of the day asked: owned, managed and used by it."""

    id: UUID
    kind: str
    name: str
    parent: UUID | None
    field: str | None
    division_code: str | None
    valid_from: date
    valid_to: date | None
    aliases: list[str]
    owned: int
    managed: int
    used: int
    depth: int = 0


class Choice(msgspec.Struct, frozen=True):
    """A unit in a list to choose from."""

    id: UUID
    name: str
    kind: str
    depth: int


NODES = f"""
WITH here AS MATERIALIZED (
    SELECT p.officer, p.owner_unit, p.manager_unit, p.user_unit FROM posting p
    WHERE p.superseded_at IS NULL AND p.valid_from <= $8 AND (p.valid_to IS NULL OR p.valid_to > $8)
      AND {in_reach("p.officer", 3)}
),
counted AS (
    SELECT a.ancestor AS unit,
           count(DISTINCT here.officer) FILTER (WHERE stands.relation = 'owner') AS owned,
           count(DISTINCT here.officer) FILTER (WHERE stands.relation = 'manager') AS managed,
           count(DISTINCT here.officer) FILTER (WHERE stands.relation = 'user') AS used
    FROM here,
         LATERAL (VALUES ('owner', here.owner_unit), ('manager', here.manager_unit), ('user', here.user_unit))
             AS stands (relation, unit)
         JOIN unit_ancestor a ON a.unit = stands.unit
    GROUP BY a.ancestor
)
SELECT u.id, u.kind, u.name, u.parent, u.field, u.division_code, u.valid_from, u.valid_to,
       ARRAY(SELECT alias FROM unit_alias WHERE unit_alias.unit = u.id ORDER BY alias),
       COALESCE(c.owned, 0), COALESCE(c.managed, 0), COALESCE(c.used, 0)
FROM unit u LEFT JOIN counted c ON c.unit = u.id
WHERE {unit_in_reach("u.id", 1)}"""
ORDER = " ORDER BY u.position, u.name"


async def unit_tree(scope: Scope, day: date, text: str = "") -> list[Node]:
    """The units in reach, each followed by those under it; with a text only those whose name or alias holds it.

    The counts are of people in reach.
    """
    like = f"%{escaped(text)}%"
    matches = (
        " AND ($9 = '%%' OR u.name ILIKE $9 OR EXISTS"
        " (SELECT FROM unit_alias x WHERE x.unit = u.id AND x.alias ILIKE $9))"
    )
    nodes = await fetch_as(Node, NODES + matches + ORDER, *unit_reach(scope), *reach(scope), day, like)
    return in_order(nodes)


async def one_unit(scope: Scope, unit: UUID, day: date) -> Node:
    """A unit in reach; NotFound for any other."""
    node = await one_as(Node, NODES + " AND u.id = $9", *unit_reach(scope), *reach(scope), day, unit)
    if node is None:
        raise NotFound(_("这个单位"))
    return node


async def units_under(scope: Scope, unit: UUID, day: date) -> list[Node]:
    """The units directly under one."""
    return await fetch_as(
        Node, NODES + " AND u.parent = $9" + ORDER, *unit_reach(scope), *reach(scope), day, unit
    )


async def units_above(scope: Scope, unit: UUID) -> list[Choice]:
    """The way down to a unit from the highest one in reach, without the unit itself."""
    sql = (
        "SELECT u.id, u.name, u.kind, 0 FROM unit_ancestor a JOIN unit u ON u.id = a.ancestor"
        f" WHERE a.unit = $3 AND a.depth > 0 AND {unit_in_reach('u.id')} ORDER BY a.depth DESC"
    )
    return await fetch_as(Choice, sql, *unit_reach(scope), unit)


async def unit_choices(scope: Scope, day: date) -> list[Choice]:
    """Units in reach that stand on that day, as a tree, for a list to choose from."""
    rows = await fetch(
        "SELECT u.id, u.name, u.kind, u.parent FROM unit u"
        f" WHERE (u.valid_to IS NULL OR u.valid_to > $3) AND {unit_in_reach('u.id')}" + ORDER,
        *unit_reach(scope), day,
    )  # fmt: skip
    depths = _depths((row["id"], row["parent"]) for row in rows)
    by_id = {row["id"]: row for row in rows}
    return [Choice(unit, by_id[unit]["name"], by_id[unit]["kind"], depth) for unit, depth in depths]


def in_order(nodes: Iterable[Node]) -> list[Node]:
    """Each unit followed by those under it, with its depth below the highest one given."""
    by_id = {node.id: node for node in nodes}
    depths = _depths((node.id, node.parent) for node in by_id.values())
    return [msgspec.structs.replace(by_id[unit], depth=depth) for unit, depth in depths]


def escaped(text: str) -> str:
    """Text for LIKE: wildcards taken literally, without the one character PostgreSQL cannot hold."""
    return text.replace("\0", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _depths(pairs: Iterable[tuple[UUID, UUID | None]]) -> list[tuple[UUID, int]]:
    parents = dict(pairs)
    under: dict[UUID | None, list[UUID]] = {}
    for unit, parent in parents.items():
        under.setdefault(parent if parent in parents else None, []).append(unit)
    ordered: list[tuple[UUID, int]] = []
    waiting = [(unit, 0) for unit in reversed(under.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        ordered.append((unit, depth))
        waiting += [(child, depth + 1) for child in reversed(under.get(unit, []))]
    return ordered
