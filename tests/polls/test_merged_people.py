"""Two entries of the register that are one person: what they want and say is counted once."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people import service as people
from app.people.access import system
from app.people.models import Person
from app.polls.models import Objection, ObjectionKind, Poll, PollState, PollSupport
from tests.conftest import Worker
from tests.people.conftest import Town
from tests.polls.builders import a_poll, an_open_poll, some_voters


def _supports(poll: Poll, person: Person) -> PollSupport:
    return PollSupport(community_id=poll.community_id, poll_id=poll.id, person_id=person.id)


def _objects(poll: Poll, person: Person, kind: ObjectionKind) -> Objection:
    objection = Objection(person_id=person.id, kind=kind, text="不对")
    objection.community_id, objection.poll_id = poll.community_id, poll.id
    return objection


async def test_what_somebody_supports_and_objects_to_follows_them_once(
    session: AsyncSession, town: Town, worker: Worker
) -> None:
    gone, kept = await some_voters(session, town.grid, 2)
    both, one = [
        await a_poll(session, town.grid, state=PollState.GATHERING, proposed_by_id=gone.id)
        for _ in range(2)
    ]
    session.add_all([_supports(both, gone), _supports(both, kept), _supports(one, gone)])
    running = (await an_open_poll(session, town.grid)).poll
    missing, wrong = ObjectionKind.MISSING, ObjectionKind.WRONG
    waiting = [_objects(running, gone, missing), _objects(running, gone, wrong)]
    session.add_all([*waiting, _objects(running, kept, wrong)])
    await session.flush()

    await people.merge(session, gone, into=kept, by=system(town.root.community_id))
    await session.commit()
    await worker.catch_up()

    supports = (await session.execute(select(PollSupport.poll_id, PollSupport.person_id))).all()
    assert sorted(supports) == sorted([(both.id, kept.id), (one.id, kept.id)])
    for poll in (both, one):
        await session.refresh(poll)
        assert poll.proposed_by_id == kept.id
    for objection in waiting:
        await session.refresh(objection)
    assert [each.person_id for each in waiting] == [kept.id, gone.id]
