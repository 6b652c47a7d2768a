"""The API's description (OpenAPI 3.1) and its page, both served from here; nothing is loaded from elsewhere."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, Router
from litestar.enums import MediaType, OpenAPIMediaType
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute

from chizheng.kernel.access import Permission
from chizheng.kernel.assets import asset, mount
from chizheng.kernel.i18n import _, language
from chizheng.service.sessions.rules import COOKIE

ERROR = "ApiError"
EXAMPLES: dict[int, tuple[str, str, dict[str, Any]]] = {
    400: ("bad_request", "请求无法读取", {}),
    401: ("not_logged_in", "请先登录", {}),
    403: ("forbidden", "您的角色没有这项权限", {"permission": "certificate:suspend"}),
    404: ("not_found", "没有找到这名人员，或不在您的管辖范围内", {}),
    409: (
        "not_cleared",
        "未通过上岗资格核验，不得指派",
        {"gaps": [{"code": "certificate_suspended", "hard": True, "from": "2026-11-21", "to": "2026-12-01"}]},
    ),
    413: ("too_large", "提交的内容过大", {}),
    415: ("unsupported_media_type", "接口只接受 application/json", {}),
    422: ("invalid", "填写有误", {"errors": {"from": "缺少这一项"}}),
}
MEANINGS = {
    400: "The request cannot be read",
    401: "Nobody is logged in, or the session has ended",
    403: "No permission, a password to change first, or a request from another site",
    404: "No such thing, or not within this person's reach",
    409: "Well-formed, but what is already there forbids it",
    413: "Larger than 1 MiB",
    415: "Not JSON",
    422: "A field breaks a rule; `details.errors` names it",
}
DESCRIPTION = """
Log in with `POST /api/v1/session`; the answer sets a cookie that every further call must carry. Bodies are JSON.

Ids are UUIDs, days are ISO dates (Asia/Shanghai), intervals are half-open: `to` is the first day no longer covered.
Lists answer `{"items", "total", "page", "size"}`. Every error is `{"code", "message", "details"}`: `code` is stable,
`message` is a sentence in the caller's language (`Accept-Language`, or the account's), `details` are facts.
"""


def openapi_config() -> OpenAPIConfig:
    """Where and how the description is served."""
    _mount_swagger()
    cookie = SecurityScheme(
        type="apiKey", security_scheme_in="cookie", name=COOKIE, description="Set by POST /api/v1/session."
    )
    return OpenAPIConfig(
        title="Chizheng",
        version="1",
        description=DESCRIPTION.strip(),
        path="/api",
        components=Components(security_schemes={"session": cookie}),
        use_handler_docstrings=True,
        render_plugins=[Document(), Page()],
        openapi_router=Router(
            "/api",
            route_handlers=[],
            include_in_schema=False,
            opt={"permission": "public"},
            after_request=_no_page_of_its_own,
        ),
    )


class Document(OpenAPIRenderPlugin):
    """`/api/openapi.json`, completed with what Litestar cannot know: errors, examples, who may call."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)
        self._body: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._body is None:
            document = msgspec.json.decode(self.render_json(request, openapi_schema))
            self._body = msgspec.json.encode(completed(document, permissions(request.app.routes)))
        return self._body


class Page(OpenAPIRenderPlugin):
    """`/api/docs`: Swagger UI out of its Python package, started by a file of ours, so the policy stays strict."""

    def __init__(self) -> None:
        super().__init__(path="/docs", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        scripts = ("vendor/swagger-ui-bundle.js", "js/api-docs.js")
        return (
            f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{_("接口文档")}</title>'
            f'<link rel="icon" href="{asset("icons/favicon.svg")}">'
            f'<link rel="stylesheet" href="{asset("vendor/swagger-ui.css")}"></head>'
            '<body><main id="api-docs" data-description="/api/openapi.json"></main>'
            + "".join(f'<script src="{asset(name)}"></script>' for name in scripts)
            + "</body></html>"
        ).encode()


def permissions(routes: list[Any]) -> dict[tuple[str, str], str]:
    """(path, method) -> the permission it needs, `logged-in`, or `public`."""
    return {
        (route.path_format, method.lower()): str(handler.opt["permission"])
        for route in routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if isinstance(handler, HTTPRouteHandler) and "permission" in handler.opt
        for method in handler.http_methods
    }


def completed(document: dict[str, Any], needed: dict[tuple[str, str], str]) -> dict[str, Any]:
    """The document with one error schema, each operation's errors, its tag and its permission."""
    document["components"].setdefault("schemas", {})[ERROR] = _error_schema()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            permission = needed[(path, method)]
            operation["tags"] = [path.split("/")[3]]
            operation["summary"] = _summary(operation)
            operation["security"] = [] if permission == "public" else [{"session": []}]
            operation["x-permission"] = permission
            good = {status: what for status, what in operation["responses"].items() if status < "4"}
            bad = _statuses(path, method, operation, permission)
            operation["responses"] = good | {str(status): _error_response(status) for status in bad}
    return document


def _summary(operation: dict[str, Any]) -> str:
    """The one given, or, instead of Litestar's name of the function, the first sentence of the description."""
    given, described = str(operation.get("summary", "")), str(operation.get("description", ""))
    first = re.split(r"[.;:] |\.$|\n\n", described.strip(), maxsplit=1)[0]
    return given if " " in given or not first else " ".join(first.split())


def _statuses(path: str, method: str, operation: dict[str, Any], permission: str) -> list[int]:
    body, writes = "requestBody" in operation, method != "get"
    login = path.endswith("/session") and method == "post"
    wanted = {
        400: body,
        401: permission != "public" or login,
        403: writes or permission in set(Permission),
        404: "{" in path,
        409: writes and permission in set(Permission),
        413: body,
        415: writes,
        422: body or bool(operation.get("parameters")),
    }
    return [status for status, there in wanted.items() if there]


def _error_response(status: int) -> dict[str, Any]:
    code, message, details = EXAMPLES[status]
    example = {"code": code, "message": message, "details": details}
    content = {"schema": {"$ref": f"#/components/schemas/{ERROR}"}, "example": example}
    return {"description": MEANINGS[status], "content": {"application/json": content}}


def _error_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Every error of this API.",
        "required": ["code", "message", "details"],
        "properties": {
            "code": {"type": "string", "description": "Stable; for programs."},
            "message": {"type": "string", "description": "A sentence in the caller's language."},
            "details": {
                "type": "object",
                "description": "The facts, such as `errors` by field or the `gaps`.",
            },
        },
    }


def _no_page_of_its_own(response: Response[Any]) -> Response[Any]:
    # Litestar answers /api/<anything> with a page of its own; here a 404 is JSON like every other
    if response.status_code == 404:
        raise NotFoundException
    return response


@cache
def _mount_swagger() -> None:
    found = find_spec("swagger_ui")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "static"
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        mount(f"vendor/{name}", folder / name)
