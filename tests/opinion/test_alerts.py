"""A serious word or a spike makes one alert, told to who may see it, and to be seen to once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.facts import Fact
from app.core.ids import new_id
from app.groups.models import Group
from app.opinion.jobs import listen_to_all
from app.opinion.models import Alert, Tally, Watch
from tests.conftest import Worker
from tests.groups.builders import a_group
from tests.opinion.conftest import Talk
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People

Watches = Callable[..., Awaitable[dict[str, Any]]]


async def alerts(session: AsyncSession) -> list[Alert]:
    fresh = select(Alert).order_by(Alert.id).execution_options(populate_existing=True)
    return list(await session.scalars(fresh))


async def test_a_serious_word_makes_an_alert_for_each_message(
    session: AsyncSession, talk: Talk, watch: Watches, group: Group
) -> None:
    await watch("堵路", gravity="serious")
    await talk.say("明天去堵路", "好", "一起堵路")
    await talk.listen()
    await talk.listen()

    raised = await alerts(session)
    assert [(each.group_id, each.messages, each.usual) for each in raised] == [
        (group.id, 1, None),
        (group.id, 1, None),
    ]


async def test_what_was_said_before_anybody_listened_is_left_alone(
    session: AsyncSession, talk: Talk, watch: Watches
) -> None:
    await talk.say("明天去堵路")
    await watch("堵路", gravity="serious")
    await talk.listen()

    assert await alerts(session) == []


async def test_what_has_not_settled_is_heard_later_and_not_passed_over(
    session: AsyncSession, talk: Talk, watch: Watches
) -> None:
    await watch("堵路", gravity="serious")
    await talk.say("堵路", ago=timedelta())
    await talk.listen()
    assert await alerts(session) == []

    await session.execute(text("UPDATE group_messages SET received_at = now() - interval '1 min'"))
    await session.commit()
    await talk.listen()
    assert len(await alerts(session)) == 1


async def test_fewer_than_the_least_are_no_spike(
    session: AsyncSession, talk: Talk, watch: Watches
) -> None:
    await watch("停水", least=4)
    await talk.say(*["又停水了"] * 3, ago=_this_hour())
    await talk.listen()
    assert await alerts(session) == []

    await talk.say("又停水了", ago=_this_hour())
    await talk.listen()
    (alert,) = await alerts(session)
    assert (alert.messages, alert.usual) == (4, 0.0)


def _this_hour() -> timedelta:
    """Long enough ago to have settled, in the hour that has begun or the one before."""
    return timedelta(minutes=61 if now().minute < 2 else 1)


@pytest.mark.parametrize(("often", "raised"), [(4, 0), (1, 1)])
async def test_a_spike_is_more_than_usual_at_that_time_of_day(
    session: AsyncSession, talk: Talk, watch: Watches, group: Group, often: int, raised: int
) -> None:
    made = await watch("停水", least=5, times=3)
    hour = (now() - _this_hour()).replace(minute=0, second=0, microsecond=0)
    await session.execute(
        text("UPDATE opinion_watches SET created_at = now() - interval '20 days'")
    )
    # Each of the three hours around this one, on each of the fourteen days before.
    for day in range(1, 15):
        for off in (-1, 0, 1):
            session.add(
                Tally(
                    community_id=group.community_id,
                    id=new_id(),
                    watch_id=made["id"],
                    group_id=group.id,
                    hour=hour - timedelta(days=day) + timedelta(hours=off),
                    messages=often,
                )
            )
    await session.commit()
    await talk.say(*["停水"] * 10, ago=_this_hour())
    await talk.listen()

    assert len(await alerts(session)) == raised


async def test_a_spike_that_goes_on_is_one_alert(
    session: AsyncSession, talk: Talk, watch: Watches
) -> None:
    await watch("停水", least=3)
    for size in (3, 4):
        await talk.say(*["停水"] * size, ago=_this_hour())
        await talk.listen()

    (alert,) = await alerts(session)
    assert alert.messages == 7


async def test_only_the_groups_of_the_place_are_listened_to(
    session: AsyncSession, talk: Talk, watch: Watches, town: Town, bot: Any
) -> None:
    elsewhere = await a_group(session, town, bot, at="/A1/G2/9/")
    await watch("堵路", gravity="serious", place_id=str(town.places["/A1/G1/"].id))
    await talk.say("堵路", group=elsewhere)
    await talk.listen()

    assert await alerts(session) == []


async def test_two_workers_listen_to_each_message_once(
    session: AsyncSession, sessions: Sessions, talk: Talk, watch: Watches
) -> None:
    await watch("停水", least=200)
    await talk.say(*["停水"] * 40)
    await asyncio.gather(*[listen_to_all(sessions) for _ in range(4)])
    await talk.listen()

    assert sum(await session.scalars(select(Tally.messages))) == 40


async def test_the_entitled_are_told_without_what_was_said(
    talk: Talk, watch: Watches, worker: Worker, letters: Letterbox, people: People
) -> None:
    await watch("堵路", gravity="serious", topic="拆迁")
    await talk.say("张三说明天堵路")
    await talk.listen()
    await worker.catch_up()

    assert letters.to(people.leader) == ["群里有情况需要关注"]
    assert letters.last_to(people.leader) == {"群": "3栋楼栋交流群", "话题": "拆迁", "消息数": "1"}
    assert letters.to(people.worker) == [], "grid workers do not read along"
    assert letters.to(people.resident) == []


@pytest.fixture
async def alert(session: AsyncSession, talk: Talk, watch: Watches) -> dict[str, Any]:
    """Something serious was said, between other things."""
    await watch("堵路", gravity="serious")
    await talk.say("在吗", "明天去堵路，电话13800138000", "算了吧")
    await talk.listen()
    (raised,) = await alerts(session)
    return {"id": str(raised.id)}


async def test_an_alert_shows_what_was_said_around_it_and_each_look_is_recorded(
    session: AsyncSession, acting: As, people: People, alert: dict[str, Any]
) -> None:
    answer = await acting(people.leader).get(f"/opinion/alerts/{alert['id']}")

    said = answer.json()["said"]
    assert [(each["text"], each["hit"]) for each in said] == [
        ("在吗", False),
        ("明天去堵路，电话138****8000", True),
        ("算了吧", False),
    ]
    looked = select(Fact.actor_id).where(Fact.kind == "opinion.alert_read")
    assert list(await session.scalars(looked)) == [people.leader.id]


async def test_who_is_not_entitled_sees_no_alert(
    acting: As, people: People, alert: dict[str, Any]
) -> None:
    for somebody in (people.worker, people.resident):
        answer = await acting(somebody).get(f"/opinion/alerts/{alert['id']}")
        nowhere = await acting(somebody).get(f"/opinion/alerts/{new_id()}")
        assert answer.status_code == nowhere.status_code == 404
        assert answer.content == nowhere.content


async def test_a_request_is_made_of_an_alert_once(
    acting: As, people: People, town: Town, alert: dict[str, Any]
) -> None:
    asked = {"category": "noise", "summary": "居民扬言堵路，请上门了解"}
    leader = acting(people.leader)
    first = await leader.post(f"/opinion/alerts/{alert['id']}/request", asked)
    assert first.status_code == 200, first.text
    made = await leader.get(f"/service-requests/{first.json()['request_id']}")

    assert first.json()["state"] == "handled"
    assert made.json()["place"]["id"] == str(town.places["/A1/G1/3/"].id)
    again = await leader.post(f"/opinion/alerts/{alert['id']}/dismissal", {"note": "误会"})
    assert again.json()["type"] == "/problems/alert-done"


async def test_a_lead_for_mediation_is_a_request_of_that_category(
    acting: As, people: People, alert: dict[str, Any]
) -> None:
    leader = acting(people.leader)
    lead = await leader.post(f"/opinion/alerts/{alert['id']}/mediation", {"summary": "征地纠纷"})
    made = await leader.get(f"/service-requests/{lead.json()['request_id']}")
    assert made.json()["category"]["code"] == "mediation"


async def test_a_rebuttal_is_drafted_for_the_same_group(
    acting: As, people: People, group: Group, alert: dict[str, Any]
) -> None:
    leader = acting(people.leader)
    told = {"title": "关于修路的说明", "body": "道路**不会**封闭。"}
    handled = await leader.post(f"/opinion/alerts/{alert['id']}/rebuttal", told)
    assert handled.status_code == 200, handled.text
    notice = (await leader.get(f"/notices/{handled.json()['notice_id']}")).json()
    assert (notice["kind"], notice["state"]) == ("rebuttal", "draft")
    assert notice["audience"]["groups"] == [str(group.id)]


async def test_two_who_see_to_an_alert_at_once_do_not_both(
    acting: As, people: People, alert: dict[str, Any]
) -> None:
    answers = await asyncio.gather(
        *[
            acting(somebody).post(f"/opinion/alerts/{alert['id']}/dismissal", {"note": "玩笑话"})
            for somebody in (people.leader, people.manager)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_nothing_about_alerts_counts_who_said_it(session: AsyncSession) -> None:
    """No scoring of people: what is kept has no column for a person who spoke."""
    columns = {column.name for table in (Watch, Tally, Alert) for column in table.__table__.columns}
    assert not {name for name in columns if "sender" in name or "member" in name}
    assert {name for name in columns if name.endswith("_by_id")} == {"handled_by_id"}
