"""A grid's regular meeting: called in time, with an agenda, and minuted."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.clock import CHINA
from app.core.database import Sessions
from app.polls.jobs.councils import call_due
from app.polls.models import Council, Sitting
from tests.conftest import Worker
from tests.people.builders import facts
from tests.polls.councils.conftest import Councils
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People

UNIQUE = "council_sittings_community_id_council_id_starts_on_key"


def path_of(sitting: dict[str, Any]) -> str:
    return f"/councils/{sitting['council_id']}/sittings/{sitting['id']}"


async def sittings(session: AsyncSession) -> list[Sitting]:
    session.expire_all()
    return list(await session.scalars(select(Sitting).order_by(Sitting.starts_at)))


async def test_a_council_is_founded_and_ended_by_who_keeps_councils(
    council: Councils, acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    made = await council()
    asked = {"place_id": str(town.places["/A1/G1/"].id), "name": "议事会"}

    for who in (people.resident, people.worker):
        assert (await acting(who).post("/councils", asked)).status_code == 403
        assert (await acting(who).post(f"/councils/{made['id']}/ending")).status_code == 403
    ended = await acting(people.leader).post(f"/councils/{made['id']}/ending")
    again = await acting(people.leader).post(f"/councils/{made['id']}/ending")

    assert ended.json()["ended_at"]
    assert again.json()["type"] == "/problems/council-over"
    assert len(await facts(session, "councils.founded")) == 1
    assert len(await facts(session, "councils.ended")) == 1
    path, body = f"/councils/{made['id']}/sittings", {"starts_at": "2030-01-01T19:00:00+08:00"}
    late = await acting(people.leader).post(path, body)
    assert late.json()["type"] == "/problems/council-over"


async def test_everybody_of_the_community_sees_councils_and_sittings(
    sitting: Councils, acting: As, people: People
) -> None:
    made = await sitting()
    resident = acting(people.resident)

    listed = (await resident.get("/councils")).json()["items"]
    sat = (await resident.get(f"/councils/{made['council_id']}/sittings")).json()["items"]

    assert [each["id"] for each in listed] == [made["council_id"]]
    assert (await resident.get(f"/councils/{made['council_id']}")).json() == listed[0]
    assert [each["id"] for each in sat] == [made["id"]]
    assert (sat[0]["starts_on"], sat[0]["agenda"]) == ("2026-01-10", [])


async def test_it_sits_once_a_day_also_when_called_by_many(
    council: Councils, acting: As, people: People, session: AsyncSession
) -> None:
    made = await council()
    manager, path = acting(people.manager), f"/councils/{made['id']}/sittings"

    async def called(hour: int) -> int:
        body = {"starts_at": f"2030-01-01T{hour:02}:00:00+08:00"}
        return (await manager.post(path, body)).status_code

    first = await asyncio.gather(*(called(hour) for hour in range(8, 13)))
    await session.execute(text(f"ALTER TABLE council_sittings DROP CONSTRAINT {UNIQUE}"))
    await session.commit()
    unguarded = await asyncio.gather(*(called(hour) for hour in range(8, 13)))

    assert sorted(first) == [201, 409, 409, 409, 409]
    assert sorted(unguarded) == [201] * 5
    assert len(await facts(session, "councils.sitting_called")) == 6


async def test_the_next_sitting_is_called_fourteen_days_ahead(
    council: Councils, sessions: Sessions, session: AsyncSession
) -> None:
    made = await council()
    founded = datetime.fromisoformat(made["created_at"]).astimezone(CHINA)

    await call_due(sessions)
    assert await sittings(session) == []
    clock.shift(timedelta(days=17))
    for _ in range(2):
        await call_due(sessions)

    [called] = await sittings(session)
    at = called.starts_at.astimezone(CHINA)
    assert (called.starts_on, at.hour) == (founded.date() + timedelta(days=30), 19)
    clock.shift(timedelta(days=48))
    await call_due(sessions)
    assert [each.starts_at for each in await sittings(session)] == [
        called.starts_at,
        called.starts_at + timedelta(days=30),
    ]


async def test_a_rhythm_that_was_missed_is_kept_from_now_on(
    sitting: Councils, sessions: Sessions, session: AsyncSession
) -> None:
    made = await sitting()
    began = datetime.fromisoformat(made["starts_at"])
    clock.shift(began + timedelta(days=30 * 40 + 20) - datetime.now(UTC))

    await call_due(sessions)

    first, second = await sittings(session)
    assert str(first.id) == made["id"]
    assert second.starts_at == began + timedelta(days=30 * 41)
    assert second.where == "党群服务站"


async def test_what_has_ended_is_called_no_more(
    council: Councils, acting: As, people: People, sessions: Sessions, session: AsyncSession
) -> None:
    made = await council(every_days=7)
    await acting(people.manager).post(f"/councils/{made['id']}/ending")

    await call_due(sessions)

    assert await sittings(session) == []


async def test_two_clocks_call_it_once(
    council: Councils, sessions: Sessions, session: AsyncSession
) -> None:
    await council(every_days=7)

    await asyncio.gather(*(call_due(sessions) for _ in range(4)))

    assert len(await sittings(session)) == 1


async def test_one_that_cannot_be_called_keeps_no_other_from_it(
    council: Councils, sessions: Sessions, session: AsyncSession
) -> None:
    broken = await council(every_days=7)
    await council(every_days=7)
    key = await session.scalar(select(Council).where(Council.id == broken["id"]))
    assert key
    key.every_days = 10**17
    await session.commit()

    await call_due(sessions)

    assert len(await sittings(session)) == 1


async def test_the_agenda_has_topics_and_what_else_there_is(
    sitting: Councils, acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    made = await sitting()
    manager = acting(people.manager)
    body = {"place_id": str(town.places["/A1/"].id), "title": "装充电桩", "body": "没处充电"}
    topic = (await manager.post("/topics", body)).json()
    items = [{"topic_id": topic["id"]}, {"title": "其他"}]

    for _ in range(2):
        answer = await manager("PUT", f"{path_of(made)}/agenda", json={"items": items})
    agenda = answer.json()["agenda"]

    assert [(each["position"], each["title"], each["topic_id"]) for each in agenda] == [
        (1, "装充电桩", topic["id"]),
        (2, "其他", None),
    ]
    assert answer.json()["version"] == made["version"] + 2
    assert len(await facts(session, "councils.sitting_changed")) == 2


@pytest.mark.parametrize(
    "items", [[{}], [{"topic_id": "01a20a6c-61a9-7cec-b651-c8c4c0ec2e9e"}], [{"title": ""}]]
)
async def test_a_point_about_nothing_is_refused(
    sitting: Councils, acting: As, people: People, items: list[dict[str, str]]
) -> None:
    path = f"{path_of(await sitting())}/agenda"

    answer = await acting(people.manager)("PUT", path, json={"items": items})

    assert answer.status_code == 422


async def test_who_read_an_older_version_changes_nothing(
    sitting: Councils, acting: As, people: People
) -> None:
    made = await sitting()
    manager, path = acting(people.manager), path_of(made)
    headers = {"If-Match": f'"{made["version"]}"'}

    first = await manager.patch(path, {"where": "三栋架空层"}, headers=headers)
    second = await manager.patch(path, {"where": "物业会议室"}, headers=headers)
    agenda = await manager("PUT", f"{path}/agenda", json={"items": []}, headers=headers)

    assert (first.status_code, second.status_code, agenda.status_code) == (200, 412, 412)
    assert (await manager.get(path)).json()["where"] == "三栋架空层"


async def test_a_sitting_that_is_moved_stands_on_its_new_day(
    sitting: Councils, acting: As, people: People
) -> None:
    made = await sitting()
    body = {"starts_at": "2026-01-12T17:00:00Z", "where": None}

    moved = (await acting(people.manager).patch(path_of(made), body)).json()

    assert (moved["starts_on"], moved["where"]) == ("2026-01-13", None)


async def test_minutes_are_kept_with_outcomes_and_put_right(
    sitting: Councils, acting: As, people: People, session: AsyncSession
) -> None:
    made = await sitting()
    manager, path = acting(people.manager), path_of(made)
    items = [{"title": "停车"}, {"title": "其他"}]
    await manager("PUT", f"{path}/agenda", json={"items": items})
    body = {"minutes": "到会**15**人", "attended": 15, "outcomes": {"1": "设立议题"}}

    kept = await manager("PUT", f"{path}/minutes", json=body)
    right = await manager("PUT", f"{path}/minutes", json=body | {"attended": 16, "outcomes": {}})

    assert (kept.json()["attended"], kept.json()["agenda"][0]["outcome"]) == (15, "设立议题")
    assert kept.json()["held_at"]
    assert (right.json()["attended"], right.json()["held_at"]) == (16, kept.json()["held_at"])
    assert right.json()["agenda"][0]["outcome"] == "设立议题"
    assert len(await facts(session, "councils.sitting_held")) == 2
    for late in (
        await manager("PUT", f"{path}/agenda", json={"items": []}),
        await manager.patch(path, {"where": "别处"}),
    ):
        assert late.json()["type"] == "/problems/sitting-step"


async def test_what_has_not_begun_or_is_not_on_the_agenda_has_no_minutes(
    sitting: Councils, acting: As, people: People
) -> None:
    past = await sitting()
    ahead = await sitting(starts_at="2030-01-10T19:00:00+08:00")
    manager, body = acting(people.manager), {"minutes": "好", "attended": 1}

    early = await manager("PUT", f"{path_of(ahead)}/minutes", json=body)
    unknown = await manager(
        "PUT", f"{path_of(past)}/minutes", json=body | {"outcomes": {"3": "好"}}
    )

    assert early.json()["type"] == "/problems/sitting-step"
    assert unknown.json()["errors"][0]["path"] == "body.outcomes.3"
    assert (await manager.get(path_of(past))).json()["minutes"] is None


async def test_residents_keep_no_minutes(sitting: Councils, acting: As, people: People) -> None:
    path = path_of(await sitting())

    for who in (people.resident, people.worker, people.elsewhere):
        for rest, body in (
            ("agenda", {"items": []}),
            ("minutes", {"minutes": "好", "attended": 1}),
        ):
            assert (await acting(who)("PUT", f"{path}/{rest}", json=body)).status_code == 403


async def test_a_sitting_of_another_council_is_not_found_here(
    sitting: Councils, council: Councils, acting: As, people: People
) -> None:
    made, other = await sitting(), await council()

    answer = await acting(people.manager).get(f"/councils/{other['id']}/sittings/{made['id']}")

    assert answer.status_code == 404


async def test_staff_of_the_grid_hear_that_it_will_sit(
    sitting: Councils, people: People, worker: Worker, letters: Letterbox
) -> None:
    await sitting()
    await sitting(starts_at="2030-01-10T19:00:00+08:00")
    await worker.catch_up()

    for who in (people.manager, people.leader):
        assert letters.to(who) == ["议事会将召开，请安排议程"]
    assert letters.last_to(people.leader)["时间"] == "2030-01-10 19:00"
    for who in (people.resident, people.worker, people.elsewhere):
        assert letters.to(who) == []


@pytest.mark.parametrize(
    "starts_at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2030-01-01T19:00:00", "x"]
)
async def test_a_time_that_is_none_is_refused(
    council: Councils, acting: As, people: People, starts_at: str
) -> None:
    path = f"/councils/{(await council())['id']}/sittings"

    answer = await acting(people.manager).post(path, {"starts_at": starts_at})

    assert answer.status_code == 422
