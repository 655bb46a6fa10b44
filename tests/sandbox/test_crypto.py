from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.crypto import WeChatCrypto

from app.sandbox import crypto

AES_KEY = "A" * 43
TOKEN, APP_ID = "AAAAA", "wxba5fad812f8e6fb9"
SEALED = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="


def test_the_documented_signature_comes_out() -> None:
    signature = crypto.sign("AAAAA", "1714036504", "1514711492")

    assert signature == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_the_documented_reply_opens_and_its_signature_holds() -> None:
    assert crypto.decrypt(SEALED, aes_key=AES_KEY, app_id=APP_ID) == '{"demo_resp":"good luck"}'
    signature = crypto.sign(TOKEN, "1713424427", "415670741", SEALED)
    assert signature == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


@pytest.mark.parametrize("text", ["", "水", "x" * 31, "x" * 32, "漏水" * 500])
def test_a_stranger_reads_what_was_sealed_and_is_read(text: str) -> None:
    stranger = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    sealed = crypto.encrypt(text, aes_key=AES_KEY, app_id=APP_ID)

    signature = crypto.sign(TOKEN, "1", "2", sealed)

    assert stranger.decrypt_message({"Encrypt": sealed}, signature, "1", "2") == text
    envelope = stranger.encrypt_message(text or "-", "2", "1")
    theirs = envelope.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]
    assert crypto.decrypt(theirs, aes_key=AES_KEY, app_id=APP_ID) == (text or "-")


@pytest.mark.parametrize(
    "damaged", ["", "AAAA", "no base64!", SEALED[:-8] + "AAAAAA==", "A" * 64, SEALED[:43] + "="]
)
def test_what_was_not_sealed_for_the_account_stays_shut(damaged: str) -> None:
    with pytest.raises(crypto.Undecipherable):
        crypto.decrypt(damaged, aes_key=AES_KEY, app_id=APP_ID)
    with pytest.raises(crypto.Undecipherable):
        crypto.decrypt(SEALED, aes_key=AES_KEY, app_id="wx-another")


def test_padding_that_is_not_what_it_says_is_noticed() -> None:
    key = crypto.key_of(AES_KEY)
    inner = bytes(16) + (5).to_bytes(4, "big") + b"hello" + APP_ID.encode()
    missing = 32 - len(inner) % 32

    def seal(padding: bytes) -> str:
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        return b64encode(encryptor.update(inner + padding) + encryptor.finalize()).decode()

    good, bad = bytes([missing]) * missing, bytes(missing - 1) + bytes([missing])
    assert crypto.decrypt(seal(good), aes_key=AES_KEY, app_id=APP_ID) == "hello"
    with pytest.raises(crypto.Undecipherable):
        crypto.decrypt(seal(bad), aes_key=AES_KEY, app_id=APP_ID)


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "?" * 43])
def test_a_key_of_another_length_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="43 characters"):
        crypto.key_of(key)
