"""Who a person may see: `kernel.access.Scope` as parameters of the SQL function `officer_in_reach`.

Every statement about people carries `in_reach(...)` with `*reach(scope)` among its values; what only those who own or
manage a person may see (identity numbers) stands behind `in_personal_reach(...)`.
"""

from uuid import UUID

from chizheng.kernel.access import Actor, Permission, Scope
from chizheng.kernel.db import fetch_value
from chizheng.kernel.errors import Forbidden, NotFound
from chizheng.kernel.i18n import _

Reach = tuple[bool, list[UUID], list[UUID], list[UUID], UUID | None]


def reach(scope: Scope) -> Reach:
    """The five values that `in_reach` and `in_personal_reach` take, in their order."""
    return scope.everywhere, list(scope.owner), list(scope.manager), list(scope.user), scope.officer


def in_reach(officer: str, first: int = 1) -> str:
    """SQL: whether that officer is within reach; the five values begin at placeholder `first`.

    Whoever reaches everywhere is let through before the function is called: over a whole list that is felt.
    """
    asked = f"officer_in_reach({officer}, ${first}, ${first + 1}, ${first + 2}, ${first + 3}, ${first + 4})"
    return f"(${first}::boolean OR {asked})"


def in_personal_reach(officer: str, first: int = 1) -> str:
    """SQL: whether the reach comes from owning or managing the officer, or from being them. Who only uses a person has
    no need of their identity number (个人信息保护法 6). Stands in a statement that also has `in_reach`.
    """
    return f"officer_in_reach({officer}, ${first}, ${first + 1}, ${first + 2}, '{{}}', ${first + 4})"


def unit_in_reach(unit: str, first: int = 1) -> str:
    """SQL: whether that unit lies in the subtrees; takes the two values of `unit_reach`."""
    return (
        f"(${first}::boolean OR EXISTS (SELECT FROM unit_ancestor seen"
        f" WHERE seen.unit = {unit} AND seen.ancestor = ANY (${first + 1}::uuid[])))"
    )


def unit_reach(scope: Scope) -> tuple[bool, list[UUID]]:
    """The two values of `unit_in_reach`."""
    return scope.everywhere, list(scope.units)


def seen_by(actor: Actor, permission: Permission) -> Scope:
    """What the permission reaches; somebody without it reaches their own file."""
    if actor.may(permission):
        return actor.scope(permission)
    if actor.officer is None:
        raise Forbidden(permission)
    return Scope(everywhere=False, officer=actor.officer)


async def require_reach(scope: Scope, officer: UUID) -> None:
    """Raises NotFound unless the officer exists within reach."""
    known = "SELECT EXISTS (SELECT FROM officer o WHERE o.id = $6 AND o.withdrawn_at IS NULL AND "
    if not await fetch_value(known + in_reach("o.id") + ")", *reach(scope), officer):
        raise NotFound(_("这名人员"))
