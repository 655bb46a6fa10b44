"""The callback by its real door: what is taken, what is refused, and what is answered once."""

import asyncio
import json
import time
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import callback, dispatch
from app.chat.models import Incoming
from app.chat.talk import Reply, Said, Speaker
from app.core.database import Sessions
from app.notices.models import Delivery, State
from app.people.models import Identity
from app.service_requests.models import ServiceRequest
from app.wechat.edge import Mode
from tests.chat.builders import Phone, Street
from tests.chat.letters import WeChat, sign, text_message
from tests.conftest import Client, Worker


@pytest.fixture
async def wechat(client: Client, session: AsyncSession, street: Street) -> WeChat:
    await change(session, street, aes_key="a" * 43)
    return WeChat(client, street.account)


async def change(session: AsyncSession, street: Street, **columns: object) -> None:
    for name, value in columns.items():
        setattr(street.account, name, value)
    session.add(street.account)
    await session.commit()


async def count(sessions: Sessions, what: type) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(what)) or 0


async def test_the_address_proves_itself_to_wechat(wechat: WeChat) -> None:
    good = await wechat.client.get(
        f"/wechat/{wechat.account.slug}", params={**wechat.query(), "echostr": "4375120948"}
    )
    bad = await wechat.client.get(
        f"/wechat/{wechat.account.slug}",
        params={**wechat.query(), "signature": "0" * 40, "echostr": "1"},
    )

    assert (good.status_code, good.text) == (200, "4375120948")
    assert bad.status_code == 403


async def test_an_unknown_account_is_not_found(wechat: WeChat) -> None:
    wechat.account.slug = "nobody"
    assert (await wechat.deliver("<xml/>")).status_code == 404


@pytest.mark.parametrize("mode", list(Mode))
async def test_every_mode_is_answered_in_kind(
    session: AsyncSession, street: Street, wechat: WeChat, resident: Phone, mode: Mode
) -> None:
    await change(session, street, mode=mode)

    assert "报修" in await wechat.say(resident.openid, "帮助")
    assert (b"Encrypt" in wechat.sent[-1].content) is (mode is not Mode.PLAIN)


async def test_json_is_answered_in_json(
    session: AsyncSession, street: Street, wechat: WeChat, resident: Phone
) -> None:
    await change(session, street, mode=Mode.PLAIN)
    message = {
        "ToUserName": "gh_test",
        "FromUserName": resident.openid,
        "CreateTime": int(time.time()),
        "MsgType": "text",
        "Content": "帮助",
        "MsgId": 77,
    }
    answer = await wechat.post(wechat.query(), json.dumps(message))

    assert "报修" in answer.json()["Content"]


async def test_the_previous_key_still_opens_and_seals(
    session: AsyncSession, street: Street, wechat: WeChat, resident: Phone
) -> None:
    old = street.account.aes_key
    await change(session, street, aes_key="b" * 43, previous_aes_key=old)
    wechat.aes_key = old

    assert "报修" in await wechat.say(resident.openid, "帮助")


async def test_a_new_token_is_taken_up_at_once(
    session: AsyncSession, street: Street, wechat: WeChat, resident: Phone
) -> None:
    assert await wechat.say(resident.openid, "帮助")
    await change(session, street, token="another")

    assert await wechat.say(resident.openid, "帮助")


PLAIN_XML = "<xml><ToUserName>g</ToUserName><FromUserName>o</FromUserName>{}</xml>"
BAD: list[tuple[str, str | bytes, int]] = [
    (
        "billion laughs",
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><xml>&b;</xml>',
        400,
    ),
    (
        "an external entity",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml><a>&e;</a></xml>',
        400,
    ),
    ("an external DTD", '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml><a>1</a></xml>', 400),
    ("an empty element", "<xml/>", 400),
    ("another root", "<html><a>1</a></html>", 400),
    (
        "the type twice",
        PLAIN_XML.format("<CreateTime>1</CreateTime><MsgType>text</MsgType><MsgType>x</MsgType>"),
        400,
    ),
    (
        "the content twice",
        PLAIN_XML.format(
            "<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>a</Content><Content>b</Content>"
        ),
        400,
    ),
    (
        "a time that is none",
        PLAIN_XML.format("<CreateTime>zzz</CreateTime><MsgType>text</MsgType>"),
        400,
    ),
    ("a deep nest", "<xml>" + "<a>" * 9000 + "</a>" * 9000 + "</xml>", 400),
    ("more than 64 kB", "<xml><a>" + "x" * 70_000 + "</a></xml>", 413),
    ("a NUL", PLAIN_XML.format("<CreateTime>1</CreateTime><Content>a\x00b</Content>"), 400),
    ("a truncated document", "<xml><ToUserName>g</ToUserName>", 400),
    ("no document", "hello", 400),
    ("nothing", "", 400),
]


