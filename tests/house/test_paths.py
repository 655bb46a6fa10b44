"""Each way a request can go, walked by the real doors: chat, REST and Open311."""

import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from tests.house.demo import Demo, until
from tests.house.desk import Desk

pytestmark = pytest.mark.xdist_group("house")


@pytest.fixture(scope="module")
def desk(demo: Demo) -> Desk:
    return Desk(demo)


def clocks(request: dict[str, Any], kind: str) -> list[str]:
    return [clock["state"] for clock in request["clocks"] if clock["kind"] == kind]


def test_a_matter_waits_is_urged_and_is_done_again_until_it_is_resolved(desk: Desk) -> None:
    phone = desk.residents[0]["openid"]
    number = desk.reported(phone, "报修 厨房水管漏水")
    worker = desk.worker(number)
    held = desk.took(worker["login"], number, "suspend", reason="等物业送阀门来")
    assert {*clocks(held, "resolution")} == {"paused"}
    assert "等物业送阀门来" in desk.card(phone, number, "暂缓办理")

    assert "已为您催办" in desk.demo.say(phone, f"催单 {number}")
    desk.card(worker["openid"], number, "居民催单")
    assert "已经催过了" in desk.demo.say(phone, f"催单 {number}")

    desk.took(worker["login"], number, "resume")
    desk.card(phone, number, "恢复办理")
    assert number in desk.demo.say(worker["openid"], f"完成 {number} 换了垫圈")
    desk.card(phone, number, "换了垫圈")
    assert "退回重新办理" in desk.demo.say(phone, f"未解决 {number} 还在滴水")
    desk.card(worker["openid"], number, "居民表示未解决")
    desk.demo.say(worker["openid"], f"完成 {number} 换了整个阀门")
    desk.card(phone, number, "换了整个阀门")
    assert "办好了" in desk.demo.say(phone, f"解决 {number}")

    closed = desk.state(number, "closed")
    assert closed["round"] == 2
    assert clocks(closed, "first_answer") == ["met"]
    assert clocks(closed, "resolution") == ["met", "met"]


def test_of_two_who_take_a_matter_one_has_it(desk: Desk) -> None:
    phone = desk.residents[1]["openid"]
    number = desk.reported(phone, "反映 有车乱停挡路，出不去")
    takers = [desk.staff[login] for login in ("clerk1", "clerk9")]
    for taker in takers:
        desk.card(taker["openid"], number, "抢单")

    with ThreadPoolExecutor(2) as pool:
        answers = [*pool.map(lambda one: desk.demo.say(one["openid"], f"抢单 {number}"), takers)]

    won = [n for n, answer in enumerate(answers) if answer == f"{number} 已派单。"]
    assert len(won) == 1, answers
    assert desk.request(number)["assignee"]["name"] == takers[won[0]]["name"]
    assert takers[won[0]]["name"] in desk.card(phone, number, "已派单")


def test_a_worker_asks_to_be_rid_of_a_matter_and_for_more_time(desk: Desk) -> None:
    phone = desk.residents[2]["openid"]
    number = desk.reported(phone, "报修 下水道堵了，往外返水")
    worker = desk.worker(number)
    desk.demo.say(worker["openid"], f"退单 {number} 户内管道不归网格管")
    desk.card(desk.staff[leader_of(worker)]["openid"], number, "申请退单")
    desk.took("manager", number, "decide-return", granted=False, answer="先上门看看")
    desk.card(worker["openid"], number, "退单申请未获同意")
    assert desk.step(worker["login"], number, "return", reason="真的不归我管").status_code == 409

    due = datetime.fromisoformat(desk.request(number)["due_at"])
    desk.demo.say(worker["openid"], f"申请延期 {number} 2d；要等管道疏通车")
    assert datetime.fromisoformat(desk.request(number)["due_at"]) == due
    granted = desk.took("manager", number, "decide-extension", granted=True, answer="同意")
    assert datetime.fromisoformat(granted["due_at"]) == due + timedelta(days=2)
    desk.card(phone, number, "需要更多时间")

    another = desk.reported(phone, "报修 卫生间水管爆了")
    first = desk.worker(another)
    desk.demo.say(first["openid"], f"退单 {another} 正在休假")
    desk.took("manager", another, "decide-return", granted=True, answer="另派")
    assert desk.worker(another, but=first["login"])["name"] != first["name"]


