"""A server that counts who connects, and what it may do to those who do."""

import asyncio
from collections.abc import Awaitable, Callable

from app.core.http import Guard

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]

HERE = Guard(allow=frozenset({"127.0.0.1/32"}), ports=frozenset(range(1, 65536)))
"""Lets the loopback through, whatever its port."""


def answer(body: bytes = b"{}", *, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


class Listener:
    """A server that counts who connects, and answers each request with the next thing it has."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.answers: list[bytes | Answering] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
                self.requests.append(head + await reader.readexactly(int(length or b"0")))
                following = self.answers.pop(0) if self.answers else answer()
                if isinstance(following, bytes):
                    writer.write(following)
                else:
                    await following(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def lose(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.transport.abort()


async def nonsense(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n")


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)
