"""What is said in a building chat is heard, and what the community says goes everywhere at once."""

import re
from typing import Any

import pytest

from tests.house.demo import Demo, until

pytestmark = pytest.mark.xdist_group("house")

BUILDING, PROPERTY, PARTY, HOBBY, JOBS = "30001", "30002", "30003", "30004", "30005"
BOUND, STRANGER = "20001", "20005"


def say(demo: Demo, group: str, member: str, text: str, *, at_bot: bool = False) -> str:
    """What the bot answers at once to what a member says; empty when nothing."""
    answer = demo.http.post(
        f"{demo.described['sandbox_url']}/sandbox/groups/{group}/messages",
        json={"member": member, "text": text, "at_bot": at_bot},
    )
    answer.raise_for_status()
    reply = answer.json()["reply"]
    return str(reply["text"]) if reply else ""


def said(demo: Demo, group: str) -> list[dict[str, Any]]:
    url = f"{demo.described['sandbox_url']}/sandbox/groups/{group}/messages"
    messages: list[dict[str, Any]] = demo.http.get(url).json()["messages"]
    return messages


def by_bot(demo: Demo, group: str) -> list[str]:
    return [one["text"] for one in said(demo, group) if one["kind"] != "member"]


def test_a_report_in_a_building_chat_is_a_request_and_is_answered(demo: Demo) -> None:
    answer = say(demo, BUILDING, BOUND, "报修 楼道灯不亮", at_bot=True)

    found = re.search(r"编号 (\d+)", answer)
    assert found, answer
    (request,) = demo.rest("GET", f"/service-requests?number={found[1]}").json()["items"]
    assert request["summary"].endswith("楼道灯不亮")
    assert request["channel"] == "chat"


def test_what_neighbours_say_to_each_other_is_not_answered(demo: Demo) -> None:
    assert say(demo, BUILDING, BOUND, "今天晚上吃什么") == ""
    assert say(demo, BUILDING, STRANGER, "楼道灯坏了好几天了") == ""


def test_who_is_not_known_is_invited_and_then_known(demo: Demo) -> None:
    invited = say(demo, BUILDING, STRANGER, "报修 门禁坏了", at_bot=True)
    code = re.search(r"绑定群\s*(\d{6})", invited)
    assert code, invited

    demo.say(demo.described["residents"][4]["openid"], f"绑定群 {code[1]}")
    answer = say(demo, BUILDING, STRANGER, "报修 门禁坏了", at_bot=True)
    assert re.search(r"编号 \d+", answer), answer


def test_a_sign_up_is_merged_and_answered(demo: Demo) -> None:
    first = say(demo, PROPERTY, BOUND, "#接龙\n周日义务劳动\n\n1. 张三 3-1-502 1人")
    forked = say(demo, PROPERTY, "20002", "#接龙\n周日义务劳动\n\n1. 李四 5-2-301 2人")
    assert "张三" in first
    assert "张三" in forked
    assert "李四" in forked


def test_a_notice_appears_in_the_groups_on_the_phone_and_in_the_feed(demo: Demo) -> None:
    resident = demo.described["residents"][7]
    person = demo.rest("GET", f"/people?name={resident['name']}").json()["items"][0]
    tagged = demo.rest("PUT", f"/people/{person['id']}/tags", json={"tags": ["楼长候选"]})
    assert tagged.is_success, tagged.text
    root = next(one for one in demo.rest("GET", "/places?kind=community").json()["items"])
    written = demo.rest(
        "POST",
        "/notices",
        json={
            "kind": "notice",
            "title": "明天上午停水检修",
            "body": "**8:00–12:00** 停水，请提前储水。",
            "place_id": root["id"],
            "audience": {"tags": ["楼长候选"], "group_kinds": ["building"]},
            "channels": ["wechat", "groups", "site"],
        },
    )
    assert written.status_code == 201, written.text
    notice = written.json()
    sent = demo.rest("POST", f"/notices/{notice['id']}/publication")
    assert sent.status_code == 200, sent.text
    until(
        lambda: [
            one for one in demo.shown(resident["openid"], "template") if "停水检修" in one["text"]
        ]
    )
    until(lambda: [one for one in by_bot(demo, BUILDING) if "明天上午停水检修" in one])
    base, slug = demo.described["base_url"], demo.described["community"]
    feed = until(
        lambda: (
            text
            if "明天上午停水检修" in (text := demo.http.get(f"{base}/c/{slug}/feed.xml").text)
            else None
        )
    )
    assert "<feed" in feed
    page = demo.http.get(f"{base}/c/{slug}/notices/{notice['id']}")
    assert "<strong>8:00–12:00</strong>" in page.text


def test_the_first_notice_went_to_every_kind_of_group_and_to_weibo(demo: Demo) -> None:
    def everywhere() -> bool:
        groups = (BUILDING, PROPERTY, PARTY, HOBBY, JOBS)
        return all(any("有事群里喊小掌" in one for one in by_bot(demo, each)) for each in groups)

    until(everywhere)
    statuses = f"{demo.described['sandbox_url']}/sandbox/weibo/statuses"
    until(lambda: "有事群里喊小掌" in demo.http.get(statuses).text)
