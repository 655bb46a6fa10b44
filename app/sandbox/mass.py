"""The call that sends one message to all followers, or to those with a tag."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.routing import Route

from app.core.clock import CHINA
from app.sandbox import messages, tags
from app.sandbox.api import Answer, Asked, api, with_token
from app.sandbox.errors import Refused, accepted, refusal
from app.sandbox.replies import LONGEST_TEXT_BYTES
from app.sandbox.state import Account, Mass, Spent, User, World

PER_MONTH = 4
PER_MINUTE = 60
APART_SECONDS = 60
KNOWN_SECONDS = 86400

_LONGEST_ID_BYTES = 64
_MINUTE = 60
_KINDS = ("text", "image")


def _audience(asked: Asked, account: Account) -> list[User]:
    """Every follower whom the filter names; of another account's, nobody."""
    world, chosen = asked.world, asked.body.get("filter")
    if not isinstance(chosen, Mapping) or not isinstance(chosen.get("is_to_all"), bool):
        raise Refused(47001)
    everybody = [
        user for user in world.users.values() if user.app_id == account.app_id and user.subscribed
    ]
    if chosen["is_to_all"]:
        return everybody
    tag = tags.named(world, account, chosen.get("tag_id"))
    return [user for user in everybody if tag.id in tags.of(world, user.openid)]


def _content(asked: Asked) -> tuple[str, dict[str, Any]]:
    kind = asked.text("msgtype")
    part = asked.body.get(kind) if kind in _KINDS else None
    if kind not in _KINDS:
        raise Refused(40008)
    if not isinstance(part, Mapping):
        raise Refused(47001)
    if kind == "image":
        media_id = part.get("media_id")
        if not isinstance(media_id, str) or asked.world.media.get(media_id) is None:
            raise Refused(40007)
        return "", {"media_id": media_id, "url": f"/sandbox/pictures/{media_id}"}
    text = part.get("content")
    if not isinstance(text, str) or not text:
        raise Refused(44004)
    if len(text.encode()) > LONGEST_TEXT_BYTES:
        raise Refused(45002)
    return text, {}


def _hold_pace(world: World, account: Account) -> None:
    """Sixty calls a minute."""
    key = f"mass {account.app_id} {int(world.now()) // _MINUTE}"
    spent = world.spent.get(key)
    times = spent.times if spent else 0
    if times >= PER_MINUTE:
        raise Refused(45011)
    world.spent.put(key, Spent(times=times + 1))


def _may_receive(world: World, user: User) -> bool:
    """Take one of the four that a person receives in a month of the calendar, if any is left."""
    month = datetime.fromtimestamp(world.now(), CHINA).strftime("%Y-%m")
    key = f"month {user.openid} {month}"
    spent = world.spent.get(key)
    times = spent.times if spent else 0
    if times >= PER_MONTH:
        return False
    world.spent.put(key, Spent(times=times + 1))
    return True


def _said_before(world: World, account: Account, client_id: str) -> Answer | None:
    """The refusal of a message that was sent already under the same id, within a day."""
    before = world.masses.get(f"{account.app_id} {client_id}") if client_id else None
    if before is None or world.now() - before.at >= KNOWN_SECONDS:
        return None
    code = 45066 if world.now() - before.at < APART_SECONDS else 45065
    return refusal(code, msg_id=before.msg_id)


async def send_all(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/message/mass/sendall: once per clientmsgid, four a month to each person."""
    world, client_id = asked.world, asked.text("clientmsgid")
    if len(client_id.encode()) > _LONGEST_ID_BYTES:
        raise Refused(47001)
    audience, (text, content) = _audience(asked, account), _content(asked)
    if before := _said_before(world, account, client_id):
        return before
    _hold_pace(world, account)
    msg_id = 3 * 10**9 + world.count("mass messages")
    if client_id:
        world.masses.put(f"{account.app_id} {client_id}", Mass(msg_id=msg_id, at=world.now()))
    reached = [user for user in audience if _may_receive(world, user)]
    shown = [user for user in reached if not user.blocks]
    for user in shown:
        asked.phones.show(user.openid, "in", asked.text("msgtype"), text, mass=msg_id, **content)
    counts = {
        "TotalCount": len(audience),
        "FilterCount": len(reached),
        "SentCount": len(shown),
        "ErrorCount": len(reached) - len(shown),
    }
    _report(asked, account, msg_id, counts)
    data_id = {"msg_data_id": 2 * 10**9 + msg_id}
    return {**accepted(msg_id=msg_id, **data_id), "errmsg": "send job submission success"}


def _report(asked: Asked, account: Account, msg_id: int, counts: Mapping[str, int]) -> None:
    """Tell the account how many it reached; the sender is the platform itself."""
    event = messages.event(
        asked.world,
        account,
        "oMassSender",
        "MASSSENDJOBFINISH",
        MsgID=msg_id,
        Status="send success",
        **counts,
    )
    asked.sender.deliver_later(account, event)


ROUTES: list[Route] = [
    api("/cgi-bin/message/mass/sendall", "POST", with_token(send_all)),
]
