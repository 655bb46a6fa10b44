"""Subscriptions and their messages as they cross the wire; a secret leaves once."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from app.core.pages import Cursor
from app.core.wire import In, Line, Out
from app.places.schemas import Change
from app.webhooks.models import MessageState, SubscriptionState

Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Kinds = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.]{1,100}(\.\*)?$")]],
    Field(min_length=1, max_length=100),
]
"""Names of `GET /webhook-kinds`, or their beginnings: `service_request.filed`, `notice.*`."""


class SubscriptionIn(In):
    """Which kinds of facts go where; `owner_id` is told when it fails, you unless you say else."""

    name: Line
    url: Url
    kinds: Kinds
    owner_id: UUID | None = None


class SubscriptionChange(Change):
    """What to change about a subscription; nobody need be told when it fails."""

    emptied: ClassVar[frozenset[str]] = frozenset({"owner_id"})

    name: Line | None = None
    url: Url | None = None
    kinds: Kinds | None = None
    state: Literal[SubscriptionState.ACTIVE, SubscriptionState.PAUSED] | None = None
    owner_id: UUID | None = None


class SubscriptionOut(Out):
    """A subscription, and whether it is well; `reason` is `gone` or `failing` when disabled."""

    id: UUID
    name: str
    url: str
    kinds: list[str]
    state: SubscriptionState
    reason: str | None
    failing_since: datetime | None
    paused_until: datetime | None
    rotated_at: datetime | None
    owner_id: UUID | None
    created_at: datetime


class SubscriptionSecretOut(Out):
    """A subscription with the secret its messages are signed with, shown this once."""

    subscription: SubscriptionOut
    secret: str


class KindOut(Out):
    """A kind of message, and when it is sent."""

    kind: str
    says: str


class MessageFilters(Cursor):
    """Which messages: of a state."""

    model_config = ConfigDict(extra="forbid")

    state: MessageState | None = None


class MessageOut(Out):
    """A message and how far it is; `id` is its `webhook-id`.

    `status` is the last answer's, `answer` what went wrong, in a word.
    """

    id: UUID
    subscription_id: UUID
    kind: str
    state: MessageState
    attempts: int
    due_at: datetime
    status: int | None
    answer: str | None
    created_at: datetime
    delivered_at: datetime | None


class AttemptOut(Out):
    """A try; without an outcome it is under way, or was lost with its worker."""

    at: datetime
    status: int | None
    outcome: str | None


class MessageWhole(MessageOut):
    """A message with what it says, and every try at it."""

    payload: dict[str, Any]
    tries: list[AttemptOut] = Field(default_factory=list)
