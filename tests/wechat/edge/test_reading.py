"""Every kind of message and event there is comes through, whole and exactly as sent."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy import parse_message

from app.wechat.edge import Form, Mode, open_envelope
from tests.wechat.edge.builders import (
    COMPATIBLE,
    HEAD,
    NOW,
    OTHER_AES_KEY,
    PLAIN,
    SAFE,
    TEXT,
    opened,
    plain_query,
    safe_query,
    sealed,
    written,
)

MESSAGES: list[dict[str, Any]] = [
    {"MsgType": "text", "Content": "您好", "MsgId": 1},
    {"MsgType": "image", "PicUrl": "https://mmbiz.qpic.cn/a/0", "MediaId": "m1", "MsgId": 2},
    {"MsgType": "voice", "MediaId": "m2", "Format": "amr", "Recognition": "灯坏了", "MsgId": 3},
    {"MsgType": "video", "MediaId": "m3", "ThumbMediaId": "t3", "MsgId": 4},
    {"MsgType": "shortvideo", "MediaId": "m4", "ThumbMediaId": "t4", "MsgId": 5},
    {
        "MsgType": "location",
        "Location_X": "30.259924",
        "Location_Y": "-120.130742",
        "Scale": 15,
        "Label": "伊伊小区 3 栋",
        "MsgId": 6,
    },
    {"MsgType": "link", "Title": "通知", "Description": "停水", "Url": "https://a.cn/", "MsgId": 7},
    {"MsgType": "file", "Title": "a.docx", "FileKey": "k", "FileTotalLen": 9, "MsgId": 8},
    {"MsgType": "miniprogrampage", "Title": "页", "PagePath": "p", "MsgId": "49d7_1555684067"},
    {"MsgType": "device_text", "DeviceID": "d", "OpenID": "o", "Content": "YQ==", "MsgId": 9},
    {"MsgType": "device_event", "Event": "bind", "DeviceID": "d", "OpenID": "o", "MsgId": 10},
]
NESTED: dict[str, Any] = {
    "Count": 2,
    "ResultList": [{"ArticleIdx": 1, "AuditState": 2}, {"ArticleIdx": 2, "AuditState": 2}],
}
EVENTS: list[dict[str, Any]] = [
    {"Event": "subscribe"},
    {"Event": "subscribe", "EventKey": "qrscene_b3", "Ticket": "gQH4"},
    {"Event": "subscribe", "EventKey": "last_trade_no_400820170110581"},
    {"Event": "subscribe", "EventKey": "scanbarcode|keystandard|keystr"},
    {"Event": "unsubscribe"},
    {"Event": "SCAN", "EventKey": 20, "Ticket": "gQH4"},
    {"Event": "LOCATION", "Latitude": "30.25", "Longitude": "120.13", "Precision": "40.0"},
    {"Event": "CLICK", "EventKey": "REPORT"},
    {"Event": "VIEW", "EventKey": "https://a.cn/h5", "MenuId": 4},
    {"Event": "scancode_push", "EventKey": "6", "ScanCodeInfo": {"ScanType": "qrcode"}},
    {"Event": "scancode_waitmsg", "EventKey": "6", "ScanCodeInfo": {"ScanResult": "2"}},
    {"Event": "pic_sysphoto", "EventKey": "6", "SendPicsInfo": {"Count": 1}},
    {"Event": "location_select", "EventKey": "6", "SendLocationInfo": {"Location_X": "23"}},
    {"Event": "TEMPLATESENDJOBFINISH", "MsgID": 200163836, "Status": "failed:user block"},
    {"Event": "MASSSENDJOBFINISH", "MsgID": 7, "Status": "err(3)", "CopyrightCheckResult": NESTED},
    {"Event": "PUBLISHJOBFINISH", "PublishEventInfo": {"publish_id": 2247503051}},
    {"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": [{"TemplateId": "a"}]},
    {"Event": "subscribe_msg_change_event", "SubscribeMsgChangeEvent": [{"TemplateId": "a"}]},
    {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": [{"MsgID": 1, "ErrorCode": 0}]},
    {"Event": "user_authorization_revoke", "OpenID": "o", "AppID": "wx", "RevokeInfo": "1"},
    {"Event": "user_info_modified", "OpenID": "o", "AppID": "wx", "RevokeInfo": "1"},
    {"Event": "qualification_verify_success", "ExpiredTime": 1442401156},
    {"Event": "qualification_verify_fail", "FailTime": 1442401122, "FailReason": "by time"},
    {"Event": "naming_verify_success", "ExpiredTime": 1442401093},
    {"Event": "naming_verify_fail", "FailTime": 1442401061, "FailReason": "by time"},
    {"Event": "annual_renew", "ExpiredTime": 1442401004},
    {"Event": "verify_expired", "ExpiredTime": 1442400900},
    {"Event": "WifiConnected", "ConnectTime": 0, "VendorId": "3", "DeviceNo": "00:1f:7a"},
    {
        "Event": "ShakearoundUserShake",
        "ChosenBeacon": {"Uuid": "u", "Distance": "0.057"},
        "AroundBeacons": [{"Uuid": "u"}, {"Uuid": "v"}],
    },
    {"Event": "user_authorize_invoice", "SuccOrderId": "1", "FailOrderId": "", "Source": ""},
    {"Event": "update_invoice_status", "Status": "INVOICE_REIMBURSE_INIT", "Code": "186921"},
    {"Event": "submit_invoice_title", "title": "抬头", "phone": "13300000000", "attach": ""},
    {"Event": "debug_demo", "debug_str": "hello world"},
    {"Event": "an_event_of_next_year", "Novelty": "x"},
]
SAMPLES = MESSAGES + [{"MsgType": "event", **event} for event in EVENTS]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("keys", [SAFE, COMPATIBLE, PLAIN], ids=lambda keys: keys.mode)
def test_every_kind_and_event_is_read_in_every_mode_and_form(keys: Any, form: Form) -> None:
    for sample in SAMPLES:
        body = written({**HEAD, **sample}, form)

        delivered = opened(body, keys, form)

        message = delivered.message
        assert (delivered.form, delivered.plain) == (form, body)
        assert (message.to_user, message.from_user) == (HEAD["ToUserName"], HEAD["FromUserName"])
        assert message.create_time == HEAD["CreateTime"]
        assert message.kind == sample["MsgType"]
        assert message.event == (sample["Event"].lower() if "Event" in sample else None)
        scalars = {name: str(v) for name, v in sample.items() if not isinstance(v, dict | list)}
        assert scalars.items() <= message.fields.items()


@pytest.mark.parametrize("form", Form)
def test_the_fields_we_act_on_have_names_of_their_own(form: Form) -> None:
    voice = opened(written({**HEAD, **MESSAGES[2]}, form)).message
    image = opened(written({**HEAD, **MESSAGES[1]}, form)).message
    link = opened(written({**HEAD, **MESSAGES[6]}, form)).message
    scan = opened(written({**HEAD, "MsgType": "event", **EVENTS[5]}, form)).message

    assert (voice.media_id, voice.format, voice.recognition) == ("m2", "amr", "灯坏了")
    assert (image.pic_url, image.media_id) == ("https://mmbiz.qpic.cn/a/0", "m1")
    assert (link.title, link.url) == ("通知", "https://a.cn/")
    assert (scan.event_key, scan.ticket) == ("20", "gQH4")


def test_a_place_is_read_from_a_message_and_from_an_event() -> None:
    sent = opened(written({**HEAD, **MESSAGES[5]})).message
    reported = opened(written({**HEAD, "MsgType": "event", **EVENTS[6]})).message

    assert (sent.latitude, sent.longitude, sent.label) == (30.259924, -120.130742, "伊伊小区 3 栋")
    assert (reported.latitude, reported.longitude) == (30.25, 120.13)


def test_the_id_is_text_under_either_of_its_names() -> None:
    assert opened(written({**HEAD, **MESSAGES[8]})).message.msg_id == "49d7_1555684067"
    finished = opened(written({**HEAD, "MsgType": "event", **EVENTS[13]})).message
    assert finished.msg_id == "200163836"
    assert opened(written({**HEAD, "MsgType": "event", **EVENTS[0]})).message.msg_id is None


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    "text",
    ["  两头有空格\n", "", "<!DOCTYPE html>", "]]>", "&lt;&#0;", "👨‍👩‍👧 𠮷", '{"a":1}', "\u202e"],
)
def test_text_is_kept_exactly(text: str, form: Form) -> None:
    assert opened(written({**TEXT, "Content": text}, form)).message.content == text


def test_what_has_no_type_is_kept_as_unknown() -> None:
    component = {"AppId": "wx1", "CreateTime": 1, "InfoType": "component_verify_ticket"}

    for body in (component, {"action": "CheckContainerPath"}, {**TEXT, "MsgType": ""}):
        assert opened(written(body)).message.kind == "unknown"


def test_an_xml_declaration_and_blanks_may_stand_before_the_root() -> None:
    body = b'\n<?xml version="1.0" encoding="UTF-8"?>\n' + written(TEXT) + b"\n"

    assert opened(body).message.content == TEXT["Content"]


def test_comments_do_not_cut_a_text_short() -> None:
    body = written(TEXT).replace("水管".encode(), "水<!-- x -->管".encode())

    assert opened(body).message.content == TEXT["Content"]


def test_a_json_null_is_a_field_that_is_not_there() -> None:
    assert opened(written({**TEXT, "EventKey": None}, Form.JSON)).message.event_key == ""


def test_the_previous_key_still_opens() -> None:
    after = replace(SAFE, aes_key=OTHER_AES_KEY, previous_aes_key=SAFE.aes_key)
    ciphertext = sealed(written(TEXT), SAFE)

    delivered = open_envelope(after, safe_query(ciphertext), written({"Encrypt": ciphertext}), NOW)

    assert delivered.message.content == TEXT["Content"]


@pytest.mark.parametrize("mode", [Mode.COMPATIBLE, Mode.PLAIN])
def test_where_both_are_there_the_encrypted_part_is_the_truth(mode: Mode) -> None:
    ciphertext = sealed(written(TEXT))
    both = written({**TEXT, "Content": "取消", "Encrypt": ciphertext})

    delivered = open_envelope(replace(SAFE, mode=mode), safe_query(ciphertext), both, NOW)

    assert delivered.message.content == TEXT["Content"]


def test_an_account_that_is_not_known_yet_takes_any_original_id() -> None:
    keys = replace(SAFE, original_id="")

    assert opened(written({**TEXT, "ToUserName": "gh_new"}), keys).message.to_user == "gh_new"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_wechatpy_reads_the_same_where_it_reads_at_all(text: str) -> None:
    body = written({**TEXT, "Content": text})

    ours = open_envelope(PLAIN, plain_query(), body, NOW).message
    theirs = parse_message(body)

    assert (ours.from_user, ours.to_user, ours.msg_id) == (
        theirs.source,
        theirs.target,
        str(theirs.id),
    )
    assert ours.content.strip() == (theirs.content or "").strip()
