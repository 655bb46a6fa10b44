"""A poll of the street, open to the people whose phones these are."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.people.models import Person
from app.polls.forms import Form, Method
from app.polls.models import Basis, Entry, Poll
from tests.chat.builders import Phone, Street
from tests.polls.builders import a_form, a_poll, a_question, open_to, put_on_roll

WHERE = "/G1/3/"
YES_NO = a_form(a_question(method=Method.YES_NO))
SEVERAL = a_form(a_question(method=Method.MULTIPLE, most=2))


async def a_draft(session: AsyncSession, street: Street, **columns: Any) -> Poll:
    """A poll of 3栋 that is not open yet."""
    return await a_poll(session, street.places[WHERE], **columns)


async def a_vote(
    session: AsyncSession, poll: Poll, *phones: Phone, basis: Basis = Basis.SELF, **columns: Any
) -> Entry:
    """One vote of the roll, which these people may cast."""
    people = [await _person(session, poll, phone.person_id) for phone in phones]
    usual = {"label": people[0].name or "甲"}
    return await put_on_roll(session, poll, *people, basis=basis, **usual | columns)


async def _person(session: AsyncSession, poll: Poll, person_id: UUID) -> Person:
    return await session.get_one(Person, (poll.community_id, person_id))


async def voting(
    session: AsyncSession, street: Street, *phones: Phone, form: Form | None = None, **columns: Any
) -> Poll:
    """An open poll in which each of these people has a vote of their own."""
    poll = await a_draft(session, street, form=form, **columns)
    for phone in phones:
        await a_vote(session, poll, phone)
    await open_to(session, poll)
    await session.commit()
    return poll
