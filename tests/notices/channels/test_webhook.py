"""The words of notices, for other software that asked for them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.notices import content
from app.notices.models import State
from app.webhooks import service
from app.webhooks.models import Subscription, SubscriptionState, WebhookMessage
from tests.notices.builders import BODY
from tests.notices.channels.conftest import Publishes, Repeats, by
from tests.service_requests.builders import Town
from tests.webhooks.receiver import Receiver


async def _subscribed(
    session: AsyncSession, town: Town, receiver: Receiver, *kinds: str
) -> Subscription:
    asked = {"name": "hub", "url": receiver.url, "kinds": list(kinds)}
    made = await service.subscribe(session, asked, by=by(town))
    await session.commit()
    return made


async def test_the_words_go_to_who_asked_for_them_signed_and_once(
    session: AsyncSession,
    town: Town,
    receiver: Receiver,
    publishes: Publishes,
    repeats: Repeats,
) -> None:
    subscription = await _subscribed(session, town, receiver, "notice.content")
    delivery = (await publishes("webhook"))["webhook"]

    (arrived,) = receiver.arrived
    told = arrived.verified(subscription.secret)
    assert told["type"] == "notice.content"
    assert told["data"]["notice_id"] == str(delivery.notice_id)
    assert (told["data"]["title"], told["data"]["markdown"]) == ("停水通知", BODY)
    assert told["data"]["link"] == (await content.of(session, delivery)).link
    assert (delivery.state, delivery.receipt) == (State.SENT, arrived.id)
    assert delivery.lane == f"webhook:{subscription.id}"

    await repeats(delivery)
    assert (delivery.state, delivery.receipt) == (State.SENT, arrived.id)
    assert len(receiver.arrived) == 1
    assert len((await session.scalars(select(WebhookMessage))).all()) == 1


async def test_the_fact_carries_ids_and_the_words_go_to_nobody_by_a_prefix(
    session: AsyncSession, town: Town, receivers: list[Receiver], publishes: Publishes
) -> None:
    await _subscribed(session, town, receivers[0], "notice.*")
    await _subscribed(session, town, receivers[1], "notice.published", "notice.content")
    await publishes("webhook")

    assert "notice.content" not in receivers[0].types
    assert receivers[0].types.count("notice.published") == 1
    assert sorted(receivers[1].types) == ["notice.content", "notice.published"]
    (fact,) = (one for one in receivers[1].arrived if one.payload["type"] == "notice.published")
    assert "停水" not in fact.body.decode()


async def test_who_unsubscribed_meanwhile_is_not_told(
    session: AsyncSession, town: Town, receiver: Receiver, publishes: Publishes, repeats: Repeats
) -> None:
    subscription = await _subscribed(session, town, receiver, "notice.content")
    delivery = (await publishes("webhook"))["webhook"]
    subscription.state = SubscriptionState.PAUSED
    await repeats(delivery)

    assert (delivery.state, delivery.answer) == (State.REFUSED, "subscription_not_active")
