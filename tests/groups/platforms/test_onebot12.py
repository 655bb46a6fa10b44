import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.sending import Failed, Refused
from app.groups.platforms import Address, Opened, Words
from app.groups.problems import HookUnreadable, NotFromPlatform
from tests.groups.platforms.calls import KEYS, NOW, from_onebot12, payload, platform
from tests.groups.platforms.outside import Outside, http

ONEBOT = platform("onebot12")
KEY = KEYS["onebot12"]


def opened(name: str) -> Opened:
    return ONEBOT.open(KEY, from_onebot12(payload(name)))


def test_a_recorded_message_is_read() -> None:
    (heard,) = opened("onebot12_group.json").heard

    assert (heard.message_id, heard.group_id, heard.sender_id) == ("6283", "640312", "20001")
    assert heard.sent_at == NOW + timedelta(seconds=0.25)
    assert (heard.text, heard.to_bot, heard.reply_to) == ("进度", True, "6281")


def test_a_private_message_is_answered_to_its_sender() -> None:
    got = opened("onebot12_private.json")

    answer = ONEBOT.answer(KEY, got, "报修 进度")

    assert got.heard[0].group_id is None
    message = [{"type": "text", "data": {"text": "报修 进度"}}]
    assert json.loads(answer.body) == [
        {
            "action": "send_message",
            "params": {"detail_type": "private", "user_id": "20001", "message": message},
            "self": {"platform": "qq", "user_id": "10001000"},
        }
    ]


def test_a_message_in_a_group_is_answered_by_one_action_in_the_group() -> None:
    got = opened("onebot12_group.json")

    (action,) = json.loads(ONEBOT.answer(KEY, got, "处理中").body)

    assert action["params"]["detail_type"] == "group"
    assert action["params"]["group_id"] == "640312"
    assert ONEBOT.answer(KEY, got, None).status == 204


def test_a_heartbeat_is_answered_with_nothing() -> None:
    got = opened("onebot12_heartbeat.json")

    assert not got.heard
    assert got.answer is not None
    assert got.answer.status == 204


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer ", "Bearer t0ken-1", "bearer t0ken-12", "t0ken-12"]
)
def test_a_call_without_the_token_is_refused(authorization: str | None) -> None:
    genuine = from_onebot12(payload("onebot12_group.json"))
    headers = {**genuine.headers, "authorization": authorization or ""}
    if authorization is None:
        del headers["authorization"]

    with pytest.raises(NotFromPlatform):
        ONEBOT.open(KEY, replace(genuine, headers=headers))


def test_another_version_is_unreadable_and_another_bot_refused() -> None:
    genuine = from_onebot12(payload("onebot12_group.json"))

    with pytest.raises(HookUnreadable):
        ONEBOT.open(KEY, replace(genuine, headers={**genuine.headers, "x-onebot-version": "13"}))
    with pytest.raises(NotFromPlatform):
        ONEBOT.open({**KEY, "self_id": "10001009"}, genuine)
    with pytest.raises(NotFromPlatform):
        ONEBOT.open({**KEY, "token": ""}, genuine)


async def test_words_go_out_as_an_action_with_the_token(outside: Outside) -> None:
    outside.answers = [http({"status": "ok", "retcode": 0, "data": {"message_id": "7001"}})]
    to = Address(group_id="640312", api=f"{outside.url}/", keys=KEY)

    receipt = await ONEBOT.send(to, Words(text="周六停水"))

    assert receipt == "7001"
    assert outside.lines == ["POST / HTTP/1.1"]
    assert outside.headers[0]["authorization"] == "Bearer t0ken-12"
    message = [{"type": "text", "data": {"text": "周六停水"}}]
    params = {"detail_type": "group", "group_id": "640312", "message": message}
    assert outside.body == {"action": "send_message", "params": params}


@pytest.mark.parametrize(
    ("answer", "error", "lane"),
    [
        ({"status": "failed", "retcode": 10003}, Refused, False),
        ({"status": "failed", "retcode": 36001}, Failed, True),
        ({"status": "failed", "retcode": 34001}, Failed, False),
        ({"status": "async", "retcode": 1}, Failed, False),
        ({"status": "ok", "retcode": True}, Failed, False),
    ],
)
async def test_http_200_that_says_failed_is_a_failure(
    outside: Outside, answer: dict[str, object], error: type[Failed | Refused], lane: bool
) -> None:
    outside.answers = [http(answer)]
    to = Address(group_id="640312", api=outside.url, keys=KEY)

    with pytest.raises(error) as caught:
        await ONEBOT.send(to, Words(text="周六停水"))

    assert getattr(caught.value, "lane", False) is lane
