from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from wechatpy.crypto import WeChatCrypto

from tests.sandbox.rig import (
    AES_KEY,
    APP_ID,
    OPENID,
    ORIGINAL_ID,
    TOKEN,
    Arrival,
    Box,
    Desk,
    reply_xml,
    text_reply,
)


@pytest.mark.parametrize("nothing", ["", "success"])
def test_silence_shows_nothing(box: Box, desk: Desk, nothing: str) -> None:
    desk.answers = [lambda _: PlainTextResponse(nothing)]

    outcome = box.say("你好")

    assert (outcome["outcome"], outcome["attempts"]) == ("none", 1)
    assert len(box.phone()) == 1


def test_being_handed_to_a_person_shows_nothing(box: Box, desk: Desk) -> None:
    inner = "<MsgType>transfer_customer_service</MsgType>"
    desk.answers = [desk.replying(reply_xml(inner))]

    assert box.say("转人工")["outcome"] == "transfer_customer_service"
    assert len(box.phone()) == 1


def test_articles_are_shown(box: Box, desk: Desk) -> None:
    item = "<item><Title>停水</Title><Url>http://127.0.0.1:9/n</Url></item>"
    inner = f"<MsgType>news</MsgType><ArticleCount>1</ArticleCount><Articles>{item}</Articles>"
    desk.answers = [desk.replying(reply_xml(inner))]

    (article,) = box.say("通知")["reply"]["articles"]

    assert (article["title"], article["url"]) == ("停水", "http://127.0.0.1:9/n")


BROKEN = {
    "JSON where XML is due": '{"MsgType": "text"}',
    "another root": "<reply/>",
    "cut off": text_reply("好")[:-9],
    "an element twice": reply_xml(
        "<MsgType>text</MsgType><Content>a</Content><Content>b</Content>"
    ),
    "not turned round": text_reply("好", to=ORIGINAL_ID, sender=OPENID),
    "no time": text_reply("好").replace("1795444291", "now"),
    "an unknown type": reply_xml("<MsgType>hologram</MsgType>"),
    "no text": text_reply(""),
    "too long": text_reply("水" * 683),
    "an unknown picture": reply_xml("<MsgType>image</MsgType><Image><MediaId>no</MediaId></Image>"),
    "no articles": reply_xml("<MsgType>news</MsgType><Articles/>"),
    "articles without names": reply_xml(
        "<MsgType>news</MsgType><Articles><item>a</item></Articles>"
    ),
    "an entity": '<!DOCTYPE xml [<!ENTITY a "b">]>' + text_reply("好").replace("好", "]]>&a;"),
}


@pytest.mark.parametrize("inner", BROKEN.values(), ids=BROKEN.keys())
def test_a_reply_that_is_wrong_is_shown_as_a_breakdown(box: Box, desk: Desk, inner: str) -> None:
    desk.answers = [desk.replying(inner)]

    outcome = box.say("你好")

    assert (outcome["outcome"], outcome["reply"], outcome["attempts"]) == ("broken", None, 1)
    assert outcome["reason"]
    assert box.phone()[-1]["text"] == "该公众号提供的服务出现故障，请稍后再试"


def test_the_longest_text_is_shown(box: Box, desk: Desk) -> None:
    desk.answers = [desk.replying(text_reply("水" * 682 + "ab"))]

    assert box.say("你好")["outcome"] == "text"


def forged(**changed: Any) -> Any:
    keys = {"token": TOKEN, "encoding_aes_key": AES_KEY, "_id": APP_ID, **changed}
    crypto = WeChatCrypto(*keys.values())
    return lambda arrival: Response(
        crypto.encrypt_message(text_reply("好"), arrival.query["nonce"])
    )


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: Response(text_reply("好")),
        forged(token="another"),
        forged(encoding_aes_key="B" * 43),
        forged(_id="wx-another"),
    ],
    ids=["not encrypted", "another token", "another key", "another account"],
)
def test_in_safe_mode_a_reply_must_be_sealed_for_the_account(
    box: Box, desk: Desk, answer: Any
) -> None:
    desk.answers = [answer]

    assert box.say("你好")["outcome"] == "broken"


def test_in_compatible_mode_an_open_reply_is_fine(box: Box, desk: Desk, callback_url: str) -> None:
    desk.mode = "compatible"
    box.open_account(callback_url, mode="compatible")
    desk.answers = [lambda _: Response(text_reply("好"))]

    assert box.say("你好")["reply"]["text"] == "好"


def test_a_json_account_may_reply_in_json(box: Box, desk: Desk, callback_url: str) -> None:
    desk.mode, desk.format = "plain", "json"
    box.open_account(callback_url, mode="plain", format="json")

    def reply(arrival: Arrival) -> Response:
        turned = {"ToUserName": arrival.fields["FromUserName"], "FromUserName": ORIGINAL_ID}
        return JSONResponse({**turned, "CreateTime": 1, "MsgType": "text", "Content": "好"})

    broken = ["{broken", '{"a":' * 100_000, '{"Encrypt": "\\ud800"}']
    desk.answers = [reply, *(lambda _, text=text: PlainTextResponse(text) for text in broken)]

    assert box.say("你好")["reply"]["text"] == "好"
    assert [box.say("你好")["outcome"] for _ in broken] == ["broken"] * 3
