"""A call: who we say we are, what connections it shares, and what is not followed."""

import asyncio

import httpx
import pytest

from app.core import http
from tests.core.http.listener import HERE, Listener, answer, silence


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


async def test_a_caller_may_wait_less(listener: Listener) -> None:
    listener.answers = [silence]

    with pytest.raises(httpx.ReadTimeout):
        await http.client().get(listener.url, timeout=0.1)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x.test/", "/etc/passwd"])
async def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await http.client().get(url)
    await http.close()
