"""The simplest WeChat there could be: it hands out a token, takes every message, and counts."""

import asyncio
import json
import sys
import time

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_TOKEN = b'{"access_token":"token","expires_in":7200}'
_TAKEN = b'{"errcode":0,"errmsg":"ok","msgid":4711}'


class Counted:
    """What has come, and when."""

    count = 0
    first = 0.0
    last = 0.0


def _answer(head: bytes) -> bytes:
    path = head.split(b" ", 2)[1]
    if path.startswith(b"/figures"):
        seconds = Counted.last - Counted.first
        return json.dumps({"count": Counted.count, "seconds": seconds}).encode()
    if path.startswith(b"/reset"):
        Counted.count, Counted.first = 0, 0.0
        return b"{}"
    if path.startswith(b"/cgi-bin/stable_token"):
        return _TOKEN
    Counted.last = time.perf_counter()
    Counted.first = Counted.first or Counted.last
    Counted.count += 1
    return _TAKEN


class _Connection(asyncio.Protocol):
    """Answers one request after another on a connection that stays open."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            self.buffer = self.buffer[end + 4 + length :]
            body = _answer(head)
            self.transport.write(_OK % (len(body), body))  # type: ignore[attr-defined]


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
