"""Objections: raised by whom they are about, decided while the poll is open, linked and kept."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.people.models import Person, Role
from app.polls import casting, queries, recount
from app.polls.electorates import Electorate, Unit
from app.polls.forms import Matter, Method
from app.polls.models import (
    Basis,
    Channel,
    Entry,
    Link,
    LinkKind,
    Poll,
    PollKind,
    Secrecy,
    Voter,
)
from app.polls.service import lifecycle
from tests.people.builders import Caller, a_person, a_residence, a_worker, facts
from tests.people.conftest import As, Town
from tests.polls.builders import OpenPoll, a_form, a_poll, a_question, a_voter, an_open_poll


@pytest.fixture
async def manager(acting: As, session: AsyncSession, town: Town) -> Caller:
    return await acting(await a_worker(session, town.root, Role.MANAGER))


@pytest.fixture
async def opened(session: AsyncSession, town: Town) -> OpenPoll:
    made = await an_open_poll(session, town.grid)
    await session.commit()
    return made


async def _raise(caller: Caller, poll: Poll, **asked: Any) -> dict[str, Any]:
    usual = {"kind": "missing", "text": "名册上没有我"}
    answer = await caller.post(f"/polls/{poll.id}/objections", json=usual | asked)
    assert answer.status_code == 201, answer.text
    raised: dict[str, Any] = answer.json()
    return raised


async def _decide(caller: Caller, poll: Poll, raised: dict[str, Any], **asked: Any) -> Any:
    path = f"/polls/{poll.id}/objections/{raised['id']}/decision"
    return await caller.post(path, json={"upheld": True, "answer": "已核对"} | asked)


async def _cast(session: AsyncSession, poll: Poll, person: Person) -> None:
    by, channel = system(poll.community_id), Channel.REST
    choice = {"q1": "A"}
    await casting.cast(session, poll, person_id=person.id, choice=choice, channel=channel, by=by)
    await session.commit()


async def _votes(session: AsyncSession, poll: Poll, person: Person) -> list[Entry]:
    mine = queries.votes_of(poll.community_id, poll.id, person.id)
    return list(await session.scalars(mine.execution_options(populate_existing=True)))


async def test_who_is_missing_is_put_on_the_roll_and_may_vote(
    acting: As, session: AsyncSession, town: Town, manager: Caller, opened: OpenPoll
) -> None:
    newcomer = await a_voter(session, town.grid)
    raised = await _raise(await acting(newcomer), opened.poll)
    assert (raised["state"], raised["person_id"]) == ("pending", str(newcomer.id))

    decided = await _decide(manager, opened.poll, raised)

    assert (decided.status_code, decided.json()["state"]) == (200, "upheld")
    (entry,) = await _votes(session, opened.poll, newcomer)
    assert (entry.key, str(entry.objection_id)) == (f"person:{newcomer.id}", raised["id"])
    assert entry.home_id is not None
    await _cast(session, opened.poll, newcomer)
    first, last = (await session.scalars(select(Link).order_by(Link.number))).all()
    line = (entry.code, recount.key_digest_of(str(opened.poll.id), entry.key), 0, 1)
    head = recount.roll_head(first.head, 1, [recount.roll_line(*line)], [])
    assert (last.kind, last.size, last.head) == (LinkKind.ROLL, 1, head)
    assert last.payload == {"added": [list(line)], "struck": []}
    kinds = ("polls.objection_raised", "polls.objection_decided", "polls.head_published")
    assert [len(await facts(session, kind)) for kind in kinds] == [1, 1, 2]


async def test_who_is_on_the_roll_is_not_put_there_again(
    acting: As, session: AsyncSession, manager: Caller, opened: OpenPoll
) -> None:
    raised = await _raise(await acting(opened.people[0]), opened.poll)
    refused = await _decide(manager, opened.poll, raised)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/entry-exists")
    again = await _decide(manager, opened.poll, raised, upheld=False)
    assert again.json()["state"] == "rejected"
    assert len((await session.scalars(select(Link))).all()) == 1


async def test_a_wrong_entry_is_struck_and_another_put_in_its_place(
    acting: As, session: AsyncSession, town: Town, manager: Caller
) -> None:
    fund = a_form(a_question(method=Method.YES_NO, matter=Matter.FUND_USE))
    opened = await an_open_poll(
        session, town.grid, areas=[8950, 7010], kind=PollKind.ASSEMBLY, form=fund
    )
    owner = opened.people[0]
    wrong = {"kind": "wrong", "entry_id": str(opened.entries[0].id), "text": "面积不对"}
    raised = await _raise(await acting(owner), opened.poll, **wrong)
    assert (await _decide(manager, opened.poll, raised)).status_code == 422

    decided = await _decide(manager, opened.poll, raised, area=9050, homes=2)

    assert decided.status_code == 200, decided.text
    (entry,) = await _votes(session, opened.poll, owner)
    assert (entry.area, entry.homes, entry.key) == (9050, 2, opened.entries[0].key)
    assert entry.code != opened.entries[0].code
    await session.refresh(opened.entries[0])
    assert str(opened.entries[0].struck_by_id) == raised["id"]
    link = (await session.scalars(select(Link).order_by(Link.number.desc()))).first()
    assert link is not None
    assert link.payload["struck"] == [opened.entries[0].code]
    assert await queries.turnout(session, opened.poll) == {"entries": 2, "voted": 0}


@pytest.mark.parametrize("secrecy", Secrecy)
async def test_who_is_not_entitled_is_struck_unless_they_have_voted(
    acting: As, session: AsyncSession, town: Town, manager: Caller, secrecy: Secrecy
) -> None:
    opened = await an_open_poll(session, town.grid, secrecy=secrecy)
    staff = await acting(await a_worker(session, town.root, Role.STAFF))
    await _cast(session, opened.poll, opened.people[0])
    raised = [
        await _raise(
            staff,
            opened.poll,
            kind="not_entitled",
            person_id=str(person.id),
            entry_id=str(entry.id),
        )
        for person, entry in zip(opened.people, opened.entries, strict=True)
    ]

    voted = await _decide(manager, opened.poll, raised[0])
    assert (voted.status_code, voted.json()["type"]) == (409, "/problems/has-voted")
    assert (await _decide(staff, opened.poll, raised[1])).status_code == 403
    assert (await _decide(manager, opened.poll, raised[1])).status_code == 200

    assert await _votes(session, opened.poll, opened.people[0])
    assert not await _votes(session, opened.poll, opened.people[1])
    assert await queries.turnout(session, opened.poll) == {"entries": 2, "voted": 1}


async def test_of_a_household_one_is_struck_and_the_others_keep_the_vote(
    acting: As, session: AsyncSession, town: Town, manager: Caller
) -> None:
    stays, goes, late = [await a_person(session, town.root, name) for name in "甲乙丙"]
    for person in (stays, goes):
        await a_residence(session, person, town.home)
    poll = await a_poll(session, town.grid, electorate=Electorate(unit=Unit.HOUSEHOLD))
    await lifecycle.open_now(session, poll, by=system(poll.community_id))
    await a_residence(session, late, town.home)
    (entry,) = await _votes(session, poll, goes)
    staff = await acting(await a_worker(session, town.root, Role.STAFF))
    gone = {"kind": "not_entitled", "person_id": str(goes.id), "entry_id": str(entry.id)}

    assert (await _decide(manager, poll, await _raise(staff, poll, **gone))).status_code == 200
    missing = await _raise(await acting(late), poll)
    assert (await _decide(manager, poll, missing)).status_code == 200

    assert not await _votes(session, poll, goes)
    (theirs,) = await _votes(session, poll, late)
    assert (theirs.id, await _votes(session, poll, stays)) == (entry.id, [theirs])
    assert await queries.turnout(session, poll) == {"entries": 1, "voted": 0}
    links = (await session.scalars(select(Link.size).order_by(Link.number))).all()
    assert links == [1, 0, 0]


async def test_a_late_proxy_lets_somebody_cast_anothers_vote(
    acting: As, session: AsyncSession, town: Town, manager: Caller, opened: OpenPoll
) -> None:
    giver, holder = opened.people[0], opened.people[1]
    proxy = {"kind": "proxy", "entry_id": str(opened.entries[0].id), "text": "委托书今天送到"}
    raised = await _raise(await acting(giver), opened.poll, **proxy)

    decided = await _decide(manager, opened.poll, raised, voter_id=str(holder.id))

    assert decided.status_code == 200, decided.text
    assert len(await _votes(session, opened.poll, holder)) == 2
    voter = (await session.scalars(select(Voter).where(Voter.objection_id.is_not(None)))).one()
    assert (voter.basis, voter.person_id) == (Basis.PROXY, holder.id)


async def test_one_objects_for_oneself_and_once_of_a_kind(
    acting: As, session: AsyncSession, town: Town, opened: OpenPoll
) -> None:
    first, second = opened.people[0], opened.people[1]
    caller, path = await acting(first), f"/polls/{opened.poll.id}/objections"
    asked = {"kind": "missing", "text": "漏了"}
    theirs = {"kind": "wrong", "entry_id": str(opened.entries[1].id), "text": "不对"}

    other = await caller.post(path, json=asked | {"person_id": str(second.id)})
    assert other.status_code == 403
    assert (await caller.post(path, json=theirs)).status_code == 422
    assert (await caller.post(path, json=asked)).status_code == 201
    again = await caller.post(path, json=asked)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/objection-pending")
    staff = await acting(await a_worker(session, town.root, Role.STAFF))
    await _raise(staff, opened.poll, person_id=str(second.id))
    assert len((await staff.get(path)).json()["items"]) == 2
    assert len((await caller.get(path)).json()["items"]) == 1


async def test_an_objection_is_decided_once(
    acting: As, session: AsyncSession, town: Town, manager: Caller, opened: OpenPoll
) -> None:
    raised = await _raise(await acting(await a_voter(session, town.grid)), opened.poll)
    assert (await _decide(manager, opened.poll, raised)).status_code == 200
    again = await _decide(manager, opened.poll, raised, upheld=False)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/objection-decided")
    nowhere = await _decide(manager, opened.poll, {"id": str(opened.poll.id)})
    assert nowhere.status_code == 404


async def test_after_the_term_nothing_is_raised_or_decided(
    acting: As, session: AsyncSession, town: Town, manager: Caller
) -> None:
    over = await an_open_poll(session, town.grid, lasts=timedelta(milliseconds=1))
    running = await an_open_poll(session, town.grid)
    newcomer = await acting(await a_voter(session, town.grid))
    raised = await _raise(newcomer, running.poll)
    await manager.post(f"/polls/{running.poll.id}/closing")

    asked = {"kind": "missing", "text": "漏了"}
    late = await newcomer.post(f"/polls/{over.poll.id}/objections", json=asked)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/poll-not-open")
    decided = await _decide(manager, running.poll, raised)
    assert (decided.status_code, decided.json()["type"]) == (409, "/problems/poll-not-open")
