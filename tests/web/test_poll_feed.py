"""The feed of public polls: what happened, the newest first, and the heads of their chains."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.clock import now
from app.core.facts import record
from app.people.access import system
from app.polls import chain
from app.polls.events import PollCancelled, PollExtended
from app.polls.models import LinkKind, PollResult, PollState
from tests.chat.builders import Phone, Street
from tests.chat.conftest import phone, resident, street
from tests.conftest import Client
from tests.polls.voting import a_draft, voting

__all__ = ["phone", "resident", "street"]

ATOM = {"a": "http://www.w3.org/2005/Atom"}
FEED = "/c/yiyi/polls.xml"


async def read(client: Client, path: str) -> list[str]:
    answer = await client.get(FEED)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    found: Any = etree.fromstring(answer.content).xpath(path, namespaces=ATOM)
    return [str(each) for each in found]


async def test_the_feed_tells_what_happened_the_newest_first(
    session: AsyncSession, street: Street, resident: Phone, client: Client
) -> None:
    poll = await voting(session, street, resident, title="充电桩 <甲>")
    by = system(poll.community_id)
    await record(session, PollExtended(poll_id=poll.id), by=by)
    await chain.append(session, poll, LinkKind.BALLOTS, 10, {}, b"\x07" * 32)
    counts = {"answered": 1, "counts": {"A": 1, "B": 0, "C": 0}, "leading": ["A"]}
    result = {
        "ballots": 1,
        "electorate": {"entries": 1, "area": 0, "attended": None},
        "questions": {"q1": counts},
    }
    session.add(
        PollResult(community_id=poll.community_id, poll_id=poll.id, ballots=1, result=result)
    )
    poll.state, poll.closed_at = PollState.CLOSED, now()
    await session.flush()
    poll.state, poll.published_at = PollState.PUBLISHED, now()
    await session.commit()

    terms = await read(client, "a:entry/a:category/@term")
    assert terms == ["result", "head", "extended", *terms[3:]]
    assert sorted(terms[3:]) == ["head", "opened"]
    titles = await read(client, "a:entry/a:title/text()")
    assert titles[0] == f"投票结果：投票{poll.number}《充电桩 ＜甲＞》"
    assert titles[1].startswith("校验码：")
    assert titles[1].endswith("第1批")
    contents = await read(client, "a:entry/a:content/text()")
    assert contents[0] == "1 票（名册上共 1 票）\n方案A 1，方案B 0，方案C 0"
    assert contents[1] == "07" * 32
    assert poll.head
    assert poll.head.hex() in contents
    ids = await read(client, "a:entry/a:id/text()")
    assert len(set(ids)) == 5
    assert all(f"/c/yiyi/polls/{poll.number}#" in each for each in ids)
    assert await read(client, "a:link[@rel='self']/@href") == [f"http://127.0.0.1:8000{FEED}"]
    [updated] = await read(client, "a:updated/text()")
    assert datetime.fromisoformat(updated) == poll.published_at.astimezone(UTC).replace(
        microsecond=0
    )


async def test_what_is_not_public_or_was_never_announced_is_not_told(
    session: AsyncSession, street: Street, resident: Phone, client: Client
) -> None:
    await voting(session, street, resident, public=False)
    await a_draft(session, street)
    unheard = await a_draft(session, street, state=PollState.CANCELLED, reason="不用了")
    await record(session, PollCancelled(poll_id=unheard.id), by=system(unheard.community_id))
    await session.commit()

    assert not await read(client, "a:entry")


async def test_an_announcement_and_a_cancelling_say_when_and_why(
    session: AsyncSession, street: Street, client: Client
) -> None:
    poll = await a_draft(
        session,
        street,
        state=PollState.ANNOUNCED,
        announced_at=now(),
        opens_at=now() + timedelta(days=1),
    )
    poll.state, poll.reason = PollState.CANCELLED, "写错了"
    await record(session, PollCancelled(poll_id=poll.id), by=system(poll.community_id))
    await session.commit()

    assert await read(client, "a:entry/a:category/@term") == ["cancelled", "announced"]
    cancelled, announced = await read(client, "a:entry/a:content/text()")
    assert cancelled == "写错了"
    assert announced.startswith("开始：")


async def test_a_reader_that_has_it_is_told_nothing_new(
    session: AsyncSession, street: Street, resident: Phone, client: Client
) -> None:
    poll = await voting(session, street, resident)
    clock.shift(timedelta(seconds=5))
    first = await client.get(FEED)
    for name, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = await client.get(FEED, headers={name: first.headers[value]})
        assert (again.status_code, again.content) == (304, b"")

    await chain.append(session, poll, LinkKind.BALLOTS, 10, {}, b"\x07" * 32)
    await session.commit()

    for name, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = await client.get(FEED, headers={name: first.headers[value]})
        assert again.status_code == 200, name


async def test_an_unknown_community_has_no_feed(client: Client, street: Street) -> None:
    assert street.community.slug == "yiyi"
    assert (await client.get("/c/erer/polls.xml")).status_code == 404
