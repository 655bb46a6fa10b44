"""Subscribing, changing, rotating, testing and replaying, by the API."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.facts import Fact, record
from app.core.ids import new_id
from app.core.webhook_signing import keys_of, signed
from app.people import service as people
from app.people.access import Actor, system
from app.people.models import Person, Role
from app.webhooks import kinds, service
from app.webhooks.models import Subscription, WebhookAttempt, WebhookMessage
from tests.conftest import Client, Worker
from tests.people.builders import Caller, a_client, a_person, a_worker, facts
from tests.people.conftest import As, Town
from tests.webhooks.conftest import Course, Rings, Subscribes
from tests.webhooks.facts import BellRung
from tests.webhooks.receiver import Arrived, Receiver, answer

HUB = {"name": "hub", "url": "https://hub.example/in", "kinds": ["service_request.*"]}


@pytest.fixture
async def desk(acting: As, manager: Person) -> Caller:
    return await acting(manager)


async def test_the_signature_is_the_one_of_the_specification() -> None:
    headers = signed(
        keys_of(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]),
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


async def test_a_secret_is_shown_when_it_is_made_and_never_again(
    session: AsyncSession, desk: Caller, manager: Person
) -> None:
    made = await desk.post("/webhooks", json=HUB)

    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    subscription, secret = made.json()["subscription"], made.json()["secret"]
    assert subscription["owner_id"] == str(manager.id)
    assert (subscription["state"], subscription["kinds"]) == ("active", ["service_request.*"])
    read = await desk.get(f"/webhooks/{subscription['id']}")
    listed = await desk.get("/webhooks")
    assert read.json() == subscription == listed.json()["items"][0]
    assert secret not in read.text + listed.text
    assert await facts(session, "webhook.added") == [{"subscription_id": subscription["id"]}]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://169.254.169.254/latest/meta-data",
        "http://100.100.100.200/",
        "http://224.0.0.1/",
        "https://user:pass@hub.example/",
        "https://hub.example:8443/",
        "file:///etc/passwd",
        "ftp://hub.example/",
        "hub.example",
        "http://",
        "http://\u0000.example/",
        "http://[::1",
        "https://" + "a" * 300 + ".example/",
        "http://xn--/",
        "http://a..b/",
    ],
)
async def test_an_address_that_may_not_be_called_is_refused_at_once(desk: Caller, url: str) -> None:
    refused = await desk.post("/webhooks", json={**HUB, "url": url})

    assert refused.status_code == 422, refused.text


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"kinds": ["no_such.thing"]}, "body.kinds"),
        ({"kinds": ["service_request"]}, "body.kinds"),
        ({"kinds": ["*"]}, "body.kinds.0"),
        ({"kinds": []}, "body.kinds"),
        ({"name": ""}, "body.name"),
        ({"owner_id": str(new_id())}, "body.owner_id"),
        ({"secret": "whsec_mine"}, "body.secret"),
    ],
)
async def test_what_is_asked_for_wrongly_is_said_by_field(
    desk: Caller, wrong: dict[str, Any], path: str
) -> None:
    refused = await desk.post("/webhooks", json={**HUB, **wrong})

    assert refused.status_code == 422
    assert [error["path"] for error in refused.json()["errors"]] == [path]


async def test_a_manager_of_one_area_may_not_hear_of_all(
    session: AsyncSession, acting: As, town: Town
) -> None:
    caller = await acting(await a_worker(session, town.area, Role.MANAGER))

    assert (await caller.post("/webhooks", json=HUB)).status_code == 403
    assert (await caller.get("/webhooks")).status_code == 403


async def test_a_program_names_who_is_told_when_its_endpoint_fails(
    session: AsyncSession, acting: As, town: Town, manager: Person
) -> None:
    hub = await acting(await a_client(session, town.root, Role.MANAGER))
    made = await hub.post("/webhooks", json={**HUB, "owner_id": str(manager.id)})
    resident = await a_person(session, town.root)
    await session.commit()
    refused = await hub.post("/webhooks", json={**HUB, "owner_id": str(resident.id)})

    assert made.json()["subscription"]["owner_id"] == str(manager.id)
    assert refused.status_code == 422
    assert (await hub.post("/webhooks", json=HUB)).json()["subscription"]["owner_id"] is None


async def test_a_community_has_fifty_subscriptions_at_most(
    desk: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST", 1)
    assert (await desk.post("/webhooks", json=HUB)).status_code == 201
    refused = await desk.post("/webhooks", json=HUB)

    assert refused.json()["type"] == "/problems/too-many-subscriptions"


async def test_every_kind_of_fact_is_listed_with_its_sentence(desk: Caller) -> None:
    listed = {each["kind"]: each["says"] for each in (await desk.get("/webhook-kinds")).json()}

    assert listed["service_request.filed"] == "Somebody asked for something."
    assert {"notice.published", "notice.content", "webhook.test"} <= listed.keys()
    assert all(says for kind, says in listed.items() if not kind.startswith("test."))
    assert not kinds.unknown(list(listed))


async def test_two_who_change_a_subscription_do_not_overwrite_each_other(
    desk: Caller, client: Client
) -> None:
    made = await desk.post("/webhooks", json=HUB)
    path = f"/webhooks/{made.json()['subscription']['id']}"
    seen = {"If-Match": made.headers["etag"], "Authorization": f"Bearer {desk.token}"}
    renamed = await client.patch(f"/api/v1{path}", json={"name": "new"}, headers=seen)

    assert (renamed.status_code, renamed.json()["name"]) == (200, "new")
    late = await client.patch(f"/api/v1{path}", json={"name": "other"}, headers=seen)
    assert late.status_code == 412
    guarded = await desk.patch(path, json={"url": "http://10.0.0.1/"})
    assert guarded.json()["type"] == "/problems/address-refused"


async def test_what_is_paused_hears_nothing_until_it_is_active_again(
    session: AsyncSession,
    receiver: Receiver,
    subscribes: Subscribes,
    rings: Rings,
    course: Course,
    desk: Caller,
) -> None:
    path = f"/webhooks/{(await subscribes()).id}"
    first = await rings()
    assert (await desk.patch(path, json={"state": "paused"})).json()["state"] == "paused"
    await rings()
    await course.run()
    assert receiver.connections == 0
    assert (await desk.post(f"{path}/test")).json()["type"] == "/problems/subscription-not-active"

    await desk.patch(path, json={"state": "active"})
    await course.run()
    assert [arrived.payload["data"]["bell_id"] for arrived in receiver.arrived] == [first]
    refused = await desk.patch(path, json={"state": "disabled"})
    assert refused.status_code == 422


async def test_a_secret_that_was_replaced_signs_for_one_more_day(
    receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course, desk: Caller
) -> None:
    subscription = await subscribes()
    old = subscription.secret
    rotated = await desk.post(f"/webhooks/{subscription.id}/secret")
    new = rotated.json()["secret"]
    await rings()
    await course.run()

    (arrived,) = receiver.arrived
    assert len(arrived.headers["webhook-signature"].split(" ")) == 2
    assert arrived.verified(old) == arrived.verified(new)

    await course.later(hours=25)
    await rings()
    await course.later(seconds=1)
    assert len(receiver.arrived[1].headers["webhook-signature"].split(" ")) == 1
    assert _proves(receiver.arrived[1], new)
    assert not _proves(receiver.arrived[1], old)


def _proves(arrived: Arrived, secret: str) -> bool:
    """Whether the signature is by this secret; the library would call tomorrow too new."""
    moment = datetime.fromtimestamp(int(arrived.headers["webhook-timestamp"]), UTC)
    expected = signed(keys_of([secret]), arrived.id, moment, arrived.body)["webhook-signature"]
    return expected in arrived.headers["webhook-signature"].split(" ")


async def test_a_test_message_arrives_and_its_way_can_be_read(
    receiver: Receiver, subscribes: Subscribes, course: Course, desk: Caller
) -> None:
    subscription = await subscribes()
    receiver.answers = [answer("500 Internal Server Error")]
    sent = await desk.post(f"/webhooks/{subscription.id}/test")
    await course.run()

    assert sent.status_code == 202
    message = (await desk.get(f"/webhook-messages/{sent.json()['id']}")).json()
    assert (message["kind"], message["state"], message["attempts"]) == (
        "webhook.test",
        "pending",
        1,
    )
    assert (message["status"], message["answer"]) == (500, "http_500")
    assert [(each["status"], each["outcome"]) for each in message["tries"]] == [(500, "http_500")]
    assert message["payload"] == receiver.arrived[0].verified(subscription.secret)
    assert receiver.arrived[0].id == message["id"]


async def test_messages_are_listed_by_state_and_page_by_page(
    receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course, desk: Caller
) -> None:
    path = f"/webhooks/{(await subscribes()).id}/messages"
    for _ in range(3):
        await rings()
    await course.run()
    receiver.usual = answer("500 Internal Server Error")
    await rings()
    await course.run()

    first = (await desk.get(path, params={"limit": 3})).json()
    rest = (await desk.get(path, params={"limit": 3, "after": first["next"]})).json()
    assert [each["state"] for each in first["items"] + rest["items"]] == [
        "pending",
        *3 * ["delivered"],
    ]
    assert rest["next"] is None
    pending = (await desk.get(path, params={"state": "pending"})).json()
    assert [each["answer"] for each in pending["items"]] == ["http_500"]


async def test_a_message_that_died_is_replayed_under_the_same_id(
    receiver: Receiver, subscribes: Subscribes, rings: Rings, course: Course, desk: Caller
) -> None:
    subscription = await subscribes()
    receiver.answers = [answer("410 Gone")]
    await rings()
    await course.run()
    (message,) = await course.messages()
    path = f"/webhook-messages/{message.id}/replay"
    assert (await desk.post(path)).status_code == 409, "nothing goes where all is disabled"

    again = await desk.patch(f"/webhooks/{subscription.id}", json={"state": "active"})
    assert (again.json()["state"], again.json()["reason"]) == ("active", None)
    assert (await desk.post(path)).status_code == 202
    await course.run()
    assert [arrived.id for arrived in receiver.arrived] == 2 * [str(message.id)]
    assert (await desk.get(f"/webhook-messages/{message.id}")).json()["state"] == "delivered"


async def test_what_is_removed_takes_its_messages_along(
    session: AsyncSession, subscribes: Subscribes, rings: Rings, course: Course, desk: Caller
) -> None:
    subscription = await subscribes()
    await rings()
    await course.run()
    removed = await desk.delete(f"/webhooks/{subscription.id}")

    assert removed.status_code == 204
    assert (await desk.get(f"/webhooks/{subscription.id}")).status_code == 404
    for table in (Subscription, WebhookMessage, WebhookAttempt):
        assert not await session.scalar(select(func.count()).select_from(table))
    await rings()
    await course.run()
    assert len(await facts(session, "webhook.removed")) == 1


async def test_whoever_records_a_fact_while_a_subscription_is_removed_is_not_refused(
    sessions: Sessions, subscribes: Subscribes, by: Actor
) -> None:
    subscription = await subscribes()
    async with sessions() as removing, sessions() as early, sessions() as late:
        await record(early, BellRung(bell_id=new_id()), by=by)
        leaving = await removing.get_one(Subscription, (by.community_id, subscription.id))
        removal = asyncio.create_task(service.remove(removing, leaving, by=by))
        await asyncio.sleep(0.2)
        assert not removal.done(), "it waits for who came first"
        await early.commit()
        await removal
        recording = asyncio.create_task(record(late, BellRung(bell_id=new_id()), by=by))
        await asyncio.sleep(0.2)
        await removing.commit()
        await recording
        await late.commit()

    async with sessions() as session:
        rung = select(func.count()).where(Fact.kind == BellRung.kind)
        assert await session.scalar(rung) == 2
        assert not await session.scalar(select(func.count()).select_from(WebhookMessage))


async def test_the_owner_of_a_merged_entry_stays_who_is_told(
    session: AsyncSession, town: Town, worker: Worker, subscribes: Subscribes
) -> None:
    gone = await a_person(session, town.root, "王五")
    kept = await a_worker(session, town.root, Role.MANAGER)
    subscription = await subscribes()
    subscription.owner_id = gone.id
    await people.merge(session, gone, into=kept, by=system(town.root.community_id))
    await session.commit()
    await worker.catch_up()

    await session.refresh(subscription)
    assert subscription.owner_id == kept.id
