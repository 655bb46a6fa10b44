"""The booth: votes over HTTP, many at a time, each with its own answer."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.database import Sessions
from app.core.problems import MEDIA_TYPE
from app.people import service as people
from app.people.access import system
from app.polls.booth import AT_ONCE, LARGEST_BODY, PATH, BallotIn, Booth
from app.polls.forms import Method
from app.polls.links import VotingLink, token_of
from app.polls.models import PollKind, Secrecy
from app.polls.problems import PollNotOpen
from app.webhooks import service as webhooks
from tests.conftest import Client, Worker
from tests.polls.builders import (
    OpenPoll,
    a_form,
    a_poll,
    a_question,
    a_voter,
    an_open_poll,
    open_to,
    put_on_roll,
    some_voters,
)
from tests.polls.votes import rows, says, shut, token

NONCE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def opened(session: AsyncSession) -> OpenPoll:
    made = await an_open_poll(session, voters=5)
    await session.commit()
    return made


async def sends(client: Client, key: str, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return await client.post(PATH, content=content, headers=given | headers)


def a_link(opened: OpenPoll, number: int) -> VotingLink:
    poll = opened.poll
    return VotingLink(poll.community_id, poll.id, opened.people[number].id)


def choosing(answer: Any = "A", **more: Any) -> dict[str, Any]:
    return {"choice": {"q1": answer}, **more}


async def test_a_recorded_vote_is_cast_then_changed_then_as_it_was(
    session: AsyncSession, client: Client, opened: OpenPoll
) -> None:
    key = token(opened)
    answers = [await sends(client, key, choosing(each)) for each in "ABB"]

    assert [each.status_code for each in answers] == [201, 200, 200]
    nothing = {"receipt": None, "promise": None, "leaf": None}
    entry = str(opened.entries[0].id)
    assert [each.json() for each in answers] == [
        {"outcome": outcome, "entry": entry, **nothing}
        for outcome in ("cast", "changed", "unchanged")
    ]
    (kept,) = await rows(session, "poll_ballots", opened.poll)
    assert (kept["choice"], kept["channel"]) == (says("B"), "rest")
    assert answers[0].headers["Cache-Control"] == "no-store"
    assert answers[0].headers["Content-Type"] == "application/json"


async def test_a_secret_vote_gets_a_receipt_and_the_same_one_when_it_comes_again(
    session: AsyncSession, client: Client
) -> None:
    opened = await an_open_poll(session, secrecy=Secrecy.SECRET)
    await session.commit()
    first = await sends(client, token(opened), choosing(nonce=NONCE))
    again = await sends(client, token(opened), choosing(nonce=NONCE))
    other = await sends(client, token(opened), choosing("B", nonce=NONCE))

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == again.json()
    assert (len(first.json()["leaf"]), len(first.json()["receipt"])) == (64, 19)
    assert other.json()["type"] == "/problems/has-voted"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"A"',
        b"\xff\xfe",
        b'{"choice": ' + b"[" * 100_000,
        b'{"choice": {"q1": NaN}}',
        b'{"choice": {"q1": "\\ud800"}}',
        b'{"choice": {"q1": ' + b"9" * 5000 + b"}}",
        {},
        {"choice": None},
        {"choice": "A"},
        {"choice": {}},
        choosing("Z"),
        choosing(["A"]),
        choosing({"A": 1}),
        choosing(True),
        {"choice": {"q1": "A", "q2": "A"}},
        {"choice": {str(n): n for n in range(300)}},
        choosing(entry_id="3"),
        choosing(nonce="short"),
        choosing(nonce="x" * 65),
        choosing(nonce="票" * 20),
        choosing(person_id="somebody"),
    ],
)
async def test_what_is_no_ballot_is_refused_as_a_problem_and_nothing_is_counted(
    session: AsyncSession, client: Client, opened: OpenPoll, body: Any
) -> None:
    answer = await sends(client, token(opened), body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert answer.json()["type"] in {"/problems/invalid", "/problems/ballot-invalid"}
    assert answer.json()["errors"]
    assert not await rows(session, "poll_ballots", opened.poll)


@pytest.mark.parametrize("said", ["a\0b", "\ud83d", "\x1b[2J"])
async def test_words_that_cannot_be_kept_are_refused(
    session: AsyncSession, client: Client, said: str
) -> None:
    form = a_form(a_question(method=Method.TEXT))
    opened = await an_open_poll(session, form=form, kind=PollKind.SURVEY)
    await session.commit()
    assert (await sends(client, token(opened), choosing(said))).status_code == 422
    assert (await sends(client, token(opened), choosing("花园"))).status_code == 201


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic {}", "Bearer {}x"])
async def test_without_a_link_of_ours_there_is_no_vote(
    client: Client, opened: OpenPoll, authorization: str
) -> None:
    given = {"Authorization": authorization.format(token(opened))}
    answer = await client.post(PATH, json=choosing(), headers=given)
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/link-invalid"


async def test_a_body_has_an_end(client: Client, opened: OpenPoll) -> None:
    large = b'{"choice": "' + b"a" * LARGEST_BODY + b'"}'

    async def drops() -> Any:
        for at in range(0, len(large), 65536):
            yield large[at : at + 65536]

    assert (await sends(client, token(opened), large)).status_code == 413
    streamed = await client.post(
        PATH, content=drops(), headers={"Authorization": f"Bearer {token(opened)}"}
    )
    assert streamed.status_code == 413
    assert streamed.headers["Content-Type"] == MEDIA_TYPE


async def test_refusals_of_the_matter_are_told_apart(
    session: AsyncSession, client: Client, opened: OpenPoll
) -> None:
    poll = opened.poll
    stranger = await a_voter(session, poll.place)
    draft = await a_poll(session, poll.place)
    await session.commit()

    def link(poll_id: Any) -> str:
        return token_of(VotingLink(poll.community_id, poll_id, stranger.id))

    found = [
        await sends(client, link(each), choosing()) for each in (poll.id, draft.id, stranger.id)
    ]
    assert [each.status_code for each in found] == [403, 409, 404]
    await shut(session, poll)
    await session.commit()
    late = await sends(client, token(opened), choosing())
    assert (late.status_code, late.json()["type"]) == (409, "/problems/poll-not-open")


async def test_who_may_cast_several_is_told_which(session: AsyncSession, client: Client) -> None:
    first = await an_open_poll(session)
    poll = await a_poll(session, first.poll.place)
    voter = first.people[0]
    entries = [
        await put_on_roll(session, poll, voter, key=f"owner:{each}", label=f"3-{each}")
        for each in (501, 502)
    ]
    await open_to(session, poll)
    await session.commit()
    key = token_of(VotingLink(poll.community_id, poll.id, voter.id))

    which = await sends(client, key, choosing())
    assert which.status_code == 422
    assert [each["message"] for each in which.json()["errors"]] == [
        f"{entries[0].id} 3-501",
        f"{entries[1].id} 3-502",
    ]
    cast = await sends(client, key, choosing(entry_id=str(entries[1].id)))
    assert (cast.status_code, cast.json()["entry"]) == (201, str(entries[1].id))


async def test_refusals_are_told_in_the_readers_language(client: Client, opened: OpenPoll) -> None:
    titles = [
        (await sends(client, token(opened), {}, **{"Accept-Language": each})).json()["title"]
        for each in ("zh-CN", "en")
    ]
    assert titles == ["有些内容填写不正确。", "Some of the fields are not as they should be."]


async def test_other_methods_and_addresses_are_not_the_booths(client: Client) -> None:
    assert (await client.get(PATH)).status_code == 405
    assert (await client.post(f"{PATH}/more")).status_code == 404


async def test_it_is_documented(client: Client) -> None:
    path = (await client.get("/openapi.json")).json()["paths"][PATH]["post"]
    assert {"200", "201", "401", "403", "409", "413", "422"} <= path["responses"].keys()


async def test_it_is_logged_and_counted(
    client: Client, opened: OpenPoll, capsys: pytest.CaptureFixture[str]
) -> None:
    await sends(client, token(opened), choosing(), **{"X-Request-ID": "my-vote"})
    line = next(each for each in capsys.readouterr().out.splitlines() if "my-vote" in each)
    assert '"route":"/api/v1/ballots","status":201' in line
    counts = (await client.get("/metrics")).text
    assert 'palm_ballots_total{outcome="cast"}' in counts
    assert 'palm_http_request_seconds_count{method="POST",route="/api/v1/ballots"' in counts


@pytest.mark.parametrize("secrecy", list(Secrecy))
async def test_votes_that_arrive_together_each_get_their_own_answer(
    session: AsyncSession, client: Client, secrecy: Secrecy
) -> None:
    opened = await an_open_poll(session, voters=40, secrecy=secrecy)
    stranger = await a_voter(session, opened.poll.place)
    await session.commit()
    poll = opened.poll
    keys = [token(opened, each) for each in range(40)]
    strange = token_of(VotingLink(poll.community_id, poll.id, stranger.id))

    answers = await asyncio.gather(
        *(sends(client, key, choosing("ABC"[n % 3])) for n, key in enumerate(keys)),
        *(sends(client, keys[0], choosing("Z")) for _ in range(3)),
        *(sends(client, strange, choosing()) for _ in range(3)),
    )

    assert Counter(each.status_code for each in answers) == {201: 40, 422: 3, 403: 3}
    entries = [each.json()["entry"] for each in answers[:40]]
    assert entries == [str(each.id) for each in opened.entries]
    kept = "poll_ballots" if secrecy is Secrecy.RECORDED else "poll_intake"
    choices = Counter(each["choice"] for each in await rows(session, kept, poll))
    assert choices == {says("A"): 14, says("B"): 13, says("C"): 13}


async def test_who_was_twice_on_the_register_votes_by_the_link_of_either(
    session: AsyncSession, client: Client, opened: OpenPoll
) -> None:
    poll, was = opened.poll, opened.people[0]
    (now_is,) = await some_voters(session, poll.place, 1)
    await people.merge(session, was, into=now_is, by=system(poll.community_id))
    await session.commit()
    new = token_of(VotingLink(poll.community_id, poll.id, now_is.id))
    first, second = (
        await sends(client, new, choosing()),
        await sends(client, token(opened), choosing()),
    )
    assert (first.json()["outcome"], second.json()["outcome"]) == ("cast", "unchanged")
    assert first.json()["entry"] == str(opened.entries[0].id)


async def test_one_poll_that_is_being_closed_does_not_keep_the_votes_of_another(
    session: AsyncSession, sessions: Sessions, engine: AsyncEngine, opened: OpenPoll
) -> None:
    other = await an_open_poll(session, opened.poll.place)
    await session.commit()
    booth, ballot = Booth(engine), BallotIn(choice={"q1": "A"})
    assert len(opened.people) > AT_ONCE
    async with sessions.begin() as closing:
        await shut(closing, opened.poll)
        late = [
            asyncio.create_task(booth.take(a_link(opened, each), ballot))
            for each in range(AT_ONCE + 1)
        ]
        while len(booth._turns) <= AT_ONCE:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.001)
        async with asyncio.timeout(3):
            assert (await booth.take(a_link(other, 0), ballot)).outcome == "cast"
        assert not any(each.done() for each in late)
    ends = await asyncio.gather(*late, return_exceptions=True)
    assert {type(each) for each in ends} == {PollNotOpen}
    await booth.close()


async def test_a_vote_waits_for_an_extension_and_is_taken(
    session: AsyncSession, sessions: Sessions, client: Client, opened: OpenPoll
) -> None:
    async with sessions.begin() as extending:
        await extending.execute(
            text("UPDATE polls SET closes_at = closes_at + interval '1 day' WHERE id = :poll"),
            {"poll": opened.poll.id},
        )
        vote = asyncio.create_task(sends(client, token(opened), choosing()))
        await asyncio.sleep(0.05)
        assert not vote.done()
    assert (await vote).status_code == 201


async def test_when_the_process_stops_votes_under_way_are_answered_first(
    engine: AsyncEngine, opened: OpenPoll
) -> None:
    booth = Booth(engine)
    ballot = BallotIn(choice={"q1": "A"})
    under_way = [
        asyncio.create_task(booth.take(a_link(opened, each), ballot))
        for each in range(len(opened.people))
    ]
    while not booth._turns:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    await booth.close()
    assert {each.outcome for each in await asyncio.gather(*under_way)} == {"cast"}


async def test_a_form_is_read_once_for_all_votes_of_a_poll(
    session: AsyncSession, engine: AsyncEngine, opened: OpenPoll
) -> None:
    booth = Booth(engine)
    poll, ballot = opened.poll, BallotIn(choice={"q1": "A"})
    await booth.take(a_link(opened, 0), ballot)
    await session.execute(text("ALTER TABLE polls RENAME COLUMN form TO hidden"))
    await session.commit()
    await booth.take(a_link(opened, 1), ballot)
    await session.execute(text("ALTER TABLE polls RENAME COLUMN hidden TO form"))
    await shut(session, poll)
    await session.commit()
    with pytest.raises(PollNotOpen):
        await booth.take(a_link(opened, 2), ballot)
    await booth.close()


async def test_who_asked_for_it_is_told_of_every_recorded_vote(
    session: AsyncSession, client: Client, worker: Worker, opened: OpenPoll
) -> None:
    waiting = text(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'polls.tell_of_ballots'"
    )
    by = system(opened.poll.community_id)
    for kinds in (["polls.opened"], ["polls.ballot_cast"]):
        await sends(client, token(opened, 0), choosing("A" if kinds == ["polls.opened"] else "B"))
        assert await session.scalar(waiting) == 0, "nobody asked"
        asked = {"name": "hub", "url": "https://hub.example/", "kinds": kinds}
        await webhooks.subscribe(session, asked, by=by)
        await session.commit()

    for number, answer in ((1, "A"), (1, "B"), (1, "B"), (2, "A")):
        await sends(client, token(opened, number), choosing(answer))
    await worker.catch_up()

    told = await session.scalars(text("SELECT payload FROM webhook_messages ORDER BY id"))
    entries = [opened.entries[each].id for each in (1, 1, 2)]
    assert [each["data"]["entry_id"] for each in told] == [str(each) for each in entries]
