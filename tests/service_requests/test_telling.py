import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import i18n
from app.core.ids import new_id
from app.people.models import Identity
from app.wechat.models import Account
from tests.conftest import Worker
from tests.service_requests.builders import Letterbox, Town
from tests.service_requests.conftest import As, People


async def test_everybody_is_told_in_their_own_language(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    letters: Letterbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = {"您反映的事项正在处理。": "Your request is being worked on.", "处理中": "in progress"}
    monkeypatch.setattr(i18n, "catalogue", lambda locale: words if locale == "en" else {})
    account = Account(
        id=new_id(),
        community_id=town.community.id,
        slug="yiyi",
        name="伊伊小区",
        app_id="wx1",
        app_secret="s",
        token="t",
    )
    session.add(account)
    await session.flush()
    follows = Identity(
        community_id=town.community.id,
        account_id=account.id,
        openid="o1",
        person_id=people.resident.id,
        locale="en",
    )
    session.add(follows)
    await session.commit()
    home = str(town.home.id)
    for who in (people.resident, people.neighbour):
        leak = await acting(who).ask(place_id=home, summary="水管漏水")
        await worker.catch_up()
        await acting(people.worker).take(leak, "start")
    await worker.catch_up()

    assert letters.to(people.resident)[-1] == "Your request is being worked on."
    assert letters.last_to(people.resident)["当前进度"] == "in progress"
    assert letters.to(people.neighbour)[-1] == "您反映的事项正在处理。"


async def test_what_was_said_at_length_is_told_in_one_short_line(
    acting: As, people: People, town: Town, worker: Worker, letters: Letterbox
) -> None:
    leak = await acting(people.resident).ask(
        place_id=str(town.places["/A1/G1/3/"].id), summary="水管漏水\n" + "很" * 500
    )
    await worker.catch_up()
    await acting(people.worker).take(leak, "complete", note="换" * 500)
    await worker.catch_up()
    told = letters.last_to(people.resident)
    assert told["诉求内容"].startswith("漏水与水管：水管漏水 很很")
    assert told["说明"] == "换" * 99 + "…"
    assert len(told["诉求内容"]) == 100
    assert told["地点"] == "3"
