"""One map from every error to one answer: a page in the person's language, or the API's single shape."""

import asyncio
import logging
import secrets
from typing import Any
from urllib.parse import quote

import asyncpg
import msgspec
from litestar import Request as LitestarRequest
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from litestar.types import Receive, Scope, Send

from chizheng.kernel import clock
from chizheng.kernel.errors import ChizhengError, Invalid, NotLoggedIn
from chizheng.kernel.i18n import N_, _
from chizheng.kernel.templating import time
from chizheng.kernel.web import Request, form, is_safe_path, render
from chizheng.service.constraints import broken_constraint
from chizheng.service.security import SAFE, PasswordChangeRequired, recognise
from chizheng.service.sessions.typed import page_of_form

log = logging.getLogger("chizheng.errors")

BY_STATUS = {
    400: ("bad_request", N_("请求无法读取")),
    401: ("not_logged_in", N_("请先登录")),
    403: ("forbidden", N_("没有权限")),
    404: ("not_found", N_("没有这个地址")),
    405: ("method_not_allowed", N_("这个地址不支持这样操作")),
    413: ("too_large", N_("提交的内容过大")),
    415: ("unsupported_media_type", N_("不支持这种内容类型")),
    422: ("invalid", N_("填写有误")),
    429: ("too_many_requests", N_("操作过于频繁，请稍后再试")),
    503: ("unavailable", N_("服务暂时不可用，请稍后再试")),
}
ADVICE = {
    "csrf_failed": N_("返回上一页，刷新后重新提交。"),
    "foreign_origin": N_("请从本系统的页面办理。"),
}
UNREACHABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.QueryCanceledError,
    asyncio.TimeoutError,
    ConnectionError,
)
UNSTORABLE = (asyncpg.DataError, asyncpg.exceptions._base.DataError, UnicodeEncodeError, OverflowError)


class Trouble(ChizhengError):
    """An error that came without words of ours."""

    def __init__(self, status: int, details: dict[str, Any] | None = None, code: str = "") -> None:
        usual, sentence = BY_STATUS.get(status, BY_STATUS[400])
        super().__init__(code or usual, _(sentence), details)
        self.status = status


class WrongShape(Invalid):
    """The input is not even of the right shape; `errors` holds the decoder's own words, for programmers."""


class StaleForm(ChizhengError):
    """A form without its token, or with the token of another browser."""

    status = 403

    def __init__(self) -> None:
        super().__init__("csrf_failed", _("页面已过期，请返回刷新后重新提交"))


