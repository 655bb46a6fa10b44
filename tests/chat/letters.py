"""Messages as WeChat posts them, signed and sealed without our own code."""

import base64
import itertools
import time
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any

import httpx
from lxml import etree
from wechatpy.crypto import PrpCrypto

from app.wechat.models import Account

_ids = itertools.count(7_000_000_000_000_000)


def sign(*parts: str) -> str:
    return sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - WeChat's choice


def text_message(account: Account, openid: str, text: str, **more: Any) -> str:
    fields = {
        "ToUserName": account.original_id or "gh_test",
        "FromUserName": openid,
        "CreateTime": int(time.time()),
        "MsgType": "text",
        "Content": text,
        "MsgId": next(_ids),
        **more,
    }
    root = etree.Element("xml")
    for name, value in fields.items():
        if value is not None:
            etree.SubElement(root, name).text = etree.CDATA(str(value))
    return etree.tostring(root, encoding="unicode")


@dataclass
class WeChat:
    """The platform's side of one account's callback."""

    client: httpx.AsyncClient
    account: Account
    aes_key: str | None = None
    sent: list[httpx.Response] = field(default_factory=list)

    @property
    def crypto(self) -> PrpCrypto:
        key = self.aes_key or self.account.aes_key
        return PrpCrypto(base64.b64decode(f"{key}="))

    def query(self, **changed: Any) -> dict[str, str]:
        timestamp, nonce = str(int(time.time())), str(next(_ids))
        timestamp = str(changed.pop("timestamp", timestamp))
        nonce = str(changed.pop("nonce", nonce))
        signature = sign(self.account.token, timestamp, nonce)
        return {"signature": signature, "timestamp": timestamp, "nonce": nonce, **changed}

    def sealed(self, plain: str, **changed: Any) -> tuple[dict[str, str], str]:
        query = self.query(**changed)
        encrypted = self.crypto.encrypt(plain, self.account.app_id).decode()
        query["encrypt_type"] = "aes"
        query["msg_signature"] = sign(
            self.account.token, query["timestamp"], query["nonce"], encrypted
        )
        return query, f"<xml><ToUserName>x</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"

    async def post(self, query: dict[str, str], body: str | bytes) -> httpx.Response:
        path = f"/wechat/{self.account.slug}"
        answer = await self.client.post(path, params=query, content=body)
        self.sent.append(answer)
        return answer

    async def deliver(self, plain: str, **changed: Any) -> httpx.Response:
        """Post a message as the account's mode has it."""
        if self.account.mode == "plain":
            return await self.post(self.query(**changed), plain)
        return await self.post(*self.sealed(plain, **changed))

    async def say(self, openid: str, text: str, **more: Any) -> str:
        """What the account answers to a text; empty when nothing."""
        return self.read(await self.deliver(text_message(self.account, openid, text, **more)))

    def read(self, answer: httpx.Response) -> str:
        """The words in an answer, opened and checked as the platform does."""
        assert answer.status_code == 200, answer.text
        if answer.content in (b"", b"success"):
            return ""
        fields = {one.tag: one.text or "" for one in etree.fromstring(answer.content)}
        if "Encrypt" in fields:
            signed = (self.account.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
            assert fields["MsgSignature"] == sign(*signed)
            plain = self.crypto.decrypt(fields["Encrypt"], self.account.app_id)
            fields = {one.tag: one.text or "" for one in etree.fromstring(plain)}
        return fields["Content"]
