"""The way out: limits, retries, and addresses that must not be called."""

import asyncio
import gzip
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

from app.core import http
from app.core.http import AddressRefused, AnswerTooLarge, Guard
from app.core.http.guard import GuardedResolver
from app.core.problems import Problem

Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]

HERE = Guard(allow=frozenset({"127.0.0.1/32"}), ports=frozenset(range(1, 65536)))


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


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    listener.port = server.sockets[0].getsockname()[1]
    yield listener
    await http.close()
    server.close()


async def until_cut(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    """Send without end."""
    while True:
        writer.write(chunk)
        await writer.drain()


async def test_a_call_says_who_we_are_and_reads_the_answer(listener: Listener) -> None:
    listener.answers = [answer(b'{"errcode":0}', headers="Content-Type: application/json\r\n")]

    got = await http.client().post(f"{listener.url}/cgi-bin/x?access_token=1", json={"a": "早"})

    assert got.json() == {"errcode": 0}
    sent = listener.requests[0]
    assert sent.startswith(b"POST /cgi-bin/x?access_token=1 HTTP/1.1\r\n")
    assert b"\r\nuser-agent: palm-community\r\n" in sent
    assert sent.endswith('{"a":"早"}'.encode())


async def test_calls_share_a_connection_and_no_cookies(listener: Listener) -> None:
    listener.answers = [answer(headers="Set-Cookie: who=first; Path=/\r\n")]

    await http.client().get(listener.url)
    await http.client().get(listener.url)

    assert listener.connections == 1
    assert b"cookie" not in listener.requests[1].lower()
    assert http.client() is http.client()


async def test_a_closed_client_is_replaced_when_it_is_asked_for_again(listener: Listener) -> None:
    await http.client().get(listener.url)
    before = http.client()

    await http.close()

    assert before.is_closed
    assert (await http.client().get(listener.url)).status_code == 200
    assert listener.connections == 2


async def test_an_answer_at_the_cap_is_read_and_one_byte_more_is_not(listener: Listener) -> None:
    listener.answers = [answer(b"x" * 65536), answer(b"x" * 65537), answer(b"x" * 65537)]

    assert len((await http.client().get(listener.url)).content) == 65536
    with pytest.raises(AnswerTooLarge):
        await http.client().get(listener.url)
    more = await http.client().get(listener.url, extensions=http.call(cap=http.MEDIA))
    assert len(more.content) == 65537


async def test_an_endless_answer_is_cut_at_the_cap(listener: Listener) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await until_cut(writer, b"4000\r\n" + b"x" * 0x4000 + b"\r\n")

    listener.answers = [endless]

    with pytest.raises(AnswerTooLarge):
        await http.client().get(listener.url)


async def test_a_packed_answer_is_unpacked(listener: Listener) -> None:
    packed = gzip.compress("四点半课堂".encode() * 1000)
    listener.answers = [answer(packed, headers="Content-Encoding: gzip\r\n")]

    got = await http.client().get(listener.url)

    assert got.text == "四点半课堂" * 1000
    assert b"\r\naccept-encoding: gzip\r\n" in listener.requests[0]


async def test_a_packed_answer_may_be_empty(listener: Listener) -> None:
    listener.answers = [answer(b"", headers="Content-Encoding: gzip\r\n")]

    assert (await http.client().get(listener.url)).content == b""


async def test_a_packed_bomb_is_cut_at_the_cap(listener: Listener) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 65536
    listener.answers = [answer(bomb, headers="Content-Encoding: gzip\r\n")]

    began = time.process_time()
    with pytest.raises(AnswerTooLarge):
        await http.client().get(listener.url)

    assert time.process_time() - began < 0.1


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(b"x" * 99, mtime=0)[:-9], "gzip"),
        (b"junk", "gzip"),
        (b"junk", "br"),
        (b"", "zstd"),
    ],
)
async def test_a_body_that_cannot_be_unpacked_is_an_error(
    listener: Listener, body: bytes, coding: str
) -> None:
    listener.answers = [answer(body, headers=f"Content-Encoding: {coding}\r\n")]

    with pytest.raises(httpx.DecodingError):
        await http.client().get(listener.url)


async def test_an_answer_that_trickles_is_cut_when_its_time_is_up(listener: Listener) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    listener.answers = [trickle]

    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        await http.client().get(listener.url, extensions=http.call(total=0.3))

    assert time.monotonic() - began < 2


