"""A secret vote is final, and nothing anywhere puts who cast it beside what it says."""

import io
from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.log import configure
from app.polls import casting
from app.polls.casting import Cast, Vote, keep_secret
from app.polls.models import Secrecy
from app.polls.recount import leaf_of, receipt_of
from app.polls.sealing import seal
from app.polls.signing import promised, public_key
from tests.conftest import Client
from tests.people.builders import facts
from tests.polls.builders import OpenPoll, an_open_poll
from tests.polls.votes import a_vote, rows, says, shut, token

NONCE = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32


async def keeps(session: AsyncSession, *votes: Vote) -> list[Cast]:
    return await keep_secret(await session.connection(), votes)


@pytest.fixture
async def opened(session: AsyncSession) -> OpenPoll:
    made = await an_open_poll(session, secrecy=Secrecy.SECRET, voters=4)
    await session.commit()
    return made


async def test_that_somebody_took_part_is_kept_apart_from_what_was_voted(
    session: AsyncSession, opened: OpenPoll
) -> None:
    (done,) = await keeps(session, a_vote(opened, nonce=NONCE))

    leaf = leaf_of(str(opened.poll.id), NONCE, says("A"))
    assert (done.outcome, done.entry_id, done.leaf) == ("cast", opened.entries[0].id, leaf)
    (took_part,) = await rows(session, "poll_participations", opened.poll)
    assert took_part.keys() == {"community_id", "poll_id", "entry_id"}
    (ballot,) = await rows(session, "poll_intake", opened.poll)
    assert ballot.keys() == {"community_id", "poll_id", "leaf", "nonce", "choice"}
    assert (ballot["leaf"], ballot["nonce"], ballot["choice"]) == (leaf, NONCE, says("A"))
    assert not await rows(session, "poll_ballots", opened.poll)


async def test_a_secret_vote_is_final(session: AsyncSession, opened: OpenPoll) -> None:
    await keeps(session, a_vote(opened, nonce=NONCE))
    again = [a_vote(opened, 0, "B", nonce=NONCE), a_vote(opened, nonce=OTHER), a_vote(opened)]
    assert [each.outcome for each in await keeps(session, *again)] == ["has_voted"] * 3
    (ballot,) = await rows(session, "poll_intake", opened.poll)
    assert ballot["choice"] == says("A")


async def test_sent_again_with_its_nonce_it_is_answered_like_the_first_time(
    session: AsyncSession, opened: OpenPoll
) -> None:
    first = await keeps(session, a_vote(opened, nonce=NONCE))
    assert await keeps(session, a_vote(opened, nonce=NONCE)) == first
    await seal(session, opened.poll, all=True)
    assert await keeps(session, a_vote(opened, nonce=NONCE)) == first
    await shut(session, opened.poll)
    assert await keeps(session, a_vote(opened, nonce=NONCE)) == first
    too_late = [a_vote(opened, 0, "B", nonce=NONCE), a_vote(opened, 1, nonce=NONCE)]
    assert [each.outcome for each in await keeps(session, *too_late)] == ["closed", "closed"]
    assert len(await rows(session, "poll_participations", opened.poll)) == 1


async def test_of_a_vote_that_comes_twice_together_the_first_one_stays(
    session: AsyncSession, opened: OpenPoll
) -> None:
    done = await keeps(
        session,
        a_vote(opened, 0, "A", nonce=NONCE),
        a_vote(opened, 0, "B", nonce=NONCE),
        a_vote(opened, 0, "A", nonce=NONCE),
        a_vote(opened, 1, "C"),
    )
    assert [each.outcome for each in done] == ["cast", "has_voted", "cast", "cast"]
    kept = await rows(session, "poll_intake", opened.poll)
    assert sorted(each["choice"] for each in kept) == [says("A"), says("C")]


async def test_two_voters_have_two_nonces(session: AsyncSession, opened: OpenPoll) -> None:
    await keeps(session, a_vote(opened, 0, nonce=NONCE))
    (done,) = await keeps(session, a_vote(opened, 1, nonce=NONCE))
    assert done.outcome == "nonce_taken"
    await seal(session, opened.poll, all=True)
    (done,) = await keeps(session, a_vote(opened, 1, nonce=NONCE))
    assert done.outcome == "nonce_taken"
    assert len(await rows(session, "poll_participations", opened.poll)) == 1
    (done,) = await keeps(session, a_vote(opened, 1, nonce=OTHER))
    assert done.outcome == "cast"


async def test_the_receipt_is_a_code_and_our_signature_under_its_leaf(
    session: AsyncSession, opened: OpenPoll
) -> None:
    (done,) = await keeps(session, a_vote(opened, nonce=NONCE))
    receipt = casting.receipt_for(opened.poll.id, done)
    assert receipt is not None
    assert receipt.promise is not None
    leaf = leaf_of(str(opened.poll.id), NONCE, says("A"))
    assert (receipt.code, receipt.leaf) == (receipt_of(leaf), leaf.hex())
    key = Ed25519PublicKey.from_public_bytes(public_key())
    key.verify(b64decode(receipt.promise), promised(opened.poll.id, leaf))


