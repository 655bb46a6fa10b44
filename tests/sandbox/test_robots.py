import base64
import hashlib
import hmac
import time
from typing import Any

import pytest

from tests.sandbox.hooks import GROUP, Chats
from tests.sandbox.rig import Clock
from tests.sandbox.test_media import a_picture

SECRET = "SEC0123456789"


def post(chats: Chats, path: str, body: Any, **query: str) -> dict[str, Any]:
    answer = chats.box.http.post(f"/robots/{path}", json=body, params=query)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def robot(chats: Chats, platform: str, key: str = "K1", **settings: Any) -> None:
    assert chats.put(f"/robots/{platform}/{key}", {"group": GROUP, **settings}) == 200


def wecom(
    chats: Chats, content: str = "停水通知", kind: str = "text", **more: Any
) -> dict[str, Any]:
    return post(
        chats, "wecom/send", {"msgtype": kind, kind: {"content": content, **more}}, key="K1"
    )


def dingtalk(chats: Chats, content: str = "停水通知", **query: str) -> dict[str, Any]:
    body = {"msgtype": "text", "text": {"content": content}}
    return post(chats, "dingtalk/send", body, **{"access_token": "K1", **query})


def feishu(chats: Chats, text: str = "停水通知", **more: Any) -> dict[str, Any]:
    return post(chats, "feishu/hook/K1", {"msg_type": "text", "content": {"text": text}, **more})


def proof(at: float, secret: str = SECRET) -> dict[str, str]:
    """DingTalk's proof of a secret."""
    timestamp = str(int(at * 1000))
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return {"timestamp": timestamp, "sign": base64.b64encode(digest.digest()).decode()}


def feishu_proof(at: int, secret: str = SECRET) -> dict[str, str]:
    key = f"{at}\n{secret}".encode()
    digest = hmac.new(key, b"", hashlib.sha256).digest()
    return {"timestamp": str(at), "sign": base64.b64encode(digest).decode()}


@pytest.mark.parametrize("platform", ["wecom", "dingtalk", "feishu"])
def test_what_a_robot_takes_shows_in_its_group_and_is_kept(chats: Chats, platform: str) -> None:
    robot(chats, platform, name="物业小助手")

    answer = {"wecom": wecom, "dingtalk": dingtalk, "feishu": feishu}[platform](chats)

    assert answer.get("errcode", answer.get("code")) == 0
    (said,) = chats.read()
    assert (said["kind"], said["name"], said["text"]) == ("robot", "物业小助手", "停水通知")
    (kept,) = chats.box.get(f"/robots/{platform}/K1/messages")["messages"]
    assert (kept["type"], kept["text"]) == ("text", "停水通知")
    assert kept["body"]


def test_a_robot_that_nobody_made_takes_nothing(chats: Chats) -> None:
    assert wecom(chats)["errcode"] == 93000
    assert dingtalk(chats)["errcode"] == 300005
    assert feishu(chats)["code"] == 19001
    assert chats.box.http.get("/robots/wecom/K1/messages").status_code == 404
    assert not chats.read()


def test_wecom_counts_bytes_not_characters(chats: Chats) -> None:
    robot(chats, "wecom")

    assert wecom(chats, "水" * 682)["errcode"] == 0
    too_long = wecom(chats, "水" * 683)
    assert too_long["errcode"] == 40058
    assert "exceed max length 2048" in too_long["errmsg"]
    assert wecom(chats, "水" * 1365, "markdown")["errcode"] == 0
    assert wecom(chats, "水" * 1366, "markdown")["errcode"] == 40058


def test_wecom_mentions_whom_it_is_told(chats: Chats) -> None:
    robot(chats, "wecom")

    wecom(chats, "开会", mentioned_list=["wangxiuying", "@all"])

    (said,) = chats.read()
    assert said["text"] == "开会 @wangxiuying @所有人"
    assert said["at"] == ["wangxiuying", "@all"]


