"""How long a session lives, and what its cookie looks like. Pure."""

import hashlib
import secrets
from datetime import datetime, timedelta

COOKIE = "chizheng_session"
SECURE_COOKIE = "__Host-chizheng_session"  # the prefix binds it to HTTPS, this host and the whole path
TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)


def cookie_name(https: bool) -> str:
    return SECURE_COOKIE if https else COOKIE


def new_token() -> str:
    """256 random bits, as the browser keeps them."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def fingerprint(token: str) -> bytes:
    """What the database keeps: it cannot be turned back into the token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def wants_touch(seen_at: datetime, now: datetime) -> bool:
    """Whether the last use should be written again; at most once a minute, to spare a write per request."""
    return now - seen_at >= TOUCH_EVERY
