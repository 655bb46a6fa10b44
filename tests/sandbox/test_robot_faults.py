import httpx
import pytest

from tests.sandbox.hooks import Chats
from tests.sandbox.test_robots import dingtalk, feishu, robot, wecom


def test_a_robot_fails_on_demand_in_the_words_of_its_platform(chats: Chats) -> None:
    for platform in ("wecom", "dingtalk", "feishu"):
        robot(chats, platform)
    chats.box.break_down(
        robots=[
            {"path": "/robots/wecom/send", "kind": "rate_limit"},
            {"path": "/robots/dingtalk/send", "kind": "rate_limit"},
            {"path": "/robots/feishu/hook", "kind": "rate_limit"},
            {"path": "/robots/wecom/send", "kind": "bad_signature"},
            {"path": "/robots/dingtalk/send", "kind": "bad_signature"},
            {"path": "/robots/feishu/hook", "kind": "bad_signature"},
            {"path": "/robots/wecom/send", "kind": "errcode", "errcode": -1},
        ]
    )

    assert [wecom(chats)["errcode"] for _ in range(4)] == [45009, 93000, -1, 0]
    assert [dingtalk(chats)["errcode"] for _ in range(3)] == [130101, 310000, 0]
    assert [feishu(chats)["code"] for _ in range(3)] == [11232, 19021, 0]
    assert len(chats.read()) == 3


@pytest.mark.parametrize(
    ("kind", "problem"),
    [("lost", httpx.RemoteProtocolError), ("timeout_after_acceptance", httpx.ReadTimeout)],
)
def test_a_robot_can_take_a_post_without_saying_so(
    chats: Chats, kind: str, problem: type[Exception]
) -> None:
    robot(chats, "wecom")
    chats.box.break_down(robots={"kind": kind, "seconds": 20})
    body = {"msgtype": "text", "text": {"content": "停水"}}

    with pytest.raises(problem):
        chats.box.http.post("/robots/wecom/send?key=K1", json=body, timeout=0.3)

    assert chats.texts() == ["停水"]
    assert chats.box.get("/faults")["robots"] == []


@pytest.mark.parametrize(
    ("kind", "status", "shown"),
    [("http_500", 500, 0), ("html", 200, 0), ("timeout", 504, 0), ("truncated", 200, 1)],
)
def test_a_robot_can_answer_nonsense(chats: Chats, kind: str, status: int, shown: int) -> None:
    robot(chats, "wecom")
    chats.box.break_down(robots={"kind": kind, "seconds": 0})
    body = {"msgtype": "text", "text": {"content": "停水"}}

    answer = chats.box.http.post("/robots/wecom/send?key=K1", json=body)

    assert answer.status_code == status
    assert "errcode" not in answer.text or not answer.text.endswith("}")
    assert len(chats.read()) == shown


def test_the_log_tells_what_robots_were_sent_but_no_key(chats: Chats) -> None:
    robot(chats, "dingtalk", "topsecret")
    dingtalk(chats, access_token="topsecret")

    log = chats.box.get("/log")

    (call,) = log["calls"]
    assert (call["path"], call["errcode"]) == ("/robots/dingtalk/send", 0)
    assert "topsecret" not in str(log)