async def _tables(session: AsyncSession) -> Sequence[str]:
    found = await session.scalars(
        text(
            "SELECT relname FROM pg_class"
            " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
    )
    return list(found)


async def everything(session: AsyncSession) -> list[tuple[str, str]]:
    """Every row of every table as text."""
    return [
        (table, row)
        for table in await _tables(session)
        for row in await session.scalars(text(f'SELECT t::text FROM "{table}" AS t'))  # noqa: S608
    ]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged."""
    out = io.StringIO()
    configure(stream=out, level="debug")
    yield out
    configure()


async def _send(client: Client, opened: OpenPoll, number: int, **body: Any) -> Any:
    return await client.post(
        "/api/v1/ballots",
        json=body,
        headers={"Authorization": f"Bearer {token(opened, number)}", "Idempotency-Key": "k"},
    )


async def test_no_row_and_no_line_of_the_log_puts_a_voter_beside_a_choice(
    session: AsyncSession, client: Client, opened: OpenPoll, written: io.StringIO
) -> None:
    voter, entry = opened.people[0], opened.entries[0]
    before = {row for _, row in await everything(session)}
    sent = {"choice": {"q1": "B"}, "nonce": NONCE}
    bad = [{"choice": {"q1": "Z"}, "nonce": NONCE}, {"choice": {"q1": "A"}, "nonce": OTHER}]

    answers = [await _send(client, opened, 0, **each) for each in (sent, sent, *bad)]

    assert [each.status_code for each in answers] == [201, 201, 422, 409]
    leaf = answers[0].json()["leaf"]
    voters = (str(voter.id), str(entry.id), token(opened), entry.code)
    choices = (NONCE, OTHER, leaf, answers[0].json()["receipt"], answers[0].json()["promise"])
    new = [(table, row) for table, row in await everything(session) if row not in before]
    assert sorted(table for table, _ in new) == ["poll_intake", "poll_participations"]
    for table, row in new:
        who = any(each in row for each in voters)
        what = any(each in row for each in choices) or '"B"' in row or "q1" in row
        assert not (who and what), table
        assert who or what, table
    lines = written.getvalue()
    assert lines.count('"route":"/api/v1/ballots"') == 4
    assert not any(each in lines for each in (*voters, *choices, str(opened.poll.id)))
    for answer in answers[2:]:
        assert not any(each in answer.text for each in (*voters, *choices, '"Z"'))


async def test_what_the_database_refuses_says_nothing_of_it_either(
    session: AsyncSession, client: Client, opened: OpenPoll, written: io.StringIO
) -> None:
    await session.execute(
        text("ALTER TABLE poll_intake ADD CONSTRAINT broken CHECK (nonce = '') NOT VALID")
    )
    await session.commit()
    answer = await _send(client, opened, 0, choice={"q1": "B"}, nonce=NONCE)
    assert answer.status_code == 409
    told = answer.text + written.getvalue()
    assert "constraint_refused" in told
    leaf = leaf_of(str(opened.poll.id), NONCE, says("B")).hex()
    hidden = (NONCE, leaf, says("B"), str(opened.people[0].id), str(opened.entries[0].id))
    assert not any(each in told for each in hidden)
    assert not await rows(session, "poll_participations", opened.poll)


async def test_facts_and_work_do_not_grow_with_secret_votes(
    session: AsyncSession, opened: OpenPoll
) -> None:
    counted = text(
        "SELECT (SELECT count(*) FROM facts), (SELECT count(*) FROM procrastinate_jobs),"
        " (SELECT count(*) FROM answers), (SELECT count(*) FROM webhook_messages)"
    )
    before = (await session.execute(counted)).one()
    await keeps(session, *(a_vote(opened, each) for each in range(4)))
    assert (await session.execute(counted)).one() == before
    assert not await facts(session, "polls.ballot_cast")
    assert len(await rows(session, "poll_intake", opened.poll)) == 4


async def test_rows_of_a_batch_lie_in_orders_that_do_not_tell_of_each_other(
    session: AsyncSession,
) -> None:
    opened = await an_open_poll(session, secrecy=Secrecy.SECRET, voters=30)
    given = [a_vote(opened, each) for each in reversed(range(30))]
    done = await keeps(session, *given)
    placed = "SELECT entry_id FROM poll_participations ORDER BY ctid"
    assert list(await session.scalars(text(placed))) == sorted(
        (each.id for each in opened.entries), key=str
    )
    laid = [
        bytes(each)
        for each in await session.scalars(text("SELECT leaf FROM poll_intake ORDER BY ctid"))
    ]
    assert laid == sorted(laid)
    assert laid != [each.leaf for each in done]


async def test_an_error_of_the_driver_holds_neither_who_nor_what(
    session: AsyncSession, opened: OpenPoll
) -> None:
    await session.execute(text("ALTER TABLE poll_intake DROP COLUMN choice"))
    with pytest.raises(ProgrammingError) as broken:
        await keeps(session, a_vote(opened, nonce=NONCE))
    hidden = (NONCE, says(), str(opened.people[0].id), str(opened.entries[0].id))
    assert not any(each in str(broken.value) for each in hidden)
