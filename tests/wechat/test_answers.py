"""Every answer has one meaning, and only a plain yes means yes."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import httpx
import pytest

from app.core import clock
from app.wechat.answers import failure, file_in, understood
from app.wechat.problems import Ambiguous, Failure, Passing, Permanent, StaleToken

Case: TypeAlias = tuple[bytes, type[Failure], str]


def an_answer(content: bytes, status: int = 200, kind: str = "application/json") -> httpx.Response:
    return httpx.Response(status, content=content, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    ("content", "proof"),
    [
        (b'{"errcode":0,"errmsg":"ok","msgid":1}', "errcode"),
        (b'{"media_id":"m"}', "media_id"),
        (b'{"subscribe":0}', "subscribe"),
        (b'{"errcode":0,"access_token":"t"}', "access_token"),
    ],
)
def test_a_confirmation_is_believed(content: bytes, proof: str) -> None:
    assert proof in understood(an_answer(content), proof=proof, repeatable=True)


@pytest.mark.parametrize(
    "case",
    [
        (b'{"errcode":"0","errmsg":"ok"}', Ambiguous, "unreadable_errcode"),
        (b'{"errcode":0.0,"errmsg":"ok"}', Ambiguous, "unreadable_errcode"),
        (b'{"errcode":false,"errmsg":"ok"}', Ambiguous, "unreadable_errcode"),
        (b'{"errcode":null,"errmsg":"ok"}', Ambiguous, "unreadable_errcode"),
        (b'{"errmsg":"ok"}', Ambiguous, "no_errcode"),
        (b"{}", Ambiguous, "no_errcode"),
        (b'{"errcode":0,"errm', Ambiguous, "not_json"),
        (b"<html>ok</html>", Ambiguous, "not_json"),
        (b"", Ambiguous, "not_json"),
        (b"\xff", Ambiguous, "not_json"),
        (b"[" * 50_000, Ambiguous, "not_json"),
        (b"[0]", Ambiguous, "not_an_object"),
        (b"0", Ambiguous, "not_an_object"),
    ],
)
def test_half_a_confirmation_is_none(case: Case) -> None:
    content, kind, code = case

    with pytest.raises(kind) as refused:
        understood(an_answer(content), proof="errcode", repeatable=True)

    assert (type(refused.value), refused.value.code) == (kind, code)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, Passing), (503, Passing), (429, Passing), (404, Permanent), (302, Permanent)],
)
def test_a_status_is_heard_whatever_the_body_says(status: int, kind: type[Failure]) -> None:
    answer = an_answer(b'{"errcode":0}', status)

    with pytest.raises(kind) as refused:
        understood(answer, proof="errcode", repeatable=True)

    assert refused.value.code == f"http_{status}"


def test_a_server_error_is_ambiguous_for_what_must_not_be_repeated() -> None:
    with pytest.raises(Ambiguous):
        understood(an_answer(b"", 502), proof="errcode", repeatable=False)
    with pytest.raises(Passing):
        understood(an_answer(b"", 429), proof="errcode", repeatable=False)


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ([40001, 40014, 42001], StaleToken),
        ([-1, 45011, 45009], Passing),
        ([45015, 45047, 43004, 50005, 43101, 40003, 40037, 40164, 48001, 40125, 40243], Permanent),
        ([99999, -2], Permanent),
    ],
)
def test_an_errcode_says_whether_asking_again_may_help(
    codes: list[int], kind: type[Failure]
) -> None:
    for code in codes:
        answer: Any = an_answer(f'{{"errcode":{code},"errmsg":"no"}}'.encode())

        with pytest.raises(kind) as refused:
            understood(answer, proof="errcode", repeatable=True)

        assert (type(refused.value), refused.value.code) == (kind, str(code))


def test_a_used_up_quota_says_how_long_to_wait() -> None:
    clock.shift(datetime(2030, 1, 1, 13, 30, tzinfo=UTC) - datetime.now(UTC))

    assert failure(-1).wait is None
    assert failure(45011).wait == timedelta(minutes=1)
    day = failure(45009).wait
    assert day is not None
    assert timedelta(hours=2, minutes=29) < day <= timedelta(hours=2, minutes=30)


@pytest.mark.parametrize(
    "case",
    [
        (b'{"errcode":40007,"errmsg":"invalid media_id"}', Permanent, "40007"),
        (b'{"errcode":40001,"errmsg":"invalid credential"}', StaleToken, "40001"),
        (b'{"errcode":0,"errmsg":"ok"}', Ambiguous, "no_file"),
        (b'{"video_url":"https://a.cn/v"}', Ambiguous, "no_errcode"),
        (b"", Ambiguous, "not_json"),
    ],
)
@pytest.mark.parametrize("kind", ["text/plain", "application/json", "image/jpeg", ""])
def test_an_error_is_not_taken_for_a_file(case: Case, kind: str) -> None:
    content, failed, code = case

    with pytest.raises(failed) as refused:
        file_in(an_answer(content, kind=kind))

    assert (type(refused.value), refused.value.code) == (failed, code)


def test_a_page_is_not_taken_for_a_file() -> None:
    for kind in ("text/html", "text/plain; charset=utf-8"):
        with pytest.raises(Ambiguous):
            file_in(an_answer(b"<html>", kind=kind))
    with pytest.raises(Passing):
        file_in(an_answer(b"\xff\xd8", 500, "image/jpeg"))


def test_a_file_is_a_file() -> None:
    assert file_in(an_answer(b"\xff\xd8", kind="image/jpeg")) == b"\xff\xd8"
    assert file_in(an_answer(b"#!AMR", kind="audio/amr")) == b"#!AMR"
