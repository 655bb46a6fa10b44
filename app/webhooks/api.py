"""The endpoints of webhook subscriptions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core.database import existing
from app.core.http import AddressRefused
from app.core.pages import Asked, Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.people.access import Me
from app.places.models import ROOT
from app.webhooks import kinds, queries, service
from app.webhooks.models import Subscription, WebhookMessage
from app.webhooks.permissions import WEBHOOKS
from app.webhooks.problems import SubscriptionNotActive, TooManySubscriptions
from app.webhooks.schemas import (
    AttemptOut,
    KindOut,
    MessageFilters,
    MessageOut,
    MessageWhole,
    SubscriptionChange,
    SubscriptionIn,
    SubscriptionOut,
    SubscriptionSecretOut,
)

router = APIRouter(prefix="/api/v1", tags=["webhooks"], route_class=Route)


async def held(session: Session, me: Me, subscription_id: UUID) -> Subscription:
    """The subscription of this id, if the caller may set it up."""
    seen = queries.visible_to(me).where(Subscription.id == subscription_id)
    return await existing(session, seen)


async def held_alone(
    session: Session, me: Me, subscription_id: UUID, request: Request
) -> Subscription:
    """The same, nobody else's to change until we are done, and as the caller last read it."""
    seen = queries.visible_to(me).where(Subscription.id == subscription_id)
    # Facts go on being written to it meanwhile: their foreign keys do not wait for this lock.
    alone = await existing(session, seen.with_for_update(key_share=True))
    matches(request, alone.version)
    return alone


async def held_message(session: Session, me: Me, webhook_message_id: UUID) -> WebhookMessage:
    """The message of this id, if the caller may see it."""
    seen = queries.messages_visible_to(me).where(WebhookMessage.id == webhook_message_id)
    return await existing(session, seen)


Held = Annotated[Subscription, Depends(held)]
HeldAlone = Annotated[Subscription, Depends(held_alone)]
HeldMessage = Annotated[WebhookMessage, Depends(held_message)]


def _with_secret(subscription: Subscription, response: Response) -> SubscriptionSecretOut:
    response.headers["Cache-Control"] = "no-store"
    response.headers["ETag"] = etag(subscription.version)
    shown = SubscriptionOut.model_validate(subscription)
    return SubscriptionSecretOut(subscription=shown, secret=subscription.secret)


@router.get("/webhook-kinds", responses=problems(Forbidden))
async def list_kinds(me: Me) -> list[KindOut]:
    """Every kind of message that can be subscribed to, and when it is sent."""
    WEBHOOKS.demand(me, at=ROOT)
    return [KindOut.model_validate(each) for each in kinds.catalogue()]


@router.get("/webhooks", response_model=Page[SubscriptionOut], responses=problems(Forbidden))
async def list_subscriptions(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """Who is told of what, newest first."""
    WEBHOOKS.demand(me, at=ROOT)
    return await paged(session, queries.visible_to(me), cursor, by=Subscription.id)


@router.post(
    "/webhooks",
    status_code=201,
    responses=problems(Forbidden, Invalid, AddressRefused, TooManySubscriptions),
)
async def subscribe(
    session: Session, me: Me, asked: SubscriptionIn, response: Response
) -> SubscriptionSecretOut:
    """Have other software told of some kinds of facts; the secret is shown this once."""
    subscription = await service.subscribe(session, asked.model_dump(), by=me)
    return _with_secret(subscription, response)


@router.get(
    "/webhooks/{subscription_id}", response_model=SubscriptionOut, responses=problems(NotFound)
)
async def read_subscription(subscription: Held, response: Response) -> Subscription:
    """A subscription, and whether it is well."""
    response.headers["ETag"] = etag(subscription.version)
    return subscription


@router.patch(
    "/webhooks/{subscription_id}",
    response_model=SubscriptionOut,
    responses=problems(NotFound, Forbidden, Invalid, AddressRefused, Changed),
)
async def change_subscription(
    session: Session,
    me: Me,
    subscription: HeldAlone,
    asked: SubscriptionChange,
    response: Response,
) -> Subscription:
    """Send other kinds, elsewhere, nothing for now, or again after it was disabled."""
    changed = await service.change(session, subscription, asked.named(), by=me)
    response.headers["ETag"] = etag(changed.version)
    return changed


@router.delete(
    "/webhooks/{subscription_id}", status_code=204, responses=problems(NotFound, Forbidden, Changed)
)
async def unsubscribe(session: Session, me: Me, subscription: HeldAlone) -> None:
    """Send nothing there any more, and forget what was sent."""
    await service.remove(session, subscription, by=me)


@router.post("/webhooks/{subscription_id}/secret", responses=problems(NotFound, Forbidden, Changed))
async def rotate_secret(
    session: Session, me: Me, subscription: HeldAlone, response: Response
) -> SubscriptionSecretOut:
    """Sign with a new secret, shown this once; the one before it signs beside it for a day."""
    return _with_secret(await service.rotate(session, subscription, by=me), response)


@router.post(
    "/webhooks/{subscription_id}/test",
    status_code=202,
    response_model=MessageOut,
    responses=problems(NotFound, Forbidden, SubscriptionNotActive),
)
async def send_test(session: Session, me: Me, subscription: Held) -> WebhookMessage:
    """Send a message of kind `webhook.test`; how it went stands with the messages."""
    return await service.test(session, subscription, by=me)


@router.get(
    "/webhooks/{subscription_id}/messages",
    response_model=Page[MessageOut],
    responses=problems(NotFound),
)
async def list_messages(
    session: Session, me: Me, subscription: Held, asked: Annotated[MessageFilters, Query()]
) -> dict[str, object]:
    """What was or is to be sent there, newest first."""
    messages = queries.messages_of(me, subscription, asked.state)
    return await paged(session, messages, asked, by=WebhookMessage.id)


@router.get("/webhook-messages/{webhook_message_id}", responses=problems(NotFound))
async def read_message(session: Session, message: HeldMessage) -> MessageWhole:
    """A message, what it says, and every try at it."""
    tries = await session.scalars(queries.attempts_of(message.community_id, message.id))
    shown = MessageWhole.model_validate(message)
    shown.tries = [AttemptOut.model_validate(each) for each in tries]
    return shown


@router.post(
    "/webhook-messages/{webhook_message_id}/replay",
    status_code=202,
    response_model=MessageOut,
    responses=problems(NotFound, Forbidden, SubscriptionNotActive),
)
async def replay_message(session: Session, me: Me, message: HeldMessage) -> WebhookMessage:
    """Send a message once more, under the same `webhook-id`."""
    await session.refresh(message, with_for_update=True)
    return await service.replay(session, message, by=me)
