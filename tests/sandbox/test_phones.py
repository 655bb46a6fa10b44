import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.sandbox.rig import OPENID, Box, Desk


def test_a_phone_can_be_read_from_a_number_on(box: Box) -> None:
    box.say("一")
    first = box.get(f"/phones/{OPENID}/messages")
    box.say("二")

    newer = box.get(f"/phones/{OPENID}/messages", after=first["last"])

    assert [bubble["text"] for bubble in newer["messages"]] == ["二", "听到：二"]
    assert newer["last"] == newer["messages"][-1]["seq"]
    assert box.get(f"/phones/{OPENID}/messages", after=newer["last"]) == {
        "messages": [],
        "last": newer["last"],
    }


def test_waiting_ends_when_something_arrives(box: Box) -> None:
    with ThreadPoolExecutor() as threads:
        began = time.monotonic()
        one = threads.submit(box.phone, after=0, wait=20)
        every = threads.submit(box.get, "/messages", after=0, wait=20)
        box.template()
        assert one.result(60)[0]["type"] == "template"
        assert every.result(60)["messages"][0]["openid"] == OPENID
    assert time.monotonic() - began < 20


def test_waiting_ends_when_its_time_is_over_though_others_got_something(box: Box) -> None:
    box.add("oResident-2")
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(box.phone, "oResident-2", after=0, wait=0.3)
        box.template()
        assert waiting.result(60) == []


def test_somebody_unknown_has_no_phone(box: Box) -> None:
    assert box.http.get("/phones/oNobody/messages").status_code == 404
    assert box.http.post("/phones/oNobody/messages", json={}).status_code == 404
    assert box.get("/nowhere") == {"error": "Not Found"}


@pytest.mark.parametrize(
    "action",
    [
        {},
        {"type": "text"},
        {"type": "text", "text": ""},
        {"type": "hologram"},
        {"type": "location", "latitude": 91, "longitude": 0},
        {"type": "event", "event": "LOCATION"},
        {"type": "event", "event": "SCAN", "ticket": "unknown"},
        {"type": "text", "text": "好", "from": "somebody else"},
        ["text"],
    ],
)
def test_what_a_phone_cannot_do_is_refused(box: Box, desk: Desk, action: Any) -> None:
    answer = box.http.post(f"/phones/{OPENID}/messages", json=action)

    assert (answer.status_code, list(answer.json())) == (422, ["error"])
    assert not desk.arrivals


def test_a_body_that_is_not_json_is_refused(box: Box) -> None:
    path = f"/phones/{OPENID}/messages"

    assert box.http.post(path, content=b"{").status_code == 422
    assert box.http.post(path, content=b"[" * 100_000).status_code == 422
    assert box.http.get(path, params={"after": "x"}).status_code == 422
    assert box.http.post(path, content=bytes(13 * 1024 * 1024)).status_code == 413


def test_who_does_not_follow_cannot_write_but_can_follow(box: Box, desk: Desk) -> None:
    box.act(type="event", event="unsubscribe")

    assert (
        box.http.post(
            f"/phones/{OPENID}/messages", json={"type": "text", "text": "在吗"}
        ).status_code
        == 409
    )
    box.act(type="event", event="subscribe")
    assert box.say("在吗")["outcome"] == "text"
    assert [fields.get("Event") for fields in desk.messages] == ["unsubscribe", "subscribe", None]


def test_characters_that_no_message_can_carry_are_left_out(box: Box, desk: Desk) -> None:
    box.http.post(
        f"/phones/{OPENID}/messages",
        content=b'{"type": "text", "text": "\\u0000\\ud800\\u6c34\\u0008"}',
    )

    assert desk.messages[0]["Content"] == box.phone()[0]["text"] == "水"


def test_the_people_are_listed_with_the_newest_on_their_phone(box: Box) -> None:
    people = [
        {
            "openid": f"oStaff-{n}",
            "app_id": box.get("/accounts")["accounts"][0]["app_id"],
            "name": f"网格员{n}",
            "role": "网格员",
        }
        for n in range(3)
    ]
    assert box.http.put("/users", json={"users": people}).json() == {"users": 3}
    box.template("oStaff-1")

    listed = box.get("/users")
    users = {user["openid"]: user for user in listed["users"]}
    assert len(users) == 4
    assert users["oStaff-1"]["latest"]["type"] == "template"
    assert users["oStaff-0"]["latest"] is None
    assert (users["oStaff-0"]["role"], users[OPENID]["home"]) == ("网格员", "3栋2单元502")
    assert listed["last"] == users["oStaff-1"]["latest"]["seq"]


def test_putting_somebody_again_keeps_whether_they_follow(box: Box) -> None:
    box.act(type="event", event="unsubscribe")
    box.add(name="李秀英（新）")

    (user,) = box.get("/users")["users"]
    assert (user["name"], user["subscribed"]) == ("李秀英（新）", False)
    box.add(subscribed=True)
    assert box.get("/users")["users"][0]["subscribed"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/users/oX", {"name": "某人", "app_id": "wx-nobody"}),
        ("/users/oX", {"app_id": "wx0a1b2c3d4e5f6071"}),
        ("/users/o%20x", {"name": "某人", "app_id": "wx0a1b2c3d4e5f6071"}),
        ("/users", {"users": [{"name": "某人"}]}),
        ("/accounts/wx1", {}),
        ("/accounts/wx1", "text"),
    ],
)
def test_a_stage_that_cannot_be_set_is_refused(box: Box, path: str, body: Any) -> None:
    answer = box.http.put(path, json=body)

    assert answer.status_code == 422
    assert answer.json()["error"]
    assert len(box.get("/users")["users"]) == 1


@pytest.mark.parametrize(
    "changed", [{"callback_url": "ftp://127.0.0.1/"}, {"aes_key": "short"}, {"mode": "loud"}]
)
def test_an_account_that_could_not_be_reached_is_refused(
    box: Box, callback_url: str, changed: dict[str, str]
) -> None:
    account = {
        "secret": "s",
        "token": "t",
        "aes_key": "A" * 43,
        "original_id": "gh_1",
        "callback_url": callback_url,
        "name": "某号",
    }

    assert box.http.put("/accounts/wx1", json={**account, **changed}).status_code == 422
    assert "secret" not in str(box.http.put("/accounts/wx1", json=account).json())
    assert "secret" not in str(box.get("/accounts"))
