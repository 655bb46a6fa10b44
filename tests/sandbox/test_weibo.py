from pathlib import Path
from typing import Any

import pytest

from app.sandbox.weibo import length
from tests.sandbox.rig import Box, Clock, Server, boxed

SHARE = "/weibo/2/statuses/share.json"


@pytest.fixture
def weibo(box: Box) -> Box:
    author = {"name": "伊伊社区发布"}
    box.http.put("/weibo/accounts/W1", json=author).raise_for_status()
    return box


def share(box: Box, status: str, by: str = "W1", **more: Any) -> tuple[int, dict[str, Any]]:
    answer = box.http.post(SHARE, data={"access_token": by, "status": status}, **more)
    return answer.status_code, answer.json()


def code(box: Box, status: str, by: str = "W1") -> int:
    answer = share(box, status, by)[1]
    return int(answer.get("error_code", 0))


def statuses(box: Box) -> list[str]:
    return [status["text"] for status in box.get("/weibo/statuses")["statuses"]]


def test_a_status_is_posted_and_can_be_read(weibo: Box) -> None:
    status, posted = share(weibo, "停水通知 http://127.0.0.1:1/n", files={"pic": b"\xff\xd8\xff"})

    assert (status, posted["text"]) == (200, "停水通知 http://127.0.0.1:1/n")
    assert (posted["idstr"], posted["user"]) == (str(posted["id"]), {"screen_name": "伊伊社区发布"})
    assert " +0800 " in posted["created_at"]
    (kept,) = weibo.get("/weibo/statuses")["statuses"]
    assert (kept["author"], kept["id"], kept["picture"]) == (
        "伊伊社区发布",
        posted["idstr"],
        "data of 3 bytes",
    )


def test_only_who_has_a_living_token_may_post(weibo: Box, clock: Clock) -> None:
    weibo.http.put("/weibo/accounts/W2", json={"name": "短命", "seconds": 60})

    assert share(weibo, "您好", "nobody") == (
        400,
        {
            "error": "invalid_access_token",
            "error_code": 21332,
            "request": "/2/statuses/share.json",
        },
    )
    assert code(weibo, "您好", "W2") == 0
    clock.ahead = 61
    assert code(weibo, "您也好", "W2") == 21327
    assert weibo.http.post(SHARE, data={"status": "您好"}).json()["error_code"] == 21332


def test_a_status_has_140_characters_and_an_address_counts_ten() -> None:
    assert length("水" * 140) == 140
    assert length("ab") == 1
    assert length("abc") == 2
    assert length("停水 http://127.0.0.1:8000/c/yiyi/notices/1，请储水") == 2 + 1 + 10 + 4


def test_a_status_that_is_too_long_or_empty_is_refused(weibo: Box) -> None:
    assert code(weibo, "水" * 140) == 0
    assert code(weibo, "水" * 141) == 20012
    assert code(weibo, " ") == 20008
    assert statuses(weibo) == ["水" * 140]


def test_the_same_is_not_posted_twice_in_a_day(weibo: Box, clock: Clock) -> None:
    assert [code(weibo, "停水"), code(weibo, "停水"), code(weibo, "停电")] == [0, 20019, 0]
    clock.ahead = 86_410
    assert code(weibo, "停水") == 0


def test_thirty_an_hour(weibo: Box, clock: Clock) -> None:
    assert [code(weibo, f"第{n}条") for n in range(30)] == [0] * 30
    status, answer = share(weibo, "第31条")
    assert (status, answer["error_code"]) == (403, 10023)
    clock.ahead = 3610
    assert code(weibo, "第31条") == 0


def test_an_author_with_a_domain_must_link_it(weibo: Box) -> None:
    weibo.http.put("/weibo/accounts/W1", json={"name": "社区", "domain": "yiyi.example"})

    assert code(weibo, "停水") == 10017
    assert code(weibo, "停水 https://yiyi.example/n/1") == 0


def test_weibo_fails_on_demand(weibo: Box) -> None:
    weibo.break_down(
        robots=[
            {"path": SHARE, "kind": "rate_limit"},
            {"path": SHARE, "kind": "bad_signature"},
            {"path": SHARE, "kind": "errcode", "errcode": 20019},
        ]
    )

    assert [code(weibo, "停水") for _ in range(4)] == [10023, 21332, 20019, 0]


def test_a_page_that_is_no_author_is_refused(weibo: Box) -> None:
    assert weibo.http.put("/weibo/accounts/W1", json={}).status_code == 422


def test_a_restarted_platform_remembers_what_was_posted(
    platform_server: Server, clock: Clock, tmp_path: Path
) -> None:
    journal = tmp_path / "journal.jsonl"
    with boxed(platform_server, clock, journal) as box:
        box.http.put("/weibo/accounts/W1", json={"name": "伊伊社区发布"})
        assert code(box, "停水") == 0

    with boxed(platform_server, clock, journal) as box:
        assert (statuses(box), code(box, "停水")) == (["停水"], 20019)
