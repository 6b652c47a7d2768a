"""A form sent after its session had ended: what was typed travels, sealed, through the login and is offered again."""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from cryptography.exceptions import InvalidTag
from litestar import Request

from chizheng.kernel import keys
from chizheng.kernel.web import is_safe_path

LONGEST = 32 * 1024
"""Bytes of a form that is kept; what is longer is typed again."""
KEPT_FOR = timedelta(hours=1)
SECRET = ("password", "old", "new", "again", "_csrf_token")


class Typed(msgspec.Struct, frozen=True):
    """A form on its way: where it was sent to, from which page, and its fields in order."""

    action: str
    page: str
    fields: tuple[tuple[str, str], ...]
    at: datetime


async def keep_typed(request: Request[Any, Any, Any], now: datetime) -> str:
    """The form of this request, sealed for the login page; empty for an upload, a long form, one with nothing in it."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        return ""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LONGEST:
        return ""
    body = (await request.body()).decode(errors="replace")
    fields = tuple((name, value) for name, value in parse_qsl(body) if name not in SECRET)
    typed = Typed(request.url.path, page_of_form(request), fields, now)
    return base64.urlsafe_b64encode(keys.seal(msgspec.json.encode(typed).decode())).decode() if fields else ""


def page_of_form(request: Request[Any, Any, Any]) -> str:
    """The page of ours a form was sent from, by what the browser says; the home page when it does not."""
    referer = urlsplit(request.headers.get("referer", ""))
    ours = referer.netloc == request.headers.get("host", "") and is_safe_path(referer.path)
    return referer.path if ours else "/"


def read_typed(sealed: str, now: datetime) -> Typed | None:
    """What `keep_typed` kept; None when it is too old or not of our making."""
    try:
        text = keys.unseal(base64.urlsafe_b64decode(sealed))
        typed = msgspec.json.decode(text, type=Typed)
    except (ValueError, binascii.Error, InvalidTag, msgspec.DecodeError):
        return None
    fresh = typed.at <= now < typed.at + KEPT_FOR
    return typed if fresh and is_safe_path(typed.action) else None
