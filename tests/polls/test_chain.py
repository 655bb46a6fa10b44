"""The chain of a poll, for everybody to keep, and the ballot of a receipt in it."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.ids import new_id
from app.polls import chain
from app.polls.casting import keep_secret
from app.polls.models import Link, LinkKind, Poll, Secrecy
from app.polls.recount import leaf_of, receipt_of
from app.polls.sealing import seal
from tests.conftest import Client
from tests.people.builders import facts, token_of
from tests.polls.builders import OpenPoll, a_poll, an_open_poll
from tests.polls.votes import a_vote, says

NONCE = "0123456789abcdef0123456789abcdef"


async def adds(session: AsyncSession, poll: Poll, last: Link) -> Link:
    head = bytes([last.number + 1]) * 32
    return await chain.append(session, poll, LinkKind.ROLL, 2, {"why": "objection"}, head)


async def test_a_link_follows_the_last_and_its_head_is_published(session: AsyncSession) -> None:
    poll = (await an_open_poll(session)).poll
    link = await adds(session, poll, await chain.latest(session, poll))
    assert (link.number, link.kind, link.size) == (1, LinkKind.ROLL, 2)
    assert await chain.latest(session, poll) is link
    assert (await adds(session, poll, link)).number == 2
    *_, first, second = await facts(session, "polls.head_published")
    assert first == {"poll_id": str(poll.id), "number": 1, "head": "01" * 32}
    assert second == {"poll_id": str(poll.id), "number": 2, "head": "02" * 32}


async def test_a_link_is_never_changed_or_taken_out(session: AsyncSession) -> None:
    poll_id = (await an_open_poll(session)).poll.id
    await session.commit()
    for change in (
        "UPDATE poll_links SET head = '\\x01' WHERE poll_id = :poll",
        "DELETE FROM poll_links WHERE poll_id = :poll",
    ):
        with pytest.raises(DBAPIError, match="never changed or deleted"):
            await session.execute(text(change), {"poll": poll_id})
        await session.rollback()


async def test_links_that_are_added_at_once_follow_one_another(
    session: AsyncSession, sessions: Sessions
) -> None:
    poll = (await an_open_poll(session)).poll
    await session.commit()

    async def add() -> tuple[int, bytes]:
        async with sessions.begin() as own:
            here = await own.get_one(Poll, (poll.community_id, poll.id))
            last = await chain.latest(own, here)
            await asyncio.sleep(0.01)
            link = await adds(own, here, last)
            return link.number, link.head

    added = await asyncio.gather(*(add() for _ in range(8)))
    assert sorted(added) == [(number, bytes([number]) * 32) for number in range(1, 9)]


@pytest.fixture
async def opened(session: AsyncSession) -> OpenPoll:
    made = await an_open_poll(session, secrecy=Secrecy.SECRET, voters=25)
    votes = [a_vote(made, each) for each in range(24)]
    votes.append(a_vote(made, 24, "B", nonce=NONCE))
    await keep_secret(await session.connection(), votes)
    await session.commit()
    return made


async def test_nobody_needs_to_sign_in_to_read_the_heads_of_a_public_poll(
    session: AsyncSession, client: Client, opened: OpenPoll
) -> None:
    link = await seal(session, opened.poll)
    await session.commit()
    assert link is not None
    assert opened.poll.head is not None

    first = await client.get(f"/api/v1/polls/{opened.poll.id}/links", params={"limit": 1})
    page = first.json()
    second = await client.get(
        f"/api/v1/polls/{opened.poll.id}/links", params={"limit": 1, "after": page["next"]}
    )

    assert page["items"][0].keys() == {"number", "kind", "size", "at", "head"}
    assert page["items"][0]["head"] == opened.poll.head.hex()
    (shown,) = second.json()["items"]
    assert (shown["number"], shown["kind"], shown["size"]) == (1, "ballots", 15)
    assert shown["head"] == link.head.hex()
    assert second.json()["next"] is None


async def test_a_receipt_tells_where_its_ballot_is_and_never_what_it_says(
    session: AsyncSession, client: Client, opened: OpenPoll
) -> None:
    leaf = leaf_of(str(opened.poll.id), NONCE, says("B"))
    code, path = receipt_of(leaf), f"/api/v1/polls/{opened.poll.id}/receipts"
    waiting = {"code": code, "leaf": leaf.hex(), "sealed": False, "batch": None}

    assert (await client.get(f"{path}/{code}")).json() == waiting
    await seal(session, opened.poll, all=True)
    await session.commit()

    sealed = {**waiting, "sealed": True, "batch": 1}
    for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " ")):
        assert (await client.get(f"{path}/{typed}")).json() == sealed
    like = code.replace("0", "O").replace("1", "l")
    assert (await client.get(f"{path}/{like}")).json() == sealed


@pytest.mark.parametrize("code", ["0000-0000-0000-0000", "nonsense", "U" * 16, "-" * 19, "投票"])
async def test_a_receipt_of_no_ballot_is_not_found(
    client: Client, opened: OpenPoll, code: str
) -> None:
    answer = await client.get(f"/api/v1/polls/{opened.poll.id}/receipts/{code}")
    assert answer.status_code == 404


@pytest.mark.parametrize("what", ["links", "receipts/0000-0000-0000-0000"])
async def test_a_poll_that_is_not_public_is_for_its_own_people(
    session: AsyncSession, client: Client, what: str
) -> None:
    closed_in, elsewhere = await an_open_poll(session, public=False), await an_open_poll(session)
    hidden = closed_in.poll
    keys = [token_of(session, each.people[0]) for each in (closed_in, elsewhere)]
    await session.commit()
    path = f"/api/v1/polls/{hidden.id}/{what}"

    assert (await client.get(path)).status_code == 404
    own = await client.with_token(keys[0]).get(path)
    assert own.status_code == (200 if what == "links" else 404)
    assert (await client.with_token(keys[1]).get(path)).status_code == 404


async def test_before_the_opening_there_is_nothing_to_read(
    session: AsyncSession, client: Client
) -> None:
    poll = await a_poll(session)
    await session.commit()
    for poll_id in (poll.id, new_id()):
        assert (await client.get(f"/api/v1/polls/{poll_id}/links")).status_code == 404
