"""The calls that put a message on a follower's phone."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from app.sandbox import messages, windows
from app.sandbox.api import Answer, Asked, api, with_token
from app.sandbox.errors import Refused, accepted
from app.sandbox.replies import LONGEST_TEXT_BYTES
from app.sandbox.state import Account, Sent, Template, User, World

SENT_ONCE_SECONDS = 600
VALUE_LENGTH = 20

_UNSHOWN_KEYS = ("first", "remark")
_PLACE = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")
_UNIT = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)


def follower(world: World, account: Account, openid: object) -> User:
    """The person with this openid, which holds for this account only."""
    user = world.users.get(openid) if isinstance(openid, str) else None
    if user is None or user.app_id != account.app_id:
        raise Refused(40003)
    return user


def elided(value: str) -> str:
    """A value as a phone shows it: twenty characters, a run of letters or digits being one."""
    units = _UNIT.findall(value)
    return value if len(units) <= VALUE_LENGTH else "".join(units[:VALUE_LENGTH]) + "…"


def filled(template: Template, data: Mapping[str, str]) -> list[dict[str, str]]:
    """The lines of a card; the platform has stopped showing `first` and `remark`."""
    lines = []
    for line in template.content.splitlines():
        keys = _PLACE.findall(line)
        if not keys or any(key in _UNSHOWN_KEYS for key in keys):
            continue
        label = line[: line.index("{{")].strip().rstrip(":：")
        value = " ".join(elided(data.get(key, "")) for key in keys)
        lines.append({"label": label, "value": value})
    return lines


def values(data: object) -> dict[str, str]:
    """The value of each key of a template message; refused unless every one has one."""
    if not isinstance(data, Mapping):
        raise Refused(47001)
    found = {}
    for key, item in data.items():
        if not isinstance(item, Mapping) or not isinstance(item.get("value"), str | int | float):
            raise Refused(47001)
        found[key] = str(item["value"])
    return found


def _put_card(asked: Asked, user: User, template: Template, msgid: int) -> None:
    data = values(asked.body.get("data"))
    lines = filled(template, data)
    text = "\n".join([template.title, *(f"{line['label']}：{line['value']}" for line in lines)])
    content = {"title": template.title, "lines": lines, "data": data, "msgid": msgid}
    named = {name: asked.text(name) for name in ("template_id", "url")}
    asked.phones.show(user.openid, "in", "template", text, **content, **named)


async def template_send(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/message/template/send: once per openid and client_msg_id in ten minutes."""
    world = asked.world
    user = follower(world, account, asked.body.get("touser"))
    template = account.templates.get(asked.text("template_id"))
    if template is None:
        raise Refused(40037)
    values(asked.body.get("data"))
    if not user.subscribed:
        raise Refused(43004)
    client_msg_id = asked.text("client_msg_id")
    key = f"{user.openid} {client_msg_id}"
    sent = world.sent.get(key) if client_msg_id else None
    if sent and world.now() - sent.at < SENT_ONCE_SECONDS:
        return accepted(msgid=sent.msgid)
    msgid = world.message_id()
    if client_msg_id:
        world.sent.put(key, Sent(msgid=msgid, at=world.now()))
    if not user.blocks:
        _put_card(asked, user, template, msgid)
    _report(asked, account, user, msgid)
    return accepted(msgid=msgid)


def _report(asked: Asked, account: Account, user: User, msgid: int) -> None:
    """Tell the account what became of its message."""
    status = "failed:user block" if user.blocks else "success"
    name = "TEMPLATESENDJOBFINISH"
    event = messages.event(asked.world, account, user.openid, name, MsgID=msgid, Status=status)
    asked.sender.deliver_later(account, event)


def _part(asked: Asked) -> Mapping[str, Any]:
    part = asked.body.get(asked.text("msgtype"))
    if not isinstance(part, Mapping):
        raise Refused(47001)
    return part


def _words(_world: World, part: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    text = part.get("content")
    if not isinstance(text, str) or not text:
        raise Refused(44004)
    if len(text.encode("utf-8", "replace")) > LONGEST_TEXT_BYTES:
        raise Refused(45002)
    return text, {}


def _file(world: World, part: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    media_id = part.get("media_id")
    if not isinstance(media_id, str) or world.media.get(media_id) is None:
        raise Refused(40007)
    return "", {"media_id": media_id, "url": f"/sandbox/pictures/{media_id}"}


def _news(_world: World, part: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    articles = part.get("articles")
    if not isinstance(articles, list) or len(articles) != 1 or not isinstance(articles[0], dict):
        raise Refused(45008)
    names = ("title", "description", "url", "picurl")
    article = {name: str(articles[0].get(name) or "") for name in names}
    return article["title"], {"articles": [article]}


def _choice(_world: World, part: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    items = part.get("list")
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise Refused(47001)
    choices = [{"id": str(i.get("id", "")), "content": str(i.get("content", ""))} for i in items]
    head, tail = str(part.get("head_content", "")), str(part.get("tail_content", ""))
    text = "\n".join(filter(None, [head, *(c["content"] for c in choices), tail]))
    return text, {"head": head, "items": choices, "tail": tail}


_READERS = {
    "text": _words,
    "image": _file,
    "voice": _file,
    "video": _file,
    "news": _news,
    "msgmenu": _choice,
}


async def custom_send(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/message/custom/send: only while the follower's window is open."""
    user = follower(asked.world, account, asked.body.get("touser"))
    kind = asked.text("msgtype")
    reader = _READERS.get(kind)
    if reader is None:
        raise Refused(40008)
    text, content = reader(asked.world, _part(asked))
    windows.use(asked.world, user)
    asked.phones.show(user.openid, "in", kind, text, **content)
    return accepted()


ROUTES: list[Route] = [
    api("/cgi-bin/message/template/send", "POST", with_token(template_send)),
    api("/cgi-bin/message/custom/send", "POST", with_token(custom_send)),
]