async def test_a_redirect_is_an_answer_and_is_not_followed(listener: Listener) -> None:
    elsewhere = Listener()
    async with await asyncio.start_server(elsewhere.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        move = answer(status="302 Found", headers=f"Location: http://127.0.0.1:{port}/\r\n")
        listener.answers = [move, move]

        got = await http.client().get(listener.url)
        guarded = await http.guarded(HERE).get(listener.url)

    assert (got.status_code, guarded.status_code) == (302, 302)
    assert elsewhere.connections == 0


async def lose(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def test_a_call_that_may_be_repeated_is_tried_three_times(listener: Listener) -> None:
    listener.answers = [lose, answer(status="503 Busy"), answer(b"done")]

    got = await http.client().post(
        listener.url, content=b"same", extensions=http.call(idempotent=True)
    )

    assert got.content == b"done"
    assert [sent[-4:] for sent in listener.requests] == [b"same"] * 3


async def test_the_third_failure_is_the_answer(listener: Listener) -> None:
    listener.answers = [answer(status="502 Bad Gateway")] * 4

    got = await http.client().post(listener.url, extensions=http.call(idempotent=True))

    assert got.status_code == 502
    assert len(listener.requests) == 3


async def test_an_answer_that_is_too_large_is_not_asked_for_again(listener: Listener) -> None:
    listener.answers = [answer(b"x" * 65537)]

    with pytest.raises(AnswerTooLarge):
        await http.client().get(listener.url, extensions=http.call(idempotent=True))

    assert len(listener.requests) == 1


async def test_any_other_call_is_made_once(listener: Listener) -> None:
    listener.answers = [answer(status="503 Busy"), lose]

    assert (await http.client().post(listener.url)).status_code == 503
    with pytest.raises(httpx.TransportError):
        await http.client().post(listener.url)
    assert len(listener.requests) == 2


async def test_a_refusal_is_not_repeated(listener: Listener) -> None:
    listener.answers = [answer(status="409 Conflict")]

    await http.client().post(listener.url, extensions=http.call(idempotent=True))

    assert len(listener.requests) == 1


async def half(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.transport.abort()


async def nonsense(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n")


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("fault", [lose, half, nonsense, silence])
async def test_what_may_have_arrived_is_never_called_unsent(
    listener: Listener, fault: Answering
) -> None:
    listener.answers = [fault]

    with pytest.raises(httpx.TransportError) as failed:
        await http.client().post(listener.url, extensions=http.call(total=0.5))

    assert not isinstance(failed.value, httpx.ConnectError | httpx.ConnectTimeout)
    assert listener.requests


async def test_what_was_never_sent_says_so() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(httpx.ConnectError):
            await http.client().get(f"http://127.0.0.1:{closed.getsockname()[1]}")
    await http.close()


async def test_a_connection_that_is_not_taken_was_never_sent_either() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        where = busy.getsockname()
        waiting = [socket.create_connection(where)]
        with pytest.raises(httpx.ConnectTimeout):
            await http.client().get(
                f"http://127.0.0.1:{where[1]}", timeout=httpx.Timeout(5, connect=0.2)
            )
        for one in waiting:
            one.close()
    await http.close()


async def test_a_caller_may_wait_less(listener: Listener) -> None:
    listener.answers = [silence]

    with pytest.raises(httpx.ReadTimeout):
        await http.client().get(listener.url, timeout=0.1)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x.test/", "/etc/passwd"])
async def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await http.client().get(url)
    await http.close()


# Addresses that strangers give

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "localhost",
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "100.100.100.200",
    "100.64.0.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[100::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[3fff::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[ff02::1]",
]


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_private_address_is_refused_and_sees_no_connection(
    listener: Listener, host: str
) -> None:
    anywhere = Guard(ports=HERE.ports)

    with pytest.raises(AddressRefused):
        await http.guarded(anywhere).post(f"http://{host}:{listener.port}/", json={})

    assert listener.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.test:8080/",
        "https://hooks.test:22/",
        "http://hooks.test:0/",
        "http://user:pass@hooks.test/",
        "http://xn--/",
        "http://user@hooks.test/",
        "file:///etc/passwd",
        "gopher://hooks.test:80/",
        "//hooks.test/",
        "hooks.test",
        "http://",
        "http://hooks.test:99999/",
        "http://１２７.0.0.1/",
        "http://hooks\u0000.test/",
        "http://[::1",
        "",
    ],
)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        Guard().check(url)

    assert isinstance(refused.value, Problem)
    assert refused.value.status == 422


@pytest.mark.parametrize(
    "url",
    ["https://hooks.test/a?b=c", "http://hooks.test:80/", "https://8.8.8.8/", "https://小区.中国/"],
)
def test_a_public_address_is_let_through(url: str) -> None:
    assert Guard().check(url).scheme in url


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "114.114.114.114", "2606:4700::1111", "2400:3200::1"]
)
def test_public_addresses_are_permitted(address: str) -> None:
    assert Guard().permits(address)


class Names(AbstractResolver):
    """A resolver that gives its next answer each time it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.answers.pop(0)
        ]

    @override
    async def close(self) -> None:
        return


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::1"]]
)
async def test_a_name_with_any_private_address_is_refused(
    listener: Listener, found: list[str]
) -> None:
    async with http.make(Guard(ports=HERE.ports), Names(found)) as client:
        with pytest.raises(AddressRefused):
            await client.get(f"http://hooks.test:{listener.port}/")

    assert listener.connections == 0


async def test_a_name_that_turns_private_after_it_was_judged_is_not_asked_again(
    listener: Listener,
) -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])

    async with http.make(HERE, names) as client:
        await client.get(f"http://hooks.test:{listener.port}/")

    assert listener.connections == 1
    assert b"\r\nhost: hooks.test:" in listener.requests[0]
    assert names.answers == [["127.0.0.2"]]


async def test_a_name_is_judged_anew_at_every_connection(listener: Listener) -> None:
    listener.answers = [answer(headers="Connection: close\r\n")]
    names = Names(["127.0.0.1"], ["127.0.0.2"])

    async with http.make(HERE, names) as client:
        await client.get(f"http://hooks.test:{listener.port}/")
        with pytest.raises(AddressRefused):
            await client.get(f"http://hooks.test:{listener.port}/")

    assert listener.connections == 1


async def test_the_socket_has_the_last_word(listener: Listener) -> None:
    """Were the resolver's check lost, the address would still see no connection."""

    class Blind(GuardedResolver):
        @override
        def _check(self, addresses: object) -> None:
            return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http, "GuardedResolver", Blind)
        async with http.make(Guard(ports=HERE.ports), Names(["127.0.0.1"])) as client:
            with pytest.raises(AddressRefused):
                await client.get(f"http://hooks.test:{listener.port}/")

    assert listener.connections == 0


async def test_a_name_that_does_not_exist_is_no_connection() -> None:
    class Nothing(Names):
        @override
        async def resolve(
            self, host: str, port: int = 0, family: object = None
        ) -> list[ResolveResult]:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")

    async with http.make(Guard(), Nothing()) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://hooks.test/")
