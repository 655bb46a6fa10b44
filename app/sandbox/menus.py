"""The calls that publish an account's menu: up to three buttons with up to five under each."""

from typing import Any

from starlette.routing import Route

from app.sandbox.api import Answer, Asked, api, with_token
from app.sandbox.errors import Refused, accepted
from app.sandbox.state import Account, Menu

MOST_BUTTONS, MOST_UNDER_ONE = 3, 5
_NAME_BYTES, _NAME_BYTES_BELOW = 16, 60
_KEY_BYTES, _URL_BYTES = 128, 1024
_WITH_KEY = (
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
)


def _check_leaf(button: dict[str, Any]) -> None:
    kind = button.get("type")
    if kind == "view":
        url = button.get("url")
        if not isinstance(url, str) or not 0 < len(url.encode()) <= _URL_BYTES:
            raise Refused(40020)
    elif kind in _WITH_KEY:
        key = button.get("key")
        if not isinstance(key, str) or not 0 < len(key.encode()) <= _KEY_BYTES:
            raise Refused(40019)
    else:
        raise Refused(40017)


def _check(buttons: object, most: int, refusal: int) -> list[dict[str, Any]]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= most:
        raise Refused(refusal)
    below = most == MOST_UNDER_ONE
    for button in buttons:
        name = button.get("name") if isinstance(button, dict) else None
        longest = _NAME_BYTES_BELOW if below else _NAME_BYTES
        if not isinstance(name, str) or not 0 < len(name.encode()) <= longest:
            raise Refused(40018)
        if button.get("sub_button") and not below:
            _check(button["sub_button"], MOST_UNDER_ONE, 40023)
        else:
            _check_leaf(button)
    return buttons


async def create(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/menu/create: replace the menu."""
    buttons = _check(asked.body.get("button"), MOST_BUTTONS, 40016)
    asked.world.menus.put(account.app_id, Menu(button=buttons))
    return accepted()


async def get(asked: Asked, account: Account) -> Answer:
    """GET /cgi-bin/menu/get: the menu as published."""
    menu = asked.world.menus.get(account.app_id)
    if menu is None:
        raise Refused(46003)
    return {"menu": menu.model_dump()}


async def delete(asked: Asked, account: Account) -> Answer:
    """GET /cgi-bin/menu/delete: no menu any more."""
    asked.world.menus.drop(account.app_id)
    return accepted()


ROUTES: list[Route] = [
    api("/cgi-bin/menu/create", "POST", with_token(create)),
    api("/cgi-bin/menu/get", "GET", with_token(get)),
    api("/cgi-bin/menu/delete", "GET", with_token(delete)),
]
