from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.people.access import system
from app.people.events import PeopleMerged
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People
from tests.service_requests.test_photos import uploaded


async def test_what_one_entry_reported_is_the_others_after_a_merge(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    letters: Letterbox,
) -> None:
    gone, kept = acting(people.resident), acting(people.neighbour)
    photo = await uploaded(gone)
    leak = await gone.ask(place_id=str(town.home.id), summary="水管漏水")
    await worker.catch_up()

    merged = PeopleMerged(kept_id=people.neighbour.id, gone_id=people.resident.id)
    await record(session, merged, by=system(town.community.id))
    people.resident.merged_into_id, people.resident.name = people.neighbour.id, None
    await session.commit()
    await worker.catch_up()

    assert (await kept.read(leak))["reporter"]["name"] == "赵敏"
    assert (await kept.timeline(leak))[0]["by"]["name"] == "赵敏"
    await acting(people.worker).take(leak, "complete", note="好了")
    await worker.catch_up()
    assert len(letters.to(people.neighbour)) == 1
    await kept.take(leak, "rate", score=5)
    other = await kept.ask(place_id=str(town.home.id), summary="停电", photos=[photo])
    assert other["photos"][0]["id"] == photo
