from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.core.settings import settings
from app.groups.keys import keys_of
from app.groups.models import Bot
from app.groups.queries import bot_of
from app.people.models import Person, Role
from tests.service_requests.builders import Town, a_person
from tests.service_requests.conftest import As, People

SECRET = "whsec_nobodys"
ASKED = {"slug": "xiaozhang", "name": "小掌", "platform": "signed", "keys": {"secret": SECRET}}


@pytest.fixture
async def admin(session: AsyncSession, town: Town) -> Person:
    made = await a_person(session, town, "管理员", Role.ADMIN)
    await session.commit()
    return made


async def test_a_bot_is_added_and_what_to_enter_on_its_platform_is_shown(
    acting: As, admin: Person, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALM_PUBLIC_URL", "https://palm.example.cn")
    settings.cache_clear()

    made = await acting(admin).post("/bots", ASKED | {"self_id": "10000"})

    assert made.status_code == 201, made.text
    assert made.json()["hook_url"] == "https://palm.example.cn/hooks/xiaozhang"
    assert made.json()["keys"] == ["secret"]
    bot = await bot_of(session, "xiaozhang")
    assert bot
    assert keys_of(bot)["secret"] == SECRET
    stored = await session.scalar(text("SELECT keys FROM bots"))
    assert SECRET.encode() not in bytes(stored)


async def test_no_answer_and_no_fact_holds_a_secret(
    acting: As, admin: Person, session: AsyncSession
) -> None:
    caller = acting(admin)
    made = await caller.post("/bots", ASKED)
    path = f"/bots/{made.json()['id']}"
    changed = await caller.patch(path, {"keys": {"secret": "whsec_other"}})
    assert changed.status_code == 200, changed.text
    listed, read = await caller.get("/bots"), await caller.get(path)
    for answer in (made, changed, listed, read):
        assert answer.is_success
        assert "whsec" not in answer.text
    payloads = list(await session.scalars(select(Fact.payload)))
    assert payloads
    assert "whsec" not in str(payloads)
    assert payloads[-1]["changed"] == ["keys"]


@pytest.mark.parametrize(
    ("platform", "keys", "missing"),
    [
        ("signed", {}, ["body.keys.secret"]),
        ("wecom", {"token": "t"}, ["body.keys.aes_key", "body.keys.corp_id"]),
    ],
)
async def test_the_secrets_that_the_platform_needs_are_asked_for_by_name(
    acting: As, admin: Person, platform: str, keys: dict[str, str], missing: list[str]
) -> None:
    body = ASKED | {"platform": platform, "keys": keys}
    answer = await acting(admin).post("/bots", body)
    assert answer.status_code == 422
    assert [each["path"] for each in answer.json()["errors"]] == missing


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"platform": "smoke"}, 409),
        ({"slug": "小掌"}, 422),
        ({"keys": {"secret": ""}}, 422),
        ({"keys": {"se cret": "x", "secret": "y"}}, 422),
        ({"address": "not an address"}, 422),
        ({"address": "http://user:word@host/"}, 422),
        ({"active": False}, 422),
    ],
)
async def test_what_makes_no_sense_is_refused(
    acting: As, admin: Person, wrong: dict[str, Any], status: int
) -> None:
    answer = await acting(admin).post("/bots", ASKED | wrong)
    assert answer.status_code == status, answer.text
    assert SECRET not in answer.text


async def test_a_name_in_addresses_is_had_once(acting: As, admin: Person) -> None:
    first, second = [await acting(admin).post("/bots", ASKED) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["type"] == "/problems/bot-exists"


async def test_a_secret_is_replaced_or_taken_away_unless_it_is_needed(
    acting: As, admin: Person, session: AsyncSession
) -> None:
    caller = acting(admin)
    extra = {"secret": SECRET, "previous": "old"}
    path = f"/bots/{(await caller.post('/bots', ASKED | {'keys': extra})).json()['id']}"
    assert (await caller.patch(path, {"keys": {"previous": None}})).json()["keys"] == ["secret"]
    needed = await caller.patch(path, {"keys": {"secret": None}})
    assert needed.json()["errors"][0]["path"] == "body.keys.secret"
    bot = await bot_of(session, "xiaozhang")
    assert bot
    assert keys_of(bot)["secret"] == SECRET


async def test_a_silent_bot_is_not_heard_and_who_read_an_older_version_changes_nothing(
    acting: As, admin: Person, session: AsyncSession
) -> None:
    caller = acting(admin)
    made = await caller.post("/bots", ASKED)
    path, read = f"/bots/{made.json()['id']}", {"If-Match": made.headers["ETag"]}
    assert (await caller.patch(path, {"active": False}, headers=read)).status_code == 200
    assert (await caller.patch(path, {"name": "小乙"}, headers=read)).status_code == 412
    assert await bot_of(session, "xiaozhang") is None
    assert (await caller.get(path)).json()["active"] is False


async def test_nobody_but_administrators_sets_up_bots(
    acting: As, people: People, admin: Person, bot: Bot
) -> None:
    for who in (people.resident, people.leader, people.manager):
        caller = acting(who)
        assert (await caller.get("/bots")).status_code == 403
        assert (await caller.post("/bots", ASKED)).status_code == 403
        assert (await caller.get(f"/bots/{bot.id}")).status_code == 404
        assert (await caller.patch(f"/bots/{bot.id}", {"name": "x"})).status_code == 404
    assert len((await acting(admin).get("/bots")).json()["items"]) == 1
