"""Pages of units: the tree, and one unit with its people."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

from chizheng.kernel import clock
from chizheng.kernel.access import Permission, Relation, requires
from chizheng.kernel.i18n import _
from chizheng.kernel.paging import Page
from chizheng.kernel.web import Request, Template, form, render
from personnel.officers.pages import standing_rows
from personnel.officers.queries import Filters, Row, list_officers
from personnel.pages import query_of
from personnel.units.labels import RELATION_NAMES
from personnel.units.queries import Node, one_unit, unit_tree, units_above, units_under


class Listed(msgspec.Struct, frozen=True):
    """What the tree's address asks for."""

    q: str = ""


class Shown(msgspec.Struct, frozen=True):
    """What a unit's address asks for."""

    relation: Relation | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1


@get("/units", **requires(Permission.UNIT_READ))
async def tree_page(request: Request) -> Template:
    """The units in reach, as a tree, with their people counted."""
    typed = dict(request.query_params)
    asked, error = query_of(Listed, typed)
    nodes = await unit_tree(request.user.scope(Permission.UNIT_READ), clock.today(), asked.q)
    return render(
        request,
        "units/tree.html",
        status=422 if error else 200,
        nodes=nodes,
        q=asked.q,
        form=form(typed, error),
    )


@get("/units/{id:uuid}", **requires(Permission.UNIT_READ))
async def show_page(request: Request, id: FromPath[UUID]) -> Template:
    """One unit: what it is, what stands under it, who is here."""
    scope, today = request.user.scope(Permission.UNIT_READ), clock.today()
    unit = await one_unit(scope, id, today)
    asked, _error = query_of(Shown, dict(request.query_params))
    relation = asked.relation or _usual(unit)
    people: Page[Row] | None = None
    if request.user.may(Permission.OFFICER_READ):
        filters = Filters(unit=id, relation=relation, posted=True)
        people = await list_officers(request.user.scope(Permission.OFFICER_READ), filters, today, asked.page)
    counts = {Relation.OWNER: unit.owned, Relation.MANAGER: unit.managed, Relation.USER: unit.used}
    return render(
        request, "units/one.html", unit=unit, above=await units_above(scope, id),
        under=await units_under(scope, id, today), page=people, relation=relation.value,
        rows=await standing_rows(request, people.items, today) if people else [],
        query={"relation": relation.value},
        tabs=[(f"?relation={one.value}", _(RELATION_NAMES[one]), one is relation, counts[one]) for one in counts],
    )  # fmt: skip


def _usual(unit: Node) -> Relation:
    """The relation most of a unit's people stand in to it."""
    counts = ((unit.used, Relation.USER), (unit.managed, Relation.MANAGER), (unit.owned, Relation.OWNER))
    return max(counts, key=lambda pair: pair[0])[1]


ROUTES: list[Any] = [tree_page, show_page]
