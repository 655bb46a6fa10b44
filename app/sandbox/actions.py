"""What the owner of a phone can do, and the message or event it becomes."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.core.i18n import _
from app.sandbox import messages, windows
from app.sandbox.messages import Fields
from app.sandbox.phones import Phones
from app.sandbox.state import Account, Bubble, User, World

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class BadAction(ValueError):  # noqa: N818 - reads as what the action is
    """A phone cannot do this."""


class NotFollowing(Exception):  # noqa: N818 - reads as what the person is
    """Who does not follow the account cannot write to it."""


class Act(BaseModel):
    """Something done on a phone."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Text(Act):
    """Typed words; with `menu_id`, a choice tapped in a message."""

    type: Literal["text"]
    text: str = Field(min_length=1, max_length=20_000)
    menu_id: str = ""


class Location(Act):
    """A place sent from the map, in GCJ-02 degrees."""

    type: Literal["location"]
    latitude: Latitude
    longitude: Longitude
    scale: int = 16
    label: str = ""


class Link(Act):
    """A page shared into the conversation."""

    type: Literal["link"]
    title: str
    description: str = ""
    url: str


class Voice(Act):
    """A spoken message, with what the platform understood of it."""

    type: Literal["voice"]
    recognition: str = ""


class Event(Act):
    """Anything else: following, leaving, scanning, tapping the menu, or any event by its name."""

    type: Literal["event"]
    event: str = Field(min_length=1, max_length=64)
    key: str = ""
    ticket: str = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    precision: float = 40.0
    fields: dict[str, Any] = {}


Action = Text | Location | Link | Voice | Event
_READER: TypeAdapter[Action] = TypeAdapter(Annotated[Action, Field(discriminator="type")])


def read(body: object) -> Action:
    """An action from JSON; `BadAction` says what is wrong with it."""
    try:
        return _READER.validate_python(body)
    except ValidationError as error:
        raise BadAction(str(error)) from error


@dataclass(frozen=True)
class Hand:
    """Whose phone it is, which account it writes to, and where that shows."""

    world: World
    phones: Phones
    account: Account
    user: User

    def write(self, kind: str, fields: Fields, text: str, content: Fields) -> tuple[Fields, Bubble]:
        """The message to send, and what the phone shows of it."""
        if not self.user.subscribed:
            raise NotFollowing
        windows.opened_by_words(self.world, self.user.openid)
        bubble = self.phones.show(self.user.openid, "out", kind, text, **content)
        return messages.message(self.world, self.account, self.user.openid, kind, **fields), bubble


def perform(hand: Hand, action: Action, *, voice: str = "") -> tuple[Fields, Bubble]:
    """The fields to send to the account, and what the phone shows of it.

    `voice` is the media id under which a spoken message was kept.
    """
    if isinstance(action, Event):
        return _event(hand, action)
    fields, text, content = _said(action, voice)
    return hand.write(action.type, fields, text, content)


def _said(action: Action, voice: str) -> tuple[Fields, str, dict[str, Any]]:
    if isinstance(action, Text):
        menu = {"bizmsgmenuid": action.menu_id} if action.menu_id else {}
        return {"Content": action.text, **menu}, action.text, {}
    if isinstance(action, Location):
        fields = {
            "Location_X": action.latitude,
            "Location_Y": action.longitude,
            "Scale": action.scale,
            "Label": action.label,
        }
        shown = {"latitude": action.latitude, "longitude": action.longitude}
        return fields, action.label, shown
    if isinstance(action, Link):
        fields = {"Title": action.title, "Description": action.description, "Url": action.url}
        return fields, action.title, {"description": action.description, "url": action.url}
    if isinstance(action, Voice):
        heard = {"Recognition": action.recognition} if action.recognition else {}
        return {"MediaId": voice, "Format": "amr", **heard}, action.recognition, {}
    raise BadAction


def picture(hand: Hand, media_id: str, *, base: str) -> tuple[Fields, Bubble]:
    """A picture sent; `base` is the address under which the platform can be reached."""
    path = f"/sandbox/pictures/{media_id}"
    fields = {"PicUrl": f"{base}{path}", "MediaId": media_id}
    return hand.write("image", fields, "", {"media_id": media_id, "url": path})


def _scene(hand: Hand, action: Event) -> str:
    """The key of the code that was scanned."""
    if not action.ticket:
        return action.key
    now, scene = hand.world.now(), hand.world.scenes.get(action.ticket)
    expired = scene and scene.expires_at is not None and scene.expires_at <= now
    if scene is None or scene.app_id != hand.account.app_id or expired:
        message = "this code is unknown or expired"
        raise BadAction(message)
    return scene.key


def _event(hand: Hand, action: Event) -> tuple[Fields, Bubble]:
    name, details, text = action.event, dict(action.fields), action.event
    if name in ("subscribe", "SCAN"):
        name, details, text = _arrival(hand, action)
    elif not hand.user.subscribed:
        raise NotFollowing
    elif name == "unsubscribe":
        _follow(hand, {"subscribed": False})
        windows.closed(hand.world, hand.user.openid)
        details, text = {"EventKey": ""}, _("已取消关注")
    elif name == "LOCATION":
        details = _position(action)
    elif action.key:
        details = {"EventKey": action.key, **details}
    if name in windows.OPENING_EVENTS:
        windows.opened_by_act(hand.world, hand.user.openid)
    openid = hand.user.openid
    bubble = hand.phones.show(openid, "out", "event", text, event=name, key=action.key)
    return messages.event(hand.world, hand.account, openid, name, **details), bubble


def _follow(hand: Hand, update: dict[str, Any]) -> None:
    hand.world.users.put(hand.user.openid, hand.user.model_copy(update=update))


def _arrival(hand: Hand, action: Event) -> tuple[str, Fields, str]:
    """Following or scanning: a scan by somebody new is a follow."""
    key = _scene(hand, action)
    ticket = {"Ticket": action.ticket} if action.ticket else {}
    if hand.user.subscribed and action.event == "SCAN":
        return "SCAN", {"EventKey": key, **ticket}, _("扫描二维码")
    _follow(hand, {"subscribed": True, "since": hand.world.now()})
    return "subscribe", {"EventKey": f"qrscene_{key}" if key else "", **ticket}, _("已关注")


def _position(action: Event) -> Fields:
    if action.latitude is None or action.longitude is None:
        message = "LOCATION needs latitude and longitude"
        raise BadAction(message)
    return {
        "Latitude": action.latitude,
        "Longitude": action.longitude,
        "Precision": action.precision,
    }
