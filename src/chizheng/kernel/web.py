"""What every page needs: rendering, redirecting with a message, reading a form.

A page: `return render(request, "officers/list.html", officers=officers)`. A form that fails:
`return render(request, "cases/open.html", status=422, form=form(data, error))`.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias, cast

import msgspec
from litestar import Request as LitestarRequest
from litestar.datastructures import Cookie, State
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from litestar.response import Template as LitestarTemplate
from markupsafe import Markup

from chizheng.kernel import clock
from chizheng.kernel.access import Actor
from chizheng.kernel.assets import asset
from chizheng.kernel.errors import Invalid
from chizheng.kernel.forms import AGAIN, OfferedAgain, clean, parse_form
from chizheng.kernel.i18n import language
from chizheng.kernel.templating import register_labels

__all__ = [
    "Form",
    "Redirect",
    "Request",
    "Template",
    "actor_of",
    "asset",
    "clean",
    "form",
    "is_safe_path",
    "parse_form",
    "redirect",
    "register_labels",
    "render",
]

Request: TypeAlias = LitestarRequest[Actor, Any, State]
Form: TypeAlias = Annotated[dict[str, Any], Body(media_type=RequestEncodingType.URL_ENCODED)]

FLASH = "chizheng_flash"
THEME = "chizheng_theme"
THEMES = ("auto", "light", "dark")
FLASH_LONGEST = 500


class Template(LitestarTemplate):
    """A page; `{{ csrf_input }}` is safe to print as it stands."""

    def create_template_context(self, request: LitestarRequest[Any, Any, Any]) -> dict[str, Any]:
        context = super().create_template_context(request)
        return context | {"csrf_input": Markup(context["csrf_input"])}  # noqa: S704 - escaped by Litestar


def render(request: Request, name: str, /, status: int = 200, **context: Any) -> Template:
    """A page from a template, framed with who is logged in, the navigation, language, theme and messages."""
    flashes = _read_flash(request.cookies.get(FLASH, ""))
    spent = (
        [Cookie(key=FLASH, value="", max_age=0, path="/", httponly=True, samesite="lax")] if flashes else []
    )
    frame = request.app.state.get("frame")
    framed = frame(request) if frame else {}
    return Template(
        template_name=name,
        context={**_plain_frame(request), **framed, "flashes": flashes, **context},
        status_code=status,
        media_type="text/html",
        cookies=spent,
    )


def redirect(path: str, say: str = "", level: str = "success") -> Redirect:
    """303 to a path of this site; `say` is shown once, on the next page. Levels: success, info, warning, error."""
    if not is_safe_path(path):
        raise ValueError(f"not a path of this site: {path}")
    answer = Redirect(path, status_code=303)
    if say:
        answer.set_cookie(
            key=FLASH, value=_write_flash(level, say), max_age=60, path="/", httponly=True, samesite="lax"
        )
    return answer


def form(data: Mapping[str, Any], error: Invalid | None = None) -> dict[str, Any]:
    """What the form macros take: everything typed, and each field's sentence; each field adds its label.

    A fault of no one field stands under the name "". `notice` is what is to be said when nothing is wrong.
    """
    offered = isinstance(error, OfferedAgain)
    errors = dict(error.errors) if error else {}
    if error and not errors and not offered:
        errors[""] = error.message
    return {
        "values": {name: value for name, value in data.items() if name not in ("_csrf_token", AGAIN)},
        "errors": errors,
        "notice": error.message if error and offered else "",
        "labels": {},
    }


def actor_of(request: LitestarRequest[Any, Any, Any]) -> Actor | None:
    """Who is logged in, if anybody; public pages ask here."""
    return cast("Actor | None", request.scope.get("user"))


def is_safe_path(path: str) -> bool:
    """Whether it leads to this site: `/x`, but neither `//host` nor `/\\host` nor anything with control characters."""
    return (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and "\\" not in path
        and path.isprintable()
        and len(path) <= 2000
    )


def theme_of(request: LitestarRequest[Any, Any, Any]) -> str:
    """auto, light or dark, as this browser chose."""
    chosen = request.cookies.get(THEME, "auto")
    return chosen if chosen in THEMES else "auto"


def _plain_frame(request: LitestarRequest[Any, Any, Any]) -> dict[str, Any]:
    query = request.url.query
    return {
        "actor": actor_of(request),
        "nav": [],
        "lang": language(),
        "theme": theme_of(request),
        "path": request.url.path,
        "here": request.url.path + (f"?{query}" if query else ""),
        "today": clock.today(),
    }


def _write_flash(level: str, text: str) -> str:
    # cookies hold ASCII only; the text is what our own pages say, shown escaped
    return base64.urlsafe_b64encode(msgspec.json.encode([level, text[:FLASH_LONGEST]])).decode()


def _read_flash(value: str) -> list[tuple[str, str]]:
    try:
        level, text = msgspec.json.decode(base64.urlsafe_b64decode(value.encode()), type=tuple[str, str])
    except (ValueError, binascii.Error, msgspec.DecodeError):
        return []
    return [(level, text)]
