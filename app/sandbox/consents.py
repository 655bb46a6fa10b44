"""Subscribe messages: a person consents on the phone, and each consent takes one message."""

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox import messages
from app.sandbox.api import Answer, Asked, api, with_token
from app.sandbox.bodies import In, read
from app.sandbox.errors import Refused, accepted
from app.sandbox.phone import owner
from app.sandbox.sends import filled, follower, values
from app.sandbox.state import Account, Consent, Template, User, World

_KEY = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")
_LONGEST = {"thing": 20, "phrase": 5, "character_string": 32, "name": 10}


class ConsentIn(In):
    """What a person answers when asked whether a message may come, `times` times."""

    template_id: str
    answer: Literal["accept", "reject"] = "accept"
    times: int = Field(default=1, ge=1, le=100)


def _left(world: World, openid: str, template_id: str) -> int:
    consent = world.consents.get(f"{openid} {template_id}")
    return consent.left if consent else 0


async def consent(request: Request) -> Response:
    """POST /sandbox/phones/{openid}/consents: answer the question, and tell the account."""
    user, account = owner(request)
    given = await read(request, ConsentIn)
    if given.template_id not in account.templates:
        raise HTTPException(422, "no such template")
    world: World = request.app.state.world
    left = _left(world, user.openid, given.template_id)
    left = left + given.times if given.answer == "accept" else 0
    world.consents.put(f"{user.openid} {given.template_id}", Consent(left=left))
    answers = {
        "TemplateId": given.template_id,
        "SubscribeStatusString": given.answer,
        "PopupScene": "0",
    }
    asked = {"SubscribeMsgPopupEvent": {"List": answers}}
    event = messages.event(world, account, user.openid, "subscribe_msg_popup_event", **asked)
    await request.app.state.sender.deliver(account, event)
    return JSONResponse({"template_id": given.template_id, "left": left})


def _data(asked: Asked, template: Template) -> dict[str, str]:
    """A value for each key of the template and for no other, none longer than its kind allows."""
    data = values(asked.body.get("data"))
    if set(data) != set(_KEY.findall(template.content)):
        raise Refused(47003)
    for key, value in data.items():
        if not value or len(value) > _LONGEST.get(key.rstrip("0123456789"), 1000):
            raise Refused(47003)
    return data


def _show(asked: Asked, user: User, template: Template, data: Mapping[str, str]) -> int:
    msgid = asked.world.message_id()
    lines = filled(template, data)
    text = "\n".join([template.title, *(f"{line['label']}：{line['value']}" for line in lines)])
    asked.phones.show(
        user.openid,
        "in",
        "template",
        text,
        title=template.title,
        lines=lines,
        data=dict(data),
        msgid=msgid,
        template_id=asked.text("template_id"),
        url=asked.text("page"),
        subscribed=True,
    )
    return msgid


async def send(asked: Asked, account: Account) -> Answer:
    """POST /cgi-bin/message/subscribe/bizsend: one message for one consent, follower or not."""
    world = asked.world
    user = follower(world, account, asked.body.get("touser"))
    template_id = asked.text("template_id")
    template = account.templates.get(template_id)
    if template is None:
        raise Refused(40037)
    data, left = _data(asked, template), _left(world, user.openid, template_id)
    if not left:
        raise Refused(43101)
    world.consents.put(f"{user.openid} {template_id}", Consent(left=left - 1))
    msgid = _show(asked, user, template, data)
    _report(asked, account, user, msgid)
    return accepted()


def _report(asked: Asked, account: Account, user: User, msgid: int) -> None:
    sent = {
        "TemplateId": asked.text("template_id"),
        "MsgID": str(msgid),
        "ErrorCode": "0",
        "ErrorStatus": "success",
    }
    name, details = "subscribe_msg_sent_event", {"SubscribeMsgSentEvent": {"List": sent}}
    event = messages.event(asked.world, account, user.openid, name, **details)
    asked.sender.deliver_later(account, event)


ROUTES: list[Route] = [
    api("/cgi-bin/message/subscribe/bizsend", "POST", with_token(send)),
    Route("/sandbox/phones/{openid}/consents", consent, methods=["POST"]),
]
