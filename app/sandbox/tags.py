"""The calls about tags: names under which an account keeps followers together."""

from typing import Any

from starlette.routing import Route

from app.sandbox.api import Answer, Asked, api, with_token
from app.sandbox.errors import Refused, accepted
from app.sandbox.sends import follower
from app.sandbox.state import Account, Tag, Tagged, World

MOST_TAGS = 100
MOST_AT_ONCE = 50
_FIRST_OF_ITS_OWN = 100
_LONGEST_NAME_BYTES = 30


def of(world: World, openid: str) -> list[int]:
    """The tags that somebody bears."""
    tagged = world.tagged.get(openid)
    return tagged.tags if tagged else []


def own(world: World, account: Account) -> list[Tag]:
    """Every tag of an account."""
    return [tag for tag in world.tags.values() if tag.app_id == account.app_id]


def named(world: World, account: Account, number: object) -> Tag:
    """The account's tag with this number, or a refusal."""
    tag = next((tag for tag in own(world, account) if tag.id == number), None)
    if tag is None or isinstance(number, bool):
        raise Refused(45159)
    return tag


def _described(world: World, tag: Tag) -> dict[str, Any]:
    count = sum(tag.id in of(world, user.openid) for user in _followers(world, tag.app_id))
    return {"id": tag.id, "name": tag.name, "count": count}


def _followers(world: World, app_id: str) -> list[Any]:
    return [user for user in world.users.values() if user.app_id == app_id and user.subscribed]


async def create(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/tags/create: a new name."""
    part = asked.body.get("tag")
    name = part.get("name") if isinstance(part, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise Refused(45157)
    tags = own(asked.world, account)
    if len(name.encode()) > _LONGEST_NAME_BYTES:
        raise Refused(45158)
    if any(tag.name == name for tag in tags):
        raise Refused(45157)
    if len(tags) >= MOST_TAGS:
        raise Refused(45056)
    number = max((tag.id for tag in tags), default=_FIRST_OF_ITS_OWN - 1) + 1
    asked.world.tags.put(
        f"{account.app_id} {number}", Tag(app_id=account.app_id, id=number, name=name)
    )
    return {"tag": {"id": number, "name": name}}


async def get(asked: Asked, account: Account) -> Answer:
    """GET /cgi-bin/tags/get: every name, and how many bear it."""
    return {"tags": [_described(asked.world, tag) for tag in own(asked.world, account)]}


def _mark(asked: Asked, account: Account, *, bears: bool) -> Answer:
    tag = named(asked.world, account, asked.body.get("tagid"))
    listed = asked.body.get("openid_list")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_AT_ONCE:
        raise Refused(40032)
    people = [follower(asked.world, account, openid) for openid in listed]
    for person in people:
        kept = [one for one in of(asked.world, person.openid) if one != tag.id]
        tags = [*kept, tag.id] if bears else kept
        asked.world.tagged.put(person.openid, Tagged(tags=tags))
    return accepted()


async def mark(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/tags/members/batchtagging: up to fifty followers bear a tag."""
    return _mark(asked, account, bears=True)


async def unmark(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/tags/members/batchuntagging: up to fifty bear it no more."""
    return _mark(asked, account, bears=False)


ROUTES: list[Route] = [
    api("/cgi-bin/tags/create", "POST", with_token(create)),
    api("/cgi-bin/tags/get", "GET", with_token(get)),
    api("/cgi-bin/tags/members/batchtagging", "POST", with_token(mark)),
    api("/cgi-bin/tags/members/batchuntagging", "POST", with_token(unmark)),
]
