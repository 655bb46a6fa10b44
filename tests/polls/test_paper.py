"""Votes on paper and from the door: two people, counted once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.files import store_photo
from app.people.models import Person, Role
from app.polls.models import Ballot, Entry, PaperBallot, PollState
from app.polls.owners.roll import owner_entries
from tests.people.builders import Caller, a_client, a_worker, facts
from tests.people.conftest import As, Town
from tests.pictures import a_picture
from tests.places.builders import a_home
from tests.polls.builders import OpenPoll, an_open_poll, open_to
from tests.polls.owning import a_deed, an_assembly, an_owner, the_roll

A, B = {"q1": "A"}, {"q1": "B"}


@pytest.fixture
async def opened(session: AsyncSession, town: Town) -> OpenPoll:
    made = await an_open_poll(session, town.root)
    await session.commit()
    return made


def written(entry: Entry, choice: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"code": entry.code, "choice": choice or A, **more}


async def kept(session: AsyncSession) -> list[tuple[str, str, int]]:
    rows = await session.execute(select(Ballot.choice, Ballot.channel, Ballot.times))
    return [(choice, channel.value, times) for choice, channel, times in rows]


async def test_a_paper_counts_when_a_second_person_reads_the_same(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/papers"

    entered = await first.post(path, json=written(opened.entries[0]))
    before = await kept(session)
    read = await second.post(f"{path}/{entered.json()['id']}/reading", json={"choice": A})

    assert (entered.status_code, entered.json()["state"], before) == (201, "entered", [])
    assert (read.status_code, read.json()["state"]) == (200, "counted"), read.text
    assert await kept(session) == [('{"q1":"A"}', "paper", 1)]
    paper_id = entered.json()["id"]
    for kind in ("polls.paper_entered", "polls.paper_counted"):
        assert [fact["paper_id"] for fact in await facts(session, kind)] == [paper_id]
    assert [fact["channel"] for fact in await facts(session, "polls.ballot_cast")] == ["paper"]


async def test_what_a_paper_says_is_shown_to_nobody(
    first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/papers"
    entered = await first.post(path, json=written(opened.entries[0]))

    listed = await second.get(path)

    assert [each["id"] for each in listed.json()["items"]] == [entered.json()["id"]]
    assert "q1" not in entered.text + listed.text


async def test_nobody_reads_what_they_entered(
    session: AsyncSession, first: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/papers"
    entered = (await first.post(path, json=written(opened.entries[0]))).json()

    answer = await first.post(f"{path}/{entered['id']}/reading", json={"choice": A})

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/same-person")
    assert await kept(session) == []


async def test_two_who_read_differently_are_told_and_may_enter_it_anew(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/papers"
    entered = (await first.post(path, json=written(opened.entries[0]))).json()

    differs = await second.post(f"{path}/{entered['id']}/reading", json={"choice": B})
    again = await second.post(f"{path}/{entered['id']}/reading", json={"choice": A})
    anew = await second.post(path, json=written(opened.entries[0], B))
    read = await first.post(f"{path}/{anew.json()['id']}/reading", json={"choice": B})
    aside = await first.post(f"{path}/{entered['id']}/discarding")

    assert (differs.status_code, differs.json()["state"]) == (200, "differs")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/paper-done")
    assert (read.json()["state"], aside.json()["state"]) == ("counted", "discarded")
    assert await kept(session) == [('{"q1":"B"}', "paper", 1)]
    assert len(await facts(session, "polls.paper_disputed")) == 1
    assert len(await facts(session, "polls.paper_discarded")) == 1


async def test_what_counted_is_not_put_aside(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/papers"
    entered = (await first.post(path, json=written(opened.entries[0]))).json()
    await second.post(f"{path}/{entered['id']}/reading", json={"choice": A})

    aside = await first.post(f"{path}/{entered['id']}/discarding")
    twice = await first.post(path, json=written(opened.entries[0]))

    assert aside.json()["type"] == "/problems/paper-done"
    assert twice.status_code == 409
    assert len(await kept(session)) == 1


async def test_a_second_paper_of_a_vote_is_refused_while_one_waits(
    first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/papers"
    asked = written(opened.entries[0])

    answers = await asyncio.gather(*[each.post(path, json=asked) for each in (first, second) * 3])

    assert sorted(each.status_code for each in answers) == [201] + [409] * 5
    refused = {each.json()["type"] for each in answers if each.status_code == 409}
    assert refused == {"/problems/paper-exists"}


async def test_without_its_index_two_papers_of_one_vote_wait(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    await session.execute(text("DROP INDEX poll_paper_ballots_once_key"))
    await session.commit()
    path = f"/polls/{opened.poll.id}/papers"

    answers = [await each.post(path, json=written(opened.entries[0])) for each in (first, second)]

    assert [each.status_code for each in answers] == [201, 201]


async def test_a_vote_from_the_door_needs_a_witness_and_may_have_a_photo(
    session: AsyncSession, first: Caller, second: Caller, clerks: list[Person], opened: OpenPoll
) -> None:
    photo = await store_photo(
        session, a_picture(), community_id=clerks[0].community_id, by=clerks[0].id
    )
    await session.commit()
    path = f"/polls/{opened.poll.id}/papers"
    door = written(opened.entries[0], channel="door")

    alone = await first.post(path, json=door)
    others_photo = await second.post(
        path, json={**door, "witness": "楼长王五", "file_id": str(photo.id)}
    )
    entered = await first.post(path, json={**door, "witness": "楼长王五", "file_id": str(photo.id)})
    shown = await second.get(f"{path}/{entered.json()['id']}/photo")
    await second.post(f"{path}/{entered.json()['id']}/reading", json={"choice": A})

    assert (alone.status_code, alone.json()["errors"][0]["path"]) == (422, "body.witness")
    assert others_photo.json()["errors"][0]["path"] == "body.file_id"
    assert shown.headers["content-type"] == "image/jpeg"
    assert await kept(session) == [('{"q1":"A"}', "door", 1)]


@pytest.mark.parametrize(
    "asked",
    [
        {"choice": A},
        {"choice": {"q1": "Z"}, "code": "mine"},
        {"choice": A, "code": "NOBODY"},
        {"choice": A, "home_id": "018f0000-0000-7000-8000-000000000000"},
        {"choice": A, "code": "mine", "channel": "rest"},
    ],
)
async def test_a_paper_that_makes_no_sense_is_refused(
    session: AsyncSession, first: Caller, opened: OpenPoll, asked: dict[str, Any]
) -> None:
    asked = {**asked, **({"code": opened.entries[0].code} if asked.get("code") == "mine" else {})}

    answer = await first.post(f"/polls/{opened.poll.id}/papers", json=asked)

    assert answer.status_code == 422
    assert (await session.scalars(select(PaperBallot))).all() == []


async def test_a_paper_is_named_by_any_home_of_its_owner(
    session: AsyncSession, town: Town, first: Caller, second: Caller
) -> None:
    owner = await an_owner(session, town.root)
    other = await a_home(session, town.grid, "3-2-503")
    for home in (town.home, other):
        await a_deed(session, home, owner)
    poll = await an_assembly(session, town.root)
    await owner_entries(session, poll)
    await open_to(session, poll)
    await session.commit()
    path, yes = f"/polls/{poll.id}/papers", {"q1": "yes"}

    entered = await first.post(path, json={"home_id": str(other.id), "choice": yes})
    read = await second.post(f"{path}/{entered.json()['id']}/reading", json={"choice": yes})

    (entry,) = (await the_roll(session, poll)).values()
    assert entered.json()["entry_id"] == str(entry.id)
    assert read.json()["state"] == "counted"


async def test_papers_are_taken_while_the_poll_is_open(
    session: AsyncSession, first: Caller, second: Caller, opened: OpenPoll
) -> None:
    path = f"/polls/{opened.poll.id}/papers"
    entered = (await first.post(path, json=written(opened.entries[0]))).json()
    opened.poll.state, opened.poll.closed_at = PollState.CLOSED, opened.poll.closes_at
    await session.commit()

    late = await first.post(path, json=written(opened.entries[1]))
    unread = await second.post(f"{path}/{entered['id']}/reading", json={"choice": A})

    assert [each.json()["type"] for each in (late, unread)] == ["/problems/poll-not-open"] * 2
    assert await kept(session) == []


async def test_a_grid_worker_takes_papers_of_the_grid_alone_and_a_program_none(
    session: AsyncSession, town: Town, acting: As
) -> None:
    opened = await an_open_poll(session, town.root)
    owner, far = await an_owner(session, town.root), await an_owner(session, town.root, name="李四")
    await a_deed(session, town.home, owner)
    await a_deed(session, town.far_home, far)
    poll = await an_assembly(session, town.root)
    await owner_entries(session, poll)
    await open_to(session, poll)
    worker = await acting(await a_worker(session, town.grid, Role.GRID_WORKER))
    staff = await acting(await a_worker(session, town.root, Role.STAFF))
    program = await acting(await a_client(session, town.root, Role.STAFF))
    path, yes = f"/polls/{poll.id}/papers", {"choice": {"q1": "yes"}}

    mine = await worker.post(path, json={"home_id": str(town.home.id), **yes})
    beyond = await worker.post(path, json={"home_id": str(town.far_home.id), **yes})
    elsewhere = await staff.post(path, json={"home_id": str(town.far_home.id), **yes})
    no_person = await program.post(
        f"/polls/{opened.poll.id}/papers", json=written(opened.entries[0])
    )

    assert (mine.status_code, beyond.status_code, elsewhere.status_code) == (201, 403, 201)
    assert [each["id"] for each in (await worker.get(path)).json()["items"]] == [mine.json()["id"]]
    assert len((await staff.get(path)).json()["items"]) == 2
    assert no_person.status_code == 403


async def test_what_comes_after_the_time_is_not_taken_before_anybody_closes_the_poll(
    session: AsyncSession, town: Town, first: Caller
) -> None:
    over = await an_open_poll(session, town.root, lasts=timedelta(seconds=-1))
    await session.commit()

    late = await first.post(f"/polls/{over.poll.id}/papers", json=written(over.entries[0]))

    assert (late.status_code, late.json()["type"]) == (409, "/problems/poll-not-open")
