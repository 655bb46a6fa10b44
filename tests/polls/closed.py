"""Polls that ran to their close through the real parts, and the bundles made of them."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.people.models import Person
from app.polls import bundles, casting, queries, sealing
from app.polls.forms import Matter, Method, Question
from app.polls.models import Channel, ObjectionKind, Poll, PollKind, Secrecy
from app.polls.service import lifecycle, objections, opening
from app.polls.service.remedies import Remedy
from tests.polls.builders import a_form, a_grid, a_poll, a_question, put_on_roll, some_voters


async def a_running_poll(
    session: AsyncSession, *, voters: int, areas: Sequence[int] = (), **columns: Any
) -> tuple[Poll, list[Person]]:
    """A poll with a real roll and a real opening; with `areas`, of owners of so much each."""
    place = await a_grid(session)
    people = await some_voters(session, place, voters)
    poll = await a_poll(session, place, **columns)
    by = system(poll.community_id)
    if areas:
        for person, area in zip(people, areas, strict=True):
            await put_on_roll(session, poll, person, area=area, label=f"{area}号")
        at = (await session.scalars(select(func.clock_timestamp()))).one()
        await opening.freeze(session, poll, len(people), at=at)
    else:
        await opening.open_now(session, poll, by=by)
    return poll, people


async def cast_each(
    session: AsyncSession, poll: Poll, people: Sequence[Person], answers: Sequence[Any]
) -> list[casting.Receipt]:
    receipts = []
    for person, answer in zip(people, answers, strict=False):
        choice = answer if isinstance(answer, dict) else {"q1": answer}
        receipt = await casting.cast(
            session,
            poll,
            person_id=person.id,
            choice=choice,
            channel=Channel.PAGE,
            by=system(poll.community_id),
        )
        receipts.append(receipt)
        await sealing.seal(session, poll)
    return receipts


async def correct_the_roll(session: AsyncSession, poll: Poll, person: Person) -> None:
    """Uphold an objection by which this person's entry is struck and another put in its place."""
    by = system(poll.community_id)
    entry = (await session.scalars(queries.votes_of(poll.community_id, poll.id, person.id))).one()
    objection = await objections.raise_against(
        session,
        poll,
        kind=ObjectionKind.WRONG,
        person_id=person.id,
        entry_id=entry.id,
        text="名字写错了",
        by=by,
    )
    await objections.decide(
        session,
        poll,
        objection.id,
        upheld=True,
        answer="改了",
        remedy=Remedy(label="改过的"),
        by=by,
    )


async def close(session: AsyncSession, poll: Poll) -> Poll:
    held = await queries.alone(session, poll.community_id, poll.id)
    assert held is not None
    await lifecycle.close(session, held, by=system(poll.community_id))
    await session.commit()
    return held


async def a_closed_poll(
    session: AsyncSession,
    answers: Sequence[Any] = "ABCAABBACAABCAABBACABAB",
    *questions: Question,
    areas: Sequence[int] = (),
    **columns: Any,
) -> Poll:
    """A poll in which these answers were given; two more people have a vote and did not use it.

    The entry of the first of the two was corrected after an objection.
    """
    poll, people = await a_running_poll(
        session,
        voters=len(areas) or len(answers) + 2,
        areas=areas,
        form=a_form(*questions),
        **columns,
    )
    await cast_each(session, poll, people, answers)
    await correct_the_roll(session, poll, people[len(answers)])
    return await close(session, poll)


async def a_closed_assembly(session: AsyncSession) -> Poll:
    return await a_closed_poll(
        session,
        ["yes", "yes", "yes", "yes", "no"],
        a_question(method=Method.YES_NO, matter=Matter.FUND_RAISING),
        areas=[8950, 12000, 8950, 7010, 8950, 8950],
        kind=PollKind.ASSEMBLY,
    )


async def a_closed_secret_poll(session: AsyncSession) -> Poll:
    return await a_closed_poll(session, secrecy=Secrecy.SECRET)


async def bundle_of(session: AsyncSession, poll: Poll, *, labels: bool = False) -> dict[str, Any]:
    written = bundles.written(session, poll, labels=labels)
    found: dict[str, Any] = json.loads(b"".join([part async for part in written]))
    return found
