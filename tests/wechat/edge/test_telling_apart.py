"""A retry has the key of the first try, and nothing else has."""

from typing import Any

import pytest

from app.wechat.edge import Form, Message
from tests.wechat.edge.builders import HEAD, TEXT, opened, written


def a_key(members: dict[str, Any], form: Form = Form.XML) -> bytes:
    """The key of the delivery of these members."""
    return opened(written(members, form)).message.key


CLICK = {**HEAD, "MsgType": "event", "Event": "CLICK", "EventKey": "REPORT"}
SENT = {
    **HEAD,
    "MsgType": "event",
    "Event": "subscribe_msg_sent_event",
    "SubscribeMsgSentEvent": {"List": {"MsgID": 1, "ErrorStatus": "success"}},
}
UNKNOWN = {"AppId": "wx1", "CreateTime": 5, "InfoType": "authorized"}


@pytest.mark.parametrize("members", [TEXT, CLICK, SENT, UNKNOWN])
def test_a_retry_has_the_key_of_the_first_try(members: dict[str, Any]) -> None:
    assert a_key(members) == a_key(dict(reversed(members.items())))
    assert len(a_key(members)) == 16


@pytest.mark.parametrize(
    ("members", "change"),
    [
        (TEXT, {"MsgId": 2}),
        (TEXT, {"CreateTime": 3}),
        (TEXT, {"FromUserName": "o2"}),
        (CLICK, {"EventKey": "HELP"}),
        (CLICK, {"Event": "VIEW"}),
        (CLICK, {"CreateTime": 3}),
        (CLICK, {"MsgID": 4}),
        (CLICK, {"trace_id": "5"}),
        (SENT, {"SubscribeMsgSentEvent": {"List": {"MsgID": 2, "ErrorStatus": "success"}}}),
        (UNKNOWN, {"InfoType": "unauthorized"}),
        (UNKNOWN, {"AuthorizerAppid": "wx2"}),
    ],
)
@pytest.mark.parametrize("form", Form)
def test_another_delivery_has_another_key(
    members: dict[str, Any], change: dict[str, Any], form: Form
) -> None:
    assert a_key({**members, **change}, form) != a_key(members, form)


def test_the_same_message_has_one_key_in_both_forms() -> None:
    assert a_key(TEXT, Form.JSON) == a_key(TEXT, Form.XML)


def test_text_cannot_be_moved_from_one_part_of_the_key_to_the_next() -> None:
    one = Message(to_user="a", from_user="bc", create_time=1, kind="text", msg_id="1")
    two = Message(to_user="ab", from_user="c", create_time=1, kind="text", msg_id="1")

    assert one.key != two.key
