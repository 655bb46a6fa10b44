"""Where posts of robots come in: every answer is HTTP 200, an error is a number in it."""

import base64
import binascii
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox import doors
from app.sandbox.groups.rooms import Rooms
from app.sandbox.groups.rows import Post, Robot
from app.sandbox.phones import clean

SKEW_SECONDS = 3600


class Refused(Exception):  # noqa: N818 - a refusal is an answer here, not a fault
    """The platform answers with an error code and its own sentence."""

    def __init__(self, code: int, sentence: str | None = None) -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


@dataclass(frozen=True)
class Given:
    """A post as it came."""

    rooms: Rooms
    request: Request
    raw: bytes

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters in the address."""
        return self.request.query_params

    @property
    def now(self) -> float:
        """The platform's time, in seconds since 1970."""
        return self.rooms.world.now()

    def robot(self, platform: str, key: str) -> Robot | None:
        """The robot that this address belongs to."""
        return self.rooms.robots.get(f"{platform} {key}")

    def body(self) -> dict[str, Any] | None:
        """The JSON body; None when it is none, or no object."""
        try:
            body = clean(json.loads(self.raw))
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None


@dataclass(frozen=True)
class Taken:
    """A post that is in order: whose it is, and what the group sees of it."""

    robot: Robot
    body: dict[str, Any]
    type: str
    text: str
    at: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dialect:
    """How one platform's robots are spoken to."""

    path: str
    """As the faults and the log name it."""
    take: Callable[[Given], Taken]
    """Check all there is to check; raises `Refused`."""
    accepted: Mapping[str, Any]
    refused: Callable[[int, str | None], Mapping[str, Any]]
    rate_limit: int
    bad_signature: int


def route(address: str, dialect: Dialect) -> Route:
    """The route of one kind of robot."""
    door = doors.Door(
        "robots",
        dialect.path,
        lambda code: JSONResponse(dialect.refused(code, None)),
        dialect.rate_limit,
        dialect.bad_signature,
    )

    async def endpoint(request: Request) -> Response:
        given = Given(request.app.state.rooms, request, await request.body())

        async def answer() -> Response:
            try:
                _show(given.rooms, dialect.take(given))
            except Refused as refusal:
                return JSONResponse(dialect.refused(refusal.code, refusal.sentence))
            return JSONResponse(dialect.accepted)

        return await doors.enter(door, request, given.body() or {}, answer, owner=dialect.path)

    return Route(f"/sandbox{address}", endpoint, methods=["POST"])


def _show(rooms: Rooms, taken: Taken) -> None:
    """Keep the post, and show it in the robot's group."""
    robot = taken.robot
    seq = rooms.world.count("posts")
    post = Post(
        seq=seq,
        platform=robot.platform,
        key=robot.key,
        type=taken.type,
        text=taken.text,
        body=taken.body,
        time=rooms.world.now(),
    )
    rooms.posts.put(str(seq), post)
    if robot.group:
        by = f"robot:{robot.platform}"
        rooms.show(
            robot.group,
            "robot",
            taken.text,
            by=by,
            name=robot.name,
            type_=taken.type,
            at=list(taken.at),
        )


def part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside a body; empty when it is missing or none."""
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def words(body: Mapping[str, Any], name: str) -> str:
    """A text inside a body; empty when it is missing or none."""
    found = body.get(name)
    return found if isinstance(found, str) else ""


def listed(body: Mapping[str, Any], name: str) -> list[str]:
    """The texts of a list inside a body."""
    found = body.get(name)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def same(left: str, right: str) -> bool:
    """Whether two signatures are the same, in a time that does not tell where they differ."""
    return secrets.compare_digest(left.encode(), right.encode("utf-8", "replace"))


def decoded(text: str) -> bytes:
    """The bytes behind base64; none at all when it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""
