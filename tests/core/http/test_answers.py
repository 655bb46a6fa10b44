"""What is read of an answer: so much, unpacked, and for so long."""

import asyncio
import gzip
import time

import httpx
import pytest

from app.core import http
from app.core.http import AnswerTooLarge
from tests.core.http.listener import Listener, answer


async def test_an_answer_at_the_cap_is_read_and_one_byte_more_is_not(listener: Listener) -> None:
    listener.answers = [answer(b"x" * 65536), answer(b"x" * 65537), answer(b"x" * 65537)]

    assert len((await http.client().get(listener.url)).content) == 65536
    with pytest.raises(AnswerTooLarge):
        await http.client().get(listener.url)
    more = await http.client().get(listener.url, extensions=http.call(cap=http.MEDIA))
    assert len(more.content) == 65537


async def until_cut(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    """Send without end."""
    while True:
        writer.write(chunk)
        await writer.drain()


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
