"""One PostgreSQL cluster per home, shared by every process of that home that asks for it."""

import os
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from chizheng.kernel.home import ensure_home, give_to_owner_of
from chizheng.kernel.i18n import _
from chizheng.kernel.postgres import binaries, postmaster
from chizheng.kernel.postgres.cluster import DATABASE, OWNER, ROLE, SUPERUSER, ensure_cluster
from chizheng.kernel.postgres.failure import PostgresFailed, last_lines
from chizheng.kernel.postgres.holders import Holders
from chizheng.kernel.postgres.owner import ServerUser, server_user
from chizheng.kernel.postgres.passage import let_through
from chizheng.kernel.postgres.sockets import PORT, discard, prepare, socket_folder

_LOG_LIMIT = 10 * 1024 * 1024  # bytes; a longer log is set aside at the next start
_RECOVERY_PATIENCE = 15 * 60.0  # seconds, as long as the server lives
_ORPHANS_PAUSE = 0.1
_ORPHANS_PATIENCE = 60.0  # seconds for the backends of a killed server to notice and end
_ORPHANS_STILL_THERE = "pre-existing shared memory block"


class EmbeddedPostgres:
    """This process's hold on the cluster of a home. Start it once for all workers, from one thread.

    The first to start makes and starts the server, later ones share it, the last to stop stops it. A server
    whose service was killed is taken over by the next start.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self._room = self.home / "postgresql"
        self.data = self._room / "data"
        self.log = self.home / "log" / "postgresql.log"
        self._holders = Holders(self._room)
        self._sockets = socket_folder(self._room)

    def start(self) -> str:
        """Bring the server up, or join the one that runs; return the service's connection address.

        Waits for a crash recovery to end. Raises PostgresFailed.
        """
        if self._holders.holding:
            return self.dsn
        try:
            ensure_home(self.home)
            with self._holders.turn():
                self._holders.join()
                self._come_up()
        except OSError as problem:
            raise PostgresFailed(
                _("无法准备数据目录：%(why)s", why=problem),
                _("请检查 CHIZHENG_HOME 及其上级目录的权限与磁盘空间。"),
            ) from problem
        return self.dsn

    def revive(self) -> bool:
        """Bring the server up again if it has died; whether it had. Raises PostgresFailed."""
        with self._holders.turn():
            if not self._holders.holding:
                self._holders.join()  # an attempt before this one failed
            if postmaster.find(self.data) is not None:
                return False
            self._come_up()
            return True

    def stop(self) -> None:
        """Leave; the last to leave stops the server. Does nothing if not started. Raises PostgresFailed."""
        if not self._holders.holding:
            return
        with self._holders.turn():
            self._leave()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        """Connection address of the service, which owns nothing."""
        return self._address(ROLE, DATABASE)

    @property
    def owner_dsn(self) -> str:
        """Connection address of the owner of the database, for migrations; no superuser."""
        return self._address(OWNER, DATABASE)

    @property
    def admin_dsn(self) -> str:
        """Connection address of the superuser, for backups and the like."""
        return self._address(SUPERUSER, DATABASE)

    def _address(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self._sockets), safe='')}&port={PORT}"

    def _come_up(self) -> None:
        try:
            running = postmaster.find(self.data)
            pid = self._awaited(running) if running is not None else self._start_server()
        except TimeoutError:
            self._holders.leave()  # the recovery goes on; the next start finds it further on
            raise self._failed(_("数据库仍在恢复。"), _("请稍后再次启动；恢复在继续进行。")) from None
        except BaseException:
            self._leave()
            raise
        self._sockets = postmaster.noted_socket_folder(pid, self.data) or self._sockets

    def _refuse_unseen_server(self) -> None:
        # Two containers over one volume see neither processes nor memory of each other, so PostgreSQL's
        # own guard against a second server on the same files is blind there. The socket is not.
        if postmaster.answers(self._sockets):
            raise PostgresFailed(
                _("另一个环境（例如另一个容器）中的数据库正在使用 %(folder)s。", folder=self.data),
                _("请先停止那边的服务。"),
            )

    def _start_server(self) -> int:
        self._refuse_unseen_server()
        user = server_user(self._room, self.data)
        if user.switch:
            binaries.open_to(user)
            for place in (self.data, self._sockets):
                let_through(place, user.uid, user.groups)
        ensure_cluster(self.data, user)
        prepare(self._sockets, user)
        self._trim_log()
        deadline = time.monotonic() + _ORPHANS_PATIENCE
        while (pid := self._launched(user)) is None:
            if time.monotonic() > deadline:
                raise self._failed(_("上次被强制结束的数据库仍有进程未退出。"), _("请结束这些进程后重试。"))
            time.sleep(_ORPHANS_PAUSE)
        return pid

    def _launched(self, user: ServerUser) -> int | None:
        """Start and wait; None if backends of a killed predecessor are in the way: worth another try."""
        written = self.log.stat().st_size
        pid = postmaster.launch(self.data, self._sockets, self.log, user)
        if self._ready(pid):
            return pid
        if _ORPHANS_STILL_THERE in last_lines(self.log, since=written):
            return None
        raise self._failed(_("数据库未能启动。"), _("请根据日志排除原因后重试。"))

    def _awaited(self, running: int) -> int:
        if not self._ready(running):
            raise self._failed(_("数据库在恢复途中退出。"), _("请根据日志排除原因后重试。"))
        return running

    def _ready(self, pid: int) -> bool:
        return postmaster.wait_until_ready(pid, self.data, self._sockets, _RECOVERY_PATIENCE)

    def _leave(self) -> None:
        if not self._holders.leave():
            return
        if (running := postmaster.find(self.data)) is not None:
            postmaster.stop(running, self.data, self.log)
        discard(self._sockets, self._room)

    def _trim_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        os.close(os.open(self.log, os.O_WRONLY | os.O_CREAT, 0o600))
        give_to_owner_of(self.log.parent, self.log)

    def _failed(self, problem: str, remedy: str) -> PostgresFailed:
        return PostgresFailed(problem, remedy + _("日志：%(log)s", log=self.log), last_lines(self.log))
