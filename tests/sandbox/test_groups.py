import hashlib
import hmac
import json
from pathlib import Path
from threading import Timer
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.sandbox.hooks import BOT, GROUP, LI, MEMBERS, SECRET, TOKEN, WANG, Chats, Hook, Report
from tests.sandbox.rig import Clock, Server, boxed


def replying(**operation: Any) -> Any:
    return lambda _: JSONResponse(operation)


def event_of(report: Report) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(report.body)
    return event


def test_what_a_member_says_is_reported_as_onebot_says(chats: Chats, hook: Hook) -> None:
    outcome = chats.say("楼道灯坏了", LI)

    (report,) = hook.reports
    event = event_of(report)
    assert {key: event[key] for key in ("post_type", "message_type", "sub_type")} == {
        "post_type": "message",
        "message_type": "group",
        "sub_type": "normal",
    }
    assert (event["self_id"], event["group_id"], event["user_id"]) == (10001, 700100, 20002)
    assert event["message_id"] == outcome["message_id"]
    assert event["message"] == [{"type": "text", "data": {"text": "楼道灯坏了"}}]
    assert event["raw_message"] == "楼道灯坏了"
    assert (
        event["sender"] | {"nickname": "李建国", "card": "3-1-502 老李", "role": "admin"}
        == (event["sender"])
    )
    assert isinstance(event["time"], int)
    assert (outcome["outcome"], outcome["status"], outcome["attempts"]) == ("none", 204, 1)


def test_a_report_is_signed_over_the_bytes_as_sent(chats: Chats, hook: Hook) -> None:
    chats.say("楼道灯坏了")

    (report,) = hook.reports
    digest = hmac.new(SECRET.encode(), report.body, hashlib.sha1).hexdigest()
    assert report.headers["x-signature"] == f"sha1={digest}"
    assert report.headers["x-self-id"] == BOT
    assert report.headers["content-type"] == "application/json"


def test_without_a_secret_nothing_is_signed(chats: Chats, hook: Hook) -> None:
    chats.add_bot(secret="")

    chats.say("楼道灯坏了")

    assert "x-signature" not in hook.reports[0].headers


def test_a_mention_and_a_reply_are_segments_and_cq_codes(chats: Chats, hook: Hook) -> None:
    first = chats.say("电梯停了[叹气]&")
    said = chats.say("报修", LI, at_bot=True, reply_to=first["message_id"])

    plain, mentioning = map(event_of, hook.reports)
    assert plain["raw_message"] == "电梯停了&#91;叹气&#93;&amp;"
    assert mentioning["message"] == [
        {"type": "reply", "data": {"id": str(first["message_id"])}},
        {"type": "at", "data": {"qq": BOT}},
        {"type": "text", "data": {"text": " 报修"}},
    ]
    number = first["message_id"]
    assert mentioning["raw_message"] == f"[CQ:reply,id={number}][CQ:at,qq={BOT}] 报修"
    assert said["message"]["text"] == "@小掌 报修"


@pytest.mark.parametrize(
    ("operation", "shown"),
    [
        ({"reply": "已登记"}, "@王秀英 已登记"),
        ({"reply": "已登记", "at_sender": False}, "已登记"),
        ({"reply": [{"type": "text", "data": {"text": "好"}}], "at_sender": False}, "好"),
        (
            {"reply": f"[CQ:at,qq={LI}]请看&#91;图&#93;", "at_sender": False},
            "@3-1-502 老李 请看[图]",
        ),
        ({"reply": "[CQ:at,qq=1]", "auto_escape": True, "at_sender": False}, "[CQ:at,qq=1]"),
    ],
)
def test_a_quick_reply_shows_in_the_group(
    chats: Chats, hook: Hook, operation: dict[str, Any], shown: str
) -> None:
    hook.answers = [replying(**operation)]

    outcome = chats.say("进度")

    assert (outcome["outcome"], outcome["reply"]["text"]) == ("text", shown)
    assert chats.texts() == ["进度", shown]
    assert chats.read()[-1]["kind"] == "bot"


