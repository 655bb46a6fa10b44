import json
import time
from typing import Any

import httpx
import pytest

from tests.sandbox.rig import OPENID, TEMPLATE, Box, until

DOORS = ("api", "callback", "robots", "groups")
SEND = "/cgi-bin/message/template/send"


def send(box: Box, *, timeout: float = 5, **changed: Any) -> httpx.Response:
    token = box.token
    body = {"touser": OPENID, "template_id": TEMPLATE, "data": {"thing1": {"value": "水管"}}}
    query = {"access_token": token}
    return box.http.post(SEND, params=query, json={**body, **changed}, timeout=timeout)


@pytest.mark.parametrize("code", [-1, 45009, 45011, 40164, 99999])
def test_an_error_code_is_answered_as_often_as_asked_and_nothing_happens(
    box: Box, code: int
) -> None:
    box.break_down(api={"path": SEND, "kind": "errcode", "errcode": code, "times": 2})

    answers = [send(box) for _ in range(3)]

    assert [answer.json()["errcode"] for answer in answers] == [code, code, 0]
    assert all(answer.status_code == 200 for answer in answers)
    assert len(box.phone()) == 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_token_called_dead_is_dead_and_the_next_one_is_new(box: Box, code: int) -> None:
    before = box.token
    box.break_down(api={"path": SEND, "kind": "errcode", "errcode": code})

    assert send(box).json()["errcode"] == code

    info = box.get("/cgi-bin/user/info", access_token=before, openid=OPENID)
    assert info["errcode"] == (42001 if code == 42001 else 40001)
    assert box.token != before
    assert send(box).json()["errcode"] == 0


def test_a_message_can_be_accepted_without_a_word(box: Box) -> None:
    rule = {"path": SEND, "kind": "timeout_after_acceptance", "seconds": 20}
    box.break_down(api=rule)

    with pytest.raises(httpx.ReadTimeout):
        send(box, timeout=0.2, client_msg_id="m-1")

    (card,) = box.phone()
    again = send(box, client_msg_id="m-1").json()
    assert (again["msgid"], len(box.phone())) == (card["msgid"], 1)


def test_a_call_can_be_left_hanging_without_effect(box: Box) -> None:
    box.break_down(api={"path": SEND, "kind": "timeout", "seconds": 20})

    with pytest.raises(httpx.ReadTimeout):
        send(box, timeout=0.2)

    assert not box.phone()
    box.break_down(api={"path": SEND, "kind": "timeout", "seconds": 0})
    assert send(box).status_code == 504


def test_an_answer_can_break_off_after_the_message_went(box: Box) -> None:
    box.break_down(api={"path": SEND, "kind": "lost"})

    with pytest.raises(httpx.RemoteProtocolError):
        send(box, client_msg_id="m-1")

    assert send(box, client_msg_id="m-1").json()["errcode"] == 0
    assert len(box.phone()) == 1


def test_an_answer_can_be_late(box: Box) -> None:
    box.break_down(api={"path": SEND, "kind": "latency", "seconds": 0.3})
    began = time.monotonic()

    assert send(box).json()["errcode"] == 0
    assert time.monotonic() - began >= 0.3


def test_an_answer_can_be_half_of_the_json_though_the_message_went(box: Box) -> None:
    box.break_down(api={"path": SEND, "kind": "truncated"})

    answer = send(box)

    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert (answer.status_code, len(box.phone())) == (200, 1)


@pytest.mark.parametrize(
    ("rule", "status", "start"),
    [
        ({"kind": "http_500"}, 500, "Internal"),
        ({"kind": "html"}, 200, "<!DOCTYPE html>"),
        ({"kind": "body", "body": '{"errcode": "0"}'}, 200, '{"errcode": "0"}'),
        ({"kind": "body"}, 200, ""),
    ],
)
def test_an_answer_can_be_nonsense_and_nothing_happens(
    box: Box, rule: dict[str, Any], status: int, start: str
) -> None:
    box.break_down(api={"path": SEND, **rule})

    answer = send(box)

    assert (answer.status_code, answer.text[: len(start) or None]) == (status, start)
    assert not box.phone()


def test_a_fault_strikes_its_own_call_or_all_of_them(box: Box) -> None:
    box.break_down(api={"path": SEND, "kind": "errcode", "errcode": -1})
    assert "access_token" in box.stable()

    box.break_down(api=[{"kind": "errcode", "errcode": 45009}])
    assert box.stable()["errcode"] == 45009


def test_faults_are_spent_in_the_order_given_and_can_be_taken_back(box: Box) -> None:
    first = {"path": SEND, "kind": "errcode", "errcode": -1}
    lasting = {"path": SEND, "kind": "errcode", "errcode": 45011, "times": None}
    box.break_down(api=[first, lasting])

    assert [send(box).json()["errcode"] for _ in range(4)] == [-1, 45011, 45011, 45011]
    assert box.get("/faults")["api"][0]["times"] is None
    assert box.http.delete("/faults").json() == {door: [] for door in DOORS}
    assert send(box).json()["errcode"] == 0


@pytest.mark.parametrize(
    "faults",
    [
        {"api": {"kind": "lost_reply"}},
        {"callback": {"kind": "http_500"}},
        {"api": {"kind": "sulking"}},
        {"api": {"kind": "latency", "seconds": 601}},
        {"api": {"kind": "errcode", "times": 0}},
        {"api": {"kind": "rate_limit"}},
        {"robots": {"kind": "lost_reply"}},
        {"elsewhere": []},
        "errcode",
    ],
)
def test_a_fault_that_cannot_be_committed_is_refused(box: Box, faults: Any) -> None:
    assert box.http.put("/faults", json=faults).status_code == 422


def test_the_log_counts_calls_and_names_faults_but_no_secret(box: Box) -> None:
    box.break_down(api={"path": SEND, "kind": "html"})
    send(box)
    token = box.token

    log = until(lambda: box.get("/log"))
    assert log["counts"]["calls"] == {"/cgi-bin/stable_token": 2, SEND: 1}
    (sent,) = [call for call in log["calls"] if call["path"] == SEND]
    assert (sent["fault"], sent["errcode"], sent["body"]["touser"]) == ("html", None, OPENID)
    assert "a-secret" not in json.dumps(log)
    assert token not in json.dumps(log)
    assert len(box.get("/log", limit=1)["calls"]) == 1
    assert box.http.get("/log", params={"limit": "0"}).status_code == 422