@pytest.mark.parametrize(("body", "status"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
async def test_a_bad_body_is_refused_and_not_kept(
    session: AsyncSession,
    sessions: Sessions,
    street: Street,
    wechat: WeChat,
    body: str,
    status: int,
) -> None:
    await change(session, street, mode=Mode.PLAIN)
    answer = await wechat.post(wechat.query(), body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert await count(sessions, Incoming) == 0


async def test_no_type_is_kept_as_unknown_and_taken(
    sessions: Sessions, wechat: WeChat, resident: Phone
) -> None:
    message = text_message(wechat.account, resident.openid, "x", MsgType=None, Content=None)
    answer = await wechat.deliver(message)

    assert (answer.status_code, answer.content) == (200, b"success")
    assert await count(sessions, Incoming) == 1


Forge = Callable[[WeChat, dict[str, str], str], tuple[dict[str, str], str]]


def _unsigned(wechat: WeChat, query: dict[str, str], body: str) -> tuple[dict[str, str], str]:
    return {**query, "msg_signature": "0" * 40}, body


def _plain_to_safe(wechat: WeChat, query: dict[str, str], body: str) -> tuple[dict[str, str], str]:
    return wechat.query(), text_message(wechat.account, "o" * 28, "帮助")


def _damaged(sealed: str) -> Forge:
    def damage(wechat: WeChat, query: dict[str, str], body: str) -> tuple[dict[str, str], str]:
        signature = sign(wechat.account.token, query["timestamp"], query["nonce"], sealed)
        return {**query, "msg_signature": signature}, f"<xml><Encrypt>{sealed}</Encrypt></xml>"

    return damage


FORGED = {
    "a wrong signature": _unsigned,
    "plain words to an account in safe mode": _plain_to_safe,
    "what is not base64": _damaged("%%%%"),
    "fifteen bytes": _damaged("QUFBQUFBQUFBQUFBQUFB"),
    "random bytes": _damaged("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_what_wechat_did_not_seal_is_refused(
    sessions: Sessions, wechat: WeChat, resident: Phone, forge: Forge
) -> None:
    query, body = wechat.sealed(text_message(wechat.account, resident.openid, "帮助"))
    answer = await wechat.post(*forge(wechat, query, body))

    assert answer.status_code == 403
    assert await count(sessions, Incoming) == 0


@pytest.mark.parametrize("apart", [-400, 400])
async def test_what_is_not_of_now_is_refused(wechat: WeChat, resident: Phone, apart: int) -> None:
    message = text_message(wechat.account, resident.openid, "帮助")
    timestamp = int(time.time()) + apart

    assert (await wechat.deliver(message, timestamp=timestamp)).status_code == 403


@pytest.mark.parametrize("timestamp", ["1", "1e9", "17e8000000", "-170000000", ""])
async def test_a_time_that_is_none_is_refused(
    wechat: WeChat, resident: Phone, timestamp: str
) -> None:
    message = text_message(wechat.account, resident.openid, "帮助")

    assert (await wechat.deliver(message, timestamp=timestamp)).status_code == 403


@pytest.mark.parametrize(
    ("status", "state"), [("success", State.SENT), ("failed:user block", State.REFUSED)]
)
async def test_what_became_of_a_template_message_is_noted(
    session: AsyncSession,
    sessions: Sessions,
    wechat: WeChat,
    resident: Phone,
    status: str,
    state: State,
) -> None:
    session.add(
        Delivery(
            community_id=wechat.account.community_id,
            person_id=resident.person_id,
            channel="wechat",
            address_id=resident.person_id,
            lane=f"wechat:{wechat.account.id}",
            purpose="request.progress",
            title="已派单",
            lines=[],
            state=State.SENT,
            receipt="4711",
        )
    )
    await session.commit()
    event = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "Status": status}
    gone: dict[str, str | None] = {"Content": None, "MsgId": None, "MsgID": "4711"}
    answer = await wechat.deliver(
        text_message(wechat.account, resident.openid, "", **event, **gone)
    )

    assert answer.content == b"success"
    async with sessions() as other:
        assert await other.scalar(select(Delivery.state)) is state


async def test_a_letter_to_another_account_is_refused(
    session: AsyncSession, street: Street, wechat: WeChat, resident: Phone
) -> None:
    await change(session, street, original_id="gh_ours")
    message = text_message(wechat.account, resident.openid, "帮助", ToUserName="gh_theirs")

    assert (await wechat.deliver(message)).status_code == 403


async def test_a_plain_signature_serves_for_one_body_only(
    session: AsyncSession, sessions: Sessions, street: Street, wechat: WeChat, resident: Phone
) -> None:
    await change(session, street, mode=Mode.PLAIN)
    query = wechat.query()
    first = await wechat.post(query, text_message(street.account, resident.openid, "帮助"))
    reading = await wechat.post(query, text_message(street.account, resident.openid, "进度"))
    writing = await wechat.post(query, text_message(street.account, resident.openid, "报修 漏水"))

    assert [one.status_code for one in (first, reading, writing)] == [200, 403, 403]
    assert await count(sessions, Incoming) == 1

    async with sessions.begin() as other:
        await other.execute(text("DROP INDEX wechat_messages_signature_key"))
    again = await wechat.post(query, text_message(street.account, resident.openid, "进度"))
    assert again.status_code == 200, "it is the index that keeps the promise"


async def test_a_report_sent_three_times_is_taken_once_and_answered_alike(
    sessions: Sessions, wechat: WeChat, resident: Phone
) -> None:
    await wechat.say(resident.openid, "报修 厨房水管漏水")
    message = text_message(wechat.account, resident.openid, "1")
    answers = [wechat.read(await wechat.deliver(message)) for _ in range(3)]

    assert len(set(answers)) == 1
    assert answers[0]
    assert await count(sessions, ServiceRequest) == 1


async def test_a_report_arriving_many_times_at_once_is_taken_once(
    sessions: Sessions, wechat: WeChat, resident: Phone
) -> None:
    await wechat.say(resident.openid, "报修 厨房水管漏水")
    message = text_message(wechat.account, resident.openid, "1")
    answers = await asyncio.gather(*[wechat.deliver(message) for _ in range(20)])

    read = {wechat.read(answer) for answer in answers}
    assert len(read - {""}) == 1
    assert await count(sessions, ServiceRequest) == 1


async def test_a_question_asked_again_gets_its_first_answer(
    sessions: Sessions, wechat: WeChat, resident: Phone
) -> None:
    message = text_message(wechat.account, resident.openid, "进度")
    before = wechat.read(await wechat.deliver(message))
    await wechat.say(resident.openid, "报修 厨房水管漏水")
    await wechat.say(resident.openid, "1")
    after = wechat.read(await wechat.deliver(message))
    now = await wechat.say(resident.openid, "进度")

    assert before == after
    assert now != before


async def test_many_people_asking_at_once_each_get_their_own_answer(
    wechat: WeChat, phone: Callable[..., object], street: Street
) -> None:
    people = [await phone(f"居民{n}", home=street.home) for n in range(12)]  # type: ignore[misc]
    for one in people[::2]:
        await wechat.say(one.openid, "报修 卫生间渗水")
        await wechat.say(one.openid, "1")
    answers = await asyncio.gather(*[wechat.say(one.openid, "进度") for one in people * 4])

    for one, answer in zip(people * 4, answers, strict=True):
        assert ("渗水" in answer) is (people.index(one) % 2 == 0)


async def test_an_old_hand_and_a_newcomer_are_both_answered(
    sessions: Sessions, wechat: WeChat
) -> None:
    before = await count(sessions, Identity)
    answers = await asyncio.gather(*[wechat.say("o" * 28, "你好") for _ in range(5)])

    assert all(answers)
    assert await count(sessions, Identity) == before + 1


async def test_words_that_look_like_markup_stay_words(wechat: WeChat, resident: Phone) -> None:
    await wechat.say(resident.openid, "报修")
    answer = await wechat.say(
        resident.openid, "x]]></Content><FromUserName><![CDATA[evil</FromUserName>"
    )

    assert "evil" in answer or answer


async def test_what_takes_too_long_is_taken_on_and_answered_later(
    sessions: Sessions,
    wechat: WeChat,
    resident: Phone,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(callback, "PATIENCE", 0.2)
    real = dispatch.answer

    async def slow(session: AsyncSession, speaker: Speaker, said: Said) -> Reply:
        reply = await real(session, speaker, said)
        await asyncio.sleep(5)
        return reply

    monkeypatch.setattr(dispatch, "answer", slow)
    message = text_message(wechat.account, resident.openid, "报修 厨房水管漏水")
    started = time.perf_counter()
    first = await wechat.deliver(message)
    again = await wechat.deliver(message)

    assert time.perf_counter() - started < 4
    assert first.content == again.content == b"success"
    monkeypatch.setattr(dispatch, "answer", real)
    await worker.catch_up()
    async with sessions() as session:
        said = await session.scalar(text("SELECT title FROM deliveries WHERE purpose = 'saying'"))
    assert "漏水" in said
    assert (await wechat.deliver(message)).content == b"success"
