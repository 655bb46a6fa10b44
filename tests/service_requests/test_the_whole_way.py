from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA
from app.core.facts import Fact
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People

LEAK = "厨房水管漏水，水流到楼下了"


async def test_a_leak_goes_from_the_first_word_to_the_rating(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox
) -> None:
    resident, plumber, manager = (
        acting(people.resident),
        acting(people.worker),
        acting(people.manager),
    )
    leak = await resident.ask(place_id=str(town.home.id), summary=LEAK)
    await worker.catch_up()
    assert (leak["number"], leak["state"]) == (1001, "submitted")
    assert leak["category"]["code"] == "water_leak"
    now = await resident.read(leak)
    assert (now["state"], now["assignee"]["name"]) == ("assigned", "王强")

    assert (await plumber.take(leak, "start"))["state"] == "in_progress"
    done = await plumber.take(leak, "complete", note="换了阀门，不漏了。")
    assert (done["state"], done["outcome"]) == ("completed", "换了阀门，不漏了。")
    await worker.catch_up()
    rated = await resident.take(leak, "rate", score=5, comment="很快")
    assert (rated["state"], rated["score"], rated["rating_comment"]) == ("completed", 5, "很快")
    assert (await manager.take(leak, "verify"))["state"] == "verified"
    closed = await manager.take(leak, "close")
    await worker.catch_up()

    assert closed["state"] == "closed"
    assert closed["closed_at"]
    due = datetime.fromisoformat(leak["due_at"]).astimezone(CHINA).strftime("%m-%d %H:%M")
    assert letters.to(people.resident) == [
        f"王强来处理，预计{due}前办结。",
        "您反映的事项正在处理。",
        "已办完，问题解决了吗？回复“解决 1001”或“未解决 1001”，也可回复“评价 1001 5”打分。",
        "您反映的事项已核查，处理结果属实。",
        "您反映的事项已结案，感谢您的支持。",
    ]
    assert letters.to(people.worker) == ["您有一张新工单，请及时处理。"]
    assert letters.last_to(people.worker) == {
        "工单编号": "1001",
        "诉求内容": f"漏水与水管：{LEAK}",
        "地点": "3栋2单元502",
        "当前进度": "已派单",
        "处理人": "王强",
    }
    assert not letters.to(people.neighbour)


async def test_the_timeline_tells_it_in_order_to_both_sides(
    acting: As, people: People, town: Town, worker: Worker
) -> None:
    resident, plumber = acting(people.resident), acting(people.worker)
    leak = await resident.ask(place_id=str(town.home.id), summary=LEAK)
    await worker.catch_up()
    await plumber.take(leak, "start")
    await plumber.take(leak, "complete", note="换了阀门")
    await resident.take(leak, "rate", score=4)

    seen = await resident.timeline(leak)

    assert seen == await plumber.timeline(leak)
    assert [(entry["text"], entry["by"]["name"], entry["by"]["role"]) for entry in seen] == [
        (f"提交诉求：{LEAK}", "李桂兰", "居民"),
        ("已受理", None, "系统"),
        ("已派给王强", None, "系统"),
        ("开始处理", "王强", "网格员"),
        ("已完成：换了阀门", "王强", "网格员"),
        ("居民评价4分", "李桂兰", "居民"),
    ]
    assert [entry["at"] for entry in seen] == sorted(entry["at"] for entry in seen)


async def test_every_turn_is_one_fact(
    acting: As, people: People, town: Town, worker: Worker, session: AsyncSession
) -> None:
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary=LEAK)
    await worker.catch_up()
    await worker.catch_up()

    facts = await session.scalars(
        select(Fact.kind).where(Fact.subject_id == leak["id"]).order_by(Fact.id)
    )

    assert list(facts) == [
        "service_request.filed",
        "service_request.accepted",
        "service_request.assigned",
    ]


async def test_due_times_follow_the_category(acting: As, people: People, town: Town) -> None:
    trapped = await acting(people.resident).ask(place_id=str(town.home.id), summary="电梯困人了")
    leak = await acting(people.resident).ask(place_id=str(town.home.id), summary=LEAK)

    def hours(request: dict[str, Any]) -> dict[str, float]:
        filed_at = datetime.fromisoformat(request["filed_at"])
        clocks = {clock["kind"]: clock["due_at"] for clock in request["clocks"]}
        return {
            kind: (datetime.fromisoformat(due_at) - filed_at).total_seconds() / 3600
            for kind, due_at in clocks.items()
            if kind != "next_update"
        }

    assert trapped["category"]["code"] == "elevator"
    assert hours(trapped) == {"first_answer": 0.5, "resolution": 2}
    assert hours(leak) == {"first_answer": 2, "resolution": 24}
    assert leak["due_at"] == leak["clocks"][-1]["due_at"]
