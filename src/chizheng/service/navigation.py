"""The frame of every page: where this person can go, and who they are."""

from typing import Any

from litestar import Request
from litestar.datastructures import State

from chizheng.kernel.access import ROLE_NAMES, Actor, Permission
from chizheng.kernel.db import fetch_value
from chizheng.kernel.i18n import N_, _
from chizheng.kernel.web import actor_of

# path, words, any of these permissions (none: everybody who is logged in)
PLACES: tuple[tuple[str, str, tuple[Permission, ...]], ...] = (
    ("/", N_("首页"), ()),
    ("/cleared", N_("今日可上岗"), (Permission.CLEARANCE_CHECK,)),
    ("/cases", N_("案件"), (Permission.CASE_READ,)),
    ("/officers", N_("执法人员"), (Permission.OFFICER_READ,)),
    ("/certificates", N_("证件"), (Permission.CERTIFICATE_READ,)),
    ("/units", N_("单位目录"), (Permission.UNIT_READ,)),
    ("/imports", N_("花名册导入"), (Permission.ROSTER_IMPORT,)),
    ("/decisions", N_("核验记录"), (Permission.DECISION_READ,)),
    ("/accounts", N_("账号"), (Permission.ACCOUNT_READ,)),
    ("/audit", N_("审计记录"), (Permission.AUDIT_READ,)),
)


async def district_name() -> str:
    """The name of the root unit; empty before there is one."""
    root = "SELECT name FROM unit WHERE parent IS NULL ORDER BY position, id LIMIT 1"
    return await fetch_value(root) or ""


def frame(request: Request[Any, Any, State]) -> dict[str, Any]:
    """What layout.html needs besides the page's own content."""
    actor = actor_of(request)
    district = request.app.state.get("district", "")
    if actor is None:
        return {"nav": [], "district": district, "actor_unit": "", "actor_roles": []}
    roles = dict.fromkeys(_(ROLE_NAMES[grant.role]) for grant in actor.grants)
    units = dict.fromkeys(grant.unit_name for grant in actor.grants)
    return {
        "nav": _navigation(actor, request.url.path),
        "district": district,
        "actor_unit": _("、").join(units),
        "actor_roles": list(roles),
    }


def _navigation(actor: Actor, path: str) -> list[tuple[str, str, bool]]:
    return [
        (place, _(words), path == place or (place != "/" and path.startswith(f"{place}/")))
        for place, words, permissions in PLACES
        if not permissions or any(actor.may(permission) for permission in permissions)
    ]
