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
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

os.environ.setdefault("CHIZHENG_KEY", "5a" * 32)

import msgspec
import psutil
import uvloop

from chizheng.kernel.postgres import EmbeddedPostgres
from chizheng.service.database import Address
from tests.bench import large, stage
from tests.bench.load import Answers, Request, get, post, run

QUESTIONS = 15000  # of each kind, in rounds of one question about every officer
ASSIGNMENTS = 250  # a round
CONNECTIONS = 4


class Cpu(NamedTuple):
    """Seconds of processor time."""

    service: float
    postgres: float


def _used(*processes: psutil.Process) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(one.user + one.system for one in times)


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

    def cpu(self) -> Cpu:
        """What the service and every PostgreSQL process have used of the processor."""
        postmaster = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        return Cpu(
            _used(psutil.Process(self.process.pid)), _used(postmaster, *postmaster.children(recursive=True))
        )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


class Measured:
    """What all rounds of one question took together: a slow minute of the machine falls on every question."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.latencies: list[float] = []
        self.elapsed = 0.0
        self.cpu = Cpu(0, 0)

    def add(self, answers: Answers, before: Cpu, after: Cpu) -> None:
        self.latencies.extend(answers.latencies)
        self.elapsed += answers.elapsed
        self.cpu = Cpu(
            *(had + late - early for had, early, late in zip(self.cpu, before, after, strict=True))
        )

    def percentile(self, share: float) -> float:
        return sorted(self.latencies)[int(len(self.latencies) * share)]

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of processor time a request, PostgreSQL's included."""
        return sum(self.cpu) / len(self.latencies) * 1000

    def line(self) -> str:
        asked = len(self.latencies)
        return (
            f"{self.name:<20}{asked / self.elapsed:>7.0f}/s"
            f"{self.percentile(0.5) * 1000:>8.2f} ms p50{self.percentile(0.99) * 1000:>8.2f} ms p99"
            f"{self.cpu_ms:>8.3f} ms CPU, {self.cpu.postgres / asked * 1000:.3f} of them PostgreSQL's"
        )


def measure(server: Server, measured: Measured, requests: list[Request], good: int) -> None:
    """One round; every answer must have the status it should."""
    before = server.cpu()
    answers = uvloop.run(run("127.0.0.1", server.port, CONNECTIONS, lambda: iter(requests)))
    if set(answers.statuses) != {good}:
        raise SystemExit(f"{measured.name}: answers {answers.statuses}, expected only {good}")
    measured.add(answers, before, server.cpu())


def checks(server: Server, made: stage.Stage) -> dict[str, list[Request]]:
    """The three questions, over the same people in the same order."""

    def each(path: Callable[[UUID, UUID, str], str]) -> list[Request]:
        return [get(path(*one), made.cookie, server.host) for one in made.questions]

    return {
        "bare handler": each(lambda officer, unit, field: "/api/bench/bare"),
        "primary-key read": each(lambda officer, unit, field: f"/api/bench/key/{officer}"),
        "clearance check": each(
            lambda officer, unit, field: f"/api/v1/officers/{officer}/clearance?field={field}&unit={unit}"
        ),
    }


def assignments(server: Server, made: stage.Stage) -> list[Request]:
    """Assignments, each of another case and person, so that every one is written."""
    return [
        post(
            f"/api/v1/cases/{case}/assignments", made.clerk_cookie, server.host,
            {"officer": str(officer), "role": "co_handler"},
        )
        for case, officer in made.pairs
    ]  # fmt: skip


def compare(asked: dict[str, tuple[Server, list[Request]]]) -> dict[str, Measured]:
    """The questions in turns, a short round each."""
    results = {name: Measured(name) for name in asked}
    rounds = max(2, QUESTIONS // max(len(requests) for _server, requests in asked.values()))
    for number in range(-2, rounds):
        for name, (server, requests) in asked.items():
            measure(server, results[name] if number >= 0 else Measured(name), requests, 200)
    return results


def small(server: Server, made: stage.Stage) -> None:
    results = compare({name: (server, requests) for name, requests in checks(server, made).items()})
    requests, written = assignments(server, made), Measured("gated assignment")
    for number in range(0, len(requests), ASSIGNMENTS):
        measure(server, written, requests[number : number + ASSIGNMENTS], 201)
    print(f"\n{len(made.questions)} officers, {CONNECTIONS} connections")
    for measured in [*results.values(), written]:
        print(measured.line())
    key, check = results["primary-key read"], results["clearance check"]
    cpu, p50 = check.cpu_ms / key.cpu_ms, check.percentile(0.5) / key.percentile(0.5)
    print(f"\ncheck / primary-key read: CPU {cpu:.2f}, p50 {p50:.2f} (target 1.30)")
    print(f"gated assignment: {written.cpu_ms:.2f} ms of CPU (target 3)")


def big(server: Server, made: stage.Stage, cluster: EmbeddedPostgres) -> None:
    many = large.grow(cluster.admin_dsn, made)
    beside = Server(cluster.dsn.replace("/chizheng?", f"/{large.FEW}?"), cluster.data)
    try:
        beside.wait()
        name = "clearance check"
        asked = checks(server, many)[name]
        # The crowd has nothing missing: compared with those of the few who have nothing missing, as often.
        cleared = {officer for _case, officer in made.pairs}
        alike = [question for question in made.questions if question[0] in cleared]
        few = checks(beside, msgspec.structs.replace(made, questions=tuple(alike)))[name]
        results = compare({"few": (beside, list(islice(cycle(few), len(asked)))), "many": (server, asked)})
    finally:
        beside.stop()
    large.say(results["few"], results["many"], len(made.questions))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument(
        "--large", action="store_true", help="a million officers, three million certificate events"
    )
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chizheng-bench-") as folder:
        cluster = EmbeddedPostgres(Path(folder))
        with cluster as address:
            made = asyncio.run(stage.build(Address(address, cluster.owner_dsn), Path(folder)))
            if wanted.large:
                large.copy(cluster.admin_dsn)
            server = Server(address, cluster.data)
            try:
                server.wait()
                if wanted.large:
                    big(server, made, cluster)
                else:
                    small(server, made)
            finally:
                server.stop()


if __name__ == "__main__":
    main()
