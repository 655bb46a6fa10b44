"""What the platform sends to an account: the fields of each message, as XML or as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from app.sandbox.phones import clean
from app.sandbox.state import Account, World

Fields = dict[str, Any]


def message(world: World, account: Account, openid: str, kind: str, **fields: Any) -> Fields:
    """A message of a follower, numbered so that the account can tell a repeat."""
    return {**_head(world, account, openid, kind), **fields, "MsgId": world.message_id()}


def event(world: World, account: Account, openid: str, name: str, **fields: Any) -> Fields:
    """An event, which has no number of its own."""
    return {**_head(world, account, openid, "event"), "Event": name, **fields}


def _head(world: World, account: Account, openid: str, kind: str) -> Fields:
    return {
        "ToUserName": account.original_id,
        "FromUserName": openid,
        "CreateTime": int(world.now()),
        "MsgType": kind,
    }


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_element(key, item) for key, item in value.items())
    elif isinstance(value, list):
        inner = "".join(_element("item", item) for item in value)
    elif isinstance(value, int | float):
        inner = str(value)
    else:
        inner = f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"
    return f"<{name}>{inner}</{name}>"


def written(fields: Mapping[str, Any], format_: str) -> str:
    """The body of a callback, `xml` or `json`."""
    fields = clean(fields)
    if format_ == "json":
        return json.dumps(fields, ensure_ascii=False)
    return _element("xml", fields)