def test_a_quick_operation_can_take_back_what_was_said(chats: Chats, hook: Hook) -> None:
    hook.answers = [replying(delete=True)]

    chats.say("加我微信领红包")

    (recall,) = chats.read()
    assert (recall["kind"], recall["name"]) == ("recall", "王秀英")


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("ok"),
        JSONResponse(["reply"]),
        JSONResponse({"reply": [{"type": "text"}]}),
        JSONResponse({"reply": 5}),
    ],
)
def test_an_answer_that_is_no_quick_operation_is_broken(
    chats: Chats, hook: Hook, answer: Response
) -> None:
    hook.answers = [lambda _: answer]

    assert chats.say("进度")["outcome"] == "broken"
    assert chats.texts() == ["进度"]


def test_who_refuses_a_report_is_not_asked_again(chats: Chats, hook: Hook) -> None:
    hook.answers = [lambda _: Response(status_code=401)]

    outcome = chats.say("进度")

    assert (outcome["outcome"], outcome["reason"]) == ("rejected", "HTTP 401")
    assert len(hook.reports) == 1


def test_who_breaks_down_is_told_again_in_the_same_words(chats: Chats, hook: Hook) -> None:
    hook.answers = [lambda _: Response(status_code=503), replying(reply="好", at_sender=False)]

    outcome = chats.say("进度")

    assert (outcome["attempts"], outcome["outcome"]) == (2, "text")
    first, second = hook.reports
    assert first.body == second.body


def test_a_lost_reply_brings_the_same_message_again(chats: Chats, hook: Hook) -> None:
    chats.box.break_down(groups={"kind": "lost_reply"})
    hook.answers = [replying(reply="第一次"), replying(reply="第二次", at_sender=False)]

    chats.say("报修")

    first, second = map(event_of, hook.reports)
    assert first["message_id"] == second["message_id"]
    assert chats.texts() == ["报修", "第二次"]


def test_a_report_can_be_signed_wrongly(chats: Chats, hook: Hook) -> None:
    chats.box.break_down(groups={"kind": "bad_signature"})

    chats.say("报修")
    chats.say("报修")

    digests = [
        "sha1=" + hmac.new(SECRET.encode(), report.body, hashlib.sha1).hexdigest()
        for report in hook.reports
    ]
    right = [r.headers["x-signature"] == d for r, d in zip(hook.reports, digests, strict=True)]
    assert right == [False, True]


def test_a_group_without_a_bot_tells_nobody(chats: Chats, hook: Hook) -> None:
    chats.add_group("700200", bot="")

    assert chats.say("有人吗", group="700200")["outcome"] == "untold"
    assert chats.texts("700200") == ["有人吗"]
    assert not hook.reports


def test_the_bot_speaks_by_the_api(chats: Chats) -> None:
    sent = chats.do("send_group_msg", group_id=int(GROUP), message="停水通知")
    parts = [{"type": "at", "data": {"qq": WANG}}, {"type": "text", "data": {"text": "已派单"}}]
    chats.do("send_msg", message_type="group", group_id=int(GROUP), message=parts)
    chats.do("send_msg", group_id=GROUP, message="[CQ:face,id=1]", auto_escape=True)

    assert (sent["status"], sent["retcode"]) == ("ok", 0)
    assert chats.texts() == ["停水通知", "@王秀英 已派单", "[CQ:face,id=1]"]
    assert chats.read()[0]["message_id"] == sent["data"]["message_id"]


def test_what_is_said_to_one_person_alone_says_so(chats: Chats) -> None:
    chats.do("send_private_msg", user_id=int(WANG), message="您的报修已派单")

    (said,) = chats.read()
    assert (said["to"], said["text"]) == (WANG, "您的报修已派单")
    assert chats.do("send_private_msg", user_id=404, message="您好")["retcode"] == 100


def test_a_form_and_an_address_carry_parameters_too(chats: Chats) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    path, spoken = f"/onebot/{BOT}/send_group_msg", {"group_id": GROUP, "message": "表单"}

    form = chats.box.http.post(path, data=spoken, headers=headers).json()
    address = chats.box.http.get(path, params={**spoken, "access_token": TOKEN}).json()

    assert (form["retcode"], address["retcode"]) == (0, 0)


