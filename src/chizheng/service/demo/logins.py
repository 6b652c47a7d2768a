"""One login per role, with passwords of this installation's own, kept in a file only its owner can read."""

import asyncio
import os
from pathlib import Path
from typing import Final

import msgspec

from chizheng.kernel.access import Role
from chizheng.service.accounts.hashing import hash_password
from chizheng.service.accounts.rules import one_time_password

LOGINS_FILE: Final = "demo-logins.txt"
DISTRICT: Final = "武进区"

ACCOUNTS: Final = (  # role, username, unit, name
    (Role.ESTABLISHMENT_OFFICE, "bianban", DISTRICT, "编办经办"),
    (Role.HR_OFFICE, "renshi", DISTRICT, "组织人事经办"),
    (Role.JUSTICE_BUREAU, "sifaju", DISTRICT, "司法局经办"),
    (Role.OWNER_UNIT, "shichangdui", "区市场监管综合行政执法大队", "市场监管大队内勤"),
    (Role.TOWN, "hutang", "湖塘镇", "湖塘镇党政办"),
    (Role.TOWN_BUREAU, "hutangju", "湖塘镇综合行政执法局", "湖塘镇综合行政执法局内勤"),
    (Role.OFFICER, "officer", "湖塘镇综合行政执法局", ""),
    (Role.TRAINER, "jiangshi", DISTRICT, "讲师团讲师"),
    (Role.SUPERVISOR, "jiandu", DISTRICT, "执法监督员"),
    (Role.ADMINISTRATOR, "xitong", DISTRICT, "系统管理员"),
    (Role.SECURITY_OFFICER, "anquan", DISTRICT, "安全管理员"),
    (Role.AUDITOR, "shenji", DISTRICT, "审计员"),
)


class Login(msgspec.Struct, frozen=True):
    """Who can log in, and how. An officer's account bears the officer's name."""

    role: Role
    username: str
    unit: str
    name: str
    password: str


def kept_logins(home: Path) -> list[Login]:
    """The demo's logins; made and written down at the first call, read back at later ones."""
    path = home / LOGINS_FILE
    known = _read(path)
    logins = [
        Login(role, username, unit, name, known.get(username) or one_time_password())
        for role, username, unit, name in ACCOUNTS
    ]
    if {login.username for login in logins} != known.keys():
        _write(path, logins)
    return logins


async def hashes(logins: list[Login]) -> list[str]:
    """The stored forms of the passwords, computed off the event loop."""
    return list(await asyncio.gather(*(hash_password(login.password) for login in logins)))


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    words = [line.split() for line in path.read_text().splitlines()]
    return {pair[0]: pair[1] for pair in words if len(pair) == 2}


def _write(path: Path, logins: list[Login]) -> None:
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{login.username} {login.password}\n" for login in logins)
    draft.replace(path)
