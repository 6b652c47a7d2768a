"""Who may do what: every route of the application, the roles it lets in, and what it is about.

`test_permissions.py` walks all of it: a route that is missing here, or a line without a route, fails. A route about a
thing is tried on a thing of the actor's own unit, of a unit below it, and of another unit; the last is not found.
To add a route: one line. A route about a new kind of thing: also a maker in `permission_stage.py`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from chizheng.kernel.access import Role
from tests.service.permission_stage import Stage, Thing

Content = Callable[[Stage, Thing], dict[str, Any]]

PUBLIC = frozenset({None})
EVERYBODY = frozenset(Role)
ESTABLISHMENT, HR, JUSTICE = Role.ESTABLISHMENT_OFFICE, Role.HR_OFFICE, Role.JUSTICE_BUREAU
OWNER, TOWN, BUREAU, SUPERVISOR = Role.OWNER_UNIT, Role.TOWN, Role.TOWN_BUREAU, Role.SUPERVISOR
ADMIN, SECURITY, AUDITOR, OFFICER = Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR, Role.OFFICER

READERS = frozenset({ESTABLISHMENT, HR, JUSTICE, OWNER, TOWN, BUREAU, SUPERVISOR})
CASE_READERS = frozenset({JUSTICE, TOWN, BUREAU, SUPERVISOR})
ACCOUNTS = frozenset({ADMIN, SECURITY})
AUDIT = frozenset({SUPERVISOR, AUDITOR})


class Line(NamedTuple):
    """Who is let in, the kind of thing the address names (none for lists), and what to send so that it is reached."""

    roles: frozenset[Role | None]
    about: str | None = None
    sends: Content = lambda stage, thing: {}
    query: str = ""
    may_lack: bool = False  # 404 is a fair answer: not everybody has a file of their own


def only(*roles: Role) -> frozenset[Role | None]:
    return frozenset(roles)


def verb(**more: str) -> Content:
    """What a certificate's verb is sent."""
    return lambda stage, thing: {"from": stage.today, "reason": "测试", "document_no": "测试1号", **more}


def grant(stage: Stage, thing: Thing) -> dict[str, Any]:
    return {"role": "trainer", "unit": str(stage.granted_below)}


def certificate(stage: Stage, thing: Thing) -> dict[str, Any]:
    return {
        "officer": str(thing.officer), "number": stage.fresh("证"), "fields": ["market"], "area": str(stage.district.root),
        "authority": "山阳区人民政府", "issued_on": stage.today, "from": stage.today, "to": "2030-01-01",
    }  # fmt: skip


def posting(stage: Stage, thing: Thing) -> dict[str, Any]:
    district = stage.district
    return {
        "kind": "secondment", "owner": str(district.team), "manager": str(district.town), "user": str(district.squad),
        "from": stage.today, "reason": "测试", "document_no": "测试1号", "instead": True,
    }  # fmt: skip


def order(stage: Stage, thing: Thing) -> dict[str, Any]:
    return {"officer": str(thing.officer), "role": "lead"}


def because(stage: Stage, thing: Thing) -> dict[str, Any]:
    return {"reason": "测试", "document_no": "测试1号"}


def ending(stage: Stage, thing: Thing) -> dict[str, Any]:
    return {"on": stage.today, "to": "2030-01-01", **because(stage, thing)}


def corrected_case(stage: Stage, thing: Thing) -> dict[str, Any]:
    return {
        "title": "无照经营案",
        "number": stage.fresh("案"),
        "opened_on": stage.today,
        "due_on": "2030-01-01",
        "parties": "",
    }