def test_the_bot_learns_where_it_is_and_who_is_there(chats: Chats) -> None:
    assert chats.do("get_login_info")["data"] == {"user_id": 10001, "nickname": "小掌"}
    info = chats.do("get_group_info", group_id=int(GROUP))["data"]
    assert (info["group_id"], info["group_name"], info["member_count"]) == (
        700100,
        "3栋楼栋交流群",
        3,
    )
    assert chats.do("get_group_list")["data"] == [info]
    members = chats.do("get_group_member_list", group_id=int(GROUP))["data"]
    assert [member["user_id"] for member in members] == [20001, 20002, 10001]
    one = chats.do("get_group_member_info", group_id=int(GROUP), user_id=int(LI))["data"]
    assert (one["card"], one["role"]) == ("3-1-502 老李", "admin")
    assert chats.do("get_version_info")["data"]["protocol_version"] == "v11"
    assert chats.do("get_status")["data"]["good"]


def test_a_message_is_taken_back_once(chats: Chats) -> None:
    number = chats.do("send_group_msg", group_id=int(GROUP), message="发错了")["data"]["message_id"]

    assert chats.do("delete_msg", message_id=number)["retcode"] == 0
    assert chats.do("delete_msg", message_id=number)["retcode"] == 100
    (recall,) = chats.read()
    assert (recall["kind"], recall["recalls"]) == ("recall", number)


@pytest.mark.parametrize(
    ("parameters", "wording"),
    [
        ({"group_id": 404, "message": "您好"}, "GROUP_NOT_FOUND"),
        ({"group_id": "x", "message": "您好"}, "no number"),
        ({"message": "您好"}, "no number"),
        ({"group_id": 700100, "message": ""}, "EMPTY"),
        ({"group_id": 700100}, "string or an array"),
        ({"group_id": 700100, "message": [{"type": "text"}]}, "type and data"),
        ({"group_id": 700100, "message": "长" * 4000}, "TOO_LONG"),
    ],
)
def test_what_cannot_be_said_fails_with_http_200(
    chats: Chats, parameters: dict[str, Any], wording: str
) -> None:
    answer = chats.do("send_group_msg", **parameters)

    assert (answer["status"], answer["retcode"], answer["data"]) == ("failed", 100, None)
    assert wording in answer["wording"]
    assert not chats.read()


@pytest.mark.parametrize(
    ("path", "headers", "content", "status"),
    [
        (f"/onebot/{BOT}/get_login_info", {}, b"{}", 401),
        (f"/onebot/{BOT}/get_login_info", {"Authorization": "Bearer wrong"}, b"{}", 403),
        (f"/onebot/{BOT}/fly", {"Authorization": f"Bearer {TOKEN}"}, b"{}", 404),
        ("/onebot/404/get_login_info", {"Authorization": f"Bearer {TOKEN}"}, b"{}", 404),
        (f"/onebot/{BOT}/get_status", {"Authorization": f"Bearer {TOKEN}"}, b"{", 400),
        (f"/onebot/{BOT}/get_status", {"Authorization": f"Bearer {TOKEN}"}, b"[]", 400),
        (
            f"/onebot/{BOT}/get_status",
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/plain"},
            b"{}",
            406,
        ),
    ],
)
def test_a_call_that_is_no_action_is_refused_by_its_status(
    chats: Chats, path: str, headers: dict[str, str], content: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/json", **headers}

    assert chats.box.http.post(path, content=content, headers=headers).status_code == status


def test_the_doors_of_a_group_fail_on_demand(chats: Chats) -> None:
    path = "/onebot/send_group_msg"
    rules = [
        {"path": path, "kind": "rate_limit"},
        {"path": path, "kind": "errcode", "errcode": 1404},
        {"path": path, "kind": "lost"},
    ]
    chats.box.break_down(groups=rules)

    assert chats.do("get_status")["retcode"] == 0
    spoken: dict[str, Any] = {"group_id": int(GROUP), "message": "停水"}
    assert chats.do("send_group_msg", **spoken)["retcode"] == 120
    assert chats.do("send_group_msg", **spoken)["retcode"] == 1404
    assert not chats.read()
    with pytest.raises(httpx.RemoteProtocolError):
        chats.do("send_group_msg", **spoken)
    assert chats.texts() == ["停水"]
    faults = {call["fault"] for call in chats.box.get("/log")["calls"]}
    assert faults == {None, "rate_limit", "errcode", "lost"}


def test_who_waits_hears_at_once(chats: Chats) -> None:
    timer = Timer(0.2, chats.do, ["send_group_msg"], {"group_id": 700100, "message": "来了"})
    timer.start()

    found = chats.box.get(f"/groups/{GROUP}/messages", after=0, wait=20)

    timer.join()
    assert [said["text"] for said in found["messages"]] == ["来了"]
    assert chats.box.get("/group-messages", after=found["last"])["messages"] == []
    assert chats.box.http.get(f"/groups/{GROUP}/messages?wait=x").status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/bots/10001", {"hook_url": "ftp://x/", "name": "小掌"}),
        ("/bots/10001", {"hook_url": "http://127.0.0.1:1/", "name": "小掌", "aes_key": "short"}),
        ("/groups/700100", {"bot": "404", "name": "群"}),
        ("/groups/abc", {"bot": BOT, "name": "群"}),
        ("/groups/700100", {"bot": BOT, "name": "群", "members": [MEMBERS[0], MEMBERS[0]]}),
        ("/groups/700100", {"bot": BOT, "name": "群", "members": [{"id": "x", "name": "甲"}]}),
        ("/groups/700100", {"bot": BOT, "name": "群", "platform": "qq"}),
        ("/robots/qq/K1", {}),
        ("/robots/wecom/K1", {"group": "404"}),
    ],
)
def test_what_cannot_be_set_up_is_refused(chats: Chats, path: str, body: Any) -> None:
    assert chats.put(path, body) == 422


