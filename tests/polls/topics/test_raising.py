"""A topic is raised by who lives there, seconded by others, and discussed when enough do."""

import asyncio

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.people.models import Person, Role, Standing
from app.polls.models import PollPolicy, TopicSupport
from tests.conftest import Client, Worker
from tests.people.builders import a_residence, facts
from tests.polls.topics.conftest import Neighbours, Topics
from tests.service_requests.builders import Letterbox, Town, a_client, a_person, a_town
from tests.service_requests.conftest import As, People


async def needs(session: AsyncSession, town: Town, seconds: int) -> None:
    session.add(PollPolicy(community_id=town.community.id, seconds_needed=seconds))
    await session.commit()


async def supports(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(TopicSupport)) or 0


async def test_topics_of_a_community_are_numbered(topic: Topics) -> None:
    assert [(await topic())["number"] for _ in range(3)] == [1, 2, 3]


async def test_a_residents_topic_waits_to_be_seconded(topic: Topics, session: AsyncSession) -> None:
    raised = await topic()

    assert (raised["state"], raised["seconds"], raised["mine"]) == ("raised", 0, True)
    assert raised["seconds_needed"] == 5
    assert await facts(session, "topics.raised") == [{"topic_id": raised["id"]}]
    steps = {each["step"]: each["at"] for each in raised["milestones"]}
    assert list(steps) == [
        *("raised", "seconded", "discussed", "voted", "resolved", "carried_out", "closed")
    ]
    assert steps["raised"]
    assert steps["discussed"] is None


async def test_the_topic_of_staff_is_discussed_at_once(topic: Topics, people: People) -> None:
    assert (await topic(people.manager))["state"] == "discussed"


async def test_a_grid_worker_raises_one_like_a_resident(topic: Topics, people: People) -> None:
    assert (await topic(people.worker))["state"] == "raised"


async def test_numbers_of_people_are_masked(topic: Topics) -> None:
    raised = await topic(title="找13800138000", body="电话 138 0013 8000")

    assert (raised["title"], raised["body"]) == ("找138****8000", "电话 138****8000")


@pytest.mark.parametrize("standing", [None, Standing.CLAIMED, Standing.ENDED])
async def test_who_is_not_known_to_live_here_raises_none(
    acting: As, town: Town, session: AsyncSession, standing: Standing | None
) -> None:
    stranger = await a_person(session, town, "何人")
    if standing:
        await a_residence(session, stranger, town.home, standing)
    await session.commit()
    asked = {"place_id": str(town.places["/"].id), "title": "题", "body": "文"}

    answer = await acting(stranger).post("/topics", asked)

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/not-living-here"


async def test_nobody_floods_the_desk(topic: Topics, acting: As, people: People) -> None:
    raised = [await topic() for _ in range(5)]
    asked = {"place_id": raised[0]["place_id"], "title": "题", "body": "文"}

    assert (await acting(people.resident).post("/topics", asked)).status_code == 429


