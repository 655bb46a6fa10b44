"""What is reported as done was done, and what failed says whether asking again may help."""

from collections.abc import Callable, Coroutine
from itertools import product
from typing import Any, TypeAlias

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import http
from app.core.database import Sessions
from app.wechat import client
from app.wechat.models import Account
from app.wechat.problems import Ambiguous, Failure, Passing, Permanent, StaleToken
from app.wechat.token import access_token
from tests.wechat.builders import Answer, Platform, an_account

OPENID = "oQx7RtMvZp2KdLwYb9NcHsJf1aGe"
OK = {"errcode": 0, "errmsg": "ok"}
STALE = {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
MENU = {"button": [{"type": "click", "name": "我要反映", "key": "报修"}]}
PICTURE = b"\xff\xd8\xff\xe0" + b"p" * 5000

Verb: TypeAlias = Callable[[Sessions, Account], Coroutine[Any, Any, Any]]


async def template(sessions: Sessions, account: Account) -> str:
    return await client.send_template(
        sessions,
        account,
        OPENID,
        "tpl-1",
        {"thing2": "水管漏水"},
        client_msg_id="m-1",
        url="https://a.cn/h5",
    )


async def words(sessions: Sessions, account: Account) -> None:
    await client.send_text(sessions, account, OPENID, "网格员已接单")


async def info(sessions: Sessions, account: Account) -> client.Follower:
    return await client.user_info(sessions, account, OPENID)


async def picture(sessions: Sessions, account: Account) -> bytes:
    return await client.fetch_media(sessions, account, "media-1")


async def upload(sessions: Sessions, account: Account) -> str:
    return await client.upload_media(sessions, account, PICTURE)


async def menu(sessions: Sessions, account: Account) -> None:
    await client.create_menu(sessions, account, MENU)


ALL: list[Verb] = [template, words, info, picture, upload, menu]


def page(body: str | bytes, kind: str = "text/html", status: int = 200) -> web.Response:
    """An answer that WeChat's own servers did not compose."""
    content = body if isinstance(body, bytes) else body.encode()
    return web.Response(body=content, content_type=kind, status=status)


async def test_a_template_message_is_sent_and_its_id_returned(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    platform.answers = [{**OK, "msgid": 3158719520476651523}]

    assert await template(sessions, account) == "3158719520476651523"

    sent = platform.asked("/cgi-bin/message/template/send")
    assert [call.query for call in sent] == [{"access_token": "token-1"}]
    assert sent[0].json == {
        "touser": OPENID,
        "template_id": "tpl-1",
        "url": "https://a.cn/h5",
        "client_msg_id": "m-1",
        "data": {"thing2": {"value": "水管漏水"}},
    }
    assert "水管漏水".encode() in sent[0].body


async def test_a_text_is_sent_as_words_and_not_as_escapes(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    platform.answers = [OK]

    await client.send_text(sessions, account, OPENID, "网格员已接单\0" + "水" * 1000)

    (sent,) = platform.asked("/cgi-bin/message/custom/send")
    content = sent.json["text"]["content"]
    assert sent.json["touser"] == OPENID
    assert sent.json["msgtype"] == "text"
    assert content.startswith("网格员已接单水")
    assert content.endswith("…")
    assert len(content.encode()) <= 2048
    assert b"\\u" not in sent.body


async def test_a_menu_is_published_in_its_own_words(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    platform.answers = [OK]

    await menu(sessions, account)

    (asked,) = platform.asked("/cgi-bin/menu/create")
    assert asked.json == MENU
    assert "我要反映".encode() in asked.body


async def test_it_is_known_who_follows(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    platform.answers = [
        {"subscribe": 1, "openid": OPENID, "nickname": "", "unionid": "u1"},
        {"subscribe": 0, "openid": OPENID},
    ]

    follows = await info(sessions, account)
    left = await info(sessions, account)

    assert follows == client.Follower(OPENID, subscribed=True, nickname="", unionid="u1")
    assert left == client.Follower(OPENID, subscribed=False, nickname="", unionid=None)
    assert platform.asked("/cgi-bin/user/info")[0].query["openid"] == OPENID


async def test_a_file_is_fetched_whole(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    large = PICTURE * 1000
    platform.answers = [page(large, "image/jpeg")]

    assert await picture(sessions, account) == large
    (asked,) = platform.asked("/cgi-bin/media/get")
    assert asked.query["media_id"] == "media-1"


async def test_a_file_is_uploaded_as_a_form(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    platform.answers = [{"type": "image", "media_id": "m-9", "created_at": 1795426200}]

    assert await upload(sessions, account) == "m-9"

    (asked,) = platform.asked("/cgi-bin/media/upload")
    assert asked.query["type"] == "image"
    assert asked.media_type == "multipart/form-data"
    assert b'name="media"; filename="image.jpeg"' in asked.body
    assert PICTURE in asked.body


FAILING: list[tuple[Answer, type[Failure]]] = [
    ({"errcode": -1, "errmsg": "system error"}, Passing),
    ({"errcode": 43004, "errmsg": "require subscribe"}, Permanent),
    ({"errcode": "0", "errmsg": "ok"}, Ambiguous),
    ({"errmsg": "ok"}, Ambiguous),
    (page("<html>ok</html>"), Ambiguous),
    (page('{"errcode":0,"errm', "application/json"), Ambiguous),
    (page("", "application/json"), Ambiguous),
]


async def test_what_was_not_confirmed_is_a_failure(
    sessions: Sessions, platform: Platform, account: Account, subtests: pytest.Subtests
) -> None:
    for verb, (answer, failure) in product(ALL, FAILING):
        platform.answers = [answer]

        with subtests.test(verb=verb.__name__), pytest.raises(failure) as refused:
            await verb(sessions, account)

        assert type(refused.value) is failure
    assert len(platform.calls) == len(ALL) * len(FAILING) + 1


async def test_silence_is_passing_where_wechat_knows_a_repeated_call_and_ambiguous_elsewhere(
    sessions: Sessions, platform: Platform, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    await access_token(sessions, account)
    for limits in ("_ANSWERS", "_FILES"):
        monkeypatch.setattr(client, limits, http.call(total=0.2))
    silence: list[Answer] = [
        page("oops", status=500),
        page("oops", status=502),
        ConnectionError(),
        TimeoutError(),
    ]

    for verb, answer in product(ALL, silence):
        platform.answers = [answer]
        with pytest.raises(Failure) as refused:
            await verb(sessions, account)
        assert type(refused.value) is (Ambiguous if verb is words else Passing)

    assert len(platform.asked("/cgi-bin/message/custom/send")) == len(silence)


async def test_a_platform_that_is_not_there_has_certainly_done_nothing(
    sessions: Sessions, platform: Platform, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.answers = [OK]
    await words(sessions, account)
    monkeypatch.setattr(client, "_address", lambda path, _query: f"http://127.0.0.1:9{path}")

    with pytest.raises(Passing) as refused:
        await words(sessions, account)

    assert refused.value.code == "unreachable"


async def test_a_file_beyond_10_mb_is_refused(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    platform.answers = [page(b"\xff" * (10 * 1024 * 1024 + 1), "image/jpeg")]

    with pytest.raises(Permanent) as refused:
        await picture(sessions, account)

    assert refused.value.code == "too_large"


async def test_a_stale_token_is_replaced_and_the_call_made_again(
    sessions: Sessions, platform: Platform, account: Account, subtests: pytest.Subtests
) -> None:
    done: dict[Verb, Answer] = {
        template: {**OK, "msgid": 1},
        words: OK,
        info: {"subscribe": 1, "openid": OPENID},
        picture: page(PICTURE, "image/jpeg"),
        upload: {"media_id": "m-9"},
        menu: OK,
    }
    for verb in ALL:
        platform.calls.clear()
        platform.answers = [STALE, done[verb]]
        held = await access_token(sessions, account)
        platform.renew()

        with subtests.test(verb=verb.__name__):
            await verb(sessions, account)

            sent = [call.query["access_token"] for call in platform.calls if call.query]
            assert sent == [held, f"token-{platform.issued}"]


async def test_a_platform_that_takes_no_token_gets_two_calls_and_issues_one_more_token(
    sessions: Sessions, session: AsyncSession, platform: Platform, subtests: pytest.Subtests
) -> None:
    platform.answers = [STALE]
    for verb in ALL:
        account = await an_account(session)
        held = await access_token(sessions, account)
        platform.calls.clear()
        before = platform.issued

        with subtests.test(verb=verb.__name__), pytest.raises(StaleToken) as refused:
            await verb(sessions, account)

        assert refused.value.code == "40001"
        sent = [call.query["access_token"] for call in platform.calls if call.query]
        assert sent == [held, f"token-{platform.issued}"]
        assert platform.issued == before + 1


async def test_a_failure_tells_no_secret(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    platform.answers = [ConnectionError()]

    with pytest.raises(Ambiguous) as refused:
        await words(sessions, account)

    shown = f"{refused.value!r} {refused.value.body()} {refused.value.__cause__!r}"
    for secret in ("token-1", "opensesame", OPENID):
        assert secret not in shown
