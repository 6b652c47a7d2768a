"""The web application: every noun's routes, and what stands around them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Router
from litestar.config.csrf import CSRFConfig
from litestar.handlers import BaseRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.routes import HTTPRoute
from litestar.template import TemplateConfig
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from chizheng.clearance.assignments import api as assignments_api
from chizheng.clearance.assignments import pages as assignments_pages
from chizheng.clearance.cases import api as cases_api
from chizheng.clearance.cases import pages as cases_pages
from chizheng.clearance.decisions import api as decisions_api
from chizheng.clearance.decisions import pages as decisions_pages
from chizheng.clearance.gate import api as gate_api
from chizheng.clearance.gate import asking
from chizheng.clearance.gate import pages as gate_pages
from chizheng.kernel.access import Permission
from chizheng.kernel.keys import working_key
from chizheng.kernel.templating import make_engine
from chizheng.service import plumbing
from chizheng.service.accounts import pages as accounts_pages
from chizheng.service.acting import GateAnswers
from chizheng.service.audit import pages as audit_pages
from chizheng.service.database import Address, opened, postgres
from chizheng.service.duties import CaseDuties
from chizheng.service.errors import answer
from chizheng.service.home import pages as home_pages
from chizheng.service.jobs import standing_for_leader
from chizheng.service.navigation import district_name, frame
from chizheng.service.openapi import openapi_config
from chizheng.service.security import Guard, add_headers, believe_proxy, choose_language
from chizheng.service.sessions import api as sessions_api
from chizheng.service.sessions import pages as sessions_pages
from chizheng.service.settings import Settings, read_settings
from personnel.certificates import api as certificates_api
from personnel.certificates import pages as certificates_pages
from personnel.imports import api as imports_api
from personnel.imports import pages as imports_pages
from personnel.imports.actions import fail_interrupted
from personnel.imports.background import stop_background
from personnel.imports.committing import reopen_interrupted
from personnel.officers import api as officers_api
from personnel.officers import pages as officers_pages
from personnel.postings import api as postings_api
from personnel.postings import pages as postings_pages
from personnel.units import api as units_api
from personnel.units import pages as units_pages

MEBIBYTE = 2**20
LARGEST_FORM = 12 * MEBIBYTE
LARGEST_JSON = 1 * MEBIBYTE
OPEN_TO = ("public", "logged-in")

# The application is what stands in this list; a noun that is not here has no routes.
ROUTES: tuple[Any, ...] = (
    *plumbing.ROUTES,
    *units_pages.ROUTES,
    *units_api.ROUTES,
    *officers_pages.ROUTES,
    *officers_api.ROUTES,
    *postings_pages.ROUTES,
    *postings_api.ROUTES,
    *certificates_pages.ROUTES,
    *certificates_api.ROUTES,
    *imports_pages.ROUTES,
    *imports_api.ROUTES,
    *gate_pages.ROUTES,
    *asking.ROUTES,
    *gate_api.ROUTES,
    *cases_pages.ROUTES,
    *cases_api.ROUTES,
    *assignments_pages.ROUTES,
    *assignments_api.ROUTES,
    *decisions_pages.ROUTES,
    *decisions_api.ROUTES,
    *sessions_pages.ROUTES,
    *sessions_api.ROUTES,
    *accounts_pages.ROUTES,
    *audit_pages.ROUTES,
    *home_pages.ROUTES,
)


class Unguarded(RuntimeError):
    """A route does not say who may use it."""


class Application(Litestar):
    """Litestar, with the caller's address and language known before routing, so that a 404 speaks it too."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        if scope["type"] != "lifespan":
            if self.state.settings.behind_proxy:
                believe_proxy(scope)
            choose_language(Request(scope))
        await super().__call__(scope, receive, send)


def application() -> Litestar:
    """The application with the settings of the environment: what the server's workers call."""
    return create_app(read_settings())


def create_app(settings: Settings, more_routes: Sequence[Any] = ()) -> Application:
    """The application. Raises Unguarded for a route without a permission."""
    routes = (*ROUTES, *more_routes)
    pages = [route for route in routes if not _is_api(route)]
    api = [route for route in routes if _is_api(route)]
    app = Application(
        route_handlers=[
            Router("/", route_handlers=pages, include_in_schema=False),
            Router("/", route_handlers=api, request_max_body_size=LARGEST_JSON),
        ],
        lifespan=[_database(settings)],
        middleware=[DefineMiddleware(Guard)],
        csrf_config=_csrf(settings),
        template_config=TemplateConfig(instance=make_engine()),
        openapi_config=openapi_config(),
        exception_handlers={Exception: answer},
        before_send=[add_headers],
        request_max_body_size=LARGEST_FORM,
        logging_config=None,
    )
    app.state.settings = settings
    app.state.frame = frame
    app.state.duties = CaseDuties()
    app.state.gate = GateAnswers()
    refuse_unguarded(app)
    return app


def refuse_unguarded(app: Litestar) -> None:
    """Every route says who may use it: a permission, everyone logged in, or all."""
    for path, handler in handlers(app):
        permission = handler.opt.get("permission")
        if permission not in OPEN_TO and not isinstance(permission, Permission):
            raise Unguarded(f"{path} ({handler}): give it requires(…), logged_in() or public()")


def handlers(app: Litestar) -> list[tuple[str, BaseRouteHandler]]:
    """Every path, as `/officers/{id:uuid}`, with each of its handlers, but for the OPTIONS ones that Litestar adds."""
    return [
        (route.path, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.http_methods != {"OPTIONS"}
    ]


def _is_api(route: Any) -> bool:
    return any(path.startswith("/api/") for path in route.paths)


def _csrf(settings: Settings) -> CSRFConfig:
    return CSRFConfig(
        secret=working_key("csrf").hex(),
        cookie_name="chizheng_csrf",
        cookie_httponly=True,
        cookie_secure=settings.behind_proxy,
        exclude="^/api/",  # JSON bodies only, and the origin is checked: see security.check_origin
    )


def _outside(settings: Settings) -> Address | None:
    url = settings.database_url
    return Address(url, settings.database_owner_url or url) if url else None


def _database(settings: Settings) -> Any:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        with ExitStack() as stack:
            address = _outside(settings) or stack.enter_context(postgres())
            async with opened(address, settings.pool_size), standing_for_leader(address.service):
                app.state.district = await district_name()
                await fail_interrupted()
                await reopen_interrupted()
                try:
                    yield
                finally:
                    await stop_background()

    return lifespan
