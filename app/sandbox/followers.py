"""The calls about followers: who they are, and the codes that bring them."""

import secrets
from typing import Any

from starlette.routing import Route

from app.sandbox import tags
from app.sandbox.api import Answer, Asked, api, with_token
from app.sandbox.errors import Refused
from app.sandbox.sends import follower
from app.sandbox.state import Account, Scene, User, World

MOST_AT_ONCE = 100
_LONGEST_SECONDS = 2_592_000
_DEFAULT_SECONDS = 60
_LONGEST_SCENE = 64
_LARGEST_LASTING = 100_000
_NAMED = ("QR_STR_SCENE", "QR_LIMIT_STR_SCENE")
_LASTING = ("QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")


def described(world: World, user: User) -> dict[str, Any]:
    """A follower as the platform tells it: without name and picture since 2021."""
    if not user.subscribed:
        return {"subscribe": 0, "openid": user.openid, "tagid_list": []}
    return {
        "subscribe": 1,
        "openid": user.openid,
        "language": "zh_CN",
        "subscribe_time": int(user.since),
        "remark": "",
        "groupid": 0,
        "tagid_list": tags.of(world, user.openid),
        "subscribe_scene": "ADD_SCENE_SEARCH",
        "qr_scene": 0,
        "qr_scene_str": "",
    }


async def info(asked: Asked, account: Account) -> Answer:
    """GET /cgi-bin/user/info: one person."""
    if not asked.query.get("openid"):
        raise Refused(41009)
    return described(asked.world, follower(asked.world, account, asked.query.get("openid")))


async def infos(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/user/info/batchget: up to a hundred."""
    listed = asked.body.get("user_list")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_AT_ONCE:
        raise Refused(40032)
    if not all(isinstance(item, dict) for item in listed):
        raise Refused(47001)
    users = [follower(asked.world, account, item.get("openid")) for item in listed]
    return {"user_info_list": [described(asked.world, user) for user in users]}


def _key(action: str, scene: object) -> str:
    """The scene behind a code, as text."""
    if not isinstance(scene, dict):
        raise Refused(40053)
    if action in _NAMED:
        name = scene.get("scene_str")
        if isinstance(name, str) and 1 <= len(name) <= _LONGEST_SCENE:
            return name
        raise Refused(40053)
    number = scene.get("scene_id")
    largest = _LARGEST_LASTING if action in _LASTING else 2**32 - 1
    if not isinstance(number, int) or not 1 <= number <= largest:
        raise Refused(40053)
    return str(number)


async def qrcode(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/qrcode/create: a code that tells which one was scanned."""
    action = asked.text("action_name")
    details = asked.body.get("action_info")
    if action not in ("QR_SCENE", "QR_LIMIT_SCENE", *_NAMED) or not isinstance(details, dict):
        raise Refused(40053)
    key = _key(action, details.get("scene"))
    seconds = asked.body.get("expire_seconds", _DEFAULT_SECONDS)
    if not isinstance(seconds, int) or seconds < 1:
        raise Refused(40053)
    seconds = min(seconds, _LONGEST_SECONDS)
    expires_at = None if action in _LASTING else asked.world.now() + seconds
    ticket = f"gQ{secrets.token_urlsafe(60)}"
    asked.world.scenes.put(ticket, Scene(app_id=account.app_id, key=key, expires_at=expires_at))
    link = f"http://weixin.qq.com/q/{secrets.token_urlsafe(12)}"
    answer = {"ticket": ticket, "url": link}
    return answer if action in _LASTING else {**answer, "expire_seconds": seconds}


ROUTES: list[Route] = [
    api("/cgi-bin/user/info", "GET", with_token(info)),
    api("/cgi-bin/user/info/batchget", "POST", with_token(infos)),
    api("/cgi-bin/qrcode/create", "POST", with_token(qrcode)),
]
