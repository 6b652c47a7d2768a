"""The data directory: made once, completely or not at all."""

import os
import shutil
import tempfile
from pathlib import Path

from chizheng.kernel.i18n import _
from chizheng.kernel.postgres import binaries
from chizheng.kernel.postgres.failure import PostgresFailed
from chizheng.kernel.postgres.owner import ServerUser

SUPERUSER = "postgres"
OWNER = "chizheng_owner"  # of the tables and their guards: migrates, and is used for nothing else
ROLE = "chizheng"  # what the service is: it reads and writes rows
DATABASE = "chizheng"

# Defaults of a new cluster, in its postgresql.conf: an administrator may change them there.
_SETTINGS = {
    "max_connections": "60",
    "shared_buffers": "128MB",
    "jit": "off",  # the questions are short; compiling them costs more than it saves
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The statement and the detail of an error carry people's data. The service logs its own errors.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}

# The operating system vouches for the user: only root and the user that owns the files anyway get in, even if
# the socket's folder were opened to others by mistake.
_ACCESS = """\
# type  database     user  method
local   all          all   peer map=home
local   replication  all   peer map=home
"""

_FIRST_STATEMENTS = f"""\
CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
CREATE DATABASE {DATABASE} OWNER {OWNER}
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC
GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {ROLE}
"""
# A cluster from before the service and the owner were two: what it has goes to the owner.
_PART = f"""\
DO $$ BEGIN CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE; EXCEPTION WHEN duplicate_object THEN END $$
REASSIGN OWNED BY {ROLE} TO {OWNER}
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC
GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {ROLE}
"""


def ensure_cluster(data: Path, user: ServerUser) -> None:
    """Make the cluster with its role and database, unless there is one of our major version already.

    Raises PostgresFailed if it cannot be made, or if it is another major version's.
    """
    if data.exists():
        _check_version(data)
        _part_owner(data, user)
        return
    for leftover in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # A name of its own each time: an initdb that outlived its killed parent may still be writing to its own.
    making = Path(tempfile.mkdtemp(prefix=f"{data.name}.new-", dir=data.parent))
    try:
        if user.switch:
            os.chown(making, user.uid, user.gid)
        _fill(making, user)
        _settle(making, data)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _part_owner(data: Path, user: ServerUser) -> None:
    identities = data / "pg_ident.conf"
    if OWNER in identities.read_text(encoding="utf-8"):
        return
    _alone(data, DATABASE, _PART, user)
    identities.write_text(_identities(user), encoding="utf-8")


def _check_version(data: Path) -> None:
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise PostgresFailed(
            _("%(folder)s 不是 PostgreSQL 数据目录（缺少 PG_VERSION）。", folder=data),
            _("请从备份恢复该目录；确认无数据后方可移走它再启动。"),
        ) from None
    if found != binaries.major_version():
        raise PostgresFailed(
            _(
                "数据库由 PostgreSQL %(version)s 建立，当前程序为 PostgreSQL %(ours)s。",
                version=found,
                ours=binaries.major_version(),
            ),
            _(
                "请装回带 PostgreSQL %(version)s 的版本并导出数据，再用新版本导入；数据未被改动。",
                version=found,
            ),
        )


def _fill(making: Path, user: ServerUser) -> None:
    settings = [f"--set={name}={value}" for name, value in _SETTINGS.items()]
    # Built-in C.UTF-8 is the same everywhere, so an update of the operating system cannot break indexes.
    # The libc character type must be UTF-8 as well: pg_trgm asks it which characters are letters.
    words = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-ctype=C.UTF-8", "--lc-collate=C"]
    words += [f"--lc-{kind}=C" for kind in ("messages", "monetary", "numeric", "time")]
    access = ["--auth-local=peer", "--auth-host=reject", f"--username={SUPERUSER}"]
    options = ["--encoding=UTF8", "--data-checksums", *words, *access, *settings]
    _must(binaries.run("initdb", f"--pgdata={making}", *options, user=user))
    (making / "pg_hba.conf").write_text(_ACCESS, encoding="utf-8")
    (making / "pg_ident.conf").write_text(_identities(user), encoding="utf-8")
    _alone(making, "postgres", _FIRST_STATEMENTS, user)


def _alone(data: Path, database: str, statements: str, user: ServerUser) -> None:
    """Runs statements, one a line, as the superuser on a cluster that does not serve."""
    done = binaries.run("postgres", "--single", "-D", str(data), database, user=user, text=statements)
    _must(done, failed="ERROR:" in done.stderr)  # single-user mode ends with 0 even after errors


def _identities(user: ServerUser) -> str:
    names = sorted({"root", user.name})
    return "".join(f'home "{name}" {role}\n' for name in names for role in (OWNER, ROLE, SUPERUSER))


def _must(done: binaries.Done, failed: bool = False) -> None:
    if done.returncode != 0 or failed:
        raise PostgresFailed(
            _("无法建立数据库目录。"),
            _("请检查磁盘空间与目录权限后重试；未留下半成品。"),
            (done.stderr or done.stdout).strip(),
        )


def _settle(making: Path, data: Path) -> None:
    making.rename(data)
    folder = os.open(data.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
