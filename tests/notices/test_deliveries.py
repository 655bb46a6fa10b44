"""Staff see how each delivery went, and managers have those tried again that died."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.facts import about
from app.core.ids import new_id
from app.core.jobs import ATTEMPTS
from app.notices.channels import Refused
from app.notices.models import Delivery, State
from app.people.models import Person
from tests.conftest import Worker
from tests.notices.builders import hushed, lives_in, sent
from tests.notices.ways import Way, as_they_are
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


async def some(session: AsyncSession, town: Town, count: int = 3) -> list[Person]:
    await hushed(session, town)
    people = [await lives_in(session, town, f"王{n}") for n in range(count)]
    await session.commit()
    return people


async def test_deliveries_are_counted_by_channel_and_state_and_paged(
    acting: As, people: People, town: Town, session: AsyncSession, worker: Worker, way: Way
) -> None:
    gone = (await some(session, town))[0]
    way.does = lambda delivery, _: Refused("left") if delivery.person_id == gone.id else None
    manager = acting(people.manager)
    notice = await sent(manager, town, channels=["way"])
    await worker.catch_up()

    whole = (await manager.get(f"/notices/{notice['id']}/deliveries")).json()
    refused = whole["counts"]["way"]["refused"]
    assert refused == 1
    assert len(whole["items"]) == refused + whole["counts"]["way"]["sent"]

    found: list[dict[str, Any]] = []
    after = ""
    while after is not None:
        query = f"?limit=2&channel=way&state=sent{after and f'&after={after}'}"
        page = (await manager.get(f"/notices/{notice['id']}/deliveries{query}")).json()
        found += page["items"]
        after = page["next"]
    assert len({one["id"] for one in found}) == whole["counts"]["way"]["sent"]
    assert {one["state"] for one in found} == {"sent"}


async def test_what_died_is_sent_when_somebody_has_it_tried_again(
    acting: As,
    people: People,
    town: Town,
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    way: Way,
) -> None:
    await some(session, town)
    way.does = lambda _delivery, _content: ValueError("broken")
    manager = acting(people.manager)
    notice = await sent(manager, town, channels=["way"])
    await worker.catch_up(later=True)
    dead = await as_they_are(sessions)
    assert {(one.state, one.attempts) for one in dead} == {(State.DEAD, ATTEMPTS)}

    way.does = lambda _delivery, _content: None
    answer = await manager.post(f"/notices/{notice['id']}/replays")
    assert answer.json() == {"deliveries": len(dead)}
    await worker.catch_up()
    assert {one.state for one in await as_they_are(sessions)} == {State.SENT}
    assert (await manager.post(f"/notices/{notice['id']}/replays")).json() == {"deliveries": 0}
    kinds = [
        fact.kind
        for fact in await session.scalars(
            about(dead[0].community_id, dead[0].notice_id or new_id())
        )
    ]
    assert kinds.count("notice.deliveries_replayed") == 1


async def test_a_message_of_its_own_that_died_is_listed_and_tried_again(
    acting: As,
    people: People,
    town: Town,
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    way: Way,
) -> None:
    delivery = Delivery(
        community_id=town.community.id,
        id=new_id(),
        channel="way",
        address_id=new_id(),
        lane="way:1",
        purpose="test",
        title="您反映的事项有新进展",
        state=State.DEAD,
        attempts=ATTEMPTS,
    )
    session.add(delivery)
    await session.commit()
    manager = acting(people.manager)
    (listed,) = (await manager.get("/deliveries?state=dead")).json()["items"]
    assert listed["id"] == str(delivery.id)
    assert "title" not in listed, "what it says is nobody's but the reader's"

    answer = await manager.post(f"/deliveries/{delivery.id}/replays")
    assert answer.json()["state"] == "pending"
    await worker.catch_up()
    assert [one.state for one in await as_they_are(sessions)] == [State.SENT]
    again = await manager.post(f"/deliveries/{delivery.id}/replays")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-dead")
