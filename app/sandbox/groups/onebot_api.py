"""The actions of OneBot 11 by HTTP: `POST /sandbox/onebot/{self_id}/send_group_msg` and others."""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.sandbox import doors
from app.sandbox.groups import onebot, segments
from app.sandbox.groups.rooms import Rooms, member_of
from app.sandbox.groups.rows import Bot, Group, Member
from app.sandbox.phones import clean

LARGEST_MESSAGE_BYTES = 10_000
MOST_MEMBERS = 500

_WRONG_PARAMETER, _TOO_OFTEN = 100, 120
_BAD, _UNAUTHORIZED, _FORBIDDEN, _UNKNOWN, _UNACCEPTABLE = 400, 401, 403, 404, 406


class Failed(Exception):  # noqa: N818 - an answer here, not a fault
    """The action fails, in the platform's words."""

    def __init__(self, wording: str, retcode: int = _WRONG_PARAMETER) -> None:
        super().__init__(wording)
        self.wording, self.retcode = wording, retcode


class Unspeakable(Exception):  # noqa: N818 - an answer here, not a fault
    """The call is refused before it is an action, by its HTTP status alone."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Asked:
    """An action, who asks for it, and its parameters."""

    rooms: Rooms
    bot: Bot
    values: Mapping[str, Any]

    def number(self, name: str) -> int:
        """A number, which a form or an address can carry only as text."""
        value = self.values.get(name)
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        what = f"{name} is no number"
        raise Failed(what)

    def group(self) -> Group:
        """The group that is named."""
        group = self.rooms.group_of_bot(self.bot, str(self.number("group_id")))
        if group is None:
            what = "GROUP_NOT_FOUND: 群聊不存在"
            raise Failed(what)
        return group

    def true(self, name: str) -> bool:
        """A switch."""
        return self.values.get(name) in (True, "true", "1")


def failed(retcode: int, wording: str = "") -> Response:
    """The answer to an action that failed: HTTP 200 all the same."""
    answer = {"status": "failed", "retcode": retcode, "data": None, "message": wording}
    return JSONResponse({**answer, "wording": wording})


def _say(asked: Asked, group: Group, to: str = "") -> dict[str, Any]:
    try:
        message = segments.read(asked.values.get("message"), plain=asked.true("auto_escape"))
    except segments.Unreadable as error:
        raise Failed(str(error)) from error
    text = segments.shown(message, lambda one: onebot.name_in(group, asked.bot, one))
    if not text.strip():
        what = "EMPTY_MESSAGE: 消息为空"
        raise Failed(what)
    if len(text.encode("utf-8", "replace")) > LARGEST_MESSAGE_BYTES:
        what = "MESSAGE_TOO_LONG: 消息过长"
        raise Failed(what)
    at = segments.mentioned(message)
    bot = asked.bot
    said = asked.rooms.show(
        group.group_id, "bot", text, by=bot.self_id, name=bot.name, at=at, to=to
    )
    return {"message_id": said.message_id}


async def send_group_msg(asked: Asked) -> Any:
    """Say something in a group."""
    return _say(asked, asked.group())


async def send_private_msg(asked: Asked) -> Any:
    """Say something to one person alone, who must share a group with the bot."""
    user_id = str(asked.number("user_id"))
    shared = [one for one in asked.rooms.groups_of(asked.bot) if member_of(one, user_id)]
    if "group_id" in asked.values:
        shared = [one for one in shared if one.group_id == str(asked.number("group_id"))]
    if not shared:
        what = "FRIEND_NOT_FOUND: 好友不存在"
        raise Failed(what)
    return _say(asked, shared[0], user_id)


async def send_msg(asked: Asked) -> Any:
    """Say something in a group or to one person, by `message_type` or by what is given."""
    given = "group" if "group_id" in asked.values else "private"
    kind = asked.values.get("message_type") or given
    if kind not in ("group", "private"):
        what = "message_type is group or private"
        raise Failed(what)
    return await (send_group_msg(asked) if kind == "group" else send_private_msg(asked))


async def delete_msg(asked: Asked) -> None:
    """Take a message back."""
    said = asked.rooms.message(asked.number("message_id"))
    if said is None or asked.rooms.group_of_bot(asked.bot, said.group) is None:
        what = "MESSAGE_NOT_FOUND: 消息不存在"
        raise Failed(what)
    asked.rooms.recall(said)


async def get_login_info(asked: Asked) -> Any:
    """Who the bot is."""
    return {"user_id": int(asked.bot.self_id), "nickname": asked.bot.name}


def _described(group: Group) -> dict[str, Any]:
    return {
        "group_id": int(group.group_id),
        "group_name": group.name,
        "member_count": len(group.members) + 1,
        "max_member_count": MOST_MEMBERS,
    }


async def get_group_info(asked: Asked) -> Any:
    """What a group is called and how many are in it."""
    return _described(asked.group())


async def get_group_list(asked: Asked) -> Any:
    """Every group in which the bot is."""
    return [_described(group) for group in asked.rooms.groups_of(asked.bot)]


def _member(group: Group, member: Member) -> dict[str, Any]:
    return {
        "group_id": int(group.group_id),
        "user_id": int(member.id),
        "nickname": member.name,
        "card": member.card,
        "sex": "unknown",
        "age": 0,
        "area": "",
        "join_time": 0,
        "last_sent_time": 0,
        "level": "1",
        "role": member.role,
        "unfriendly": False,
        "title": "",
        "title_expire_time": 0,
        "card_changeable": False,
    }


async def get_group_member_list(asked: Asked) -> Any:
    """Everybody in a group, the bot last."""
    group, bot = asked.group(), asked.bot
    everybody = [*group.members, Member(id=bot.self_id, name=bot.name)]
    return [_member(group, member) for member in everybody]


async def get_group_member_info(asked: Asked) -> Any:
    """One member of a group."""
    group = asked.group()
    member = member_of(group, str(asked.number("user_id")))
    if member is None:
        what = "MEMBER_NOT_FOUND: 群成员不存在"
        raise Failed(what)
    return _member(group, member)


async def get_status(_: Asked) -> Any:
    """Whether all is well."""
    return {"online": True, "good": True}


async def get_version_info(_: Asked) -> Any:
    """What answers here."""
    return {"app_name": "palm-sandbox", "app_version": "1", "protocol_version": "v11"}


ACTIONS: dict[str, Callable[[Asked], Awaitable[Any]]] = {
    action.__name__: action
    for action in (
        send_group_msg,
        send_private_msg,
        send_msg,
        delete_msg,
        get_login_info,
        get_group_info,
        get_group_list,
        get_group_member_list,
        get_group_member_info,
        get_status,
        get_version_info,
    )
}


def _allowed(bot: Bot, request: Request) -> None:
    """Let pass who shows the access token: 401 without one, 403 with another."""
    if not bot.token:
        return
    header = request.headers.get("authorization")
    given = request.query_params.get("access_token", "")
    if header is not None:
        kind, _, given = header.partition(" ")
        given = given if kind.lower() == "bearer" else ""
    if not given:
        raise Unspeakable(_UNAUTHORIZED)
    if not secrets.compare_digest(given.encode(), bot.token.encode()):
        raise Unspeakable(_FORBIDDEN)


async def _parameters(request: Request) -> Mapping[str, Any]:
    """The parameters from the address, and from a body of JSON or of a form."""
    values: dict[str, Any] = dict(request.query_params)
    if request.method != "POST":
        return values
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        async with request.form() as form:
            return {**values, **form}
    if kind not in ("", "application/json"):
        raise Unspeakable(_UNACCEPTABLE)
    try:
        body = clean(json.loads(await request.body() or b"{}"))
    except (ValueError, RecursionError) as error:
        raise Unspeakable(_BAD) from error
    if not isinstance(body, dict):
        raise Unspeakable(_BAD)
    return {**values, **body}


async def _act(asked: Asked, action: Callable[[Asked], Awaitable[Any]]) -> Response:
    try:
        data = await action(asked)
    except Failed as failure:
        return failed(failure.retcode, failure.wording)
    return JSONResponse({"status": "ok", "retcode": 0, "data": data, "message": ""})


def _chosen(request: Request) -> tuple[Bot, Callable[[Asked], Awaitable[Any]]]:
    """The bot and the action that the address names, for who may ask."""
    bot = request.app.state.rooms.bots.get(request.path_params["self_id"])
    if bot is None:
        raise Unspeakable(_UNKNOWN)
    _allowed(bot, request)
    action = ACTIONS.get(request.path_params["action"])
    if action is None:
        raise Unspeakable(_UNKNOWN)
    return bot, action


async def act(request: Request) -> Response:
    """Check who calls, then do what the address names."""
    try:
        bot, action = _chosen(request)
        values = await _parameters(request)
    except Unspeakable as refusal:
        return PlainTextResponse("", refusal.status)
    door = doors.Door(
        "groups",
        f"/onebot/{action.__name__}",
        lambda code: failed(code, "故障注入"),
        rate_limit=_TOO_OFTEN,
        bad_signature=_WRONG_PARAMETER,
    )
    asked = Asked(request.app.state.rooms, bot, values)
    shown = {key: value for key, value in values.items() if key != "access_token"}
    return await doors.enter(door, request, shown, lambda: _act(asked, action), owner=bot.self_id)


ROUTES: list[Route] = [
    Route("/sandbox/onebot/{self_id}/{action}", act, methods=["GET", "POST"]),
]
