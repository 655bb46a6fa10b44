"""A load generator that costs little: ready-made requests over connections that stay open."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = 12
_LENGTH = b"content-length:"


@dataclass(frozen=True)
class Measured:
    """What a run came to: answers by status, how long it took, and each answer's time."""

    statuses: Counter[int]
    seconds: float
    latencies: Sequence[float]
    bodies: Sequence[bytes]

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The time within which this share of the answers came, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


class _Connection(asyncio.Protocol):
    """Sends one request after another and waits for each answer."""

    def __init__(self, requests: list[bytes], done: "asyncio.Future[None]") -> None:
        self.requests, self.done = requests, done
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.bodies: list[bytes] = []
        self.buffer = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._next()

    def _next(self) -> None:
        if not self.requests:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.sent_at = time.perf_counter()
        self.transport.write(self.requests.pop())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < end + 4 + length:
            return
        self.latencies.append(time.perf_counter() - self.sent_at)
        self.statuses[int(self.buffer[9:_HEAD])] += 1
        if len(self.bodies) < 1:
            self.bodies.append(self.buffer[end + 4 :])
        self.buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("closed early"))


async def fire(port: int, shares: Sequence[Sequence[bytes]]) -> Measured:
    """Send requests to a port of this machine, each share over a connection of its own."""
    loop = asyncio.get_running_loop()
    made: list[_Connection] = []
    ends: list[asyncio.Future[None]] = []
    started = time.perf_counter()
    for share in shares:
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        protocol = _Connection(list(reversed(share)), done)
        made.append(protocol)
        await loop.create_connection(lambda one=protocol: one, "127.0.0.1", port)
    await asyncio.gather(*ends)
    seconds = time.perf_counter() - started
    statuses: Counter[int] = Counter()
    for one in made:
        statuses.update(one.statuses)
    return Measured(
        statuses,
        seconds,
        [latency for one in made for latency in one.latencies],
        [body for one in made for body in one.bodies],
    )


def print_row(name: str, *cells: str) -> None:
    """One line of a report."""
    sys.stdout.write(f"{name:<34}" + "".join(f"{cell:>14}" for cell in cells) + "\n")
    sys.stdout.flush()
