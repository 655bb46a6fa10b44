"""The vectors of the official documentation, byte for byte."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.wechat.edge import Form, Keys, handshake, open_envelope
from app.wechat.edge.sealing import cipher_of, encrypt, sign

KEYS = Keys("wxba5fad812f8e6fb9", "AAAAA", "A" * 43)
THIRD_PARTY = replace(KEYS, app_id="wx134c8103faa5a59e")
JSON_POST = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcv"
    "ZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3F"
    "n2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSe"
    "OBrebufAlr7F9mFUPAJGj04="
)
XML_POST = (
    "D7yzvUNAL930rd28wf21s4hvXhz0L6Uit/p2Di6C5DHyYGpEgdBRnKjBec34JwoQXicwaZC7fOVihW80F4VtsdvE//1v"
    "r7oAbqjDv8KenVp+ajKYpJnyQ4zMRhIC+a31fCVOMC03FfzV/QuC94kBP55a+Za3sJgvAn+ZbsNqZI5DkyuzkhQN8OBq"
    "CzFhizGmy0xpM0MEA4agpvE+RuNO1rhHTtuJB5yltw1FiYzecSXJ+y/D2r81VkRn2eYjh2ltsoyfbDR7Is6ookXIFxTf"
    "yeNyeHxMeT4KN5WpCDmSbTcUYrbBUlkGLJ9n/rU8YOywma6G7aTb7KZKOqCxgfoUlYEZPk4FUL/TK7ShriFDMVCLyjQJ"
    "15Ob++agDWtcxhfUfe6HIoIpRW8mKNBQiY/Jd1svvuskA1wLef1RTtzKfMpagSCX/laZINmdnX4zrF6kIaR9P4xQrWXb"
    "sTFHTYe0Mg=="
)
JSON_REPLY = (
    "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
)
XML_REPLY = (
    "hE8R6mGXHkJJjU72KxzKUd1GEkKJaEZq7vRL8XgK3o+00k8JGq6+pZJUIlTSyhsX+bxIBQ72g3GyvDdIZcr6+3HAZbSv"
    "PT9t/o11MI7d6WELwqrGd7jMnV0zv3Zc9Nq7"
)


def test_the_documented_handshake_is_answered_with_its_echo() -> None:
    query = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    }

    assert handshake(KEYS, query) == "4375120948345356249"


def test_the_documented_plain_signature_is_ours() -> None:
    assert sign("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


@pytest.mark.parametrize(
    ("keys", "form", "body", "address"),
    [
        (
            KEYS,
            Form.JSON,
            f'{{"ToUserName":"gh_97417a04a28d","Encrypt":"{JSON_POST}"}}',
            ("1714112445", "415670741", "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"),
        ),
        (
            THIRD_PARTY,
            Form.XML,
            f"<xml>\n<AppId><![CDATA[x]]></AppId><Encrypt><![CDATA[{XML_POST}]]></Encrypt></xml>",
            ("1715943329", "1590219412", "6c12a4205838198b8fa631b3220723bb07f1015c"),
        ),
    ],
)
def test_the_documented_deliveries_open(
    keys: Keys, form: Form, body: str, address: tuple[str, str, str]
) -> None:
    stamp = address[0]
    query = dict(zip(("timestamp", "nonce", "msg_signature"), address, strict=True))
    query["encrypt_type"] = "aes"

    delivered = open_envelope(keys, query, body.encode(), datetime.fromtimestamp(int(stamp), UTC))

    assert delivered.form is form
    assert delivered.message.event == "debug_demo"
    assert delivered.message.from_user == "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
    assert delivered.message.create_time == int(stamp)
    assert delivered.message.fields["debug_str"] == "hello world"


@pytest.mark.parametrize(
    ("app_id", "plain", "salt", "ciphertext", "signature"),
    [
        (
            KEYS.app_id,
            b'{"demo_resp":"good luck"}',
            b"707722b803182950",
            JSON_REPLY,
            "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
        ),
        (
            THIRD_PARTY.app_id,
            b"<xml><demo_resp>[CDATA[good luck]]</demo_resp></xml>",
            b"999951349e8ee746",
            XML_REPLY,
            "03e0812039325c2712ef5f0f980fd14c70d6e307",
        ),
    ],
)
def test_the_documented_replies_are_what_we_would_send(
    app_id: str, plain: bytes, salt: bytes, ciphertext: str, signature: str
) -> None:
    assert encrypt(plain, cipher_of(KEYS.aes_key), app_id, salt) == ciphertext
    assert sign(KEYS.token, "1713424427", "415670741", ciphertext) == signature
