"""The demo as a person starts it: a process that serves, says how to log in, and ends without leaving anything."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

PROGRAM = Path(sys.executable).parent / "chizheng"
PATIENCE = 120.0

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="the package is not installed")


class Ended(NamedTuple):
    """What a process left behind."""

    code: int
    out: str
    err: str


class Running:
    """A demo that serves."""

    def __init__(self, home: Path, port: int, workers: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHIZHENG_")},
            "CHIZHENG_HOME": str(home), "CHIZHENG_PORT": str(port), "CHIZHENG_WORKERS": str(workers), "LANG": "zh_CN.UTF-8",
        }  # fmt: skip
        self.process = self.start()

    def start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [PROGRAM, "demo"], env=self.environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def wait_until_it_serves(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.1)  # the only way to see another process come up

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as response:
                return response.status == 200
        except OSError:
            return False

    def end(self, how: signal.Signals) -> Ended:
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=PATIENCE)
        return Ended(self.process.returncode, out, err)


@contextmanager
def running(home: Path, port: int, workers: int = 1) -> Iterator[Running]:
    demo = Running(home, port, workers)
    try:
        demo.wait_until_it_serves()
        yield demo
    finally:
        if demo.process.poll() is None:
            os.killpg(demo.process.pid, signal.SIGKILL)
            demo.process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def left_over(home: Path) -> list[list[str]]:
    """Processes that still name this home."""
    lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if any(str(home) in word for word in line)]


def logins(out: str) -> list[list[str]]:
    """Role, username and password of each line of the table."""
    words = [line.split() for line in out.splitlines()]
    return [line for line in words if len(line) == 3 and line[2].count("-") == 3]


def test_the_demo_serves_ends_with_ctrl_c_and_comes_back_the_same(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as demo:
        other = subprocess.run(
            [PROGRAM, "demo"], env=demo.environment, capture_output=True, text=True, check=False
        )
        first = demo.end(signal.SIGINT)
    assert (other.returncode, other.stdout) == (1, "")
    assert other.stderr.startswith(f"端口 {port} 已被占用")
    assert (first.code, "Traceback" in first.err) == (0, False), first.err
    assert f"服务地址：http://127.0.0.1:{port}" in first.out
    assert [username for _role, username, _password in logins(first.out)] == [
        "bianban", "renshi", "sifaju", "shichangdui", "hutang", "hutangju", "officer", "jiangshi", "jiandu", "xitong",
        "anquan", "shenji",
    ]  # fmt: skip
    assert left_over(tmp_path) == []
    with running(tmp_path, port, workers=2) as demo:
        second = demo.end(signal.SIGTERM)
    assert (second.code, second.err) == (0, ""), second.err
    assert logins(second.out) == logins(first.out)
    assert left_over(tmp_path) == []
