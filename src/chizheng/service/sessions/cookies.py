"""The session's cookie, and what the browser keeps of a person's habits."""

from typing import Any

from litestar import Request, Response
from litestar.middleware.csrf import generate_csrf_token

from chizheng.kernel.web import THEME
from chizheng.service.security import LANGUAGE, address_of, is_https
from chizheng.service.sessions.login import Caller
from chizheng.service.sessions.rules import cookie_name, fingerprint

YEAR = 365 * 24 * 3600


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    return Caller(address_of(request.scope), request.headers.get("user-agent", "")[:200])


def carried(request: Request[Any, Any, Any]) -> bytes:
    """The fingerprint of the session this browser came with, if any."""
    token = request.cookies.get(cookie_name(is_https(request.scope)))
    return fingerprint(token) if token else b""


def give_session(request: Request[Any, Any, Any], answer: Response[Any], token: str) -> None:
    """Hands the session to the browser: not readable by scripts, gone when it closes."""
    https = is_https(request.scope)
    answer.set_cookie(
        key=cookie_name(https), value=token, path="/", httponly=True, secure=https, samesite="lax"
    )


def take_session(request: Request[Any, Any, Any], answer: Response[Any]) -> None:
    https = is_https(request.scope)
    answer.set_cookie(
        key=cookie_name(https), value="", max_age=0, path="/", httponly=True, secure=https, samesite="lax"
    )


def remember(request: Request[Any, Any, Any], answer: Response[Any], name: str, value: str) -> None:
    """A habit (language, theme): kept for a year, no secret."""
    answer.set_cookie(
        key=name,
        value=value,
        max_age=YEAR,
        path="/",
        httponly=True,
        secure=is_https(request.scope),
        samesite="lax",
    )


def give_form_token(request: Request[Any, Any, Any], answer: Response[Any]) -> str:
    """A form token for API clients that also use pages; also set as the cookie it is compared with."""
    config = request.app.csrf_config
    assert config is not None
    token = generate_csrf_token(config.secret)
    answer.set_cookie(
        key=config.cookie_name,
        value=token,
        path="/",
        httponly=config.cookie_httponly,
        secure=config.cookie_secure,
        samesite="lax",
    )
    return token


__all__ = [
    "LANGUAGE",
    "THEME",
    "caller_of",
    "carried",
    "give_form_token",
    "give_session",
    "remember",
    "take_session",
]
