"""One resident, one leak, from the first word to the rating, by the real doors."""

import re
from typing import Any

import pytest

from tests.house.demo import Demo, until

pytestmark = pytest.mark.xdist_group("house")


def card(demo: Demo, openid: str, number: str, words: str) -> dict[str, Any]:
    """The template message about this request that says these words, once it is there."""

    def found() -> dict[str, Any] | None:
        cards = [one["text"] for one in demo.shown(openid, "template")]
        return next(({"text": text} for text in cards if number in text and words in text), None)

    return until(found)


def worker_of(demo: Demo, number: str) -> str:
    """The openid of whoever was told that this request is theirs."""

    def found() -> str | None:
        for one in demo.described["staff"]:
            if any(
                number in shown["text"] and shown["title"] == "新工单提醒"
                for shown in demo.shown(one["openid"], "template")
            ):
                return str(one["openid"])
        return None

    return until(found)


def reported(demo: Demo, resident: str, words: str = "报修 厨房水管漏水") -> str:
    demo.say(resident, words)
    answer = demo.say(resident, "1")
    found = re.search(r"\d{4,}", answer)
    assert found, answer
    return found.group()


def test_a_leak_is_reported_mended_told_and_rated(demo: Demo) -> None:
    resident = demo.described["residents"][0]
    number = reported(demo, resident["openid"])

    worker = worker_of(demo, number)
    assert number in card(demo, resident["openid"], number, "已派单")["text"]
    demo.say(worker, f"开始 {number}")
    card(demo, resident["openid"], number, "处理中")
    demo.say(worker, f"完成 {number} 换了密封圈")
    card(demo, resident["openid"], number, "已完成")
    rated = demo.say(resident["openid"], "5")

    (request,) = [
        one
        for one in demo.rest("GET", "/service-requests?limit=5").json()["items"]
        if str(one["number"]) == number
    ]
    timeline = demo.rest("GET", f"/service-requests/{request['id']}/timeline").json()
    kinds = [entry["kind"] for entry in timeline["items"]]
    assert number in rated
    assert request["score"] == 5
    assert kinds == [
        f"service_request.{what}"
        for what in ("filed", "accepted", "assigned", "started", "completed", "rated")
    ]
    assert "漏水" in demo.say(resident["openid"], f"进度 {number}")


def test_what_is_asked_twice_over_rest_is_one_request(demo: Demo) -> None:
    place = demo.rest("GET", "/places?kind=home&limit=1").json()["items"][0]
    payload = {
        "place_id": place["id"],
        "summary": "楼道灯不亮",
        "reporter": {"name": "王秀英", "phone": "13900009999"},
    }
    headers = {"Idempotency-Key": "lamp-1"}
    first, second = (
        demo.rest("POST", "/service-requests", json=payload, headers=headers) for _ in range(2)
    )

    assert first.status_code == 201, first.text
    assert first.json() == second.json()


def test_a_newcomer_is_welcomed_binds_a_home_and_is_confirmed(demo: Demo) -> None:
    newcomer = demo.described["newcomers"][0]["openid"]
    welcome = demo.post(newcomer, type="event", event="subscribe")
    demo.say(newcomer, "绑定 3栋2单元502 李建国 13800138000")

    def claim() -> dict[str, Any] | None:
        claimed = demo.rest("GET", "/residences?standing=claimed").json()["items"]
        return claimed[0] if claimed else None

    residence = until(claim)
    demo.rest("POST", f"/residences/{residence['id']}/confirmation", json={})

    assert "绑定" in welcome["reply"]["text"]
    until(
        lambda: [one for one in demo.shown(newcomer, "template") if one["title"] == "住址确认结果"]
    )


def test_started_again_it_goes_on(demo: Demo) -> None:
    before = demo.described
    resident = demo.described["residents"][1]
    number = reported(demo, resident["openid"])
    demo.stop()
    demo.start()

    assert demo.described["api_key"] == before["api_key"]
    assert "漏水" in demo.say(resident["openid"], f"进度 {number}")
    assert any("漏水" in one["text"] for one in demo.shown(resident["openid"], "text"))