TABLE: dict[tuple[str, str], Line] = {
    # plumbing, sessions
    ("GET", "/healthz"): Line(PUBLIC),
    ("GET", "/static/{path:path}"): Line(PUBLIC),
    ("GET", "/api"): Line(PUBLIC),
    ("GET", "/api/{path:str}"): Line(PUBLIC),
    ("GET", "/api/docs"): Line(PUBLIC),
    ("GET", "/api/openapi.json"): Line(PUBLIC),
    ("GET", "/login"): Line(PUBLIC),
    ("POST", "/login"): Line(PUBLIC),
    ("POST", "/logout"): Line(PUBLIC),
    ("POST", "/language"): Line(PUBLIC),
    ("POST", "/theme"): Line(PUBLIC),
    ("GET", "/password"): Line(EVERYBODY),
    ("POST", "/password"): Line(EVERYBODY),
    ("POST", "/api/v1/session"): Line(PUBLIC),
    ("GET", "/api/v1/session"): Line(EVERYBODY),
    ("DELETE", "/api/v1/session"): Line(PUBLIC),
    ("POST", "/api/v1/password"): Line(EVERYBODY),
    ("GET", "/"): Line(EVERYBODY),
    # accounts: the administrator makes, the security officer grants
    ("GET", "/accounts"): Line(ACCOUNTS),
    ("GET", "/accounts/new"): Line(only(ADMIN)),
    ("POST", "/accounts/new"): Line(only(ADMIN)),
    ("GET", "/accounts/{id:uuid}"): Line(ACCOUNTS, "account"),
    ("POST", "/accounts/{id:uuid}/reset"): Line(only(ADMIN), "account"),
    ("POST", "/accounts/{id:uuid}/unlock"): Line(only(ADMIN), "account"),
    ("POST", "/accounts/{id:uuid}/deactivate"): Line(only(ADMIN), "account"),
    ("POST", "/accounts/{id:uuid}/activate"): Line(only(ADMIN), "account"),
    ("POST", "/accounts/{id:uuid}/grants"): Line(only(SECURITY), "account", grant),
    ("POST", "/accounts/{id:uuid}/grants/{grant_id:uuid}/remove"): Line(only(SECURITY), "account"),
    # audit
    ("GET", "/audit"): Line(AUDIT),
    ("POST", "/audit/verify"): Line(AUDIT),
    # units
    ("GET", "/api/v1/units"): Line(READERS | ACCOUNTS),
    ("GET", "/api/v1/units/{id:uuid}"): Line(READERS | ACCOUNTS, "unit"),
    ("GET", "/api/v1/units/{id:uuid}/clearance"): Line(READERS, "unit"),
    ("GET", "/cleared"): Line(READERS),
    ("GET", "/units"): Line(READERS | ACCOUNTS),
    ("GET", "/units/{id:uuid}"): Line(READERS | ACCOUNTS, "unit"),
    # officers
    ("GET", "/api/v1/officers"): Line(READERS),
    ("GET", "/api/v1/officers/{id:uuid}"): Line(READERS | {OFFICER}, "officer"),
    ("GET", "/api/v1/officers/{id:uuid}/clearance"): Line(READERS, "officer", query="field=market&role=lead"),
    ("GET", "/officers"): Line(READERS),
    ("GET", "/officers/me"): Line(EVERYBODY, may_lack=True),
    ("GET", "/officers/{id:uuid}/clearance"): Line(READERS, "officer"),
    ("GET", "/officers/{id:uuid}"): Line(READERS | {OFFICER}, "officer"),
    ("GET", "/officers/{id:uuid}/service"): Line(only(HR), "officer"),
    ("POST", "/officers/{id:uuid}/service"): Line(
        only(HR),
        "officer",
        lambda stage, thing: {"status": "suspended", "from": stage.today, **because(stage, thing)},
    ),
    ("GET", "/officers/{id:uuid}/unmask"): Line(only(HR, JUSTICE), "officer"),
    ("POST", "/officers/{id:uuid}/unmask"): Line(
        only(HR, JUSTICE), "officer", lambda stage, thing: {"what": "phone", "reason": "测试"}
    ),
    ("POST", "/api/v1/officers/{id:uuid}/unmask"): Line(
        only(HR, JUSTICE), "officer", lambda stage, thing: {"what": "phone", "reason": "测试"}
    ),
    ("POST", "/api/v1/officers/{id:uuid}/service"): Line(
        only(HR),
        "officer",
        lambda stage, thing: {"status": "suspended", "from": stage.today, **because(stage, thing)},
    ),
    ("POST", "/api/v1/officers/{id:uuid}/postings"): Line(only(HR), "officer", posting),
    ("POST", "/api/v1/postings/{id:uuid}/end"): Line(only(HR), "posting", ending),
    ("POST", "/api/v1/postings/{id:uuid}/cancel"): Line(only(HR), "posting", because),
    ("POST", "/api/v1/postings/{id:uuid}/extend"): Line(only(HR), "posting", ending),
    ("GET", "/officers/{id:uuid}/postings/new"): Line(only(HR), "officer"),
    ("POST", "/officers/{id:uuid}/postings/new"): Line(only(HR), "officer", posting),
    ("GET", "/postings/{id:uuid}/end"): Line(only(HR), "posting"),
    ("POST", "/postings/{id:uuid}/end"): Line(only(HR), "posting", ending),
    ("POST", "/postings/{id:uuid}/cancel"): Line(only(HR), "posting", because),
    ("GET", "/postings/{id:uuid}/extend"): Line(only(HR), "posting"),
    ("POST", "/postings/{id:uuid}/extend"): Line(only(HR), "posting", ending),
    # certificates
    ("GET", "/api/v1/certificates"): Line(READERS),
    ("GET", "/api/v1/certificates/{id:uuid}"): Line(READERS | {OFFICER}, "certificate"),
    ("POST", "/api/v1/certificates"): Line(only(JUSTICE), "officer", certificate),
    ("POST", "/api/v1/certificates/{id:uuid}/suspend"): Line(only(JUSTICE), "certificate", verb()),
    ("POST", "/api/v1/certificates/{id:uuid}/reinstate"): Line(only(JUSTICE), "certificate", verb()),
    ("POST", "/api/v1/certificates/{id:uuid}/revoke"): Line(only(JUSTICE), "certificate", verb()),
    ("POST", "/api/v1/certificates/{id:uuid}/cancel"): Line(only(JUSTICE), "certificate", verb()),
    ("POST", "/api/v1/certificates/{id:uuid}/reissue"): Line(only(JUSTICE), "certificate", verb(number="补")),
    ("POST", "/api/v1/certificates/{id:uuid}/renew"): Line(
        only(JUSTICE), "certificate", verb(to="2030-01-01")
    ),
    ("POST", "/api/v1/certificates/{id:uuid}/report_lost"): Line(
        only(JUSTICE, OWNER, BUREAU), "certificate", verb()
    ),
    ("GET", "/certificates"): Line(READERS),
    ("GET", "/certificates/{id:uuid}"): Line(READERS | {OFFICER}, "certificate"),
    ("GET", "/officers/{id:uuid}/certificates/new"): Line(only(JUSTICE), "officer"),
    ("POST", "/officers/{id:uuid}/certificates/new"): Line(only(JUSTICE), "officer", certificate),
    **{
        (method, f"/certificates/{{id:uuid}}/{name}"): Line(
            only(JUSTICE, OWNER, BUREAU) if name == "report_lost" else only(JUSTICE),
            "certificate",
            verb(number="补", to="2030-01-01"),
        )
        for name in ("suspend", "reinstate", "revoke", "cancel", "reissue", "renew", "report_lost")
        for method in ("GET", "POST")
    },
    # imports: whoever imports for a part of the district sees their own batches
    ("GET", "/api/v1/imports"): Line(only(HR)),
    ("POST", "/api/v1/imports/roster"): Line(only(HR)),
    ("GET", "/api/v1/imports/{id:uuid}"): Line(only(HR), "batch"),
    ("GET", "/api/v1/imports/{id:uuid}/rows"): Line(only(HR), "batch"),
    ("GET", "/api/v1/imports/{id:uuid}/report"): Line(only(HR), "batch"),
    ("POST", "/api/v1/imports/{id:uuid}/commit"): Line(
        only(HR), "batch", lambda stage, thing: {"valid_rows": False}
    ),
    ("POST", "/api/v1/imports/{id:uuid}/discard"): Line(only(HR), "batch"),
    ("POST", "/api/v1/imports/{id:uuid}/undo"): Line(only(HR), "batch"),
    ("GET", "/imports"): Line(only(HR)),
    ("POST", "/imports"): Line(only(HR)),
    ("GET", "/imports/new"): Line(only(HR)),
    ("GET", "/imports/template"): Line(only(HR)),
    ("GET", "/imports/{id:uuid}"): Line(only(HR), "batch"),
    ("POST", "/imports/{id:uuid}/commit"): Line(only(HR), "batch"),
    ("POST", "/imports/{id:uuid}/discard"): Line(only(HR), "batch"),
    ("GET", "/imports/{id:uuid}/report"): Line(only(HR), "batch"),
    ("GET", "/imports/{id:uuid}/undo"): Line(only(HR), "batch"),
    ("POST", "/imports/{id:uuid}/undo"): Line(only(HR), "batch"),
    # cases, assignments, decisions
    ("GET", "/api/v1/cases"): Line(CASE_READERS),
    ("POST", "/api/v1/cases"): Line(only(BUREAU)),
    ("GET", "/api/v1/cases/{id:uuid}"): Line(CASE_READERS, "case"),
    ("POST", "/api/v1/cases/{id:uuid}/close"): Line(only(BUREAU), "case"),
    ("GET", "/api/v1/cases/{id:uuid}/assignments"): Line(CASE_READERS, "case"),
    ("POST", "/api/v1/cases/{id:uuid}/assignments"): Line(only(BUREAU), "case", order),
    ("POST", "/api/v1/assignments/{id:uuid}/release"): Line(
        only(BUREAU), "assignment", lambda stage, thing: {"reason": "测试"}
    ),
    ("GET", "/api/v1/decisions"): Line(CASE_READERS),
    ("GET", "/api/v1/decisions/{number:int}"): Line(CASE_READERS, "decision"),
    ("GET", "/cases"): Line(CASE_READERS),
    ("GET", "/cases/new"): Line(only(BUREAU)),
    ("POST", "/cases/new"): Line(only(BUREAU)),
    ("GET", "/cases/{id:uuid}"): Line(CASE_READERS, "case"),
    ("GET", "/cases/{id:uuid}/edit"): Line(only(BUREAU), "case"),
    ("POST", "/cases/{id:uuid}/edit"): Line(only(BUREAU), "case", corrected_case),
    ("GET", "/cases/{id:uuid}/close"): Line(only(BUREAU), "case"),
    ("POST", "/cases/{id:uuid}/close"): Line(only(BUREAU), "case"),
    ("POST", "/cases/{id:uuid}/assignments"): Line(only(BUREAU), "case", order),
    ("POST", "/cases/{id:uuid}/team"): Line(only(BUREAU), "case", order),
    ("GET", "/assignments/{id:uuid}/release"): Line(only(BUREAU), "assignment"),
    ("POST", "/assignments/{id:uuid}/release"): Line(only(BUREAU), "assignment", because),
    ("GET", "/decisions"): Line(CASE_READERS),
    ("GET", "/decisions/{number:int}"): Line(CASE_READERS, "decision"),
}
