"""Units over the API."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, requires
from chizheng.kernel.web import Request
from personnel.units.queries import Node, one_unit, unit_tree


class Units(msgspec.Struct):
    """The tree as a flat list: each unit followed by those under it."""

    items: list[Node]
    total: int
    page: int
    size: int


@get("/api/v1/units", tags=["units"], **requires(Permission.UNIT_READ))
async def list_units(request: Request, q: FromQuery[str] = "") -> Units:
    """Units in reach with their people counted; `q` looks in names and aliases. Always one page."""
    nodes = await unit_tree(request.user.scope(Permission.UNIT_READ), clock.today(), q.strip())
    return Units(nodes, total=len(nodes), page=1, size=len(nodes))


@get("/api/v1/units/{id:uuid}", tags=["units"], **requires(Permission.UNIT_READ))
async def show_unit(request: Request, id: FromPath[UUID]) -> Node:
    """One unit."""
    return await one_unit(request.user.scope(Permission.UNIT_READ), id, clock.today())


ROUTES: list[Any] = [list_units, show_unit]
