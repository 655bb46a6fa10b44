"""A platform's address on this machine, that answers whatever it is told to."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


def http(body: bytes | Mapping[str, Any] | list[Any] = b"{}", status: str = "200 OK") -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


class Outside:
    """Counts who connects, keeps what is posted, gives its answers one after the other."""

    def __init__(self) -> None:
        self.connections = 0
        self.lines: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.answers: list[bytes | Answering] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def body(self) -> Any:
        """What was posted last."""
        return json.loads(self.bodies[-1])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *rest = head.decode().strip().split("\r\n")
                headers = {name.lower(): value for name, value in (h.split(": ", 1) for h in rest)}
                self.lines.append(line)
                self.headers.append(headers)
                self.bodies.append(await reader.readexactly(int(headers["content-length"])))
                answer = self.answers.pop(0)
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await writer.drain()
                else:
                    await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
