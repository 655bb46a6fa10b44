"""Over the service account each purpose goes in the form that its owner chose."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.ids import new_id
from app.notices import planning, pumping
from app.notices import service as notices
from app.notices.models import Attempt, Lane, Notice, NoticeKind, NoticeState, State
from app.people.models import Identity, Person
from app.places.models import ROOT, Kind, Place
from tests.conftest import Worker
from tests.notices.conftest import Reader
from tests.notices.ways import as_they_are, tries
from tests.wechat.builders import Platform

TEMPLATE = "/cgi-bin/message/template/send"
TEXT = "/cgi-bin/message/custom/send"
SUBSCRIBED = "/cgi-bin/message/subscribe/bizsend"
MASS = "/cgi-bin/message/mass/sendall"
FORM = {"template_id": "TM2", "fields": ["thing1", "thing2"]}


async def followers(session: AsyncSession, reader: Reader, count: int) -> None:
    people = [Person(id=new_id(), community_id=reader.person.community_id) for _ in range(count)]
    session.add_all(people)
    await session.flush()
    session.add_all(
        Identity(
            community_id=person.community_id,
            account_id=reader.account.id,
            openid=f"o{number:027d}",
            person_id=person.id,
        )
        for number, person in enumerate(people)
    )
    await session.commit()


async def chosen(session: AsyncSession, reader: Reader, **forms: Any) -> None:
    reader.account.templates = {name.replace("_", "."): form for name, form in forms.items()}
    session.add(reader.account)
    await session.commit()


async def told(session: AsyncSession, reader: Reader, times: int = 1) -> None:
    for _ in range(times):
        await notices.tell(
            session,
            community_id=reader.account.community_id,
            person_id=reader.person.id,
            purpose="test.progress",
            title="有新进展",
            lines=[("进度", "已派单")],
        )
    await session.commit()


async def published(session: AsyncSession, reader: Reader, **given: Any) -> Notice:
    community_id = reader.account.community_id
    root = Place(community_id=community_id, kind=Kind.COMMUNITY, name="伊", path=ROOT, code="yi")
    session.add(root)
    await session.flush()
    usual = {
        "kind": NoticeKind.EMERGENCY,
        "title": "停水通知",
        "body": "明天停水。",
        "place_id": root.id,
        "audience": {"followers": True},
        "channels": ["wechat"],
        "state": NoticeState.SENDING,
    }
    notice = Notice(community_id=community_id, **(usual | given))
    session.add(notice)
    await session.flush()
    await planning.begin(session, notice)
    await session.commit()
    return notice


async def test_many_messages_ask_for_one_token_and_read_their_readers_at_once(
    session: AsyncSession, worker: Worker, reader: Reader, platform: Platform
) -> None:
    await followers(session, reader, 30)
    await chosen(session, reader, notice=FORM)
    await published(session, reader)
    await worker.catch_up()

    sent = platform.asked(TEMPLATE)
    assert len({call.json["touser"] for call in sent}) == len(sent) == 31
    assert len(platform.fetches) == 1


async def test_a_token_that_dies_on_the_way_is_replaced_once(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, platform: Platform
) -> None:
    await told(session, reader)
    await worker.catch_up()
    await followers(session, reader, 6)
    await chosen(session, reader, notice=FORM)
    platform.renew()
    platform.answers = [*({"errcode": 40001} for _ in range(3)), {"errcode": 0, "msgid": 1}]
    await published(session, reader)
    await worker.catch_up()

    assert {one.state for one in await as_they_are(sessions)} == {State.SENT}
    assert len(platform.fetches) == 2


async def test_a_subscribed_message_without_consent_is_refused_for_good(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, platform: Platform
) -> None:
    await chosen(session, reader, test_progress={**FORM, "kind": "subscribe"})
    platform.answers = [{"errcode": 43101}]
    await told(session, reader)
    await worker.catch_up(later=True)

    (delivery,) = await as_they_are(sessions)
    assert (delivery.state, delivery.answer) == (State.REFUSED, "43101")
    assert platform.asked(SUBSCRIBED)[0].json["data"]["thing1"] == {"value": "有新进展"}


@pytest.mark.parametrize("code", [45015, 45047])
async def test_outside_its_window_a_customer_message_is_refused_for_good(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    platform: Platform,
    code: int,
) -> None:
    await chosen(session, reader)
    platform.answers = [{"errcode": code}]
    await told(session, reader)
    await worker.catch_up(later=True)

    (delivery,) = await as_they_are(sessions)
    assert (delivery.state, delivery.answer) == (State.REFUSED, str(code))
    assert len(platform.asked(TEXT)) == 1


async def test_customer_messages_are_on_their_way_one_at_a_time(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, platform: Platform
) -> None:
    await chosen(session, reader)
    await told(session, reader, times=6)
    platform.answers = [TimeoutError()]
    context = SimpleNamespace(additional_context={"sessions": sessions})
    lane = f"wechat:{reader.account.id}"
    working = asyncio.create_task(pumping.deliver.func(context, lane))
    async with asyncio.timeout(20):
        while not platform.asked(TEXT):  # noqa: ASYNC110 - it is somebody else's to tell
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert len(platform.asked(TEXT)) == 1
    working.cancel()
    await asyncio.wait([working])
    async with sessions() as other:
        lost = select(Attempt.id).where(Attempt.outcome.is_(None))
        assert len((await other.scalars(lost)).all()) == 1


@pytest.mark.parametrize("code", [45009, 45011, 40164])
async def test_what_concerns_the_whole_account_stops_its_lane(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    platform: Platform,
    code: int,
) -> None:
    await told(session, reader, times=3)
    platform.answers = [{"errcode": code}]
    await worker.catch_up()

    assert {(one.state, one.attempts) for one in await as_they_are(sessions)} == {
        (State.PENDING, 0)
    }
    assert (await session.get_one(Lane, f"wechat:{reader.account.id}")).stopped_by == str(code)


@pytest.mark.parametrize(
    ("answer", "receipt"),
    [({"errcode": 0, "msg_id": 77}, "77"), ({"errcode": 45065, "msg_id": 76}, "76")],
)
async def test_what_is_for_all_followers_is_sent_to_all_at_once_where_that_is_wanted(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    platform: Platform,
    answer: dict[str, Any],
    receipt: str,
) -> None:
    await followers(session, reader, 3)
    await chosen(session, reader, notice={"kind": "mass", "tag_id": 2})
    platform.answers = [answer]
    notice = await published(session, reader)
    assert await planning.count(session, notice) == {"wechat": 1}
    await worker.catch_up()

    (delivery,) = await as_they_are(sessions)
    (call,) = platform.asked(MASS)
    assert delivery.address_id == reader.account.id
    assert (delivery.state, delivery.receipt) == (State.SENT, receipt)
    assert call.json["clientmsgid"] == delivery.id.hex
    assert call.json["filter"] == {"is_to_all": False, "tag_id": 2}
    assert "停水通知" in call.json["text"]["content"]


async def test_a_mass_message_that_is_still_being_taken_is_asked_for_again_later(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, platform: Platform
) -> None:
    await chosen(session, reader, notice={"kind": "mass"})
    platform.answers = [{"errcode": 45066}, {"errcode": 0, "msg_id": 1}]
    await published(session, reader)
    await worker.catch_up(later=True)

    assert await tries(sessions) == ["45066", "sent"]
    assert len({call.json["clientmsgid"] for call in platform.asked(MASS)}) == 1


async def test_what_is_for_some_goes_to_each_of_them_even_so(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, platform: Platform
) -> None:
    await chosen(session, reader, notice={"kind": "mass"})
    await published(session, reader, audience={"followers": True, "tags": ["志愿者"]})
    await worker.catch_up()
    assert platform.asked(MASS) == []

    assert await as_they_are(sessions) == []
