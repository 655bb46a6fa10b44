"""Whatever comes to the door, it is heard, or it is one of two problems."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.groups.platforms import Call, platforms
from app.groups.problems import HookUnreadable, NotFromPlatform
from tests.groups.platforms.calls import GENUINE, KEYS, NOW, STAMP, payload, platform

EVERY = pytest.mark.parametrize("name", sorted(GENUINE))
PAYLOADS = {
    "onebot11": ["onebot11_group.json", "onebot11_codes.json"],
    "onebot12": ["onebot12_group.json"],
    "dingtalk": ["dingtalk_group.json", "dingtalk_rich.json"],
    "feishu": ["feishu_text.json", "feishu_post.json"],
    "signed": ["signed_group.json"],
}
TAGS = ["Content", "CreateTime", "FromUserName", "MsgId", "MsgType", "ToUserName"]
QUICKLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
texts = st.text(st.characters(codec=None), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
header_names = st.sampled_from(
    [
        "authorization",
        "sign",
        "timestamp",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
        "x-lark-request-nonce",
        "x-lark-request-timestamp",
        "x-lark-signature",
        "x-onebot-version",
        "x-self-id",
        "x-signature",
    ]
)
query_names = st.sampled_from(["echostr", "msg_signature", "nonce", "timestamp"])
header_values = texts | st.sampled_from([STAMP, f"{STAMP}000", "sha1=", "v1,", "Bearer ", "12"])


def offered(name: str, call: Call) -> None:
    """Knock, and see that nothing but the two problems comes of it."""
    with contextlib.suppress(NotFromPlatform, HookUnreadable):
        opened = platform(name).open(KEYS[name], call)
        for heard in opened.heard:
            spoken = heard.text + heard.sender_name + heard.group_name
            known = heard.sender_id + heard.message_id + (heard.group_id or "")
            (spoken + known).encode()
            assert "\x00" not in spoken + known
            assert heard.sender_id


def test_every_platform_of_the_house_is_offered_something() -> None:
    assert {name for name, _ in platforms} == set(GENUINE)


@EVERY
@QUICKLY
@given(
    method=st.sampled_from(["GET", "POST"]),
    query=st.dictionaries(query_names, header_values),
    headers=st.dictionaries(header_names, header_values),
    body=st.binary(max_size=200),
)
def test_a_stranger_is_never_heard(
    name: str, method: str, query: dict[str, str], headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises((NotFromPlatform, HookUnreadable)):
        platform(name).open(KEYS[name], Call(method, query, headers, body, NOW))


@EVERY
@QUICKLY
@given(body=st.binary(max_size=300))
def test_any_bytes_that_are_genuine_are_read_or_unreadable(name: str, body: bytes) -> None:
    offered(name, GENUINE[name](body))


@pytest.mark.parametrize("name", sorted(PAYLOADS))
@QUICKLY
@given(data=st.data(), value=values)
def test_any_value_in_any_place_of_a_recorded_message_is_read_or_unreadable(
    name: str, data: st.DataObject, value: Any
) -> None:
    message = json.loads(payload(data.draw(st.sampled_from(PAYLOADS[name]))))
    inside = message
    while True:
        key = data.draw(
            st.sampled_from(sorted(inside) if isinstance(inside, dict) else range(len(inside)))
        )
        deeper = inside[key]
        if not deeper or not isinstance(deeper, dict | list) or data.draw(st.booleans()):
            break
        inside = deeper
    inside[key] = json.dumps(value) if key == "content" and name == "feishu" else value

    offered(name, GENUINE[name](json.dumps(message).encode()))


@QUICKLY
@given(
    tag=st.sampled_from(
        ["Content", "CreateTime", "FromUserName", "MsgId", "MsgType", "ToUserName"]
    ),
    value=texts,
)
def test_any_text_in_any_field_of_a_sealed_message_is_read_or_unreadable(
    tag: str, value: str
) -> None:
    body = payload("wecom_text.xml").decode()
    spoilt = body.replace(f"<{tag}>", f"<{tag}>{value}")

    offered("wecom", GENUINE["wecom"](spoilt.encode(errors="replace")))
