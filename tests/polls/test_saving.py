"""Answers that are kept until they are handed in."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.problems import TooLarge
from app.people.access import system
from app.polls import queries, saving
from app.polls.models import PollKind, Secrecy
from app.polls.problems import PollNotOpen, SecretHere
from app.polls.service import lifecycle
from tests.polls.builders import OpenPoll, a_poll, an_open_poll


async def a_survey(session: AsyncSession, secrecy: Secrecy = Secrecy.RECORDED) -> OpenPoll:
    return await an_open_poll(session, kind=PollKind.SURVEY, secrecy=secrecy)


async def test_the_last_answers_are_kept_for_each_vote_of_the_roll(session: AsyncSession) -> None:
    opened = await a_survey(session)
    mine, other = opened.entries[0].id, opened.entries[1].id

    await saving.save(session, opened.poll, mine, {"q1": "A"})
    await saving.save(session, opened.poll, mine, {"q1": "B"})

    session.expire_all()
    await session.refresh(opened.poll)
    assert await saving.saved(session, opened.poll, mine) == {"q1": "B"}
    assert await saving.saved(session, opened.poll, other) is None
    await saving.forget(session, opened.poll, mine)
    session.expire_all()
    await session.refresh(opened.poll)
    assert await saving.saved(session, opened.poll, mine) is None


async def test_secret_answers_are_never_kept_before_they_are_cast(session: AsyncSession) -> None:
    opened = await a_survey(session, Secrecy.SECRET)

    with pytest.raises(SecretHere):
        await saving.save(session, opened.poll, opened.entries[0].id, {"q1": "A"})


async def test_only_so_much_is_kept_and_only_of_what_is_open(session: AsyncSession) -> None:
    opened = await a_survey(session)
    draft = await a_poll(session, kind=PollKind.SURVEY)

    with pytest.raises(TooLarge):
        await saving.save(session, opened.poll, opened.entries[0].id, {"q1": "很" * 100_000})
    with pytest.raises(PollNotOpen):
        await saving.save(session, draft, opened.entries[0].id, {"q1": "A"})


async def test_what_was_never_handed_in_is_forgotten_after_the_close(
    session: AsyncSession, sessions: Sessions
) -> None:
    over, running = await a_survey(session), await a_survey(session)
    for opened in (over, running):
        await saving.save(session, opened.poll, opened.entries[0].id, {"q1": "A"})
    poll = await queries.alone(session, over.poll.community_id, over.poll.id)
    assert poll
    await lifecycle.close(session, poll, by=system(poll.community_id))
    await session.commit()

    await saving.forget_all(session)
    await session.commit()

    async with sessions() as later:
        assert await saving.saved(later, over.poll, over.entries[0].id) is None
        assert await saving.saved(later, running.poll, running.entries[0].id) == {"q1": "A"}
