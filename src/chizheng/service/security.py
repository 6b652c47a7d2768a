"""The guard at the door of every request: who it comes from, whether it may come from there, what answers carry."""

import ipaddress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from chizheng.kernel import clock
from chizheng.kernel.errors import ChizhengError
from chizheng.kernel.i18n import CHINESE, ENGLISH, LANGUAGES, _, set_language
from chizheng.service.navigation import district_name
from chizheng.service.sessions.actions import touch_session
from chizheng.service.sessions.queries import load_session
from chizheng.service.sessions.rules import cookie_name, fingerprint, wants_touch
from chizheng.service.sessions.typed import keep_typed

SAFE = ("GET", "HEAD", "OPTIONS")
LANGUAGE = "chizheng_language"
WHILE_CHANGING = (
    "/password",
    "/logout",
    "/language",
    "/theme",
    "/api/v1/password",
    "/api/v1/session",
    "/healthz",
)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000")


class PasswordChangeRequired(ChizhengError):
    """The account still has the password somebody else gave it."""

    status = 403

    def __init__(self) -> None:
        super().__init__("password_change_required", _("首次登录请先修改密码"))


class ForeignOrigin(ChizhengError):
    """A browser sent this on behalf of another site."""

    status = 403

    def __init__(self) -> None:
        super().__init__("foreign_origin", _("请求来自其他网站，已拒绝"))


class NotJson(ChizhengError):
    """The API takes JSON bodies only; that alone keeps HTML forms of other sites out."""

    status = 415

    def __init__(self) -> None:
        super().__init__("unsupported_media_type", _("接口只接受 application/json"))


class Guard:
    """Middleware: refuses foreign writes, then finds out who is logged in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["user"] = scope["auth"] = None
        if scope["route_handler"].opt.get("static"):
            await self.app(scope, receive, send)
            return
        request: Request[Any, Any, Any] = Request(scope)
        if request.method not in SAFE:
            check_origin(request)
        await recognise(request)
        public = scope["route_handler"].opt.get("permission") == "public"
        if scope["user"] is None and request.method not in SAFE and not public:
            request.state.typed = await keep_typed(Request(scope, receive), clock.now())
        await self.app(scope, receive, send)


async def recognise(request: Request[Any, Any, Any]) -> None:
    """Finds out who is logged in. Raises PasswordChangeRequired for whoever may only change the password."""
    token = request.cookies.get(cookie_name(is_https(request.scope)))
    if not token:
        return
    now, idle = clock.now(), timedelta(minutes=request.app.state.settings.session_idle_minutes)
    found = await load_session(fingerprint(token), now, now - idle, address_of(request.scope))
    if found is None:
        return
    request.scope["user"] = found.actor
    set_language(found.language)
    if not request.app.state.get("district"):  # the first units came after the start
        request.app.state.district = await district_name()
    if wants_touch(found.seen_at, now):
        await touch_session(found.actor.session, now)
    if found.actor.must_change and request.url.path not in WHILE_CHANGING:
        raise PasswordChangeRequired


def check_origin(request: Request[Any, Any, Any]) -> None:
    """Refuses a write that a browser made for another site. Raises ForeignOrigin or NotJson."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    to_api = request.url.path.startswith("/api/")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise ForeignOrigin
    elif origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise ForeignOrigin
    if to_api and not _is_json(request) and not _is_upload(request):
        raise NotJson


def is_https(scope: Scope) -> bool:
    return scope["scheme"] == "https"


def address_of(scope: Scope) -> str:
    """Where the request comes from, as the audit log names it."""
    client = scope.get("client")
    return str(client[0])[:64] if client else ""


def believe_proxy(scope: Scope) -> None:
    """Takes the caller's address and scheme from the reverse proxy's headers. Only the last, its own, entry counts."""
    headers = dict(scope["headers"])
    forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1").rsplit(",", 1)[-1].strip()
    scheme = headers.get(b"x-forwarded-proto", b"").decode("latin-1").rsplit(",", 1)[-1].strip().lower()
    if scheme in ("http", "https"):
        scope["scheme"] = scheme
    try:
        scope["client"] = (str(ipaddress.ip_address(forwarded)), 0)
    except ValueError:
        return


def choose_language(request: Request[Any, Any, Any]) -> None:
    """The language of somebody not known yet: their cookie, then what the browser asks for, then Chinese."""
    chosen = request.cookies.get(LANGUAGE)
    set_language(chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", "")))


def preferred(accepted: str) -> str:
    """English when it is wanted before any Chinese; else Chinese."""
    best, language = 0.0, CHINESE
    for entry in accepted.lower()[:500].split(","):
        tag, _separator, parameters = entry.strip().partition(";")
        weight = _weight(parameters)
        spoken = CHINESE if tag.startswith("zh") else ENGLISH if tag.startswith("en") else None
        if spoken and weight > best:
            best, language = weight, spoken
    return language


async def add_headers(message: Message, scope: Scope) -> None:
    """Every answer's protective headers, also an error's. What an answer says itself is kept."""
    if message["type"] != "http.response.start":
        return
    said = {name.lower() for name, _value in message["headers"]}
    wanted = (*HEADERS, HSTS) if is_https(scope) else HEADERS
    message["headers"] = [*message["headers"], *(one for one in wanted if one[0] not in said)]


def _is_json(request: Request[Any, Any, Any]) -> bool:
    kind = _kind(request)
    empty = request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers
    # without a body there is no type to state; a form of another site always states one
    return kind == "application/json" or (empty and not kind)


def _is_upload(request: Request[Any, Any, Any]) -> bool:
    takes_a_file = request.scope["route_handler"].opt.get("upload", False)
    return takes_a_file and _kind(request) == "multipart/form-data"


def _kind(request: Request[Any, Any, Any]) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _weight(parameters: str) -> float:
    name, _separator, value = parameters.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0
