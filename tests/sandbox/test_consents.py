from typing import Any

import pytest

from tests.sandbox.rig import OPENID, TEMPLATE, Box, Desk, until

SEND = "/cgi-bin/message/subscribe/bizsend"
SUBSCRIBED = "Tsubscribe"


@pytest.fixture
def asking(box: Box, callback_url: str) -> Box:
    content = "事项：{{thing1.DATA}}\n状态：{{phrase2.DATA}}"
    template = {"title": "处理进度通知", "content": content}
    box.open_account(callback_url, templates={SUBSCRIBED: template})
    return box


def send(box: Box, openid: str = OPENID, **changed: Any) -> int:
    data = {"thing1": {"value": "水管漏水"}, "phrase2": {"value": "处理中"}}
    body = {"touser": openid, "template_id": SUBSCRIBED, "data": data, **changed}
    return int(box.call(SEND, body)["errcode"])


def consent(box: Box, openid: str = OPENID, **answer: Any) -> dict[str, Any]:
    return box.post(f"/phones/{openid}/consents", {"template_id": SUBSCRIBED, **answer})


def test_one_consent_takes_one_message(asking: Box, desk: Desk) -> None:
    assert send(asking) == 43101
    assert consent(asking)["left"] == 1

    assert [send(asking), send(asking)] == [0, 43101]

    (card,) = asking.phone()
    assert (card["title"], card["subscribed"]) == ("处理进度通知", True)
    assert card["data"] == {"thing1": "水管漏水", "phrase2": "处理中"}
    asked, sent = until(lambda: len(desk.arrivals) == 2 and desk.arrivals)
    assert asked.fields["Event"] == "subscribe_msg_popup_event"
    answered = asked.fields["SubscribeMsgPopupEvent"]["List"]
    assert (answered["TemplateId"], answered["SubscribeStatusString"]) == (SUBSCRIBED, "accept")
    told = sent.fields["SubscribeMsgSentEvent"]["List"]
    assert (told["MsgID"], told["ErrorStatus"]) == (str(card["msgid"]), "success")


def test_who_says_no_takes_none(asking: Box) -> None:
    consent(asking, times=3)

    assert consent(asking, answer="reject")["left"] == 0
    assert send(asking) == 43101


def test_who_does_not_follow_gets_it_all_the_same(asking: Box) -> None:
    asking.add("oStranger", subscribed=False)
    consent(asking, "oStranger")

    assert send(asking, "oStranger") == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"template_id": TEMPLATE}, 40037),
        ({"touser": "oNobody"}, 40003),
        ({"data": {"thing1": {"value": "水管漏水"}}}, 47003),
        ({"data": {"thing1": {"value": "水" * 21}, "phrase2": {"value": "处理中"}}}, 47003),
        ({"data": {"thing1": {"value": "水管漏水"}, "phrase2": {"value": ""}}}, 47003),
        ({"data": []}, 47001),
    ],
)
def test_a_refused_message_costs_no_consent(
    asking: Box, changed: dict[str, Any], code: int
) -> None:
    consent(asking)

    assert send(asking, **changed) == code
    assert send(asking) == 0


def test_a_consent_to_nothing_is_refused(asking: Box) -> None:
    path = f"/phones/{OPENID}/consents"
    assert asking.http.post(path, json={"template_id": "Tnone"}).status_code == 422
    body = {"template_id": SUBSCRIBED}
    assert asking.http.post("/phones/oNobody/consents", json=body).status_code == 404