@pytest.mark.parametrize(
    "said",
    [
        {"member": "404", "text": "您好"},
        {"member": WANG, "text": ""},
        {"member": WANG, "text": " \n"},
        {"member": WANG, "text": "您好", "at": ["404"]},
        {"member": WANG, "text": "您好", "reply_to": 404},
        {"member": WANG},
    ],
)
def test_what_nobody_can_say_is_refused(chats: Chats, said: Any) -> None:
    assert chats.box.http.post(f"/groups/{GROUP}/messages", json=said).status_code == 422
    assert chats.box.http.post("/groups/404/messages", json=said).status_code == 404
    assert not chats.read()


def test_groups_are_listed_with_the_newest_and_without_secrets(chats: Chats) -> None:
    chats.put("/robots/wecom/K1", {"group": GROUP, "secret": "hidden-1", "name": "物业"})
    chats.say("您好")

    answer = chats.box.http.get("/groups")

    (group,) = answer.json()["groups"]
    assert (group["name"], group["bot_name"], group["latest"]["text"]) == (
        "3栋楼栋交流群",
        "小掌",
        "您好",
    )
    assert group["robots"] == [{"platform": "wecom", "name": "物业"}]
    shown = answer.text + chats.box.http.get("/bots").text
    assert not any(secret in shown for secret in (SECRET, TOKEN, "hidden-1", "K1"))


def test_a_restarted_platform_remembers_its_groups(
    platform_server: Server, clock: Clock, tmp_path: Path
) -> None:
    journal = tmp_path / "journal.jsonl"
    with boxed(platform_server, clock, journal) as box:
        chats = Chats(box, "http://127.0.0.1:1/")
        chats.add_bot(token=TOKEN)
        chats.add_group()
        chats.put("/robots/wecom/K1", {"group": GROUP})
        chats.do("send_group_msg", group_id=int(GROUP), message="一")
        gone = chats.do("send_group_msg", group_id=int(GROUP), message="二")
        chats.do("delete_msg", message_id=gone["data"]["message_id"])
        post = {"msgtype": "text", "text": {"content": "三"}}
        box.post("/robots/wecom/send", post, key="K1")
        before = chats.read()

    with boxed(platform_server, clock, journal) as box:
        chats = Chats(box, "http://127.0.0.1:1/")
        assert chats.read() == before
        assert [said["text"] for said in before] == ["一", "", "三"]
        assert chats.do("delete_msg", message_id=gone["data"]["message_id"])["retcode"] == 100
        assert len(box.get("/robots/wecom/K1/messages")["messages"]) == 1
        chats.do("send_group_msg", group_id=int(GROUP), message="四")
        numbers = [said["seq"] for said in chats.read()]
        assert numbers == sorted(set(numbers))
