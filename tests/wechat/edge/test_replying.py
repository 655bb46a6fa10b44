"""A reply says what it was given to say, to the one who asked, in the way WeChat asked."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from wechatpy.crypto import WeChatCrypto

from app.wechat.edge import (
    Article,
    Delivered,
    Form,
    Image,
    News,
    Reply,
    Text,
    open_envelope,
    render,
)
from tests.wechat.edge.builders import (
    COMPATIBLE,
    HEAD,
    NONCE,
    NOW,
    OTHER_AES_KEY,
    PLAIN,
    SAFE,
    TEXT,
    opened,
    safe_query,
    sealed,
    written,
)

WHEN = 1795426201
NEWS = News(tuple(Article(f"第{n}条", "说明", "https://a.cn/p", "https://a.cn/") for n in range(9)))


def _members(element: Any) -> Any:
    if not len(element):
        return element.text or ""
    if element[0].tag == "item":
        return [_members(item) for item in element]
    return {part.tag: _members(part) for part in element}


def understood(body: bytes) -> Mapping[str, Any]:
    """What WeChat takes from the body of an answer."""
    if body.startswith(b"{"):
        members: Mapping[str, Any] = json.loads(body)
        return members
    return _members(etree.fromstring(body))  # type: ignore[no-any-return]


def said(reply: Reply, to: Delivered) -> Mapping[str, Any]:
    """What the sender of a delivery in plain is told."""
    return understood(render(reply, to, timestamp=WHEN)[0])


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Text("好的 & <谢谢>"), {"MsgType": "text", "Content": "好的 & <谢谢>"}),
        (Image("m1"), {"MsgType": "image", "Image": {"MediaId": "m1"}}),
        (
            News((Article("通知", "停水", "https://a.cn/p.png", "https://a.cn/?a=1&b=2"),)),
            {
                "MsgType": "news",
                "Articles": [
                    {
                        "Title": "通知",
                        "Description": "停水",
                        "PicUrl": "https://a.cn/p.png",
                        "Url": "https://a.cn/?a=1&b=2",
                    }
                ],
            },
        ),
    ],
)
def test_a_reply_goes_back_to_the_sender_in_the_form_they_used(
    reply: Reply, expected: dict[str, Any], form: Form
) -> None:
    to = opened(written(TEXT, form), PLAIN)

    body, media_type = render(reply, to, timestamp=WHEN)

    assert media_type == f"application/{form}"
    answer = understood(body)
    assert expected.items() <= answer.items()
    assert answer["ToUserName"] == HEAD["FromUserName"]
    assert answer["FromUserName"] == HEAD["ToUserName"]
    assert int(answer["CreateTime"]) == WHEN


@pytest.mark.parametrize("keys", [SAFE, COMPATIBLE, PLAIN], ids=lambda keys: keys.mode)
@pytest.mark.parametrize("reply", [None, Text(""), News(())])
def test_nothing_to_say_is_a_bare_success(reply: Reply | None, keys: Any) -> None:
    assert render(reply, opened(written(TEXT), keys), timestamp=WHEN) == (b"success", "text/plain")


@settings(deadline=None)
@given(st.text(min_size=1))
@example("x]]></Content><FromUserName><![CDATA[evil")
@example("]]]]>>]]")
@example("\0\x0b\ud800\uffff")
def test_no_text_can_add_an_element_of_its_own(text: str) -> None:
    answer = said(Text(text), opened(written(TEXT), PLAIN))

    assert set(answer) == {*HEAD, "MsgType", "Content"}
    assert answer["FromUserName"] == HEAD["ToUserName"]
    if text.isprintable():
        assert answer["Content"] == text


def test_what_was_typed_comes_back_as_it_was_typed() -> None:
    typed = "x]]></Content><FromUserName><![CDATA[evil"
    to = opened(written({**TEXT, "Content": typed}), PLAIN)

    assert said(Text(to.message.content), to)["Content"] == typed


@pytest.mark.parametrize("form", Form)
def test_a_card_with_what_no_document_may_hold_is_shown_without_it(form: Form) -> None:
    to = opened(written(TEXT, form), PLAIN)

    answer = said(News((Article("停\ud800水\uffff"),)), to)

    assert answer["Articles"][0]["Title"] == "停水"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 2048, "a" * 2048),
        ("a" * 2049, "a" * 2045 + "…"),
        ("水" * 683, "水" * 681 + "…"),
        ("a" + "水" * 683, "a" + "水" * 681 + "…"),
        ("😀" * 513, "😀" * 511 + "…"),
    ],
)
def test_a_long_text_is_cut_between_characters(text: str, expected: str) -> None:
    content = said(Text(text), opened(written(TEXT), PLAIN))["Content"]

    assert content == expected
    assert len(content.encode()) <= 2048


def test_a_message_gets_one_card_and_an_event_eight() -> None:
    message = opened(written(TEXT), PLAIN)
    event = opened(written({**HEAD, "MsgType": "event", "Event": "subscribe"}), PLAIN)

    assert len(said(NEWS, message)["Articles"]) == int(said(NEWS, message)["ArticleCount"]) == 1
    assert len(said(NEWS, event)["Articles"]) == int(said(NEWS, event)["ArticleCount"]) == 8


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("keys", [SAFE, COMPATIBLE], ids=lambda keys: keys.mode)
def test_an_encrypted_message_gets_an_encrypted_reply(keys: Any, form: Form) -> None:
    to = opened(written(TEXT, form), keys, form)

    body, media_type = render(Text("好的"), to, timestamp=WHEN, nonce=NONCE)

    envelope = understood(body)
    assert media_type == f"application/{form}"
    assert set(envelope) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    theirs = WeChatCrypto(SAFE.token, SAFE.aes_key, SAFE.app_id)
    inner = theirs.decrypt_message(envelope, envelope["MsgSignature"], str(WHEN), NONCE)
    assert understood(inner.encode())["Content"] == "好的"
    assert "好的".encode() not in body


def test_the_key_that_opened_a_message_closes_its_reply() -> None:
    after = replace(SAFE, aes_key=OTHER_AES_KEY, previous_aes_key=SAFE.aes_key)
    ciphertext = sealed(written(TEXT), SAFE)
    to = open_envelope(after, safe_query(ciphertext), written({"Encrypt": ciphertext}), NOW)

    envelope = understood(render(Text("好的"), to, timestamp=WHEN)[0])

    theirs = WeChatCrypto(SAFE.token, SAFE.aes_key, SAFE.app_id)
    signature, nonce = envelope["MsgSignature"], envelope["Nonce"]
    inner = theirs.decrypt_message(envelope, signature, str(WHEN), nonce)
    assert understood(inner.encode())["Content"] == "好的"


def test_no_two_replies_are_encrypted_alike() -> None:
    to = opened(written(TEXT))

    one, two = (understood(render(Text("好的"), to, timestamp=WHEN)[0]) for _ in range(2))

    assert one["Encrypt"] != two["Encrypt"]
    assert one["Nonce"] != two["Nonce"]


def test_a_nonce_cannot_add_an_element_of_its_own() -> None:
    nonce = "]]></Nonce><Encrypt>"

    envelope = understood(render(Text("a"), opened(written(TEXT)), timestamp=1, nonce=nonce)[0])

    assert envelope["Nonce"] == nonce
