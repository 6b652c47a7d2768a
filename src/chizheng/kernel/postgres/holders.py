"""Who is using the cluster: several processes of one home share it, and the last to leave stops it.

Two files, locked with flock. `start.lock` is held by whoever starts or stops the server, so that these never
overlap. `holders` is held shared by every user of the server; whoever gets it exclusively is alone. The
kernel releases both when a process dies, whatever it died of.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chizheng.kernel.home import give_to_owner_of


class Holders:
    """This process's share in the cluster below `room` (the home's `postgresql/`)."""

    def __init__(self, room: Path) -> None:
        self._turn_file = room / "start.lock"
        self._holders_file = room / "holders"
        self._held: int | None = None

    @property
    def holding(self) -> bool:
        """Whether this object holds a share now."""
        return self._held is not None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Alone with starting and stopping; waits for whoever is at it."""
        file = _open(self._turn_file)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    def join(self) -> None:
        """Take a share. Only within `turn`."""
        self._held = _open(self._holders_file)
        fcntl.flock(self._held, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Give the share back; true if nobody else holds one. Only within `turn`."""
        if self._held is not None:
            os.close(self._held)
            self._held = None
        # a new descriptor, not an upgrade of the old one: a forked worker shares the old one's lock
        file = _open(self._holders_file)
        try:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            return False
        finally:
            os.close(file)


def _open(path: Path) -> int:
    # not inheritable (Python's default), so the server and other programs we start never keep a lock alive
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    give_to_owner_of(path.parent, path)
    return file
