"""A small load generator: keep-alive connections that each send the next request when the last has answered."""

import asyncio
import time
from collections.abc import Callable, Iterator

import msgspec


class Request(msgspec.Struct, frozen=True):
    """One request, as bytes on the wire."""

    wire: bytes


class Answers(msgspec.Struct, frozen=True):
    """What a run measured, in seconds."""

    latencies: tuple[float, ...]
    elapsed: float
    statuses: dict[int, int]


def get(path: str, cookie: str, host: str) -> Request:
    return Request(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode())


def post(path: str, cookie: str, host: str, body: object) -> Request:
    content = msgspec.json.encode(body)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return Request(head.encode() + content)


async def run(host: str, port: int, connections: int, requests: Callable[[], Iterator[Request]]) -> Answers:
    """Sends all requests over so many connections; each connection takes the next one from the common iterator."""
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    queue = requests()

    async def worker() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        for request in queue:
            started = time.perf_counter()
            writer.write(request.wire)
            status = await _answer(reader)
            latencies.append(time.perf_counter() - started)
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(connections)))
    return Answers(tuple(latencies), time.perf_counter() - started, statuses)


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    if length:
        await reader.readexactly(length)
    return int(lines[0][9:12])