def test_wecom_takes_pictures_and_articles(chats: Chats) -> None:
    robot(chats, "wecom")
    picture = a_picture()
    md5 = hashlib.md5(picture, usedforsecurity=False).hexdigest()
    image = {"base64": base64.b64encode(picture).decode(), "md5": md5}
    article = {"title": "停水通知", "url": "http://127.0.0.1:1/n"}
    sent = [
        {"msgtype": "image", "image": image},
        {"msgtype": "image", "image": {**image, "md5": "0" * 32}},
        {"msgtype": "image", "image": {**image, "base64": "!"}},
        {"msgtype": "news", "news": {"articles": [article]}},
        {"msgtype": "news", "news": {"articles": [article] * 9}},
        {"msgtype": "news", "news": {"articles": [{"title": "没有地址"}]}},
    ]

    codes = [post(chats, "wecom/send", body, key="K1")["errcode"] for body in sent]

    assert codes == [0, 301019, 40009, 0, 40058, 40058]
    assert chats.texts() == ["[图片]", "停水通知\nhttp://127.0.0.1:1/n"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "poem", "poem": {}}, 40008),
        ({}, 40008),
        ([], 47001),
    ],
)
def test_wecom_refuses_what_it_does_not_know(chats: Chats, body: Any, code: int) -> None:
    robot(chats, "wecom")

    assert post(chats, "wecom/send", body, key="K1")["errcode"] == code


def test_wecom_takes_twenty_a_minute(chats: Chats, clock: Clock) -> None:
    robot(chats, "wecom")

    codes = [wecom(chats)["errcode"] for _ in range(21)]

    assert codes == [0] * 20 + [45009]
    clock.ahead = 61
    assert wecom(chats)["errcode"] == 0


def test_dingtalk_wants_a_signature_of_this_hour(chats: Chats) -> None:
    robot(chats, "dingtalk", secret=SECRET)
    now = time.time()
    good = proof(now)

    answers = [
        dingtalk(chats, **query)
        for query in (
            good,
            {},
            proof(now - 3700),
            proof(now + 3700),
            proof(now, "another"),
            {**good, "sign": "ÿ"},
            {**good, "timestamp": str(int(now))},
        )
    ]

    assert [answer["errcode"] for answer in answers] == [0, *[310000] * 6]
    assert "sign not match" in answers[4]["errmsg"]
    assert "invalid timestamp" in answers[2]["errmsg"]


def test_dingtalk_wants_a_keyword(chats: Chats) -> None:
    robot(chats, "dingtalk", keywords=["通知", "提醒"])

    refused = dingtalk(chats, "随便说说")

    assert refused["errcode"] == 310000
    assert refused["errmsg"].startswith("keywords not in content")
    assert dingtalk(chats, "缴费提醒")["errcode"] == 0


def test_dingtalk_is_silent_for_ten_minutes_after_the_twenty_first(
    chats: Chats, clock: Clock
) -> None:
    robot(chats, "dingtalk")

    answers = [dingtalk(chats) for _ in range(22)]

    assert [answer["errcode"] for answer in answers] == [0] * 20 + [130101, 410100]
    assert answers[20]["errmsg"] == "send too fast, exceed 20 times per minute"
    clock.ahead = 590
    assert dingtalk(chats)["errcode"] == 410100
    clock.ahead = 610
    assert dingtalk(chats)["errcode"] == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "markdown", "markdown": {"title": "停水", "text": "### 停水"}}, 0),
        ({"msgtype": "markdown", "markdown": {"text": "### 停水"}}, 40035),
        (
            {
                "msgtype": "link",
                "link": {"title": "停水", "text": "明天", "messageUrl": "http://x/"},
            },
            0,
        ),
        ({"msgtype": "actionCard", "actionCard": {"title": "停水", "text": "明天"}}, 0),
        ({"msgtype": "text", "text": {"content": " "}}, 40035),
        ({"msgtype": "poem"}, 400105),
        ({"msgtype": "text", "text": {"content": "水" * 7000}}, 460101),
        ([], 40035),
    ],
)
def test_dingtalk_reads_its_own_kinds(chats: Chats, body: Any, code: int) -> None:
    robot(chats, "dingtalk")

    assert post(chats, "dingtalk/send", body, access_token="K1")["errcode"] == code


