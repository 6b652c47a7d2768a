"""Who may do what, and where: permissions, roles, grants, and the mark every route must carry.

A permission is one name for two doors, the page and the API. A grant ties a role to a unit; it reaches that
unit's subtree through the relation the role stands in to people: as their owner, manager or user.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from chizheng.kernel.errors import Forbidden, NotLoggedIn
from chizheng.kernel.i18n import N_
from chizheng.kernel.ids import AccountId, OfficerId


class Permission(StrEnum):
    """Each thing a person may be allowed to do, as noun:verb."""

    UNIT_READ = "unit:read"
    OFFICER_READ = "officer:read"
    OFFICER_UNMASK = "officer:unmask"
    POSTING_END = "posting:end"
    POSTING_MAKE = "posting:make"
    SERVICE_RECORD = "service:record"
    CERTIFICATE_READ = "certificate:read"
    CERTIFICATE_ISSUE = "certificate:issue"
    CERTIFICATE_SUSPEND = "certificate:suspend"
    CERTIFICATE_REINSTATE = "certificate:reinstate"
    CERTIFICATE_REVOKE = "certificate:revoke"
    CERTIFICATE_CANCEL = "certificate:cancel"
    CERTIFICATE_REPORT_LOST = "certificate:report_lost"
    CERTIFICATE_REISSUE = "certificate:reissue"
    CLEARANCE_CHECK = "clearance:check"
    CASE_READ = "case:read"
    CASE_OPEN = "case:open"
    CASE_CLOSE = "case:close"
    CASE_ASSIGN = "case:assign"
    CASE_RELEASE = "case:release"
    DECISION_READ = "decision:read"
    ROSTER_IMPORT = "roster:import"
    AUDIT_READ = "audit:read"
    ACCOUNT_READ = "account:read"
    ACCOUNT_MANAGE = "account:manage"
    ACCOUNT_GRANT = "account:grant"
    OWN_READ = "own:read"


class Relation(StrEnum):
    """How a unit stands to an officer: 区属, 镇管, 镇用, or whichever of the three."""

    OWNER = "owner"
    MANAGER = "manager"
    USER = "user"
    ANY = "any"


class Role(StrEnum):
    """The people of domain.md §2. Administrator, security officer and auditor are three people (三员分立)."""

    ESTABLISHMENT_OFFICE = "establishment_office"
    HR_OFFICE = "hr_office"
    JUSTICE_BUREAU = "justice_bureau"
    OWNER_UNIT = "owner_unit"
    TOWN = "town"
    TOWN_BUREAU = "town_bureau"
    OFFICER = "officer"
    TRAINER = "trainer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    SECURITY_OFFICER = "security_officer"
    AUDITOR = "auditor"


ROLE_NAMES = {
    Role.ESTABLISHMENT_OFFICE: N_("编办"),
    Role.HR_OFFICE: N_("组织人事"),
    Role.JUSTICE_BUREAU: N_("司法局"),
    Role.OWNER_UNIT: N_("派出单位"),
    Role.TOWN: N_("镇（街道）"),
    Role.TOWN_BUREAU: N_("镇综合行政执法局"),
    Role.OFFICER: N_("执法人员（本人）"),
    Role.TRAINER: N_("讲师"),
    Role.SUPERVISOR: N_("执法监督员"),
    Role.ADMINISTRATOR: N_("系统管理员"),
    Role.SECURITY_OFFICER: N_("安全管理员"),
    Role.AUDITOR: N_("审计员"),
}

RELATIONS = {Role.OWNER_UNIT: Relation.OWNER, Role.TOWN: Relation.MANAGER, Role.TOWN_BUREAU: Relation.USER}

_READS = frozenset(
    {
        Permission.UNIT_READ,
        Permission.OFFICER_READ,
        Permission.CERTIFICATE_READ,
        Permission.CLEARANCE_CHECK,
        Permission.OWN_READ,
    }
)

GRANTED: dict[Role, frozenset[Permission]] = {
    Role.ESTABLISHMENT_OFFICE: _READS,
    Role.HR_OFFICE: _READS
    | {
        Permission.OFFICER_UNMASK,
        Permission.POSTING_MAKE,
        Permission.POSTING_END,
        Permission.SERVICE_RECORD,
        Permission.ROSTER_IMPORT,
    },
    Role.JUSTICE_BUREAU: _READS
    | {
        Permission.OFFICER_UNMASK,
        Permission.CERTIFICATE_ISSUE,
        Permission.CERTIFICATE_SUSPEND,
        Permission.CERTIFICATE_REINSTATE,
        Permission.CERTIFICATE_REVOKE,
        Permission.CERTIFICATE_CANCEL,
        Permission.CERTIFICATE_REPORT_LOST,
        Permission.CERTIFICATE_REISSUE,
        Permission.CASE_READ,
        Permission.DECISION_READ,
    },
    Role.OWNER_UNIT: _READS | {Permission.CERTIFICATE_REPORT_LOST},
    Role.TOWN: _READS | {Permission.CASE_READ, Permission.DECISION_READ},
    Role.TOWN_BUREAU: _READS
    | {
        Permission.CERTIFICATE_REPORT_LOST,
        Permission.CASE_READ,
        Permission.CASE_OPEN,
        Permission.CASE_CLOSE,
        Permission.CASE_ASSIGN,
        Permission.CASE_RELEASE,
        Permission.DECISION_READ,
    },
    Role.OFFICER: frozenset({Permission.OWN_READ}),
    Role.TRAINER: frozenset({Permission.OWN_READ}),
    Role.SUPERVISOR: _READS | {Permission.CASE_READ, Permission.DECISION_READ, Permission.AUDIT_READ},
    Role.ADMINISTRATOR: frozenset(
        {Permission.OWN_READ, Permission.ACCOUNT_READ, Permission.ACCOUNT_MANAGE, Permission.UNIT_READ}
    ),
    Role.SECURITY_OFFICER: frozenset(
        {Permission.OWN_READ, Permission.ACCOUNT_READ, Permission.ACCOUNT_GRANT, Permission.UNIT_READ}
    ),
    Role.AUDITOR: frozenset({Permission.OWN_READ, Permission.AUDIT_READ}),
}


class Grant(msgspec.Struct, frozen=True):
    """A role over a unit and all below it."""

    role: Role
    unit: UUID
    unit_name: str
    whole_district: bool  # the unit is the root: then people without any posting are in reach too


class Scope(msgspec.Struct, frozen=True):
    """The people or cases a permission reaches, as parameters for SQL (see `personnel/scope.sql`)."""

    everywhere: bool
    owner: tuple[UUID, ...] = ()
    manager: tuple[UUID, ...] = ()
    user: tuple[UUID, ...] = ()
    officer: OfficerId | None = None

    @property
    def units(self) -> tuple[UUID, ...]:
        """The units themselves, whatever the relation."""
        return tuple(dict.fromkeys((*self.owner, *self.manager, *self.user)))


EVERYWHERE = Scope(everywhere=True)


class Actor(msgspec.Struct, frozen=True):
    """Who acts: a logged-in account, or the command line (`SYSTEM`)."""

    account: AccountId | None
    username: str
    name: str
    grants: tuple[Grant, ...] = ()
    officer: OfficerId | None = None
    address: str = ""
    session: bytes = b""
    must_change: bool = False
    system: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether any grant gives this permission, wherever."""
        return self.system or any(permission in GRANTED[grant.role] for grant in self.grants)

    def require(self, permission: Permission) -> None:
        """Raises Forbidden without the permission."""
        if not self.may(permission):
            raise Forbidden(permission)

    def scope(self, permission: Permission) -> Scope:
        """Where the permission reaches; Forbidden when nowhere."""
        grants = [grant for grant in self.grants if permission in GRANTED[grant.role]]
        if self.system or any(grant.whole_district and _relation(grant) is Relation.ANY for grant in grants):
            return EVERYWHERE
        if not grants:
            raise Forbidden(permission)
        return Scope(
            everywhere=False,
            owner=_units(grants, Relation.OWNER),
            manager=_units(grants, Relation.MANAGER),
            user=_units(grants, Relation.USER),
            officer=self.officer,
        )


SYSTEM = Actor(account=None, username="system", name="system", system=True)


def requires(permission: Permission) -> dict[str, Any]:
    """Handler arguments for a route that needs a permission."""
    return {"opt": {"permission": permission}, "guards": [_permission_guard]}


def logged_in() -> dict[str, Any]:
    """Handler arguments for a route open to everyone who is logged in."""
    return {"opt": {"permission": "logged-in"}, "guards": [_login_guard]}


def public() -> dict[str, Any]:
    """Handler arguments for a route open to all."""
    return {"opt": {"permission": "public"}}


# Guards are coroutines because Litestar would send a plain function to a thread, at every request.
async def _permission_guard(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    await _login_guard(connection, handler)
    connection.user.require(handler.opt["permission"])


async def _login_guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    if connection.scope.get("user") is None:
        raise NotLoggedIn


def _relation(grant: Grant) -> Relation:
    return RELATIONS.get(grant.role, Relation.ANY)


def _units(grants: Iterable[Grant], relation: Relation) -> tuple[UUID, ...]:
    return tuple(grant.unit for grant in grants if _relation(grant) in (relation, Relation.ANY))