def leader_of(worker: dict[str, Any]) -> str:
    """The leader of the area of a grid worker: there are three grids in each."""
    return f"leader{(int(worker['login'].removeprefix('grid')) + 2) // 3}"


def test_a_matter_is_handed_on_helped_with_taken_up_and_watched(desk: Desk) -> None:
    phone = desk.residents[3]["openid"]
    number = desk.reported(phone, "报修 厨房水管漏水")
    worker = desk.worker(number)
    to = desk.staff["clerk6"]
    desk.demo.say(worker["openid"], f"转办 {number} {to['name']}；需要专业工具")
    desk.card(to["openid"], number, "同事转来")
    assert desk.request(number)["assignee"]["name"] == to["name"]

    organizations = desk.demo.rest("GET", "/organizations?kind=property").json()["items"]
    asked = {"organization_id": organizations[0]["id"], "asked": "请关总阀"}
    desk.took(to["login"], number, "convene", **asked)
    desk.card(desk.staff["wuye"]["openid"], number, "请您协办")
    desk.demo.say(desk.staff["wuye1"]["openid"], f"协办反馈 {number} 总阀已关")
    desk.card(to["openid"], number, "总阀已关")

    desk.demo.say(to["openid"], f"上报 {number}")
    desk.card(desk.staff[leader_of(worker)]["openid"], number, "上报给您")
    desk.took("manager", number, "supervise", text="今晚八点前修好")
    desk.card(to["openid"], number, "今晚八点前修好")
    watched = desk.demo.rest("GET", "/service-requests?supervised=true&limit=50").json()["items"]
    assert number in {str(each["number"]) for each in watched}
    assert desk.request(number)["escalation"] == 1


def test_neighbours_have_the_same_matter(desk: Desk) -> None:
    reporter, neighbour = neighbours(desk)
    other = next(one for one in desk.residents if one not in (reporter, neighbour))
    number = desk.reported(reporter["openid"], "反映 单元门坏了关不上")
    desk.worker(number)
    assert "记下了" in desk.demo.say(neighbour["openid"], f"我也是 {number}")

    another = desk.reported(other["openid"], "反映 单元门坏了，锁不住")
    desk.worker(another)
    path = f"/service-requests/{desk.request(another)['id']}/merge"
    merged = desk.rest("manager", "POST", path, json={"into_number": int(number)})
    assert merged.json()["state"] == "merged", merged.text
    desk.card(other["openid"], another, number)
    desk.card(reporter["openid"], number, "同一件事")

    worker = desk.worker(number)
    desk.demo.say(worker["openid"], f"完成 {number} 换了闭门器")
    for one in (reporter, neighbour, other):
        desk.card(one["openid"], number, "换了闭门器")


