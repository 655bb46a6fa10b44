"""Calls as the platforms make them: recorded bodies, signed by the platforms' own recipes."""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from app.groups.platforms import Call, Platform, platforms
from app.wechat.edge.sealing import cipher_of, encrypt

platforms.load()

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
CORP = "ww8a6b2f0c1d3e5f79"
KEYS: Mapping[str, Mapping[str, str]] = {
    "onebot11": {
        "secret": "sesame-opens-3",
        "token": "t0ken-11",
        "self_id": "10001000",
        "name": "小掌",
    },
    "onebot12": {"token": "t0ken-12", "self_id": "10001000", "name": "小掌"},
    "wecom": {
        "token": "dragonwell",
        "aes_key": "kWxNpT4bQyZ1sVmC8rJdEo6HuFgLa2Xi9PtRz3BnYqO",
        "corp_id": CORP,
        "name": "小掌",
    },
    "dingtalk": {"secret": "SEC8f1b2c", "name": "小掌"},
    "feishu": {
        "encrypt_key": "kudryavka",
        "verification_token": "Hc7TtKvbQ3nS1eRxZy5WmJdA0pLu9FgC",
        "self_id": "ou_bot0000000000000000000000000001",
        "name": "小掌",
    },
    "signed": {"secret": "whsec_cGFsbS1jb21tdW5pdHktdGVzdC1rZXkh", "name": "小掌"},
}


def platform(name: str) -> Platform:
    found = platforms.get(name)
    assert found is not None
    return found


def payload(name: str) -> bytes:
    return (Path(__file__).parent / "payloads" / name).read_bytes()


def call(
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    *,
    method: str = "POST",
    at: datetime = NOW,
) -> Call:
    return Call(method, query or {}, headers or {}, body, at)


def b64mac(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def from_onebot11(body: bytes) -> Call:
    key = KEYS["onebot11"]["secret"].encode()
    signature = hmac.new(key, body, hashlib.sha1).hexdigest()
    return call(body, {"x-signature": f"sha1={signature}", "x-self-id": "10001000"})


def from_onebot12(body: bytes) -> Call:
    headers = {"authorization": "Bearer t0ken-12", "x-onebot-version": "12", "x-impl": "walle"}
    return call(body, headers)


def from_wecom(body: bytes) -> Call:
    keys = KEYS["wecom"]
    sealed = encrypt(body, cipher_of(keys["aes_key"]), CORP)
    parts = sorted([keys["token"], STAMP, "n0nce7", sealed])
    envelope = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName>"
        f"<Encrypt><![CDATA[{sealed}]]></Encrypt><AgentID>1000002</AgentID></xml>"
    )
    query = {
        "msg_signature": hashlib.sha1("".join(parts).encode()).hexdigest(),  # noqa: S324
        "timestamp": STAMP,
        "nonce": "n0nce7",
    }
    return call(envelope.encode(), query=query)


def from_dingtalk(body: bytes) -> Call:
    secret = KEYS["dingtalk"]["secret"]
    stamp = f"{STAMP}000"
    sign = b64mac(secret.encode(), f"{stamp}\n{secret}".encode())
    return call(body, {"timestamp": stamp, "sign": sign})


def feishu_sealed(body: bytes) -> bytes:
    key = hashlib.sha256(KEYS["feishu"]["encrypt_key"].encode()).digest()
    iv = os.urandom(16)
    padder = PKCS7(128).padder()
    padded = padder.update(body) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    sealed = iv + encryptor.update(padded) + encryptor.finalize()
    return b'{"encrypt":"%s"}' % base64.b64encode(sealed)


def feishu_signed(body: bytes) -> Call:
    key = KEYS["feishu"]["encrypt_key"]
    digest = hashlib.sha256(f"{STAMP}n0nce7{key}".encode() + body).hexdigest()
    return call(
        body,
        {
            "x-lark-request-timestamp": STAMP,
            "x-lark-request-nonce": "n0nce7",
            "x-lark-signature": digest,
        },
    )


def from_feishu(body: bytes) -> Call:
    return feishu_signed(feishu_sealed(body))


def from_signed(body: bytes) -> Call:
    signature = b64mac(b"palm-community-test-key!", f"msg_1.{STAMP}.".encode() + body)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": STAMP,
        "webhook-signature": f"v1,{signature}",
    }
    return call(body, headers)


GENUINE: Mapping[str, Callable[[bytes], Call]] = {
    "onebot11": from_onebot11,
    "onebot12": from_onebot12,
    "wecom": from_wecom,
    "dingtalk": from_dingtalk,
    "feishu": from_feishu,
    "signed": from_signed,
}
"""A call with any body at all, verified by what the platform shares with us."""
