from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core.clock import CHINA
from tests.sandbox.rig import OPENID, Box, Clock, Desk, until

NEIGHBOUR = "oResident-2"


def everybody(box: Box, words: str = "停水通知", **changed: Any) -> dict[str, Any]:
    body = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": words}, **changed}
    return box.call("/cgi-bin/message/mass/sendall", body)


def tagged(box: Box, tag_id: Any, text: str = "停水通知") -> dict[str, Any]:
    return everybody(box, text, filter={"is_to_all": False, "tag_id": tag_id})


def a_tag(box: Box, name: str = "3栋") -> int:
    return int(box.call("/cgi-bin/tags/create", {"tag": {"name": name}})["tag"]["id"])


def mark(box: Box, tag_id: Any, *openids: str, way: str = "batchtagging") -> dict[str, Any]:
    body = {"tagid": tag_id, "openid_list": list(openids)}
    return box.call(f"/cgi-bin/tags/members/{way}", body)


def texts(box: Box, openid: str = OPENID) -> list[str]:
    return [bubble["text"] for bubble in box.phone(openid)]


def first_of_next_month(clock: Clock) -> float:
    today = datetime.fromtimestamp(clock(), CHINA)
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=1)
    return (first - today).total_seconds()


def test_a_message_to_all_shows_on_every_followers_phone(box: Box, desk: Desk) -> None:
    box.add(NEIGHBOUR)
    box.add("oBlocks", blocks=True)
    box.add("oGone", subscribed=False)

    sent = everybody(box)

    assert (sent["errcode"], sent["errmsg"]) == (0, "send job submission success")
    phones = [texts(box, one) for one in (OPENID, NEIGHBOUR, "oBlocks", "oGone")]
    assert phones == [["停水通知"], ["停水通知"], [], []]
    (arrival,) = until(lambda: desk.arrivals)
    fields = arrival.fields
    assert (fields["Event"], fields["MsgID"]) == ("MASSSENDJOBFINISH", str(sent["msg_id"]))
    counts = [fields[f"{name}Count"] for name in ("Total", "Filter", "Sent", "Error")]
    assert (fields["Status"], counts) == ("send success", ["3", "3", "2", "1"])


def test_a_message_by_tag_shows_where_the_tag_is(box: Box) -> None:
    box.add(NEIGHBOUR)
    tag_id = a_tag(box)
    assert mark(box, tag_id, NEIGHBOUR)["errcode"] == 0

    assert tagged(box, tag_id)["errcode"] == 0

    assert (texts(box), texts(box, NEIGHBOUR)) == ([], ["停水通知"])
    info = box.get("/cgi-bin/user/info", access_token=box.token, openid=NEIGHBOUR)
    assert info["tagid_list"] == [tag_id]
    listed = box.get("/cgi-bin/tags/get", access_token=box.token)["tags"]
    assert listed == [{"id": tag_id, "name": "3栋", "count": 1}]
    assert mark(box, tag_id, NEIGHBOUR, way="batchuntagging")["errcode"] == 0
    tagged(box, tag_id)
    assert texts(box, NEIGHBOUR) == ["停水通知"]


def test_a_person_receives_four_a_month(box: Box, desk: Desk, clock: Clock) -> None:
    for number in range(5):
        assert everybody(box, f"第{number}条")["errcode"] == 0

    assert texts(box) == ["第0条", "第1条", "第2条", "第3条"]
    arrivals = until(lambda: len(desk.arrivals) == 5 and desk.arrivals)
    assert sorted(arrival.fields["SentCount"] for arrival in arrivals) == ["0", *["1"] * 4]
    clock.ahead = first_of_next_month(clock)
    everybody(box, "下个月")
    assert texts(box)[-1] == "下个月"


def test_the_same_clientmsgid_is_sent_once_in_a_day(box: Box, clock: Clock) -> None:
    first = everybody(box, clientmsgid="n-1")

    too_fast = everybody(box, clientmsgid="n-1")
    clock.ahead = 61
    again = everybody(box, clientmsgid="n-1")

    assert [too_fast["errcode"], again["errcode"]] == [45066, 45065]
    assert again["msg_id"] == first["msg_id"]
    assert len(texts(box)) == 1
    clock.ahead = 86_410
    assert everybody(box, clientmsgid="n-1")["errcode"] == 0


def test_accepted_without_a_word_it_is_still_known(box: Box, clock: Clock) -> None:
    path = "/cgi-bin/message/mass/sendall"
    box.break_down(api={"path": path, "kind": "timeout_after_acceptance", "seconds": 0})
    token = box.token
    body = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "停水"}}

    lost = box.http.post(path, params={"access_token": token}, json={**body, "clientmsgid": "n-1"})

    assert lost.status_code == 504
    clock.ahead = 61
    assert everybody(box, clientmsgid="n-1")["errcode"] == 45065
    assert len(texts(box)) == 1


def test_sixty_calls_a_minute(box: Box, clock: Clock) -> None:
    clock.stop()

    assert [everybody(box)["errcode"] for _ in range(61)] == [0] * 60 + [45011]
    clock.ahead += 60
    assert everybody(box)["errcode"] == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"filter": None}, 47001),
        ({"filter": {"is_to_all": "yes"}}, 47001),
        ({"filter": {"is_to_all": False, "tag_id": 7}}, 45159),
        ({"filter": {"is_to_all": False}}, 45159),
        ({"msgtype": "poem"}, 40008),
        ({"msgtype": "image"}, 47001),
        ({"msgtype": "image", "image": {"media_id": "none"}}, 40007),
        ({"text": {"content": ""}}, 44004),
        ({"text": {"content": "水" * 683}}, 45002),
        ({"clientmsgid": "x" * 65}, 47001),
    ],
)
def test_a_mass_message_that_cannot_be_sent_is_refused(
    box: Box, changed: dict[str, Any], code: int
) -> None:
    assert everybody(box, **changed)["errcode"] == code
    assert not box.phone()


def test_tags_have_names_of_their_own_and_belong_to_one_account(
    box: Box, callback_url: str
) -> None:
    box.open_account(callback_url, "wx-other")
    box.add("oOther", app_id="wx-other")
    tag_id = a_tag(box)

    names = ["", "3栋", "长" * 11, None]
    codes = [
        box.call("/cgi-bin/tags/create", {"tag": {"name": name}}).get("errcode") for name in names
    ]
    assert codes == [45157, 45157, 45158, 45157]
    assert mark(box, tag_id, "oOther")["errcode"] == 40003
    assert mark(box, tag_id)["errcode"] == 40032
    assert mark(box, 7, OPENID)["errcode"] == 45159
    for number in range(99):
        a_tag(box, f"tag {number}")
    full = box.call("/cgi-bin/tags/create", {"tag": {"name": "one more"}})
    assert full["errcode"] == 45056
