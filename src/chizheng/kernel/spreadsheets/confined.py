"""Runs one of our own jobs on a stranger's file in a process that can neither grow nor linger.

The child gets the file as its standard input (so it needs no rights to open anything), limits itself before it
reads a byte (worker.py), and answers with msgpack messages, each behind its length in four bytes.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from chizheng.kernel.spreadsheets.cells import Limits
from chizheng.kernel.spreadsheets.refusals import WorkbookRefused

LENGTH: Final = 4
MESSAGE_LIMIT: Final = 64 * 2**20
PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR")


class Message(msgspec.Struct, frozen=True, array_like=True):
    """One message of the child: its kind, and a body that the kind explains."""

    kind: str
    body: msgspec.Raw


@contextmanager
def opened(source: Path | str | bytes, limits: Limits) -> Iterator[IO[bytes]]:
    """The workbook as a real file, whether it came as a path or as an upload's bytes."""
    if not isinstance(source, bytes):
        with Path(source).open("rb") as file:
            yield file
        return
    if len(source) > limits.file_bytes:
        size, limit = len(source) // 2**20, limits.file_bytes // 2**20
        raise WorkbookRefused("file_too_large", size=size, limit=limit)
    with tempfile.TemporaryFile() as file:
        file.write(source)
        file.seek(0)
        yield file


def run(job: str, file: IO[bytes], limits: Limits, task: bytes = b"") -> Iterator[Message]:
    """The child's messages, as they come. WorkbookRefused when it refuses, dies or takes too long."""
    with tempfile.TemporaryFile() as orders:
        orders.write(task)
        orders.seek(0)
        child = _start(job, file, orders, limits)
    clock = threading.Timer(limits.seconds, child.kill)
    clock.start()
    finished = False
    try:
        for message in _messages(child):
            if message.kind == "refused":
                code, details = msgspec.msgpack.decode(message.body, type=tuple[str, dict[str, str | int]])
                raise WorkbookRefused(code, **details)
            finished = message.kind == "done"
            if not finished:
                yield message
        if not finished:
            raise _why_it_died(child.wait(), limits)
    finally:
        clock.cancel()
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


def _start(job: str, file: IO[bytes], orders: IO[bytes], limits: Limits) -> subprocess.Popen[bytes]:
    settings = msgspec.json.encode(limits).decode()
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    command = [
        sys.executable,
        "-m",
        "chizheng.kernel.spreadsheets.worker",
        job,
        str(orders.fileno()),
        settings,
    ]
    return subprocess.Popen(  # noqa: S603  our own module; the stranger's file is only its standard input
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        pass_fds=(orders.fileno(),),
    )


def _messages(child: subprocess.Popen[bytes]) -> Iterator[Message]:
    assert child.stdout is not None
    decoder = msgspec.msgpack.Decoder(Message)
    while len(head := child.stdout.read(LENGTH)) == LENGTH:
        length = int.from_bytes(head)
        body = child.stdout.read(length) if length <= MESSAGE_LIMIT else b""
        if len(body) != length:
            return
        yield decoder.decode(body)


def _why_it_died(status: int, limits: Limits) -> WorkbookRefused:
    """Killed means out of time (ours, or the kernel's for processor seconds); anything else is the file's fault."""
    if status in (-signal.SIGKILL, -signal.SIGXCPU):
        return WorkbookRefused("too_slow", limit=limits.seconds)
    return WorkbookRefused("damaged")
