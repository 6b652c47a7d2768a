"""Speed, as ratios of one run on one machine: `make bench`, or `make bench-large` with a million officers.

Prints each question's requests per second, p50 and p99, and the CPU it costs per request, PostgreSQL's included.
Targets: a check costs at most 1.3 times a primary-key read behind the same authentication; a gated assignment at
most 3 ms of CPU; with 1,000,000 officers the check's p50 stays within 1.5 times that with 244.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

os.environ.setdefault("CHIZHENG_KEY", "5a" * 32)

import psutil

from chizheng.kernel.postgres import EmbeddedPostgres
from tests.bench import large, stage
from tests.bench.load import Answers, Request, get, post, run

ROUNDS = 5
CONNECTIONS = 4


class Server:
    """The service in a process of its own, and its PostgreSQL: what both have used of the processor."""

    def __init__(self, address: str, data: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.data = data
        environment = os.environ | {"CHIZHENG_DATABASE_URL": address}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.server", str(self.port)], env=environment
        )

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Until it serves, a minute at most."""
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://{self.host}/healthz", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the service did not start")

    def cpu(self) -> float:
        """Seconds of processor time of the service and of every PostgreSQL process."""
        postmaster = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        processes = [psutil.Process(self.process.pid), postmaster, *postmaster.children(recursive=True)]
        times = [process.cpu_times() for process in processes]
        return sum(one.user + one.system for one in times)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


class Measured:
    """The rounds of one question."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.answers: list[Answers] = []
        self.cpu: list[float] = []

    def best(self, value: Callable[[Answers], float]) -> float:
        """The median round."""
        values = sorted(value(answers) for answers in self.answers)
        return values[len(values) // 2]

    @property
    def p50(self) -> float:
        return self.best(lambda answers: answers.percentile(0.5))

    @property
    def cpu_ms(self) -> float:
        return sorted(self.cpu)[len(self.cpu) // 2] * 1000

    def line(self) -> str:
        return (
            f"{self.name:<34}{self.best(lambda a: a.per_second):>9.0f}/s"
            f"{self.p50 * 1000:>9.2f} ms p50{self.best(lambda a: a.percentile(0.99)) * 1000:>9.2f} ms p99"
            f"{self.cpu_ms:>9.3f} ms CPU"
        )


def measure(server: Server, measured: Measured, requests: list[Request], connections: int, good: int) -> None:
    """One round; every answer must have the status it should."""
    before = server.cpu()
    answers = asyncio.run(run("127.0.0.1", server.port, connections, lambda: iter(requests)))
    if set(answers.statuses) != {good}:
        raise SystemExit(f"{measured.name}: answers {answers.statuses}, expected only {good}")
    measured.answers.append(answers)
    measured.cpu.append((server.cpu() - before) / len(requests))


def checks(server: Server, made: stage.Stage, count: int) -> dict[str, list[Request]]:
    """The three questions, over the same people in the same order."""
    asked = [made.questions[number % len(made.questions)] for number in range(count)]

    def each(path: Callable[[UUID, UUID, str], str]) -> list[Request]:
        return [get(path(*one), made.cookie, server.host) for one in asked]

    return {
        "bare handler": each(lambda officer, unit, field: "/api/bench/bare"),
        "primary-key read": each(lambda officer, unit, field: f"/api/bench/key/{officer}"),
        "clearance check": each(
            lambda officer, unit, field: f"/api/v1/officers/{officer}/clearance?field={field}&unit={unit}"
        ),
    }


def assignments(server: Server, made: stage.Stage) -> Iterator[list[Request]]:
    """Rounds of assignments, each of another case and person, so that every one is written."""
    pairs = made.pairs
    size = len(pairs) // ROUNDS
    for number in range(ROUNDS):
        yield [
            post(
                f"/api/v1/cases/{case}/assignments", made.clerk_cookie, server.host,
                {"officer": str(officer), "role": "co_handler"},
            )
            for case, officer in pairs[number * size : (number + 1) * size]
        ]  # fmt: skip


def compare(server: Server, made: stage.Stage, count: int) -> dict[str, Measured]:
    """Interleaved rounds, so that a slow minute of the machine falls on all."""
    results = {name: Measured(name) for name in checks(server, made, 1)}
    for number in range(ROUNDS + 1):
        for name, requests in checks(server, made, count).items():
            measure(server, results[name] if number else Measured(name), requests, CONNECTIONS, 200)
    return results


def small(server: Server, made: stage.Stage) -> None:
    results = compare(server, made, 1500)
    written = Measured("gated assignment")
    for requests in assignments(server, made):
        measure(server, written, requests, CONNECTIONS, 201)
    print(f"\n{len(made.questions)} officers, {ROUNDS} rounds, {CONNECTIONS} connections, medians of rounds")
    for measured in [*results.values(), written]:
        print(measured.line())
    key, check = results["primary-key read"], results["clearance check"]
    print(
        f"\ncheck / primary-key read: CPU {check.cpu_ms / key.cpu_ms:.2f}, p50 {check.p50 / key.p50:.2f} (target 1.30)"
    )
    print(f"gated assignment: {written.cpu_ms:.2f} ms of CPU (target 3)")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument(
        "--large", action="store_true", help="a million officers, three million certificate events"
    )
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chizheng-bench-") as folder:
        cluster = EmbeddedPostgres(Path(folder))
        with cluster as address:
            made = asyncio.run(stage.build(address, Path(folder)))
            server = Server(address, cluster.data)
            try:
                server.wait()
                if wanted.large:
                    large.grow_and_compare(server, made, address, cluster.admin_dsn, compare)
                else:
                    small(server, made)
            finally:
                server.stop()


if __name__ == "__main__":
    main()
