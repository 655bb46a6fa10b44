"""One token for all, fetched once, and replaced only when it is the one that fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core import clock
from app.core.database import Sessions, connect, sessions_of
from app.wechat.models import Account
from app.wechat.problems import Failure, Passing, Permanent
from app.wechat.token import access_token
from tests.locks import somebody_waits
from tests.wechat.builders import Answer, Platform, an_account


async def _all(callers: Iterable[Awaitable[str]]) -> list[str]:
    return list(await asyncio.gather(*callers))


@asynccontextmanager
async def _looked(engine: AsyncEngine, callers: int) -> AsyncIterator[Awaitable[bool]]:
    """Something to wait for until so many callers have looked for a token and found none."""
    returned = iter(range(callers))
    all_have = asyncio.Event()

    def count(*_: object) -> None:
        if next(returned, callers) >= callers - 1:
            all_have.set()

    event.listen(engine.sync_engine.pool, "checkin", count)
    yield asyncio.wait_for(all_have.wait(), 20)
    event.remove(engine.sync_engine.pool, "checkin", count)


async def test_eight_callers_of_two_processes_fetch_one_token_each_time(
    sessions: Sessions, database: str, platform: Platform, account: Account
) -> None:
    engines = [connect(database, pool_size=2), connect(database, pool_size=2)]
    processes = [sessions_of(engine) for engine in engines]

    for number in (1, 2):
        platform.gate.clear()
        platform.reached.clear()
        callers = asyncio.create_task(_all(access_token(s, account) for s in processes * 4))
        await platform.reached.wait()
        await somebody_waits(sessions)
        platform.gate.set()

        assert await callers == [f"token-{number}"] * 8
        assert len(platform.fetches) == number
        clock.shift(timedelta(hours=2))
        platform.renew()

    for engine in engines:
        await engine.dispose()
    assert platform.fetches[0].json == {
        "grant_type": "client_credential",
        "appid": account.app_id,
        "secret": "opensesame",
        "force_refresh": False,
    }


async def test_those_who_wait_for_a_token_take_no_connection_from_others(
    database: str, platform: Platform, account: Account
) -> None:
    engine = connect(database, pool_size=2)
    sessions = sessions_of(engine)
    platform.gate.clear()

    callers = [asyncio.create_task(access_token(sessions, account)) for _ in range(20)]
    await platform.reached.wait()
    async with asyncio.timeout(5), sessions() as session:
        assert await session.scalar(text("SELECT 1"))
    platform.gate.set()

    assert set(await _all(callers)) == {"token-1"}
    await engine.dispose()


async def test_a_token_serves_until_shortly_before_its_end(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    await access_token(sessions, account)
    clock.shift(timedelta(hours=2, minutes=-5))
    platform.renew()
    assert await access_token(sessions, account) == "token-1"

    clock.shift(timedelta(hours=2, minutes=-3))
    tokens = await _all([access_token(sessions, account) for _ in range(4)])

    assert tokens == ["token-2"] * 4
    assert len(platform.fetches) == 2


async def test_a_refused_token_is_replaced_once_for_all_who_held_it(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    refused = await access_token(sessions, account)
    platform.renew()

    tokens = await _all([access_token(sessions, account, refused=refused) for _ in range(8)])
    late = await access_token(sessions, account, refused=refused)

    assert [*tokens, late] == ["token-2"] * 9
    assert len(platform.fetches) == 2
    assert not any(call.json["force_refresh"] for call in platform.fetches)


async def test_wechat_is_forced_only_where_it_insists_and_not_often(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    first = await access_token(sessions, account)

    second = await access_token(sessions, account, refused=first)
    again = await access_token(sessions, account, refused=second)

    assert (first, second, again) == ("token-1", "token-2", "token-2")
    forced = [call.json["force_refresh"] for call in platform.fetches]
    assert forced == [False, False, True, False]
    clock.shift(timedelta(minutes=73))
    assert await access_token(sessions, account, refused=second) == "token-3"


async def test_a_day_sees_no_more_than_twenty_forced_tokens(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    token = await access_token(sessions, account)

    for minutes in range(0, 24 * 60, 30):
        clock.shift(timedelta(minutes=minutes))
        token = await access_token(sessions, account, refused=token)

    forced = [call for call in platform.fetches if call.json["force_refresh"]]
    assert 10 <= len(forced) <= 20


async def test_a_forced_call_that_failed_counts_too(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    token = await access_token(sessions, account)
    platform.token_answers = [
        {"access_token": token, "expires_in": 7200},
        {"errcode": -1, "errmsg": "system error"},
    ]
    with pytest.raises(Passing):
        await access_token(sessions, account, refused=token)

    assert await access_token(sessions, account, refused=token) == token
    assert [call.json["force_refresh"] for call in platform.fetches] == [False, False, True, False]


async def test_a_token_that_still_works_is_used_while_no_other_can_be_had(
    sessions: Sessions, platform: Platform, account: Account
) -> None:
    await access_token(sessions, account)
    platform.token_answers = [{"errcode": -1, "errmsg": "system error"}] * 2

    clock.shift(timedelta(hours=2, minutes=-2))
    assert await access_token(sessions, account) == "token-1"
    clock.shift(timedelta(hours=2, minutes=1))
    with pytest.raises(Passing):
        await access_token(sessions, account)


NO_TOKENS: list[tuple[Answer, type[Failure], str]] = [
    ({"errcode": -1, "errmsg": "system error"}, Passing, "-1"),
    ({"errcode": 40125, "errmsg": "invalid appsecret"}, Permanent, "40125"),
    ({"errcode": 40001, "errmsg": "invalid credential"}, Permanent, "40001"),
    ({"errcode": 40164, "errmsg": "invalid ip"}, Permanent, "40164"),
    ({"errcode": 45011, "errmsg": "minute"}, Passing, "45011"),
    ({"access_token": "x"}, Passing, "unreadable_token"),
    ({"access_token": "x", "expires_in": 0}, Passing, "unreadable_token"),
    ({"access_token": 1, "expires_in": 7200}, Passing, "unreadable_token"),
    ({"access_token": "", "expires_in": 7200}, Passing, "no_access_token"),
    ({"errcode": 0, "errmsg": "ok"}, Passing, "no_access_token"),
    (ConnectionError(), Passing, "no_token"),
]


async def test_what_is_no_token_is_not_kept(
    sessions: Sessions, platform: Platform, account: Account, subtests: pytest.Subtests
) -> None:
    for answer, failure, code in NO_TOKENS:
        platform.token_answers = [answer] * 3

        with subtests.test(code=code), pytest.raises(failure) as refused:
            await access_token(sessions, account)

        assert (type(refused.value), refused.value.code) == (failure, code)
    platform.token_answers.clear()
    assert await access_token(sessions, account) == "token-1"


async def test_callers_share_a_failure_as_they_share_a_token(
    engine: AsyncEngine, sessions: Sessions, platform: Platform, account: Account
) -> None:
    platform.token_answers = [{"errcode": 40125, "errmsg": "invalid appsecret"}] * 8
    platform.gate.clear()
    async with _looked(engine, 8) as all_looked:
        callers = [asyncio.create_task(access_token(sessions, account)) for _ in range(8)]
        await all_looked
    await platform.reached.wait()
    platform.gate.set()

    outcomes = await asyncio.gather(*callers, return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {Permanent}
    assert len(platform.fetches) == 1


async def test_a_caller_that_gives_up_does_not_take_the_token_from_the_others(
    engine: AsyncEngine, sessions: Sessions, platform: Platform, account: Account
) -> None:
    platform.gate.clear()
    async with _looked(engine, 2) as both_looked:
        hasty = asyncio.create_task(access_token(sessions, account))
        patient = asyncio.create_task(access_token(sessions, account))
        await both_looked
    await platform.reached.wait()

    hasty.cancel()
    platform.gate.set()

    assert await patient == "token-1"
    assert len(platform.fetches) == 1


async def test_accounts_do_not_share_a_token(
    sessions: Sessions, session: AsyncSession, platform: Platform, account: Account
) -> None:
    other = await an_account(session)

    await access_token(sessions, account)
    await access_token(sessions, other)

    assert {call.json["appid"] for call in platform.fetches} == {account.app_id, other.app_id}


async def test_the_database_holds_a_long_token_and_cannot_read_it(
    sessions: Sessions, session: AsyncSession, platform: Platform, account: Account
) -> None:
    long = "x" * 2000
    platform.token_answers = [{"access_token": long, "expires_in": 7200}]

    assert await access_token(sessions, account) == long
    assert await access_token(sessions, account) == long
    stored = await session.scalar(text("SELECT access_token FROM wechat_tokens"))
    assert b"xxxx" not in bytes(stored or b"")
