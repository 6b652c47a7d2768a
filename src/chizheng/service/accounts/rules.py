"""Passwords, locks and the separation of the three offices. Pure."""

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from chizheng.kernel.access import Role
from chizheng.kernel.i18n import _

SHORTEST = 10
LONGEST = 128  # argon2 takes any length; nobody types more
FREE_FAILURES = 4
LONGEST_WAIT = timedelta(minutes=60)
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else

# 三员分立 (GB/T 22239-2019, 8.1.5): who runs the system, who grants, and who checks are three people
THREE_OFFICES = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR})

COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text().split())


def wait_after(failures: int) -> timedelta:
    """How long an account stays locked after so many failures in a row: none, then 1, 2, 4 … 60 minutes."""
    if failures <= FREE_FAILURES:
        return timedelta()
    return min(timedelta(minutes=2 ** min(failures - FREE_FAILURES - 1, 10)), LONGEST_WAIT)


def password_fault(password: str, username: str) -> str | None:
    """Why a password will not do; None when it will."""
    folded = password.casefold()
    if len(password) < SHORTEST:
        return _("密码不少于 %(least)s 位", least=SHORTEST)
    if len(password) > LONGEST:
        return _("密码不超过 %(most)s 位", most=LONGEST)
    if "\0" in password or any("\ud800" <= letter <= "\udfff" for letter in password):
        return _("密码含有不能使用的字符")
    if username.casefold() in folded:
        return _("密码不能包含用户名")
    if folded in COMMON or len(set(folded)) < 4:
        return _("密码过于常见，请换一个")
    return None


def username_fault(username: str) -> str | None:
    """Why a username will not do; None when it will."""
    if USERNAME.fullmatch(username):
        return None
    return _("用户名用 2 至 60 位小写字母、数字、点、横线或下划线，以字母或数字开头")


def offices_clash(held: Iterable[Role], wanted: Role) -> bool:
    """Whether one person would hold two of the three offices."""
    return wanted in THREE_OFFICES and bool((set(held) & THREE_OFFICES) - {wanted})


def one_time_password() -> str:
    """A first password of 80 random bits, readable over the telephone; its owner changes it at first login."""
    letters = [secrets.choice(LETTERS) for _letter in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))


def masked(username: str) -> str:
    """A typed username for the log: people sometimes type their password there."""
    return f"{username[:1]}***"
