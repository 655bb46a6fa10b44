"""What leaves the house says nothing about who it was."""

import json

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Event, Fact
from app.people.access import system
from app.webhooks import kinds, service
from app.webhooks.models import WebhookMessage
from tests.conftest import Worker
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People, acting, people, town

__all__ = ["acting", "people", "town"]


def _everything() -> list[str]:
    return sorted({f"{kind.partition('.')[0]}.*" for kind in Event.kinds})


async def test_whoever_reports_anonymously_is_in_no_message(
    session: AsyncSession, acting: As, people: People, town: Town, worker: Worker
) -> None:
    asked = {"name": "hub", "url": "https://hub.example/", "kinds": _everything()}
    await service.subscribe(session, asked, by=system(town.community.id))
    await session.commit()
    resident = acting(people.resident)
    filed = await resident.ask(
        category="falling_objects",
        place_id=str(town.home.id),
        summary="有人扔花盆",
        anonymous=True,
    )
    await resident.post(f"/service-requests/{filed['id']}/remarks", {"text": "又扔了"})
    named = await resident.ask(place_id=str(town.home.id), summary="灯坏了")

    messages = (await session.scalars(select(WebhookMessage))).all()
    about = {
        message.payload["data"].get("request_id"): message.payload["data"]["actor"]
        for message in messages
        if message.kind == "service_request.filed"
    }
    assert about == {filed["id"]: "anonymous", named["id"]: "person"}
    told = json.dumps([message.payload for message in messages], ensure_ascii=False)
    assert str(people.resident.id) not in told
    assert "李桂兰" not in told
    assert "花盆" not in told
    facts = await session.scalars(select(Fact.actor_id))
    assert people.resident.id in set(facts), "the record knows who filed the one with a name"


def test_no_kind_of_fact_lets_text_out_that_somebody_wrote() -> None:
    leaving = {
        f"{kind}.{name}"
        for kind, event in Event.kinds.items()
        for name in kinds._leaving(event)
        if event.model_fields[name].annotation in {str, str | None}
        or str(event.model_fields[name].annotation).startswith("dict")
    }
    withheld = {
        name
        for event in Event.kinds.values()
        for name in event.model_fields.keys() - set(kinds._leaving(event))
    }

    assert not leaving
    assert {"reason", "was", "now"} <= withheld