def neighbours(desk: Desk) -> list[dict[str, Any]]:
    """Two who live in the same grid, of which there are six."""
    by_grid = defaultdict(list)
    for one in desk.residents[4:]:
        building = int(one["home"].partition("栋")[0])
        by_grid[(building + 1) // 2].append(one)
    return max(by_grid.values(), key=len)[:2]


def test_a_matter_is_withdrawn_taken_up_again_and_turned_down(desk: Desk) -> None:
    phone = desk.residents[0]["openid"]
    number = desk.reported(phone, "报修 厨房水管漏水")
    worker = desk.worker(number)
    assert "确定撤回" in desk.demo.say(phone, f"撤回 {number}")
    assert "已撤回" in desk.demo.say(phone, "1")
    desk.card(worker["openid"], number, "撤回了诉求")
    withdrawn = desk.state(number, "withdrawn")
    assert "cancelled" in clocks(withdrawn, "resolution")

    phone = desk.residents[1]["openid"]
    number = desk.reported(phone, "报修 卫生间水管漏水")
    worker = desk.worker(number)
    desk.demo.say(worker["openid"], f"完成 {number} 换了软管")
    desk.card(phone, number, "换了软管")
    desk.demo.say(phone, f"解决 {number}")
    desk.state(number, "closed")
    assert "已重新办理" in desk.demo.say(phone, f"重办 {number} 又漏了")
    desk.card(worker["openid"], number, "需要重新办理")
    assert desk.request(number)["round"] == 2

    number = desk.reported(phone, "建议 希望门口的公交站改个位置")
    desk.worker(number)
    desk.took("manager", number, "reject", reason="不属于社区职责", channel="请拨打12345")
    assert "12345" in desk.demo.say(phone, f"进度 {number}")
    desk.card(phone, number, "不属于社区职责")


def test_another_program_files_follows_and_ends_a_matter(desk: Desk) -> None:
    base = f"{desk.demo.described['base_url']}/open311/v2"
    key = {"api_key": desk.demo.described["api_key"], "jurisdiction_id": "yiyi"}
    asked = {
        **key,
        "service_code": "street_light",
        "address_string": "3栋",
        "description": "<路灯> 不亮 & 太暗",
    }
    filed = desk.demo.http.post(f"{base}/requests.xml", data=asked)
    assert filed.status_code == 200, filed.text
    number = etree.fromstring(filed.content).findtext("request/service_request_id")
    assert number is not None
    worker = desk.worker(number)
    assert worker["login"] in ("wuye1", "wuye2")

    listed = desk.demo.http.get(f"{base}/requests.json", params={"status": "open", **key}).json()
    shown = {each["service_request_id"]: each for each in listed}
    assert shown[number]["description"] == asked["description"]
    as_xml = desk.demo.http.get(f"{base}/requests.xml", params={"service_request_id": number})
    assert etree.fromstring(as_xml.content).findtext("request/status") == "open"

    update = {
        **key,
        "service_request_id": number,
        "status": "FIXED",
        "update_id": "lamp-1",
        "updated_datetime": "2026-11-23T08:00:00Z",
        "description": "换了灯泡",
    }
    for _ in range(2):
        sent = desk.demo.http.post(f"{base}/servicerequestupdates.xml", data=update)
        assert sent.status_code == 200, sent.text
    (one,) = desk.demo.http.get(f"{base}/requests/{number}.json", params=key).json()
    assert (one["status"], one["status_notes"]) == ("closed", "换了灯泡")
    assert desk.request(number)["state"] == "completed"


def test_an_order_is_done_by_a_merchant_and_speaks_for_the_offer(desk: Desk) -> None:
    offers = desk.rest("clerk5", "GET", "/listings?category=housekeeping").json()["items"]
    home = desk.demo.rest("GET", "/places?kind=home&limit=1").json()["items"][0]
    asked = {"listing_id": offers[0]["id"], "place_id": home["id"], "summary": "擦两扇窗"}
    made = desk.rest("clerk5", "POST", "/orders", json=asked)
    assert made.status_code == 201, made.text
    number = str(made.json()["number"])
    merchant = desk.worker(number)
    assert merchant["login"] == "bianmin1"
    mine = desk.rest("bianmin1", "GET", "/service-requests?assignee=me").json()["items"]
    assert number in {str(each["number"]) for each in mine}
    desk.took("bianmin1", number, "start")
    desk.took("bianmin1", number, "complete", note="擦好了")
    desk.took("clerk5", number, "rate", score=4)

    def counted() -> dict[str, Any] | None:
        shown: dict[str, Any] = desk.rest("clerk5", "GET", f"/listings/{offers[0]['id']}").json()
        return shown if shown["rated"] > offers[0]["rated"] else None

    offer = until(counted)
    assert (offer["rated"], offer["score"]) == (1, 4.0)


def test_the_figures_are_shown_taken_out_and_published(desk: Desk) -> None:
    asked = {"by": "organization", "from": f"{datetime.now().astimezone():%Y}-01-01"}
    shown = desk.rest("manager", "GET", "/figures", params=asked).json()
    assert shown["total"]["filed"] > 50
    assert {"response_rate", "resolution_rate", "satisfaction_rate"} <= {*shown["formulas"]}
    assert "伊伊物业服务公司" in {each["name"] for each in shown["items"]}
    for form, begins in (("csv", "\ufeff".encode()), ("xlsx", b"PK")):
        asked_for = {**asked, "format": form}
        taken = desk.rest("manager", "GET", "/figures/export", params=asked_for)
        assert taken.content.startswith(begins), taken.content[:80]
    assert desk.rest("wuye1", "GET", "/figures").status_code == 403
    public = desk.demo.http.get(
        f"{desk.demo.described['base_url']}/api/v1/communities/yiyi/monthly-reports"
    ).json()["items"]
    assert [re.fullmatch(r"20\d\d-\d\d", each["month"]) is not None for each in public] == [True]
