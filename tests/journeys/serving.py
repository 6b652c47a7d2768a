"""The server of the journeys: the real command in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote

PROGRAM = Path(sys.executable).parent / "chizheng"
PATIENCE = 90.0
"""Seconds a server gets to come up, on a machine that does much else."""


class Site:
    """A server that runs, and the sessions of those who have logged in to it."""

    def __init__(self, address: str, home: Path, environment: dict[str, str]) -> None:
        self.address = address
        self.home = home
        self.environment = environment
        self._sessions: dict[str, dict[str, str]] = {}

    def password_of(self, username: str) -> str:
        """The demo's password of this account."""
        lines = (self.home / "demo-logins.txt").read_text().splitlines()
        return dict(line.split() for line in lines)[username]

    def session_of(self, username: str) -> dict[str, str]:
        """The cookies of a session, begun once per account: a login costs what argon2 costs."""
        if username not in self._sessions:
            self._sessions[username] = self._log_in(username, self.password_of(username))
        return self._sessions[username]

    def page(self, username: str, path: str) -> str:
        """The HTML of a page, as this account gets it."""
        headers = {"cookie": _carried(self.session_of(username))}
        request = urllib.request.Request(f"{self.address}{_quoted(path)}", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.read().decode())

    def upload(self, username: str, workbook: bytes, how: str, name: str = "名册.xlsx") -> str:
        """Sends a roster to the API; the id of its batch."""
        boundary = "a-boundary-that-no-workbook-holds"
        disposition = f'Content-Disposition: form-data; name="file"; filename="{name}"'
        kind = "Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        head = f"--{boundary}\r\n{disposition}\r\n{kind}\r\n\r\n".encode()
        answer = self._ask(
            username, f"/api/v1/imports/roster?{how}", f"multipart/form-data; boundary={boundary}",
            head + workbook + f"\r\n--{boundary}--\r\n".encode(),
        )  # fmt: skip
        return str(answer["id"])

    def call(self, username: str, method: str, path: str, body: Any = None) -> Any:
        """What the API answers this account. Raises HTTPError on a refusal."""
        sent = None if body is None else json.dumps(body).encode()
        return self._ask(username, path, "application/json", sent, method)

    def keep(self, username: str, session: dict[str, str]) -> None:
        """Holds a session that was begun elsewhere."""
        self._sessions[username] = session

    def _ask(self, username: str, path: str, kind: str, body: bytes | None, method: str = "POST") -> Any:
        headers = {"cookie": _carried(self.session_of(username)), "content-type": kind}
        request = urllib.request.Request(f"{self.address}{_quoted(path)}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def _log_in(self, username: str, password: str) -> dict[str, str]:
        body = json.dumps({"username": username, "password": password}).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api/v1/session", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return _cookies(answer)


@contextmanager
def served(command: str, home: Path, database: str = "") -> Iterator[Site]:
    """`chizheng serve` or `chizheng demo` on a free port of this machine; without a database, its own."""
    port = _free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CHIZHENG_")},
        "CHIZHENG_HOME": str(home), "CHIZHENG_PORT": str(port), "CHIZHENG_LOG": "warning", "LANG": "zh_CN.UTF-8",
        **({"CHIZHENG_DATABASE_URL": database} if database else {}),
    }  # fmt: skip
    log = home / "server.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [PROGRAM, command], env=environment, stdout=written, stderr=written, start_new_session=True
        )
    site = Site(f"http://127.0.0.1:{port}", home, environment)
    try:
        _wait(process, site.address, log)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _answers(address):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)  # the only way to see another process come up


def _answers(address: str) -> bool:
    try:
        # the socket listens before the application serves: the request then waits
        with urllib.request.urlopen(f"{address}/healthz", timeout=PATIENCE) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quoted(path: str) -> str:
    return quote(path, safe="/?&=%")


def _carried(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _cookies(answer: Any) -> dict[str, str]:
    read: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_all("set-cookie") or []:
        read.load(line)
    return {name: morsel.value for name, morsel in read.items()}