class BeforeGuard(Response[None]):
    """The page for what failed before the guard, as an address without a route does: who asks is found out here."""

    def __init__(self, trouble: ChizhengError, headers: dict[str, str]) -> None:
        super().__init__(None, status_code=trouble.status)
        self.trouble = trouble
        self.answered = headers

    def to_asgi_response(self, app: Any, request: LitestarRequest[Any, Any, Any], **known: Any) -> Any:
        async def send_page(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await recognise(request)
            except (ChizhengError, *UNREACHABLE):
                log.warning("nobody is known on the way to %s", request.url.path)
            page = page_answer(request, self.trouble, self.answered)
            await page.to_asgi_response(app, request, **known)(scope, receive, send)

        return send_page


def answer(request: LitestarRequest[Any, Any, Any], error: Exception) -> Response[Any]:
    """What the person gets for this error. Never a trace, never a 5xx for bad input."""
    trouble = understand(error)
    if trouble is None:
        return _unexpected(request, error)
    headers = dict(getattr(error, "headers", None) or {})
    headers.update(getattr(trouble, "headers", None) or {})
    if is_api(request):
        return api_answer(trouble, headers)
    if isinstance(trouble, NotLoggedIn):
        return _to_login(request)
    if isinstance(trouble, PasswordChangeRequired):
        return Redirect("/password", status_code=303)
    if "user" not in request.scope:
        return BeforeGuard(trouble, headers)
    return page_answer(request, trouble, headers)


def _to_login(request: Request) -> Response[Any]:
    """The login; what a form brought along after its session had ended is kept there."""
    target, typed = _came_for(request), request.state.get("typed")
    if not typed:
        return Redirect(f"/login?next={quote(target, safe='')}", status_code=303)
    return render(request, "sessions/login.html", status=401, form=form({"next": target, "typed": typed}))


def understand(error: Exception) -> ChizhengError | None:
    """The error in our own terms; None for a fault of ours."""
    if isinstance(error, ChizhengError):
        return error
    if isinstance(error, ValidationException):
        return _wrong_shape(error)
    if isinstance(error, HTTPException):
        return _from_http(error)
    if isinstance(error, msgspec.ValidationError):
        return WrongShape(_("提交的内容不合要求"), **_at(str(error)))
    if isinstance(error, msgspec.DecodeError):
        return Trouble(400)
    if isinstance(error, UnicodeDecodeError | RecursionError) and _while_decoding(error):
        return Trouble(400)
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return broken_constraint(error)
    if isinstance(error, UNSTORABLE):
        return Invalid(_("含有不能使用的字符，或数值超出范围"))
    if isinstance(error, UNREACHABLE):
        log.warning("the database does not answer: %s", type(error).__name__)
        return Trouble(503)
    return None


def is_api(request: LitestarRequest[Any, Any, Any]) -> bool:
    """Whether the caller expects JSON."""
    path = request.url.path
    return path.startswith("/api/") and path != "/api/docs"


def api_answer(trouble: ChizhengError, headers: dict[str, str] | None = None) -> Response[Any]:
    """The API's one error shape."""
    body = {"code": trouble.code, "message": trouble.message, "details": trouble.details}
    return Response(body, status_code=trouble.status, headers=headers, media_type="application/json")


def page_answer(request: Request, trouble: ChizhengError, headers: dict[str, str]) -> Response[Any]:
    """The error as a page; plain text should even that fail."""
    errors = [] if isinstance(trouble, WrongShape) else list(trouble.details.get("errors", {}).items())
    page = render(
        request,
        "error.html",
        status=trouble.status,
        message=trouble.message,
        errors=errors,
        advice=_(ADVICE[trouble.code]) if trouble.code in ADVICE else "",
        incident=trouble.details.get("incident", ""),
        at=time(clock.now()),
    )
    page.context["status"] = trouble.status
    try:
        engine = request.app.template_engine
        body = engine.get_template("error.html").render(**page.create_template_context(request))  # type: ignore[union-attr]
    except Exception:
        log.exception("the error page itself failed")
        return Response(trouble.message, status_code=trouble.status, media_type="text/plain")
    return Response(
        body,
        status_code=trouble.status,
        headers=headers,
        media_type="text/html",
        cookies=page.cookies,
    )


def _unexpected(request: LitestarRequest[Any, Any, Any], error: Exception) -> Response[Any]:
    incident = secrets.token_hex(4).upper()
    log.error("incident %s: %s %s", incident, request.method, request.url.path, exc_info=error)
    message = _("系统出错，已记录，编号 %(incident)s", incident=incident)
    trouble = ChizhengError("internal", message, {"incident": incident})
    trouble.status = 500
    return api_answer(trouble) if is_api(request) else page_answer(request, trouble, {})


def _from_http(error: HTTPException) -> ChizhengError | None:
    if error.status_code >= 500 and error.status_code != 503:
        if error.detail == "client disconnected prematurely":
            return Trouble(400)
        return None
    if error.status_code == 403 and "CSRF" in error.detail:
        return StaleForm()
    if error.status_code == 400 and error.detail == "Request Entity Too Large":
        return Trouble(413)
    return Trouble(error.status_code)


def _wrong_shape(error: ValidationException) -> ChizhengError:
    faults = [fault for fault in error.extra or [] if isinstance(fault, dict)]
    if any(fault.get("source") == "path" for fault in faults):
        return Trouble(404)
    errors: dict[str, str] = {}
    for fault in faults:
        key, said = str(fault.get("key", "")), str(fault.get("message", ""))
        errors.update(_at(said, key))
    return WrongShape(_("提交的内容不合要求"), **(errors or {"body": _("内容的结构不对")}))


def _at(said: str, key: str = "") -> dict[str, str]:
    """msgspec tells the place as `- at `$.items[0].from``, or names the missing field."""
    sentence, _separator, place = said.partition(" - at `$")
    path = place.rstrip("`").lstrip(".") or ("" if key == "data" else key)
    if "missing required field" in sentence:
        missing = sentence.rsplit("`", 2)[1]
        return {f"{path}.{missing}" if path else missing: _("缺少这一项")}
    if sentence == "'data'":
        return {"body": _("缺少内容")}
    return {path or "body": _("内容的类型或范围不对（%(fault)s）", fault=sentence)}


def _while_decoding(error: Exception) -> bool:
    """Whether a JSON body was to blame: not UTF-8, or nested beyond all measure."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_name == "decode_json":
            return True
        trace = trace.tb_next
    return False


def _came_for(request: LitestarRequest[Any, Any, Any]) -> str:
    """Where to return after login: the page itself, or, after a form, the page the form was on."""
    if request.method in SAFE:
        query = request.url.query
        path = request.url.path + (f"?{query}" if query else "")
    else:
        path = page_of_form(request)
    return path if is_safe_path(path) else "/"
