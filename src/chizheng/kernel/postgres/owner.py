"""Which user of the operating system runs the database: never root, PostgreSQL refuses that."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from chizheng.kernel.i18n import _
from chizheng.kernel.postgres.failure import PostgresFailed

_OWN_NAME = "chizheng"


@dataclass(frozen=True)
class ServerUser:
    """A user of the operating system; `switch` is true when we are root and must become this user."""

    name: str
    uid: int
    gid: int
    switch: bool

    @property
    def groups(self) -> frozenset[int]:
        """All groups a process of ours has after the switch: supplementary ones are dropped."""
        return frozenset({self.gid}) if self.switch else frozenset({self.gid, *os.getgroups()})


def server_user(room: Path, cluster: Path) -> ServerUser:
    """The owner of the cluster, or of the `room` for it; in place of root a system user without login.

    So root may start what an ordinary user began, and that user can go on with what root has started.
    Raises PostgresFailed if the place belongs to somebody else, or if no such user can be had.
    """
    place = cluster if cluster.exists() else room
    owner = place.stat().st_uid
    if os.geteuid() == 0:
        return _switched(_named(owner) if owner != 0 else _own_system_user())
    if owner != os.geteuid():
        raise PostgresFailed(
            _("数据库目录 %(folder)s 属于另一个系统用户（uid %(uid)s）。", folder=place, uid=owner),
            _("请用该用户或 root 启动，或用 CHIZHENG_HOME 指定本用户自己的目录。"),
        )
    entry = _named(os.geteuid())
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=False)


def _switched(entry: pwd.struct_passwd) -> ServerUser:
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid, switch=True)


def _named(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise PostgresFailed(
            _("系统用户 uid %(uid)s 没有名称，PostgreSQL 无法以它运行。", uid=uid),
            _("请在 /etc/passwd 中登记该用户，或用 CHIZHENG_DATABASE_URL 指定已有的 PostgreSQL。"),
        ) from None


def _own_system_user() -> pwd.struct_passwd:
    _create_own_user()
    for name in (_OWN_NAME, "postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return entry
    raise PostgresFailed(
        _("以 root 启动时，数据库须由普通系统用户运行，但找不到也无法创建这样的用户。"),
        _("请创建系统用户 %(user)s，或改用普通用户启动。", user=_OWN_NAME),
    )


def _create_own_user() -> None:
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if useradd is None or _exists(_OWN_NAME):
        return
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _OWN_NAME]
    # a failure (read-only /etc, created by another meanwhile) is not the end: the fallbacks are tried next
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603  constant arguments


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
