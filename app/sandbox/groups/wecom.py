"""WeCom reports: an application's encrypted callback, and the encrypted reply to it.

WeCom tells nobody what is said in a group. What mentions the bot here is what a member writes to
the application, and the reply is for that member alone.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from lxml import etree

from app.sandbox import crypto
from app.sandbox.groups.reporting import NOTHING, Broken, Occasion, Parcel, Reply
from app.sandbox.groups.rows import Bot
from app.sandbox.messages import written

ATTEMPTS = 3
ONLY_MENTIONS = True

LONGEST_TEXT_BYTES = 2048


def content(occasion: Occasion) -> Mapping[str, Any]:
    """A text message to the application."""
    return {
        "ToUserName": occasion.bot.corp_id,
        "FromUserName": occasion.member.id,
        "CreateTime": int(occasion.said.time),
        "MsgType": "text",
        "Content": occasion.said.words,
        "MsgId": occasion.rooms.world.message_id(),
        "AgentID": occasion.bot.agent_id,
    }


def query(bot: Bot, sealed: str, at: float) -> dict[str, str]:
    """The signed part of the address."""
    timestamp, nonce = str(int(at)), str(secrets.randbelow(9 * 10**8) + 10**8)
    signature = crypto.sign(bot.token, timestamp, nonce, sealed)
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}


def parcel(occasion: Occasion, content: Mapping[str, Any]) -> Parcel:
    """The message encrypted for the company, in an envelope of XML."""
    bot = occasion.bot
    sealed = crypto.encrypt(written(content, "xml"), aes_key=bot.aes_key, app_id=bot.corp_id)
    envelope = {"ToUserName": bot.corp_id, "AgentID": bot.agent_id, "Encrypt": sealed}
    signed = query(bot, sealed, occasion.rooms.world.now())
    signed["msg_signature"] = occasion.signature(signed["msg_signature"])
    return Parcel(written(envelope, "xml").encode(), {"Content-Type": "text/xml"}, signed)


def _fields(body: bytes) -> dict[str, str]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        message = "not XML"
        raise Broken(message) from error
    return {str(child.tag): child.text or "" for child in root}


def read(occasion: Occasion, status: int, body: bytes) -> Reply:
    """`success` or nothing says nothing; a reply is encrypted, and names whom it answers."""
    del status
    if body.strip() in (b"", b"success"):
        return NOTHING
    bot, sealed = occasion.bot, _fields(body)
    try:
        inner = crypto.unsealed(sealed, bot.token, bot.aes_key, bot.corp_id)
    except crypto.Undecipherable as error:
        raise Broken(str(error)) from error
    fields = _fields(inner.encode())
    if (fields.get("ToUserName"), fields.get("FromUserName")) != (occasion.member.id, bot.corp_id):
        message = "ToUserName and FromUserName must be turned round"
        raise Broken(message)
    text = fields.get("Content", "")
    if fields.get("MsgType") != "text" or not 0 < len(text.encode()) <= LONGEST_TEXT_BYTES:
        message = f"a reply is text of 1 to {LONGEST_TEXT_BYTES} bytes"
        raise Broken(message)
    return Reply(text, private=True)
