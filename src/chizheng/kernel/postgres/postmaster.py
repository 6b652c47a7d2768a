"""The server process: finding one that already runs, starting one, waiting for it, stopping it."""

import atexit
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from chizheng.kernel.i18n import _
from chizheng.kernel.postgres import binaries
from chizheng.kernel.postgres.cluster import DATABASE, ROLE
from chizheng.kernel.postgres.failure import PostgresFailed, last_lines
from chizheng.kernel.postgres.owner import ServerUser
from chizheng.kernel.postgres.sockets import PORT

_POLL = 0.03  # seconds between looks at a server that is starting or stopping
_GENTLE_STOP = 60.0  # seconds; systemd's own patience is 90
_HARD_STOP = 15.0
_ACCEPTS, _STARTS_UP = 0, 1  # exit status of pg_isready

# Children of ours that outlive our interest in them, kept so that they are reaped when they end.
_children: list[subprocess.Popen[bytes]] = []


def find(data: Path) -> int | None:
    """Process id of the server that runs on this data directory, whoever started it; None if there is none.

    The pid file alone proves nothing: it may be stale, half-written, or name a foreign process by now.
    """
    _reap()
    pid = _noted_pid(data)
    return pid if pid is not None and _serves(pid, data) else None


def noted_socket_folder(pid: int, data: Path) -> Path | None:
    """Where this running server says its socket lies (it may have been started with another TMPDIR).

    None while it has not said so. A pid file of another process counts for nothing: in a copied home it still
    names the original's socket.
    """
    lines = _pid_file_lines(data)
    return Path(lines[4]) if len(lines) > 4 and lines[0] == str(pid) and lines[4] else None


def launch(data: Path, sockets: Path, log: Path, user: ServerUser) -> int:
    """Start a server and return its process id at once. Only while none runs on this data directory."""
    _disown_stale_pid_file(data)
    fixed = {"listen_addresses": "", "port": str(PORT), "unix_socket_directories": str(sockets)}
    fixed |= {"unix_socket_permissions": "0700", "logging_collector": "off", "log_destination": "stderr"}
    options = [part for name, value in fixed.items() for part in ("-c", f"{name}={value}")]
    # A session of its own: Ctrl-C reaches every process of the terminal's group, and would take the database
    # away while the service still finishes its requests.
    with log.open("ab") as sink:
        try:
            child = subprocess.Popen(  # noqa: S603  our own program, no shell
                [binaries.program("postgres"), "-D", str(data), *options],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd="/",
                env=binaries.environment(),
                start_new_session=True,
                user=user.uid if user.switch else None,
                group=user.gid if user.switch else None,
                extra_groups=[] if user.switch else None,
            )
        except OSError as problem:
            raise binaries.cannot_run("postgres", problem) from problem
    _children.append(child)
    return child.pid


def wait_until_ready(pid: int, data: Path, sockets: Path, patience: float) -> bool:
    """Wait while the server lives and recovers; true once it accepts connections, false if it ended.

    Raises TimeoutError after `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if _ready_status(noted_socket_folder(pid, data) or sockets) == _ACCEPTS:
            return True
        if not _runs(pid, data):
            return False
        time.sleep(_POLL)
    raise TimeoutError


def stop(pid: int, data: Path, log: Path) -> None:
    """Close the connections, write a checkpoint, end; if that takes too long, end at once and recover later.

    Raises PostgresFailed if the server survives even that.
    """
    for how, patience in ((signal.SIGINT, _GENTLE_STOP), (signal.SIGQUIT, _HARD_STOP)):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return
        if _ended(pid, data, patience):
            return
    raise PostgresFailed(
        _("数据库进程 %(pid)s 无法停止。", pid=pid),
        _("请查看日志；必要时由管理员结束该进程。"),
        last_lines(log),
    )


def _ended(pid: int, data: Path, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while _runs(pid, data):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


@atexit.register
def _leave() -> None:
    """A server that other processes still use goes on without us: Python need not warn of it."""
    for child in _children:
        child.returncode = 0


def _reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]


def _runs(pid: int, data: Path) -> bool:
    _reap()
    # a child that has not yet become `postgres` (between fork and exec) is alive all the same
    return any(child.pid == pid for child in _children) or _serves(pid, data)


def answers(sockets: Path) -> bool:
    """Whether any server listens there, be it still recovering."""
    return _ready_status(sockets) in (_ACCEPTS, _STARTS_UP)


def _ready_status(sockets: Path) -> int:
    server = ("-h", str(sockets), "-p", str(PORT), "-U", ROLE, "-d", DATABASE)
    return binaries.run("pg_isready", "-q", "-t", "5", *server).returncode


def _pid_file_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _noted_pid(data: Path) -> int | None:
    lines = _pid_file_lines(data)
    return int(lines[0]) if lines and lines[0].strip().isdecimal() else None


def _serves(pid: int, data: Path) -> bool:
    """Whether this process is a server on this data directory; its children name themselves otherwise."""
    words = _command_line(pid)
    return len(words) > 2 and Path(words[0]).name == "postgres" and str(data) in words


def _command_line(pid: int) -> list[str]:
    # not the working folder: in a container root may not read that of another user's process
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="surrogateescape").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return []
    command = ["/bin/ps", "-o", "command=", "-p", str(pid)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  a number only
    return shown.stdout.split()


def _disown_stale_pid_file(data: Path) -> None:
    """Let PostgreSQL see that the process its stale pid file names is not a server.

    If the number belongs to another process of the same user by now, PostgreSQL would refuse to start. The
    file must not be deleted: it also names the shared memory through which PostgreSQL notices backends that
    outlived their killed server. So only the number is replaced, by that of our own process: PostgreSQL knows
    that its parent is no server, and still checks the memory.
    """
    lines = _pid_file_lines(data)
    if not lines:
        return
    owner = data.stat()
    # a new file in place of the old: root never writes through a link somebody else has put there
    with tempfile.NamedTemporaryFile("w", dir=data, prefix="postmaster.pid.", delete=False) as file:
        file.write("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
        os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
    Path(file.name).rename(data / "postmaster.pid")