@pytest.mark.parametrize("moderated", [True, False])
async def test_what_seconds_opened_is_public_once_it_was_read_as_posts_are(
    topic: Topics,
    acting: As,
    people: People,
    town: Town,
    session: AsyncSession,
    neighbours: Neighbours,
    worker: Worker,
    letters: Letterbox,
    client: Client,
    moderated: bool,
) -> None:
    policy = PollPolicy(community_id=town.community.id, seconds_needed=1, moderated=moderated)
    session.add(policy)
    await session.commit()
    raised = await topic()
    (neighbour,) = await neighbours(1)
    path = f"/topics/{raised['id']}"
    on_site = f"/c/{town.community.slug}/topics/{raised['number']}"
    assert (await acting(people.manager).post(f"{path}/publication")).status_code == 409

    await acting(neighbour).post(f"{path}/seconds")
    await worker.catch_up()
    status = (await client.get(on_site)).status_code
    asked = "有议题开始讨论，请看过后公开" in letters.to(people.manager)
    assert (status, asked) == ((404, True) if moderated else (200, False))
    assert (await acting(neighbour).get(path)).json()["published_at"] is None

    answers = [await acting(people.manager).post(f"{path}/publication") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert (await client.get(on_site)).status_code == 200
    assert await facts(session, "topics.published") == [{"topic_id": raised["id"]}]


@pytest.mark.parametrize("step", ["discussion", "polls", "resolution"])
async def test_what_staff_have_dealt_with_they_have_read(
    topic: Topics,
    acting: As,
    people: People,
    town: Town,
    session: AsyncSession,
    neighbours: Neighbours,
    client: Client,
    step: str,
) -> None:
    await needs(session, town, 1)
    raised = await topic()
    if step != "discussion":
        (neighbour,) = await neighbours(1)
        await acting(neighbour).post(f"/topics/{raised['id']}/seconds")
    form = {"questions": [{"key": "q1", "method": "yes_no", "text": "装吗？"}]}
    asked = {"polls": {"form": form}, "resolution": {"text": "装"}}.get(step)

    answer = await acting(people.manager).post(f"/topics/{raised['id']}/{step}", asked)

    assert answer.status_code in {200, 201}, answer.text
    on_site = f"/c/{town.community.slug}/topics/{raised['number']}"
    assert (await client.get(on_site)).status_code == 200


async def test_enough_seconds_open_it_and_everybody_counts_once(
    topic: Topics, acting: As, town: Town, session: AsyncSession, neighbours: Neighbours
) -> None:
    await needs(session, town, 2)
    raised = await topic()
    first, second = await neighbours(2)
    path = f"/topics/{raised['id']}/seconds"

    for expected in (1, 1):
        answer = await acting(first).post(path)
        assert answer.json() == {"seconds": expected, "state": "raised"}
    answer = await acting(second).post(path)

    assert answer.json() == {"seconds": 2, "state": "discussed"}
    assert len(await facts(session, "topics.seconded")) == 2
    assert len(await facts(session, "topics.opened")) == 1
    shown = (await acting(second).get(f"/topics/{raised['id']}")).json()
    assert (shown["seconded"], shown["mine"]) == (True, False)


async def test_who_raised_it_does_not_second_it(
    topic: Topics, acting: As, people: People, session: AsyncSession
) -> None:
    raised = await topic()

    answer = await acting(people.resident).post(f"/topics/{raised['id']}/seconds")

    assert answer.json()["type"] == "/problems/own-topic"
    assert await supports(session) == 0


async def test_a_program_seconds_nothing(
    topic: Topics, acting: As, town: Town, session: AsyncSession
) -> None:
    raised = await topic()
    program = await a_client(session, town, Role.STAFF)
    await session.commit()

    answer = await acting(program).post(f"/topics/{raised['id']}/seconds")

    assert answer.json()["type"] == "/problems/own-topic"


async def test_the_topic_of_a_grid_is_seconded_by_who_lives_in_it(
    discussed: Topics, acting: As, far: Person
) -> None:
    answer = await acting(far).post(f"/topics/{(await discussed())['id']}/seconds")

    assert answer.json()["type"] == "/problems/not-living-here"


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_person_who_seconds_ten_times_at_once_counts_once(
    *,
    topic: Topics,
    acting: As,
    people: People,
    session: AsyncSession,
    guarded: bool,
) -> None:
    """Without the primary key the same ten would open the topic: that is what keeps them out."""
    raised = await topic()
    if not guarded:
        drop = "ALTER TABLE topic_supports DROP CONSTRAINT topic_supports_pkey"
        await session.execute(text(drop))
        await session.commit()
    neighbour = acting(people.neighbour)

    path = f"/topics/{raised['id']}/seconds"
    answers = await asyncio.gather(*(neighbour.post(path) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {200}
    assert (await supports(session) == 1) is guarded
    state = (await neighbour.get(f"/topics/{raised['id']}")).json()["state"]
    assert state == ("raised" if guarded else "discussed")


async def test_ten_people_at_once_open_it_exactly_once(
    topic: Topics, acting: As, session: AsyncSession, neighbours: Neighbours
) -> None:
    raised = await topic()
    path = f"/topics/{raised['id']}/seconds"
    ten = [acting(each) for each in await neighbours(10)]

    answers = await asyncio.gather(*(each.post(path) for each in ten))

    assert sorted(answer.json()["seconds"] for answer in answers) == list(range(1, 11))
    by_count = {answer.json()["seconds"]: answer.json()["state"] for answer in answers}
    assert [by_count[n] for n in (4, 5, 10)] == ["raised", "discussed", "discussed"]
    opened = select(func.count()).where(Fact.kind == "topics.opened")
    assert await session.scalar(opened) == 1


async def test_staff_take_one_up_or_refuse_it(
    topic: Topics, acting: As, people: People, session: AsyncSession
) -> None:
    taken, refused = await topic(), await topic()
    manager = acting(people.manager)

    first = await manager.post(f"/topics/{taken['id']}/discussion")
    again = await manager.post(f"/topics/{taken['id']}/discussion")
    no = await manager.post(f"/topics/{refused['id']}/refusal", {"reason": "不在社区职权内"})

    assert (first.json()["state"], again.status_code) == ("discussed", 409)
    assert again.json()["type"] == "/problems/topic-step"
    assert (no.json()["state"], no.json()["reason"]) == ("refused", "不在社区职权内")
    assert len(await facts(session, "topics.refused")) == 1


async def test_who_read_an_older_version_is_told_so(
    topic: Topics, acting: As, people: People
) -> None:
    raised = await topic()
    manager = acting(people.manager)
    path = f"/topics/{raised['id']}/discussion"

    stale = await manager.post(path, headers={"If-Match": '"9"'})
    fresh = await manager.post(path, headers={"If-Match": f'"{raised["version"]}"'})

    assert (stale.status_code, fresh.status_code) == (412, 200)
    assert fresh.headers["ETag"] == f'"{fresh.json()["version"]}"'


async def test_only_who_may_takes_it_up(
    topic: Topics, acting: As, people: People, neighbours: Neighbours
) -> None:
    raised = await topic()
    path = f"/topics/{raised['id']}/discussion"

    assert (await acting(people.resident).post(path)).status_code == 403
    assert (await acting(people.elsewhere).post(path)).status_code == 404


async def test_before_it_is_discussed_it_is_seen_where_it_can_be_seconded(
    topic: Topics, acting: As, people: People, far: Person
) -> None:
    raised = await topic()

    async def sees(who: Person) -> bool:
        listed = (await acting(who).get("/topics")).json()["items"]
        read = (await acting(who).get(f"/topics/{raised['id']}")).status_code
        assert (len(listed) == 1) is (read == 200)
        return read == 200

    for who in (people.resident, people.neighbour, people.leader, people.manager):
        assert await sees(who)
    for who in (far, people.elsewhere):
        assert not await sees(who)
    await acting(people.manager).post(f"/topics/{raised['id']}/discussion")
    assert await sees(far)


async def test_a_refused_one_is_seen_by_who_had_a_part_in_it(
    topic: Topics, acting: As, people: People, neighbours: Neighbours
) -> None:
    raised = await topic()
    [other] = await neighbours(1)
    await acting(people.neighbour).post(f"/topics/{raised['id']}/seconds")
    await acting(people.manager).post(f"/topics/{raised['id']}/refusal", {"reason": "不归我们管"})

    async def status(who: Person) -> int:
        return (await acting(who).get(f"/topics/{raised['id']}")).status_code

    assert [await status(each) for each in (people.resident, people.neighbour, other)] == [
        *(200, 200, 404)
    ]


async def test_the_topics_of_another_community_are_not_there(
    topic: Topics, client: Client, session: AsyncSession
) -> None:
    raised = await topic()
    other = await a_town(session, "sunset")
    admin = await a_person(session, other, "管", Role.ADMIN)
    await session.commit()

    headers = {"Authorization": f"Bearer {other.tokens[admin.id]}"}
    answer = await client.get(f"/api/v1/topics/{raised['id']}", headers=headers)

    assert answer.status_code == 404


async def test_the_list_narrows_and_pages(
    topic: Topics, discussed: Topics, acting: As, people: People, town: Town
) -> None:
    await topic()
    wide = await discussed(place_id=str(town.places["/"].id))
    manager = acting(people.manager)

    by_state = (await manager.get("/topics?state=discussed")).json()["items"]
    by_number = (await manager.get("/topics?number=1")).json()["items"]
    within = (await manager.get(f"/topics?place={town.places['/A1/'].id}")).json()["items"]
    first = (await manager.get("/topics?limit=1")).json()
    second = (await manager.get(f"/topics?limit=1&after={first['next']}")).json()

    assert [each["id"] for each in by_state] == [wide["id"]]
    assert [each["number"] for each in by_number + within] == [1, 1]
    assert [first["items"][0]["number"], second["items"][0]["number"]] == [2, 1]
    assert second["next"] is None
