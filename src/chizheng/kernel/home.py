"""Where this installation keeps what must outlive a restart: the database cluster, the keys, the logs."""

import os
from pathlib import Path

import platformdirs


def data_home() -> Path:
    """The installation's folder: `CHIZHENG_HOME`, or the user's data folder. Absolute, without symlinks."""
    named = os.environ.get("CHIZHENG_HOME")
    return Path(named or platformdirs.user_data_dir("chizheng")).expanduser().resolve()


def ensure_home(home: Path | None = None) -> Path:
    """Create the folder and its rooms (`postgresql/`, `keys/`, `log/`) for the owner alone; return it.

    A home that already exists keeps its own permissions: it may be a mount the administrator has set up.
    Raises OSError if it cannot be made.
    """
    home = (home or data_home()).resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for room in ("postgresql", "keys", "log"):
        _make_private(home / room)
    for closed in ("keys", "log"):
        _close_to_others(home / closed)
    return home


def give_to_owner_of(folder: Path, path: Path) -> None:
    """As root in another user's home, leave nothing behind that this user could not open later."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    give_to_owner_of(folder.parent, folder)


def _close_to_others(folder: Path) -> None:
    # not for postgresql/: there the group bits are the mask of the passage (see postgres/passage.py)
    mode = folder.stat().st_mode
    if mode & 0o077:
        folder.chmod(mode & 0o700)
