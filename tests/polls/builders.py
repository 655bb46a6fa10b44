"""Polls for tests: what is asked, who has a vote, and polls that are open to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from app.core.clock import now
from app.core.ids import new_id
from app.people.models import Person, Relation, Residence, Standing
from app.places.models import Kind, Place
from app.polls.electorates import Electorate
from app.polls.forms import Form, Method, Option, Question
from app.polls.models import (
    Basis,
    Entry,
    Poll,
    PollKind,
    PollState,
    ResultsShown,
    Secrecy,
    Voter,
)
from app.polls.rules import Rules
from app.polls.service import drafting, opening
from tests.places.builders import a_community, a_place

_numbers = count(1)
OPTIONS = ("A", "B", "C")


def a_question(
    key: str = "q1", method: Method = Method.SINGLE, options: Sequence[str] = OPTIONS, **more: Any
) -> Question:
    """A question; yes or no and what is written have no options."""
    choosing = method not in {Method.YES_NO, Method.TEXT, Method.NUMBER, Method.DATE}
    made = [Option(key=each, text=f"方案{each}") for each in options] if choosing else []
    return Question(key=key, method=method, text=f"问题{key}", **{"options": made} | more)


def a_form(*questions: Question) -> Form:
    """What is asked: of nobody in particular, which of three."""
    return Form(questions=list(questions or [a_question()]))


async def a_grid(session: AsyncSession) -> Place:
    """The first grid of a new community, which lies in nothing else."""
    return await a_place(session, await a_community(session), Kind.GRID, "G1", "第一网格")


async def some_homes(session: AsyncSession, place: Place, many: int) -> list[Place]:
    """New homes in a new building of a place, however many, in two statements."""
    number = next(_numbers)
    building = _inside(place, Kind.BUILDING, f"B{number}")
    session.add(building)
    await session.flush()
    homes = [_inside(building, Kind.HOME, f"{each + 101}") for each in range(many)]
    session.add_all(homes)
    await session.flush()
    return homes


def _inside(parent: Place, kind: Kind, code: str) -> Place:
    return Place(
        community_id=parent.community_id,
        id=new_id(),
        parent_id=parent.id,
        kind=kind,
        code=code,
        name=code,
        path=f"{parent.path}{code}/",
    )


async def some_voters(session: AsyncSession, place: Place, many: int) -> list[Person]:
    """People who are known to live in a place, each in a home of their own."""
    homes = await some_homes(session, place, many)
    people = [
        Person(community_id=place.community_id, id=new_id(), name=f"居民{next(_numbers)}")
        for _ in homes
    ]
    session.add_all(people)
    await session.flush()
    session.add_all(
        Residence(
            community_id=place.community_id,
            person_id=person.id,
            home_id=home.id,
            relation=Relation.OWNER,
            standing=Standing.VERIFIED,
        )
        for person, home in zip(people, homes, strict=True)
    )
    await session.flush()
    return people


async def a_voter(session: AsyncSession, place: Place) -> Person:
    """Somebody who is known to live in a new home of a place."""
    return (await some_voters(session, place, 1))[0]


async def a_poll(
    session: AsyncSession,
    place: Place | None = None,
    *,
    kind: PollKind = PollKind.POLL,
    form: Form | None = None,
    electorate: Electorate | None = None,
    secrecy: Secrecy = Secrecy.RECORDED,
    rules: Rules | None = None,
    lasts: timedelta = timedelta(days=7),
    **columns: Any,
) -> Poll:
    """A draft for a place, or for the first grid of a new community."""
    place = place or await a_grid(session)
    usual: dict[str, Any] = {
        "results_shown": ResultsShown.AT_CLOSE,
        "state": PollState.DRAFT,
        "title": "小区门口装不装充电桩",
        "closes_at": now() + lasts,
        "number": await drafting.next_number(session, place.community_id),
    }
    poll = Poll(
        community_id=place.community_id,
        id=new_id(),
        kind=kind,
        place_id=place.id,
        form=(form or a_form()).model_dump(mode="json"),
        electorate=(electorate or Electorate()).model_dump(mode="json"),
        rules=(rules or Rules()).model_dump(mode="json"),
        secrecy=Secrecy(secrecy),
        **usual | columns,
    )
    set_committed_value(poll, "place", place)
    session.add(poll)
    await session.flush()
    return poll


async def put_on_roll(
    session: AsyncSession,
    poll: Poll,
    *voters: Person,
    area: int = 0,
    basis: Basis = Basis.SELF,
    **columns: Any,
) -> Entry:
    """One vote of a roll that is not frozen yet, which these people may cast."""
    entry = _entry(poll, voters[0] if voters else None, area=area, **columns)
    session.add(entry)
    await session.flush()
    session.add_all(_voter(entry, person, basis) for person in voters)
    await session.flush()
    return entry


def _entry(poll: Poll, person: Person | None, **columns: Any) -> Entry:
    number = next(_numbers)
    usual = {
        "key": f"person:{person.id}" if person else f"owner:{number}",
        "label": person.name or "甲" if person else "甲",
    }
    return Entry(
        community_id=poll.community_id,
        id=new_id(),
        poll_id=poll.id,
        code=f"T{number:09}",
        **usual | columns,
    )


def _voter(entry: Entry, person: Person, basis: Basis = Basis.SELF) -> Voter:
    return Voter(
        community_id=entry.community_id,
        poll_id=entry.poll_id,
        entry_id=entry.id,
        person_id=person.id,
        basis=basis,
    )


@dataclass
class OpenPoll:
    """A poll that takes votes; each of the people has the vote that stands in the same place."""

    poll: Poll
    people: list[Person]
    entries: list[Entry]


async def open_to(session: AsyncSession, poll: Poll, entries: Iterable[Entry] = ()) -> Poll:
    """Open a poll with the roll that was made for it by `put_on_roll`."""
    at = (await session.scalars(select(func.clock_timestamp()))).one()
    await opening.freeze(session, poll, len(list(entries)), at=at)
    return poll


async def an_open_poll(
    session: AsyncSession,
    place: Place | None = None,
    *,
    voters: int = 3,
    areas: Sequence[int] = (),
    **columns: Any,
) -> OpenPoll:
    """A poll that takes votes of new people who live in the place; `areas` for an assembly."""
    place = place or await a_grid(session)
    people = await some_voters(session, place, len(areas) or voters)
    poll = await a_poll(session, place, **columns)
    entries = [
        _entry(poll, person, area=area)
        for person, area in zip(people, areas or [0] * len(people), strict=True)
    ]
    session.add_all(entries)
    await session.flush()
    session.add_all(_voter(entry, person) for entry, person in zip(entries, people, strict=True))
    await session.flush()
    await open_to(session, poll, entries)
    return OpenPoll(poll, people, entries)
