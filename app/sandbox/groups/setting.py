"""Setting up bots, groups and robots; asking whether a bot's software is who it says."""

import json
import secrets
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox import crypto
from app.sandbox.addresses import web
from app.sandbox.bodies import In, read
from app.sandbox.groups import feishu, wecom
from app.sandbox.groups.reporter import Reporter
from app.sandbox.groups.rooms import Rooms
from app.sandbox.groups.rows import Bot, Group, Member, PlatformName, Robot, RobotPlatform, Said

_NAME = r"^[A-Za-z0-9_:.$=+-]{1,128}$"
_MOST_KEYWORDS = 10
_MOST_MEMBERS = 2000
_OK = 200


class BotIn(In):
    """A bot, its keys, and the address that is told what is said in its groups."""

    self_id: str = Field(pattern=_NAME)
    name: str = Field(min_length=1, max_length=64)
    hook_url: str
    secret: str = ""
    token: str = ""
    aes_key: str = ""
    corp_id: str = ""
    agent_id: str = "1000002"
    encrypt_key: str = ""

    @field_validator("hook_url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        if web(url) is None:
            message = "hook_url must be an http or https address"
            raise ValueError(message)
        return url

    @field_validator("aes_key")
    @classmethod
    def _whole(cls, aes_key: str) -> str:
        if aes_key:
            crypto.key_of(aes_key)
        return aes_key


class MemberIn(In):
    """Somebody in a group."""

    id: str = Field(pattern=_NAME)
    name: str = Field(min_length=1, max_length=64)
    card: str = Field(default="", max_length=64)
    role: Literal["owner", "admin", "member"] = "member"


class GroupIn(In):
    """A group; on OneBot every id is a number."""

    group_id: str = Field(pattern=_NAME)
    bot: str = ""
    name: str = Field(min_length=1, max_length=64)
    platform: PlatformName = "onebot11"
    members: list[MemberIn] = Field(default=[], max_length=_MOST_MEMBERS)

    @model_validator(mode="after")
    def _numbered(self) -> Self:
        ids = [self.group_id, *(member.id for member in self.members)]
        ids += [self.bot] if self.bot else []
        if self.platform == "onebot11" and not all(one.isdecimal() for one in ids):
            message = "on OneBot the ids of groups, bots and members are numbers"
            raise ValueError(message)
        if len({member.id for member in self.members}) < len(self.members):
            message = "a member stands twice"
            raise ValueError(message)
        return self


class RobotIn(In):
    """A robot: the group it posts into, and how that is guarded."""

    platform: RobotPlatform
    key: str = Field(pattern=_NAME)
    secret: str = ""
    keywords: list[str] = Field(default=[], max_length=_MOST_KEYWORDS)
    group: str = ""
    name: str = Field(default="群机器人", min_length=1, max_length=64)


def printed(said: Said) -> dict[str, Any]:
    """A message of a group as scripts and the page read it."""
    return said.model_dump(exclude={"words"})


async def put_bot(request: Request) -> Response:
    """PUT /sandbox/bots/{self_id}: a bot as it is from now on."""
    rooms: Rooms = request.app.state.rooms
    bot = await read(request, BotIn, self_id=request.path_params["self_id"])
    rooms.bots.put(bot.self_id, Bot(**bot.model_dump()))
    return JSONResponse({"self_id": bot.self_id, "name": bot.name})


async def list_bots(request: Request) -> Response:
    """GET /sandbox/bots: names, without secrets."""
    rooms: Rooms = request.app.state.rooms
    shown = [bot.model_dump(include={"self_id", "name"}) for bot in rooms.bots.values()]
    return JSONResponse({"bots": shown})


async def verify_bot(request: Request) -> Response:
    """POST /sandbox/bots/{self_id}/verify?platform=: whether its software passes the handshake.

    WeCom sends an encrypted echo by GET, Feishu a challenge by POST; the others have none.
    """
    bot = request.app.state.rooms.bots.get(request.path_params["self_id"])
    platform = request.query_params.get("platform")
    if bot is None:
        raise HTTPException(404, "no such bot")
    if platform not in ("wecom", "feishu"):
        raise HTTPException(422, "platform is wecom or feishu")
    greet = _wecom if platform == "wecom" else _feishu
    return JSONResponse({"ok": await greet(request.app.state.reporter, bot, request)})


async def _wecom(reporter: Reporter, bot: Bot, request: Request) -> bool:
    echo = secrets.token_hex(10)
    sealed = crypto.encrypt(echo, aes_key=bot.aes_key, app_id=bot.corp_id)
    query = wecom.query(bot, sealed, request.app.state.world.now())
    answer = await reporter.ask("GET", bot.hook_url, {**query, "echostr": sealed})
    return answer is not None and answer.status_code == _OK and answer.text == echo


async def _feishu(reporter: Reporter, bot: Bot, _: Request) -> bool:
    challenge = secrets.token_hex(16)
    asked = {"challenge": challenge, "token": bot.token, "type": "url_verification"}
    body, kind = feishu.enveloped(bot, asked), "application/json"
    answer = await reporter.ask("POST", bot.hook_url, {}, body, **{"Content-Type": kind})
    if answer is None or answer.status_code != _OK:
        return False
    try:
        return bool(answer.json() == {"challenge": challenge})
    except json.JSONDecodeError:
        return False


async def put_group(request: Request) -> Response:
    """PUT /sandbox/groups/{group_id}: a group as it is from now on."""
    rooms: Rooms = request.app.state.rooms
    group = await read(request, GroupIn, group_id=request.path_params["group_id"])
    if group.bot and rooms.bots.get(group.bot) is None:
        raise HTTPException(422, f"no bot {group.bot}")
    members = [Member(**member.model_dump()) for member in group.members]
    content = group.model_dump(exclude={"members"})
    rooms.groups.put(group.group_id, Group(**content, members=members))
    return JSONResponse({"group_id": group.group_id, "name": group.name})


async def list_groups(request: Request) -> Response:
    """GET /sandbox/groups: every group with its members and the newest thing said."""
    rooms: Rooms = request.app.state.rooms
    groups = []
    for group in rooms.groups.values():
        bot, latest = rooms.bots.get(group.bot), rooms.latest(group.group_id)
        groups.append(
            {
                **group.model_dump(),
                "bot_name": bot.name if bot else "",
                "robots": _robots(rooms, group),
                "latest": printed(latest) if latest else None,
            }
        )
    return JSONResponse({"groups": groups, "last": rooms.last})


def _robots(rooms: Rooms, group: Group) -> list[dict[str, str]]:
    own = [robot for robot in rooms.robots.values() if robot.group == group.group_id]
    return [{"platform": robot.platform, "name": robot.name} for robot in own]


async def put_robot(request: Request) -> Response:
    """PUT /sandbox/robots/{platform}/{key}: a robot as it is from now on."""
    rooms: Rooms = request.app.state.rooms
    robot = await read(request, RobotIn, **request.path_params)
    if robot.group and rooms.groups.get(robot.group) is None:
        raise HTTPException(422, f"no group {robot.group}")
    rooms.robots.put(f"{robot.platform} {robot.key}", Robot(**robot.model_dump()))
    return JSONResponse({"platform": robot.platform, "name": robot.name, "group": robot.group})


async def list_posts(request: Request) -> Response:
    """GET /sandbox/robots/{platform}/{key}/messages: what a robot took, oldest first."""
    rooms: Rooms = request.app.state.rooms
    platform, key = request.path_params["platform"], request.path_params["key"]
    if rooms.robots.get(f"{platform} {key}") is None:
        raise HTTPException(404, "no such robot")
    own = [p for p in rooms.posts.values() if (p.platform, p.key) == (platform, key)]
    return JSONResponse({"messages": [post.model_dump(exclude={"key"}) for post in own]})


ROUTES: list[Route] = [
    Route("/sandbox/bots", list_bots),
    Route("/sandbox/bots/{self_id}", put_bot, methods=["PUT"]),
    Route("/sandbox/bots/{self_id}/verify", verify_bot, methods=["POST"]),
    Route("/sandbox/groups", list_groups),
    Route("/sandbox/groups/{group_id}", put_group, methods=["PUT"]),
    Route("/sandbox/robots/{platform}/{key}", put_robot, methods=["PUT"]),
    Route("/sandbox/robots/{platform}/{key}/messages", list_posts),
]
