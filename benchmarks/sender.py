"""Messages as WeChat would send them, made before the clock starts."""

import base64
import itertools
import time
from hashlib import sha1
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from wechatpy.crypto import PrpCrypto

from app.wechat.edge import Mode
from app.wechat.models import Account

_ids = itertools.count(10**15)


def _signed(*parts: str) -> str:
    return sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - WeChat's choice


def _xml(account: Account, openid: str, text: str) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{account.original_id}]]></ToUserName>"
        f"<FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{escape(text)}</Content><MsgId>{next(_ids)}</MsgId></xml>"
    )


class Sender:
    """Makes whole HTTP requests for one account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._crypto = PrpCrypto(base64.b64decode(f"{account.aes_key}="))

    def _query_and_body(self, plain: str) -> tuple[dict[str, str], bytes]:
        timestamp, nonce = str(int(time.time())), str(next(_ids))
        query = {
            "signature": _signed(self.account.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        if self.account.mode is Mode.PLAIN:
            return query, plain.encode()
        sealed = self._crypto.encrypt(plain, self.account.app_id).decode()
        signature = _signed(self.account.token, timestamp, nonce, sealed)
        envelope = (
            f"<xml><ToUserName><![CDATA[{self.account.original_id}]]></ToUserName>"
            f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        )
        return {**query, "encrypt_type": "aes", "msg_signature": signature}, envelope.encode()

    def request(self, openid: str, text: str) -> bytes:
        """One message, ready for the wire."""
        query, body = self._query_and_body(_xml(self.account, openid, text))
        address = f"/wechat/{self.account.slug}?{urlencode({**query, 'openid': openid})}"
        return (
            f"POST {address} HTTP/1.1\r\n"
            "Host: 127.0.0.1\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
