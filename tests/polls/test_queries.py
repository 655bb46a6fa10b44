"""Who sees which polls, and how many have voted."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.people.access import Actor
from app.people.models import Role
from app.polls import casting, queries
from app.polls.models import Channel, PollState, Secrecy
from tests.people.builders import a_person, a_resident, acting
from tests.people.conftest import Town
from tests.polls.builders import a_poll, an_open_poll, put_on_roll


async def _titles(session: AsyncSession, me: Actor) -> set[str]:
    return {poll.title for poll in await session.scalars(queries.visible_to(me))}


async def test_staff_see_all_of_their_places_and_others_what_is_shown(
    session: AsyncSession, town: Town, elsewhere: Town
) -> None:
    for state in (PollState.DRAFT, PollState.PROPOSED, PollState.REFUSED, PollState.CANCELLED):
        await a_poll(session, town.grid, state=state, title=state.value)
    for state in (PollState.GATHERING, PollState.ANNOUNCED):
        await a_poll(session, town.grid, state=state, title=state.value, announced_at=now())
    told = await a_poll(session, town.grid, title="open")
    called_off = await a_poll(session, town.grid, title="called off", announced_at=now())
    called_off.state = PollState.CANCELLED
    person = await a_person(session, town.root, "外人")
    await put_on_roll(session, told, person)
    told.state = PollState.GATHERING
    await session.flush()

    shown = {"gathering", "announced", "open", "called off"}
    kept = {"draft", "proposed", "refused", "cancelled"}
    leader = acting(person, (Role.LEADER, town.area))
    assert await _titles(session, leader) == shown | kept
    assert await _titles(session, acting(person, (Role.LEADER, town.far_area))) == shown
    assert await _titles(session, acting(person)) == shown
    stranger = await a_person(session, elsewhere.root, "邻村")
    assert await _titles(session, acting(stranger, (Role.ADMIN, elsewhere.root))) == set()


async def test_what_is_not_public_is_seen_where_it_is_held_and_by_who_has_a_vote(
    session: AsyncSession, town: Town
) -> None:
    opened = await an_open_poll(session, town.grid, public=False, title="本网格")
    outsider = await a_resident(session, town.far_home, "李四", phone=None)
    neighbour = await a_resident(session, town.home, phone=None)

    assert await _titles(session, acting(outsider)) == set()
    assert await _titles(session, acting(neighbour)) == {"本网格"}
    assert await _titles(session, acting(opened.people[0])) == {"本网格"}
    worker = acting(outsider, (Role.GRID_WORKER, town.far_area))
    assert await _titles(session, worker) == {"本网格"}


async def test_who_proposed_a_poll_sees_it_in_every_state(
    session: AsyncSession, town: Town
) -> None:
    resident = await a_resident(session, town.home)
    await a_poll(
        session,
        town.grid,
        title="我的",
        state=PollState.REFUSED,
        proposed_by_id=resident.id,
    )
    assert await _titles(session, acting(resident)) == {"我的"}


async def test_the_turnout_counts_votes_of_either_kind(session: AsyncSession, town: Town) -> None:
    for secrecy in Secrecy:
        opened = await an_open_poll(session, town.grid, secrecy=secrecy)
        voter, by = opened.people[0], acting(opened.people[0])
        await casting.cast(
            session,
            opened.poll,
            person_id=voter.id,
            choice={"q1": "A"},
            channel=Channel.REST,
            by=by,
        )
        assert await queries.turnout(session, opened.poll) == {"entries": 3, "voted": 1}
        ids = [entry.id for entry in opened.entries]
        assert await queries.cast_of(session, opened.poll, ids) == {ids[0]}
