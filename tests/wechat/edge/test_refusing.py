"""What does not come from WeChat is refused before it can do anything, and never as our fault."""

import socket
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.problems import Problem
from app.wechat.edge import Form, handshake, open_envelope
from app.wechat.edge.sealing import cipher_of, sign
from app.wechat.problems import BadAesKey, Malformed, MessageTooLarge, NotFromWeChat
from tests.wechat.edge.builders import (
    COMPATIBLE,
    NONCE,
    NOW,
    OTHER_AES_KEY,
    PLAIN,
    SAFE,
    STAMP,
    TEXT,
    opened,
    plain_query,
    safe_query,
    sealed,
    written,
)

BODY = written(TEXT)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))


@pytest.fixture
def unparsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any attempt to parse a body fail the test."""

    def parse(body: bytes) -> None:
        pytest.fail(f"parsed {body[:40]!r}")

    monkeypatch.setattr("app.wechat.edge.envelope.read", parse)


@pytest.mark.parametrize("keys", [SAFE, PLAIN], ids=lambda keys: keys.mode)
@pytest.mark.parametrize(
    "body",
    [
        f'<!DOCTYPE xml [<!ENTITY l0 "ha">{LAUGHS}]><xml><Content>&l8;</Content></xml>',
        '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>',
        f'<!DOCTYPE xml SYSTEM "http://example.org/x.dtd">{BODY.decode()}',
        '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY % p "x"> %p;]><xml/>',
        f"<!-- --><!DOCTYPE xml>{BODY.decode()}",
        f"<xml><!DOCTYPE xml>{BODY.decode()[5:]}",
        f"{BODY.decode()}<!DOCTYPE xml>",
        BODY.decode().replace("水管", "&undefined;"),
    ],
    ids=["laughs", "file", "dtd", "parameter", "after comment", "inside", "behind", "no such"],
)
def test_a_document_type_is_not_parsed(body: str, keys: Any) -> None:
    with pytest.raises(Malformed):
        opened(body.encode(), keys)


@pytest.mark.parametrize("depth", [100, 900, 950, 980, 1000])
def test_a_body_nested_up_to_what_can_be_read_is_no_trouble(depth: int) -> None:
    body = written(TEXT, Form.JSON).replace(b"{", b'{"a":' + b"[" * depth + b"]" * depth + b",", 1)

    try:
        message = opened(body, PLAIN).message
    except Malformed:
        assert depth > 900
    else:
        assert message.content == TEXT["Content"]
        assert message.key


def test_an_external_entity_reaches_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/x.dtd"
        with pytest.raises(Malformed):
            opened(f'<!DOCTYPE xml SYSTEM "{address}">'.encode() + BODY)

        with pytest.raises(BlockingIOError):
            listener.accept()


def _again(name: str, part: str) -> bytes:
    return BODY.replace(f"<{name}>".encode(), f"{part}<{name}>".encode(), 1)


MALFORMED = {
    "empty root": b"<xml/>",
    "another root": BODY.replace(b"xml>", b"html>"),
    "a longer root": BODY.replace(b"xml>", b"xmlx>"),
    "type twice": _again("MsgType", "<MsgType>text</MsgType>"),
    "type with an attribute": BODY.replace(b"<MsgType>", b'<MsgType a="b">'),
    "event twice": _again("MsgType", "<Event>CLICK</Event><Event>VIEW</Event>"),
    "key nested": _again("MsgType", "<EventKey><a>1</a></EventKey>"),
    "content twice": _again("Content", "<Content>x</Content>"),
    "content nested": BODY.replace(b"<Content>", b"<Content><b/>"),
    "time of letters": written({**TEXT, "CreateTime": "zzz"}),
    "time in full width": written({**TEXT, "CreateTime": "１３４８８３１８６０"}),
    "negative time": written({**TEXT, "CreateTime": "-1"}),
    "time beyond all time": written({**TEXT, "CreateTime": "9" * 11}),
    "no time": written({"ToUserName": "a", "FromUserName": "b", "MsgType": "text"}),
    "no sender": written({"ToUserName": "a", "CreateTime": 1, "MsgType": "text"}),
    "empty sender": written({**TEXT, "FromUserName": ""}),
    "endless sender": written({**TEXT, "FromUserName": "o" * 3000}),
    "endless id": written({**TEXT, "MsgId": "1" * 3000}),
    "place of letters": written({**TEXT, "Location_X": "north", "Location_Y": "0"}),
    "place off the earth": written({**TEXT, "Location_X": "nan", "Location_Y": "0"}),
    "half a place": written({**TEXT, "Location_X": "30.2"}),
    "deep": b"<xml>" + b"<a>" * 4000 + b"</a>" * 4000 + b"</xml>",
    "NUL": BODY.replace("水管".encode(), b"\0"),
    "NUL by reference": BODY.replace("水管".encode(), b"&#0;"),
    "control character": BODY.replace("水管".encode(), b"\x0b"),
    "noncharacter": BODY.replace("水管".encode(), "\uffff".encode()),
    "truncated": BODY[:-9],
    "text behind": BODY + b"x",
    "not XML": b"Content=hello",
    "nothing": b"",
    "blank": b"  ",
    "half a character": BODY.replace("水管".encode(), "水".encode()[:2]),
    "UTF-16 by word": b'<?xml version="1.0" encoding="UTF-16"?>' + BODY,
    "UTF-16 in truth": BODY.decode().encode("utf-16"),
    "GBK": b'<?xml version="1.0" encoding="GBK"?>' + BODY,
    "a list": b"[1]",
    "JSON truncated": written(TEXT, Form.JSON)[:-1],
    "JSON deep": b'{"a":' + b"[" * 20000 + b"]" * 20000 + b"}",
    "JSON twice": written(TEXT, Form.JSON).replace(b"{", b'{"Content":"x",'),
    "JSON NaN": written(TEXT, Form.JSON).replace(b"{", b'{"x":NaN,'),
    "JSON nested": written({**TEXT, "Content": ["x"]}, Form.JSON),
    "JSON truth": written({**TEXT, "Content": True}, Form.JSON),
    "JSON NUL": written({**TEXT, "Content": "a\0b"}, Form.JSON),
    "JSON NUL in a name": written({**TEXT, "a\0b": "c"}, Form.JSON),
    "JSON NUL below": written({**TEXT, "Info": {"a": "b\0"}}, Form.JSON),
    "JSON surrogate": written({**TEXT, "Content": "\ud83d"}, Form.JSON),
    "JSON fraction of time": written({**TEXT, "CreateTime": 1.5}, Form.JSON),
    "JSON huge number": written({**TEXT, "CreateTime": "1"}, Form.JSON).replace(
        b'"1"', b"1" * 6000
    ),
}


@pytest.mark.parametrize("keys", [SAFE, PLAIN], ids=lambda keys: keys.mode)
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_wechat_would_not_write_is_malformed(body: bytes, keys: Any) -> None:
    with pytest.raises(Malformed):
        opened(body, keys)


@pytest.mark.usefixtures("unparsed")
def test_a_body_beyond_64_kb_is_not_parsed() -> None:
    with pytest.raises(MessageTooLarge):
        open_envelope(PLAIN, plain_query(), b"<xml>" + b"<a>" * 100_000, NOW)


def test_a_body_of_64_kb_is_read() -> None:
    room = 64 * 1024 - len(written({**TEXT, "Content": ""}))

    assert opened(written({**TEXT, "Content": "x" * room}), PLAIN).message.content == "x" * room


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize("keys", [SAFE, COMPATIBLE], ids=lambda keys: keys.mode)
def test_what_must_be_encrypted_is_not_parsed_when_it_is_not(keys: Any) -> None:
    for query in (plain_query(keys), {**plain_query(keys), "encrypt_type": "raw"}):
        with pytest.raises(NotFromWeChat):
            open_envelope(keys, query, BODY, NOW)


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize("signature", ["", "0" * 40, "ä", sign("other", STAMP, NONCE), None])
def test_a_plain_body_is_not_parsed_before_its_signature_is_right(signature: str | None) -> None:
    query = plain_query()
    del query["signature"]
    if signature is not None:
        query["signature"] = signature

    with pytest.raises(NotFromWeChat):
        open_envelope(PLAIN, query, BODY, NOW)


def _address(change: Callable[[dict[str, str]], Any]) -> tuple[dict[str, str], bytes]:
    ciphertext = sealed(BODY)
    query = safe_query(ciphertext)
    change(query)
    return query, written({"Encrypt": ciphertext})


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.pop("msg_signature"),
        lambda query: query.update(msg_signature=query["signature"]),
        lambda query: query.update(msg_signature=query["msg_signature"].upper()),
        lambda query: query.update(nonce="1"),
        lambda query: query.update(nonce=""),
        lambda query: query.update(nonce="\ud800"),
        lambda query: query.pop("timestamp"),
        lambda query: query.update(timestamp=query["timestamp"] + " "),
        lambda query: query.update(timestamp=query["timestamp"][:-1], nonce="9" + query["nonce"]),
    ],
)
def test_an_address_that_was_changed_opens_nothing(change: Callable[[dict[str, str]], Any]) -> None:
    query, body = _address(change)

    with pytest.raises(NotFromWeChat):
        open_envelope(SAFE, query, body, NOW)


def test_the_body_of_another_message_opens_nothing_in_safe_mode() -> None:
    query = safe_query(sealed(BODY))
    other = written({"Encrypt": sealed(written({**TEXT, "Content": "取消"}))})

    with pytest.raises(NotFromWeChat):
        open_envelope(SAFE, query, other, NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_delivery_of_another_time_is_refused(seconds: int) -> None:
    assert opened(BODY, PLAIN)
    with pytest.raises(NotFromWeChat):
        open_envelope(PLAIN, plain_query(), BODY, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("stamp", "nonce"),
    [
        ("0" + STAMP, NONCE),
        ("-" + STAMP, NONCE),
        (STAMP, ""),
        (STAMP, "7" * 129),
        (STAMP, "七"),
        (STAMP, "7\0"),
    ],
)
def test_a_good_signature_does_not_help_a_strange_time_or_nonce(stamp: str, nonce: str) -> None:
    query = {**plain_query(stamp=stamp, nonce=nonce), "echostr": "43751"}

    with pytest.raises(NotFromWeChat):
        open_envelope(PLAIN, query, BODY, NOW)
    with pytest.raises(NotFromWeChat):
        handshake(PLAIN, query)


def test_a_signature_holds_for_one_split_of_time_and_nonce_only() -> None:
    nonce = "7" * 9
    whole = plain_query(nonce=nonce)
    holds = []
    joined = STAMP + nonce

    for cut in range(1, len(joined)):
        split = {**whole, "timestamp": joined[:cut], "nonce": joined[cut:]}
        try:
            open_envelope(PLAIN, split, BODY, NOW)
        except NotFromWeChat:
            continue
        holds.append(cut)

    assert holds == [10]


def _raw(plain: bytes) -> str:
    """Ciphertext of exactly these bytes, with no salt, length or padding added."""
    return b64encode(cipher_of(SAFE.aes_key).encrypt(plain)).decode()


APP_ID = SAFE.app_id.encode()
WHOLE = b"s" * 16 + len(BODY).to_bytes(4, "big") + BODY + APP_ID
PADDING = 32 - len(WHOLE) % 32
DAMAGED = {
    "empty": "",
    "not base64": "{}",
    "not ASCII": "密文",
    "base64 with a tail": sealed(BODY) + "AAAA",
    "base64 with a mark": "!" + sealed(BODY),
    "15 bytes": "A" * 20,
    "16 zero bytes": "A" * 22 + "==",
    "random": "x" * 128,
    "no padding": _raw(WHOLE + b"\0" * PADDING),
    "too much padding": _raw(b"!" * 64),
    "padding of 33 to 48": _raw(WHOLE + bytes([48 - len(WHOLE) % 16]) * (48 - len(WHOLE) % 16)),
    "uneven padding": _raw(WHOLE + b"\x01" * (PADDING - 1) + bytes([PADDING])),
    "all padding": _raw(b"\x20" * 32),
    "length too long": _raw(
        (WHOLE[:16] + b"\x7f\xff\xff\xff" + WHOLE[20:]) + bytes([PADDING]) * PADDING
    ),
    "length too short": _raw(
        (WHOLE[:16] + b"\0\0\0\x01" + WHOLE[20:]) + bytes([PADDING]) * PADDING
    ),
    "another account's": sealed(BODY, replace(SAFE, app_id="wx0000000000000000")),
    "a longer AppID": sealed(BODY, replace(SAFE, app_id=SAFE.app_id + "0")),
    "another key": sealed(BODY, replace(SAFE, aes_key=OTHER_AES_KEY)),
}


@pytest.mark.parametrize("ciphertext", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_ciphertext_is_refused_though_it_is_signed(ciphertext: str) -> None:
    with pytest.raises(NotFromWeChat):
        open_envelope(SAFE, safe_query(ciphertext), written({"Encrypt": ciphertext}), NOW)


def test_the_undamaged_one_opens() -> None:
    ciphertext = _raw(WHOLE + bytes([PADDING]) * PADDING)

    assert open_envelope(SAFE, safe_query(ciphertext), written({"Encrypt": ciphertext}), NOW)


def test_two_ciphertexts_are_malformed() -> None:
    ciphertext = sealed(BODY)
    twice = f"<xml><Encrypt>{ciphertext}</Encrypt><Encrypt>{ciphertext}</Encrypt></xml>"

    with pytest.raises(Malformed):
        open_envelope(SAFE, safe_query(ciphertext), twice.encode(), NOW)


def test_encryption_without_a_key_to_open_it_is_refused() -> None:
    ciphertext = sealed(BODY)
    keyless = replace(PLAIN, aes_key="")

    with pytest.raises(NotFromWeChat):
        open_envelope(keyless, safe_query(ciphertext), written({"Encrypt": ciphertext}), NOW)


@pytest.mark.parametrize("keys", [SAFE, PLAIN], ids=lambda keys: keys.mode)
def test_a_message_for_another_account_is_refused(keys: Any) -> None:
    with pytest.raises(NotFromWeChat):
        opened(written({**TEXT, "ToUserName": "gh_another"}), keys)


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.update(signature="0" * 40),
        lambda query: query.pop("signature"),
        lambda query: query.update(timestamp="17140365049", nonce=query["nonce"][1:]),
        lambda query: query.pop("nonce"),
    ],
)
def test_a_handshake_that_is_not_signed_gets_no_echo(
    change: Callable[[dict[str, str]], Any],
) -> None:
    query = {**plain_query(SAFE), "echostr": "43751"}
    assert handshake(SAFE, query) == "43751"
    change(query)

    with pytest.raises(NotFromWeChat):
        handshake(SAFE, query)


def test_a_handshake_with_nothing_to_echo_is_malformed() -> None:
    with pytest.raises(Malformed):
        handshake(SAFE, plain_query(SAFE))


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "密" * 43, "A" * 42 + "=", "!" + "A" * 43])
def test_what_is_not_an_aes_key_is_refused(key: str) -> None:
    with pytest.raises(BadAesKey):
        cipher_of(key)


def test_secrets_do_not_show_in_a_repr() -> None:
    shown = repr(opened(BODY, replace(SAFE, previous_aes_key=OTHER_AES_KEY)))

    for secret in (SAFE.token, SAFE.aes_key, OTHER_AES_KEY):
        assert secret not in shown


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_no_body_whatever_is_our_fault(body: bytes) -> None:
    for keys, form in ((PLAIN, Form.XML), (SAFE, Form.XML), (SAFE, Form.JSON)):
        for inner in (body, b"<xml>" + body + b"</xml>", b'{"Content":' + body + b"}"):
            with suppress(Malformed, NotFromWeChat):
                opened(inner, keys, form)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(safe_query(""))), st.text(max_size=40)))
def test_no_address_whatever_is_our_fault(query: dict[str, str]) -> None:
    for keys in (PLAIN, SAFE):
        with pytest.raises(Problem) as refused:
            open_envelope(keys, {**plain_query(), **query, "signature": ""}, BODY, NOW)
        assert refused.value.status == 403
