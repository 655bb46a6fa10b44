from typing import Any

import pytest

from app.sandbox.sends import elided
from tests.sandbox.rig import OPENID, Box, Clock, Desk, until


def test_a_template_message_is_a_card_on_the_phone(box: Box) -> None:
    sent = box.template(url="http://127.0.0.1:9/h5")

    (card,) = box.phone()
    assert (sent["errcode"], sent["errmsg"]) == (0, "ok")
    assert (card["direction"], card["type"], card["title"]) == ("in", "template", "处理进度通知")
    assert card["lines"] == [
        {"label": "事项", "value": "水管漏水"},
        {"label": "状态", "value": "处理中"},
    ]
    assert (card["url"], card["msgid"]) == ("http://127.0.0.1:9/h5", sent["msgid"])
    assert card["text"] == "处理进度通知\n事项：水管漏水\n状态：处理中"


def test_the_account_is_told_that_it_arrived(box: Box, desk: Desk) -> None:
    sent = box.template()

    (arrival,) = until(lambda: desk.arrivals)
    assert arrival.fields["Event"] == "TEMPLATESENDJOBFINISH"
    assert (arrival.fields["MsgID"], arrival.fields["Status"]) == (str(sent["msgid"]), "success")


def test_who_blocks_the_account_sees_nothing_and_the_account_is_told(box: Box, desk: Desk) -> None:
    box.add(blocks=True)

    assert box.template()["errcode"] == 0
    (arrival,) = until(lambda: desk.arrivals)
    assert arrival.fields["Status"] == "failed:user block"
    assert not box.phone()


def test_the_same_client_msg_id_is_sent_once_in_ten_minutes(box: Box, clock: Clock) -> None:
    first = box.template(client_msg_id="m-1")
    clock.ahead = 590
    again = box.template(client_msg_id="m-1")

    assert again == first
    assert len(box.phone()) == 1
    clock.ahead = 610
    assert box.template(client_msg_id="m-1")["msgid"] != first["msgid"]
    assert len(box.phone()) == 2


def test_the_same_client_msg_id_may_go_to_somebody_else(box: Box) -> None:
    box.add("oResident-2")

    box.template(client_msg_id="m-1")
    box.template("oResident-2", client_msg_id="m-1")

    assert len(box.phone()) == len(box.phone("oResident-2")) == 1


def test_what_no_message_can_carry_is_left_out_and_breaks_nothing(box: Box) -> None:
    text = b'{"touser": "oResident-1", "template_id": "Tprogress", "n": [1e999, NaN],'
    text += b' "data": {"thing1": {"value": "\\ud800\\u0000\\u6c34"}}}'
    query = {"access_token": box.token}

    sent = box.http.post("/cgi-bin/message/template/send", params=query, content=text).json()

    assert sent["errcode"] == 0
    assert box.phone()[0]["data"] == {"thing1": "水"}
    assert box.get("/log")["calls"][-1]["body"]["n"] == [None, None]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"touser": "oNobody"}, 40003),
        ({"touser": None}, 40003),
        ({"template_id": "Tunknown"}, 40037),
        ({"data": "水管漏水"}, 47001),
        ({"data": {"thing1": "水管漏水"}}, 47001),
    ],
)
def test_a_template_message_that_cannot_be_sent_is_refused(
    box: Box, changed: dict[str, Any], code: int
) -> None:
    assert box.template(**changed)["errcode"] == code
    assert not box.phone()


def test_who_does_not_follow_gets_no_template_message(box: Box) -> None:
    box.add(subscribed=False)

    assert box.template()["errcode"] == 43004


def test_another_accounts_follower_is_a_stranger(box: Box, callback_url: str) -> None:
    box.open_account(callback_url, "wx-other")
    box.add("oOther", app_id="wx-other")

    assert box.template("oOther")["errcode"] == 40003
    assert box.template(OPENID)["errcode"] == 0


def test_a_long_value_is_cut_where_the_real_phone_cuts_it() -> None:
    assert elided("水" * 20) == "水" * 20
    assert elided("水" * 21) == "水" * 20 + "…"
    assert elided("R20261123000000000000000007 水管") == "R20261123000000000000000007 水管"
