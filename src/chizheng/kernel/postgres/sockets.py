"""Where the server's Unix socket lies: a folder nobody but its user (and root) can enter."""

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from chizheng.kernel.i18n import _
from chizheng.kernel.postgres.failure import PostgresFailed
from chizheng.kernel.postgres.owner import ServerUser

PORT = 5432
_NAME = f".s.PGSQL.{PORT}"
_LONGEST = 103  # bytes of a socket's address; Linux allows 107, macOS 103


def socket_folder(room: Path) -> Path:
    """`run/` beside the cluster; if that path is too long, a short folder named after a hash of it."""
    beside = room / "run"
    if _fits(beside):
        return beside
    digest = hashlib.sha256(os.fsencode(room)).hexdigest()[:16]
    short = [Path(place).resolve() / f"chizheng-{digest}" for place in (tempfile.gettempdir(), "/tmp")]  # noqa: S108  see prepare()
    return next((folder for folder in short if _fits(folder)), short[-1])


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / _NAME)) <= _LONGEST


def prepare(folder: Path, user: ServerUser) -> None:
    """Make the folder, mode 0700; clear what a dead server left there. Only while no server runs.

    Raises PostgresFailed if something else lies at its place: the temporary folder is open to everybody.
    """
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, user.uid, user.gid)
    except FileExistsError:
        _insist_on_ours(folder, user)
    for leftover in (_NAME, f"{_NAME}.lock"):
        (folder / leftover).unlink(missing_ok=True)


def discard(folder: Path, room: Path) -> None:
    """Leave no rubbish in the temporary folder when the server has stopped."""
    if folder.parent != room:
        with suppress(OSError):
            folder.rmdir()


def _insist_on_ours(folder: Path, user: ServerUser) -> None:
    facts = folder.lstat()
    if stat.S_ISDIR(facts.st_mode) and facts.st_uid == user.uid and facts.st_mode & 0o077 == 0:
        return
    # made by a root that was killed before it could give the folder away
    if stat.S_ISDIR(facts.st_mode) and user.switch and facts.st_uid == 0 and facts.st_mode & 0o077 == 0:
        os.chown(folder, user.uid, user.gid, follow_symlinks=False)
        return
    raise PostgresFailed(
        _("%(folder)s 已存在，但不是数据库专用的私有目录。", folder=folder), _("请查明其来历并移走后重试。")
    )
