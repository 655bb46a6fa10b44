"""Groups, who is in them, and bots as they cross the wire."""

import json
import re
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from app.core.pages import Cursor
from app.core.settings import settings
from app.core.wire import Code, In, Line, Out, Prose, Slug
from app.groups.models import Bot, GroupKind, GroupState, Title
from app.people.schemas import PersonOut
from app.places.schemas import Change, PlaceOut

_PRINTABLE = re.compile(r"[!-~]+")


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    known = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    if not known or not _PRINTABLE.fullmatch(text):
        message = "is no web address"
        raise ValueError(message)
    _ = parts.port
    return text


_Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000),
    AfterValidator(_web_address),
]
_Secret = Annotated[SecretStr, Field(min_length=1, max_length=4000)]
_Keys = Annotated[dict[Code, _Secret], Field(max_length=20)]
_PlatformId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]


def _secret_address(address: SecretStr) -> SecretStr:
    _web_address(address.get_secret_value())
    return address


class RobotIn(In):
    """The address of a group's own robot, and the secret it is signed with, if it is."""

    url: Annotated[SecretStr, Field(min_length=1, max_length=2000), AfterValidator(_secret_address)]
    secret: _Secret | None = None

    def kept(self) -> str:
        """As it is locked away."""
        secret = {"secret": self.secret.get_secret_value()} if self.secret else {}
        return json.dumps({"url": self.url.get_secret_value()} | secret)


class RobotOut(Out):
    """Where a group's robot is; its address is a secret itself, and is not shown again."""

    host: str
    signed: bool


def _robot_shown(kept: Any) -> Any:
    if not isinstance(kept, str):
        return kept
    robot = json.loads(kept)
    host = urlsplit(robot.get("url", "")).hostname or ""
    return RobotOut(host=host, signed=bool(robot.get("secret")))


class _Reach(In):
    """How a group is reached, and who answers for it and in it."""

    owner_id: UUID | None = None
    organization_id: UUID | None = None
    bot_id: UUID | None = None
    external_id: _PlatformId | None = None
    robot: RobotIn | None = None


_NAMED = frozenset({"place_id", "owner_id", "bot_id"})


def _columns(asked: In) -> dict[str, Any]:
    """The columns of the group that were given, the robot as it is kept."""
    columns = asked.model_dump(exclude_unset=True, exclude={*_NAMED, "robot"})
    if "robot" in asked.model_fields_set:
        robot: RobotIn | None = getattr(asked, "robot")  # noqa: B009 - one of several models
        columns["robot"] = robot.kept() if robot else None
    return columns


class GroupIn(_Reach):
    """A group; who does not manage its place proposes it, and says how it is reached to nobody."""

    kind: GroupKind
    name: Line
    purpose: Prose | None = None
    place_id: UUID
    platform: Code

    def columns(self) -> dict[str, Any]:
        """What of it stands in the group itself."""
        return _columns(self)


class ApprovalIn(_Reach):
    """How a proposed group is reached; without an owner, who proposed it is that."""

    platform: Code | None = None

    @model_validator(mode="after")
    def _no_null_platform(self) -> Self:
        if "platform" in self.model_fields_set and self.platform is None:
            message = "platform cannot be null"
            raise ValueError(message)
        return self

    def columns(self) -> dict[str, Any]:
        """What of it stands in the group itself."""
        return _columns(self)


class GroupChange(Change):
    """What to change about a group; all but its owner and what it is may be null."""

    emptied: ClassVar[frozenset[str]] = frozenset(
        {"purpose", "organization_id", "bot_id", "external_id", "robot"}
    )

    kind: GroupKind | None = None
    name: Line | None = None
    purpose: Prose | None = None
    place_id: UUID | None = None
    platform: Code | None = None
    owner_id: UUID | None = None
    organization_id: UUID | None = None
    bot_id: UUID | None = None
    external_id: _PlatformId | None = None
    robot: RobotIn | None = None

    def columns(self) -> dict[str, Any]:
        """What of it stands in the group itself; a bot that is taken away as well."""
        taken = {"bot_id": None} if "bot_id" in self.model_fields_set and not self.bot_id else {}
        return _columns(self) | taken


class ReasonIn(In):
    """Why; whoever is concerned reads it."""

    reason: Line


class GroupFilters(Cursor):
    """Which groups: of a kind, in a state, within a place."""

    model_config = ConfigDict(extra="forbid")

    kind: GroupKind | None = None
    state: GroupState | None = None
    place: UUID | None = None


class GroupOut(Out):
    """A group; `owner_id` is who answers for it, `reason` why it was refused or closed."""

    id: UUID
    kind: GroupKind
    name: str
    purpose: str | None
    place: PlaceOut
    state: GroupState
    owner_id: UUID | None
    organization_id: UUID | None
    platform: str
    bot_id: UUID | None
    external_id: str | None
    robot: Annotated[RobotOut | None, BeforeValidator(_robot_shown)]
    proposed_by_id: UUID | None
    reason: str | None
    created_at: datetime


class NamedIn(In):
    """Somebody we know, and what they are in a group."""

    person_id: UUID
    title: Title


class TitleIn(In):
    """What somebody is in a group."""

    title: Title


class MemberOut(Out):
    """Somebody in a group; `person` is null until they are bound.

    `name` is what they call themselves there, `last_seen_at` null for who never spoke.
    """

    id: UUID
    sender_id: str
    name: str
    person: PersonOut | None
    title: Title
    first_seen_at: datetime
    last_seen_at: datetime | None


class BotIn(In):
    """A bot, and the secrets that its platform asks for; they are not shown again."""

    slug: Slug
    name: Line
    platform: Code
    address: _Address | None = None
    keys: _Keys = Field(default_factory=dict)
    self_id: _PlatformId | None = None


class BotChange(Change):
    """What to change about a bot; a secret that is null is taken away, one not named stays."""

    emptied: ClassVar[frozenset[str]] = frozenset({"address", "self_id"})

    name: Line | None = None
    address: _Address | None = None
    self_id: _PlatformId | None = None
    active: bool | None = None
    keys: Annotated[dict[Code, _Secret | None], Field(max_length=20)] | None = None


def revealed(keys: dict[str, SecretStr] | dict[str, SecretStr | None]) -> dict[str, str | None]:
    """Secrets as they are locked away."""
    return {name: key.get_secret_value() if key else None for name, key in keys.items()}


class BotOut(Out):
    """A bot; `hook_url` is what to enter on its platform, `keys` the names of what it has."""

    id: UUID
    slug: str
    name: str
    platform: str
    address: str | None
    keys: Annotated[list[str], BeforeValidator(lambda kept: sorted(json.loads(kept)))]
    self_id: str | None
    active: bool
    hook_url: str
    created_at: datetime

    @classmethod
    def of(cls, bot: Bot) -> "BotOut":
        """A bot as it is shown."""
        columns = {name: getattr(bot, name) for name in cls.model_fields if name != "hook_url"}
        return cls.model_validate(columns | {"hook_url": hook_url(bot)})


def hook_url(bot: Bot) -> str:
    """Where the bot's platform has to send what it hears."""
    return f"{settings().base_url}/hooks/{bot.slug}"
