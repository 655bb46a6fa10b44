"""Whatever goes wrong on the way is told in the same words by every sender."""

import asyncio
import socket
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.core.sending import Failed, Refused
from app.core.settings import settings
from app.groups.platforms import Address, Words
from tests.groups.platforms.calls import KEYS, platform
from tests.groups.platforms.outside import Outside, http

TAKEN: Mapping[str, dict[str, Any]] = {
    "onebot11": {"status": "ok", "retcode": 0, "data": {"message_id": 1}},
    "onebot12": {"status": "ok", "retcode": 0, "data": {"message_id": "1"}},
    "wecom": {"errcode": 0, "errmsg": "ok"},
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"code": 0, "msg": "success"},
    "signed": {"id": "1"},
}
EVERY = pytest.mark.parametrize("name", sorted(TAKEN))


def at(url: str, name: str) -> Address:
    return Address(group_id="640312", api=url, robot_url=url, robot_secret="s", keys=KEYS[name])


async def failure(name: str, url: str) -> Failed:
    with pytest.raises(Failed) as caught:
        await platform(name).send(at(url, name), Words(text="停水"))
    return caught.value


@EVERY
async def test_a_platform_that_cannot_be_reached_has_taken_nothing(
    name: str, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("PALM_OUTBOUND_PORTS", str(port))
    settings.cache_clear()

    failed = await failure(name, f"http://127.0.0.1:{port}/")

    assert (failed.code, failed.sent, failed.lane) == ("unreachable", False, False)


@EVERY
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{", "cut_off"),
        (b"HTTP/1.1 200 OK\r\n\r\n<html>", "unreadable"),
        (http(b"<html><body>502</body></html>"), "unreadable"),
        (http(b'{"errcode":0,"errcode":0}'), "unreadable"),
        (http([]), "unreadable"),
        (http(b"x" * 70_000), "too_large"),
        (b"220 smtp ready\r\n\r\n", "cut_off"),
        (http(b"", "500 Oops"), "http_500"),
        (http(b"", "504 Gateway Timeout"), "http_504"),
    ],
)
async def test_an_answer_that_says_nothing_may_mean_it_was_taken(
    name: str, outside: Outside, answer: bytes, code: str
) -> None:
    async def only_this(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    outside.answers = [only_this]

    failed = await failure(name, outside.url)

    assert (failed.code, failed.sent, failed.lane) == (code, True, False)
    assert outside.connections == 1


@EVERY
async def test_a_time_out_after_the_message_was_taken_says_so(
    name: str, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    monkeypatch.setattr("app.core.http.transport.TOTAL", 0.2)
    outside.answers = [silent]

    failed = await failure(name, outside.url)

    assert (failed.code, failed.sent) == ("timeout", True)
    assert len(outside.bodies) == 1


@EVERY
@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("Retry-After: 7\r\n", timedelta(seconds=7)),
        ("Retry-After: 1e99\r\n", timedelta(hours=1)),
        ("Retry-After: nan\r\n", timedelta(minutes=1)),
        ("Retry-After: Mon, 23 Nov 2026 10:00:00 GMT\r\n", timedelta(minutes=1)),
        ("", timedelta(minutes=1)),
    ],
)
async def test_too_many_requests_stop_the_lane(
    name: str, outside: Outside, asked: str, wait: timedelta
) -> None:
    outside.answers = [f"HTTP/1.1 429 Slow down\r\n{asked}Content-Length: 0\r\n\r\n".encode()]

    failed = await failure(name, outside.url)

    assert (failed.lane, failed.sent, failed.wait) == (True, False, wait)


@EVERY
@pytest.mark.parametrize("status", ["301 Moved", "400 Bad", "401 No", "403 No", "404 No"])
async def test_a_refusal_or_a_redirect_is_final(name: str, outside: Outside, status: str) -> None:
    outside.answers = [http(b"", status)]

    with pytest.raises(Refused) as caught:
        await platform(name).send(at(outside.url, name), Words(text="停水"))

    assert caught.value.code == f"http_{status[:3]}"


@EVERY
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/",
        "http://user:pass@example.com/",
        "http://example.com:22/",
        "file:///etc/passwd",
        "nonsense",
        "http://",
        "",
    ],
)
async def test_an_address_that_leads_inside_sees_no_connection(
    name: str, outside: Outside, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PALM_OUTBOUND_ALLOW")
    settings.cache_clear()

    with pytest.raises(Refused) as caught:
        await platform(name).send(at(url.format(port=outside.port), name), Words(text="停水"))

    assert caught.value.code in {"address_refused", "no_address"}
    assert outside.connections == 0


@EVERY
async def test_what_cannot_be_written_is_left_out_and_the_rest_is_said(
    name: str, outside: Outside
) -> None:
    outside.answers = [http(TAKEN[name])]

    await platform(name).send(
        at(outside.url, name), Words(text="停\x00水\ud800", title="通\ud800知")
    )

    assert "停水" in outside.bodies[0].decode()


@pytest.mark.parametrize("name", ["onebot11", "onebot12"])
async def test_a_token_that_no_header_can_carry_is_refused(name: str, outside: Outside) -> None:
    to = Address(group_id="1", api=outside.url, keys={"token": "密\r\nX: y"})

    with pytest.raises(Refused):
        await platform(name).send(to, Words(text="停水"))

    assert outside.connections == 0
