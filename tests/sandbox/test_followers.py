from typing import Any

import pytest

from tests.sandbox.rig import OPENID, Box, Clock, Desk


def test_a_follower_is_described_without_a_name(box: Box) -> None:
    info = box.get("/cgi-bin/user/info", access_token=box.token, openid=OPENID)

    assert (info["subscribe"], info["openid"], info["language"]) == (1, OPENID, "zh_CN")
    assert "nickname" not in info
    box.add(subscribed=False)
    left = box.get("/cgi-bin/user/info", access_token=box.token, openid=OPENID)
    assert left == {"subscribe": 0, "openid": OPENID, "tagid_list": []}


def test_many_are_described_at_once(box: Box) -> None:
    box.add("oResident-2", subscribed=False)
    listed = [{"openid": OPENID, "lang": "zh_CN"}, {"openid": "oResident-2"}]

    infos = box.call("/cgi-bin/user/info/batchget", {"user_list": listed})["user_info_list"]

    assert [info["subscribe"] for info in infos] == [1, 0]


@pytest.mark.parametrize(
    ("listed", "code"),
    [([], 40032), ("oResident-1", 40032), ([{}] * 101, 40032), ([{}], 40003), (["x"], 47001)],
)
def test_a_wrong_list_is_refused(box: Box, listed: Any, code: int) -> None:
    assert box.call("/cgi-bin/user/info/batchget", {"user_list": listed})["errcode"] == code


def test_an_unknown_person_is_refused(box: Box) -> None:
    assert box.get("/cgi-bin/user/info", access_token=box.token, openid="o-no")["errcode"] == 40003
    assert box.get("/cgi-bin/user/info", access_token=box.token)["errcode"] == 41009


def a_code(box: Box, **changed: Any) -> dict[str, Any]:
    body = {
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "building-3"}},
        "expire_seconds": 600,
        **changed,
    }
    return box.call("/cgi-bin/qrcode/create", body)


def test_scanning_a_code_tells_which_one(box: Box, desk: Desk) -> None:
    ticket = a_code(box)["ticket"]

    box.act(type="event", event="SCAN", ticket=ticket)

    event = desk.messages[0]
    assert (event["Event"], event["EventKey"], event["Ticket"]) == ("SCAN", "building-3", ticket)


def test_somebody_new_follows_by_scanning(box: Box, desk: Desk) -> None:
    box.add(subscribed=False)
    scene = {"scene_id": 12}
    ticket = a_code(box, action_name="QR_LIMIT_SCENE", action_info={"scene": scene})["ticket"]

    box.act(type="event", event="SCAN", ticket=ticket)

    assert (desk.messages[0]["Event"], desk.messages[0]["EventKey"]) == ("subscribe", "qrscene_12")
    assert box.say("你好")["outcome"] == "text"


def test_a_temporary_code_ends(box: Box, clock: Clock) -> None:
    ticket = a_code(box)["ticket"]
    clock.ahead = 601

    assert "unknown or expired" in box.act(type="event", event="SCAN", ticket=ticket)["error"]


@pytest.mark.parametrize(
    "changed",
    [
        {"action_name": "QR_OTHER"},
        {"action_info": {}},
        {"action_info": {"scene": {"scene_str": ""}}},
        {"action_info": {"scene": {"scene_str": "x" * 65}}},
        {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100_001}}},
        {"expire_seconds": 0},
    ],
)
def test_a_code_that_cannot_be_is_refused(box: Box, changed: dict[str, Any]) -> None:
    assert a_code(box, **changed)["errcode"] == 40053
