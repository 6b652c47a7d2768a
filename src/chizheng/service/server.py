"""Serving: the socket, uvicorn over one worker or several, and an orderly end."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from chizheng.kernel.errors import ChizhengError
from chizheng.kernel.i18n import _
from chizheng.service.settings import Settings

APPLICATION: Final = "chizheng.service.app:application"
BACKLOG: Final = 2048
LAST_REQUESTS: Final = 10
"""Seconds that requests in progress get at the end."""
ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotListen(ChizhengError):
    """The address is taken, or not this machine's."""


class CannotServe(ChizhengError):
    """The application did not start; the log says why."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; connections wait in it until the application serves. Raises CannotListen."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as problem:
        raise CannotListen(
            "cannot_listen", _("无法监听 %(host)s：%(why)s", host=host, why=problem.strerror)
        ) from problem
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as problem:
        listening.close()
        raise _in_words(problem, host, port) from problem
    listening.set_inheritable(True)
    return listening


def address_of(listening: socket.socket) -> str:
    """What to type into a browser."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def serve(settings: Settings, database: str, listening: socket.socket) -> None:
    """Serves until a signal ends it. `database` is the address of the one database of all workers, up to date."""
    os.environ["CHIZHENG_DATABASE_URL"] = database
    os.environ.pop("CHIZHENG_DATABASE_OWNER_URL", None)  # whoever serves has no business with it
    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        proxy_headers=False,  # the application itself decides whom to believe
        server_header=False,
        access_log=False,
        log_config=_logging(settings.log),
        timeout_graceful_shutdown=LAST_REQUESTS,
    )
    if settings.workers > 1:
        Multiprocess(config, sockets=[listening]).run()
        return
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    if not server.started:
        raise CannotServe("cannot_serve", _("服务没有启动成功，原因见上面的日志"))


@contextmanager
def until_stopped() -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end the block in order, as a normal end."""
    handlers: dict[signal.Signals, Any] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.default_int_handler,
        signal.SIGHUP: lambda _number, _frame: signal.raise_signal(signal.SIGTERM),  # which uvicorn knows
    }
    for ending, handler in handlers.items():
        if signal.getsignal(ending) is not signal.SIG_IGN:  # as under nohup
            signal.signal(ending, handler)
    try:
        yield
    except KeyboardInterrupt:
        return


@contextmanager
def undisturbed_afterwards() -> Iterator[None]:
    """Once the block has ended, signals no longer break into the tidying up around it."""
    try:
        yield
    finally:
        for ending in ENDINGS:
            signal.signal(ending, signal.SIG_IGN)


def _in_words(problem: OSError, host: str, port: int) -> CannotListen:
    if isinstance(problem, PermissionError):
        sentence = _("没有权限监听端口 %(port)s，请用 1024 以上的端口（CHIZHENG_PORT）", port=port)
    elif problem.errno == 98 or "in use" in str(problem):
        sentence = _(
            "端口 %(port)s 已被占用：也许本系统已在运行，否则请用 CHIZHENG_PORT 另选一个端口", port=port
        )
    else:
        sentence = _("无法监听 %(host)s：%(why)s", host=f"{host}:{port}", why=problem.strerror)
    return CannotListen("cannot_listen", sentence)


def _logging(level: str) -> dict[str, Any]:
    """To standard error, one line an entry, in every worker."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {"apscheduler": {"level": "WARNING"}, "uvicorn": {"level": level.upper()}},
    }
