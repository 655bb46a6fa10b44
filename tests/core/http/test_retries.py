"""A call that failed: when it is made again, and whether it may have arrived."""

import socket

import httpx
import pytest

from app.core import http
from app.core.http import AnswerTooLarge
from tests.core.http.listener import Answering, Listener, answer, half, lose, nonsense, silence


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