def test_dingtalk_mentions_whom_it_is_told(chats: Chats) -> None:
    robot(chats, "dingtalk")
    at = {"isAtAll": True, "atMobiles": ["13800000000"]}

    post(
        chats,
        "dingtalk/send",
        {"msgtype": "text", "text": {"content": "开会"}, "at": at},
        access_token="K1",
    )

    assert chats.read()[0]["at"] == ["@all", "13800000000"]


def test_feishu_knows_the_signature_of_its_documents(chats: Chats, clock: Clock) -> None:
    robot(chats, "feishu", secret="demo")
    clock.ahead = 1599360473 - time.time()
    sign = "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="

    assert feishu(chats, timestamp="1599360473", sign=sign)["code"] == 0
    assert feishu(chats, timestamp=1599360473, sign=sign)["code"] == 0


def test_feishu_wants_a_signature_of_this_hour(chats: Chats) -> None:
    robot(chats, "feishu", secret=SECRET)
    now = int(time.time())
    bodies: list[dict[str, Any]] = [
        feishu_proof(now),
        {},
        feishu_proof(now - 3700),
        feishu_proof(now, "another"),
        {"timestamp": now, "sign": proof(now)["sign"]},
    ]

    assert [feishu(chats, **body)["code"] for body in bodies] == [0, *[19021] * 4]


def test_feishu_wants_a_keyword(chats: Chats) -> None:
    robot(chats, "feishu", keywords=["通知"])

    assert feishu(chats, "随便说说")["code"] == 19024
    assert feishu(chats, "停水通知")["code"] == 0


def test_feishu_takes_five_a_second_and_a_hundred_a_minute(chats: Chats, clock: Clock) -> None:
    robot(chats, "feishu")
    clock.stop()
    codes = []
    for _ in range(20):
        clock.ahead += 2
        codes += [feishu(chats)["code"] for _ in range(5)]

    assert codes == [0] * 100
    assert feishu(chats)["code"] == 11232
    clock.ahead += 2
    over = feishu(chats)
    assert (over["code"], over["msg"]) == (9499, "too many request")
    clock.ahead += 60
    assert feishu(chats)["code"] == 0


def test_feishu_takes_twenty_kilobytes(chats: Chats) -> None:
    robot(chats, "feishu")

    assert feishu(chats, "x" * 20_000)["code"] == 0
    assert feishu(chats, "x" * 20_480)["code"] == 9499


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            {
                "msg_type": "post",
                "content": {
                    "post": {
                        "zh_cn": {
                            "title": "停水通知",
                            "content": [
                                [
                                    {"tag": "text", "text": "明天 "},
                                    {"tag": "a", "text": "详情", "href": "http://x/"},
                                ],
                                [{"tag": "at", "user_id": "all"}],
                            ],
                        }
                    }
                },
            },
            "停水通知\n明天 详情 http://x/\n@all",
        ),
        (
            {
                "msg_type": "interactive",
                "card": {
                    "header": {"title": {"tag": "plain_text", "content": "停水"}},
                    "elements": [
                        {"tag": "div", "text": {"tag": "lark_md", "content": "明天"}},
                        {"tag": "markdown", "content": "请储水"},
                    ],
                },
            },
            "停水\n明天\n请储水",
        ),
    ],
)
def test_feishu_reads_rich_texts_and_cards(chats: Chats, body: Any, shown: str) -> None:
    robot(chats, "feishu")

    assert post(chats, "feishu/hook/K1", body)["code"] == 0
    assert chats.texts() == [shown]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msg_type": "text", "content": {}}, 19002),
        ({"content": {"text": "x"}}, 19002),
        ({"msg_type": "post", "content": {"post": {}}}, 19002),
        ({"msg_type": "post", "content": {"post": {"zh_cn": {"content": ["x"]}}}}, 19002),
        ({"msg_type": "post", "content": {"post": {"zh_cn": {"content": [[{}]]}}}}, 19002),
        ([], 9499),
    ],
)
def test_feishu_refuses_what_it_does_not_know(chats: Chats, body: Any, code: int) -> None:
    robot(chats, "feishu")

    assert post(chats, "feishu/hook/K1", body)["code"] == code
