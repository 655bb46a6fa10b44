"""Other software: a server here that keeps what it is sent, and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(status: str = "204 No Content", headers: str = "", body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@dataclass
class Arrived:
    """A message as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def payload(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    def verified(self, secret: str) -> dict[str, Any]:
        """What it says, once the library of the specification has found it genuine."""
        told: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return told


@dataclass
class Receiver:
    """Counts who connects; answers with the next thing it has, then with 204."""

    port: int = 0
    connections: int = 0
    arrived: list[Arrived] = field(default_factory=list)
    answers: list[bytes | Answering] = field(default_factory=list)
    usual: bytes | Answering = field(default_factory=answer)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def types(self) -> list[str]:
        return [each.payload["type"] for each in self.arrived]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:-2]
                headers = {
                    name.lower(): value for name, _, value in (one.partition(": ") for one in lines)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.arrived.append(Arrived(headers, body))
                self.came.set()
                following = self.answers.pop(0) if self.answers else self.usual
                if isinstance(following, bytes):
                    writer.write(following)
                else:
                    await following(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def a_receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    yield receiver
    server.close()
