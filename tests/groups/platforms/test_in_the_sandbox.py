"""The platforms' files against the sandbox: written by strangers, met on a real socket."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from app.core import http
from app.core.clock import now
from app.core.sending import Failed, Refused
from app.core.settings import settings
from app.groups.platforms import Address, Call, Heard, SayInstead, Words
from app.groups.problems import NotFromPlatform
from tests.groups.platforms.calls import platform
from tests.sandbox.conftest import chats, clock, desk_server, hook, platform_server
from tests.sandbox.hooks import AES_KEY, BOT, CORP_ID, GROUP, SECRET, TOKEN, Chats, Hook, Report

__all__ = ["chats", "clock", "desk_server", "hook", "platform_server"]

ROBOTS = ("wecom", "dingtalk", "feishu")
ROBOT_SECRET = "SEC0123456789"
BOTS: Mapping[str, tuple[str, str, dict[str, str], dict[str, str]]] = {
    "onebot11": (BOT, GROUP, {"secret": SECRET, "token": TOKEN}, {}),
    "wecom": (
        "palm",
        "wrGroup",
        {"token": TOKEN, "aes_key": AES_KEY, "corp_id": CORP_ID},
        {},
    ),
    "dingtalk": ("dingrobot", "cidGroup", {"secret": SECRET}, {}),
    "feishu": (
        "cli_a1",
        "oc_group",
        {"token": TOKEN, "encrypt_key": "kEncrypt"},
        {"verification_token": TOKEN, "self_id": "ou_cli_a1"},
    ),
}
"""By platform: the bot, its group, its keys as the sandbox calls them, and what we call more."""


@pytest.fixture
async def near(chats: Chats, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chats]:
    """A sandbox that may be called."""
    monkeypatch.setenv("PALM_OUTBOUND_ALLOW", "127.0.0.0/8")
    monkeypatch.setenv("PALM_OUTBOUND_PORTS", str(httpx.URL(chats.box.address).port))
    settings.cache_clear()
    yield chats
    await http.close()


class Listener:
    """Our side of a hook: opens what comes with a platform's file, and answers by it."""

    def __init__(self, name: str, chats: Chats, says: str | None) -> None:
        self.self_id, self.group, theirs, more = BOTS[name]
        self.keys = {**theirs, **more}
        self.platform = platform(name)
        self.says = says
        self.heard: list[Heard] = []
        chats.add_bot(self.self_id, **theirs)
        chats.add_group(self.group, bot=self.self_id, platform=name)

    def answer(self, report: Report) -> Response:
        call = Call(report.method, report.query, report.headers, report.body, now())
        try:
            opened = self.platform.open(self.keys, call)
        except NotFromPlatform:
            return Response(status_code=401)
        self.heard += opened.heard
        try:
            answer = opened.answer or self.platform.answer(self.keys, opened, self.says)
        except SayInstead:
            answer = self.platform.answer(self.keys, opened, None)
        return Response(answer.body, answer.status, media_type=answer.media_type)


@pytest.mark.parametrize(
    ("name", "group"),
    [("onebot11", GROUP), ("wecom", None), ("dingtalk", "cidGroup"), ("feishu", "oc_group")],
)
def test_what_is_said_is_heard_and_the_answer_shown(
    chats: Chats, hook: Hook, name: str, group: str | None
) -> None:
    listener = Listener(name, chats, "已登记 [CQ:at,qq=all] ]]> <b>")
    hook.answers = [listener.answer]

    outcome = chats.say("报修 楼道灯不亮", group=listener.group, at_bot=True)

    (heard,) = listener.heard
    assert (heard.group_id, heard.text, heard.to_bot) == (group, "报修 楼道灯不亮", True)
    assert heard.sender_id.endswith("20001")
    assert abs(heard.sent_at - now()) < timedelta(minutes=1)
    if name == "feishu":
        assert outcome["outcome"] == "none"
    else:
        assert outcome["reply"]["text"] == "已登记 [CQ:at,qq=all] ]]> <b>"


@pytest.mark.parametrize("name", sorted(BOTS))
def test_nothing_to_say_is_understood(chats: Chats, hook: Hook, name: str) -> None:
    listener = Listener(name, chats, None)
    hook.answers = [listener.answer]

    assert chats.say("谢谢", group=listener.group, at_bot=True)["outcome"] == "none"


@pytest.mark.parametrize("name", sorted(BOTS))
def test_what_is_signed_wrongly_is_not_heard(chats: Chats, hook: Hook, name: str) -> None:
    listener = Listener(name, chats, "已登记")
    hook.answers = [listener.answer] * 4
    chats.box.break_down(groups=[{"kind": "bad_signature", "times": None}])

    outcome = chats.say("报修", group=listener.group, at_bot=True)

    assert not listener.heard
    assert outcome["status"] == 401


@pytest.mark.parametrize("name", ["wecom", "feishu"])
def test_the_handshake_is_passed(chats: Chats, hook: Hook, name: str) -> None:
    listener = Listener(name, chats, None)
    hook.answers = [listener.answer]

    verified = chats.box.post(f"/bots/{listener.self_id}/verify", {}, platform=name)

    assert verified == {"ok": True}


def address(chats: Chats, name: str, secret: str | None = ROBOT_SECRET) -> Address:
    """Where a robot `K1`, made here, is spoken to; on OneBot it is the bot."""
    base = f"{chats.box.address}/sandbox"
    if name == "onebot11":
        return Address(group_id=GROUP, api=f"{base}/onebot/{BOT}", keys={"token": TOKEN})
    guarded = {} if name == "wecom" else {"secret": ROBOT_SECRET}
    assert chats.put(f"/robots/{name}/K1", {"group": GROUP, **guarded}) == 200
    paths = {
        "wecom": "wecom/send?key=K1",
        "dingtalk": "dingtalk/send?access_token=K1",
        "feishu": "feishu/hook/K1",
    }
    return Address(robot_url=f"{base}/robots/{paths[name]}", robot_secret=secret)


EVERY = pytest.mark.parametrize("name", ["onebot11", *ROBOTS])


@EVERY
async def test_words_arrive_whole_up_to_the_limits_and_cut_beyond(near: Chats, name: str) -> None:
    to, sender = address(near, name), platform(name)

    await sender.send(to, Words(text="周六停水", title="通知", link="https://p.cn/1"))
    await sender.send(to, Words(text='水"\n' * 20_000, link="https://p.cn/1"))

    first, second = near.texts()
    assert first == "通知\n周六停水\nhttps://p.cn/1"
    assert second.startswith('水"\n水')
    assert second.endswith("…\nhttps://p.cn/1")


@pytest.mark.parametrize("name", ["wecom", "dingtalk"])
async def test_markdown_arrives_where_it_is_known(near: Chats, name: str) -> None:
    to = address(near, name)

    await platform(name).send(
        to, Words(text="停水", markdown="**停水** 一天\n" * 3000, title="通知")
    )

    (kept,) = near.box.get(f"/robots/{name}/K1/messages")["messages"]
    assert kept["type"] == "markdown"
    assert kept["text"].startswith("### 通知\n**停水**")


@pytest.mark.parametrize("name", ["dingtalk", "feishu"])
async def test_a_wrong_secret_is_refused(near: Chats, name: str) -> None:
    with pytest.raises(Refused) as caught:
        await platform(name).send(address(near, name, "SECwrong"), Words(text="停水"))

    assert caught.value.code == {"dingtalk": "310000", "feishu": "19021"}[name]
    assert not near.texts()


async def test_a_robot_that_is_gone_is_refused(near: Chats) -> None:
    for name in ROBOTS:
        to = address(near, name)
        assert to.robot_url
        gone = Address(robot_url=to.robot_url.replace("K1", "K2"), robot_secret=ROBOT_SECRET)

        with pytest.raises(Refused):
            await platform(name).send(gone, Words(text="停水"))


@pytest.mark.parametrize(("name", "taken"), [("wecom", 20), ("dingtalk", 20), ("feishu", 5)])
async def test_one_too_many_stops_the_lane(near: Chats, name: str, taken: int) -> None:
    to = address(near, name)

    async def hurry() -> None:
        for _ in range(60):
            await platform(name).send(to, Words(text="停水"))

    with pytest.raises(Failed) as caught:
        await hurry()

    assert (caught.value.lane, caught.value.sent) == (True, False)
    assert caught.value.wait
    assert len(near.texts()) >= taken


@EVERY
@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        ({"kind": "http_500"}, False),
        ({"kind": "html"}, False),
        ({"kind": "truncated"}, True),
        ({"kind": "lost"}, True),
        ({"kind": "timeout_after_acceptance", "seconds": 5}, True),
        ({"kind": "timeout", "seconds": 5}, False),
        ({"kind": "body", "body": '{"errmsg":"ok"}'}, False),
        ({"kind": "errcode", "errcode": -1}, False),
    ],
)
async def test_what_may_have_been_taken_is_said_to_be(
    near: Chats, name: str, fault: dict[str, Any], shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.http.transport.TOTAL", 0.3)
    to = address(near, name)
    near.box.break_down(**{"groups" if name == "onebot11" else "robots": [fault]})

    with pytest.raises(Failed) as caught:
        await platform(name).send(to, Words(text="停水"))

    assert caught.value.sent
    assert near.texts() == (["停水"] if shown else [])


@pytest.mark.parametrize("name", ROBOTS)
async def test_the_faults_of_robots_are_read_as_such(near: Chats, name: str) -> None:
    to = address(near, name)
    near.box.break_down(robots=[{"kind": "rate_limit"}, {"kind": "bad_signature"}])

    with pytest.raises(Failed) as hurried:
        await platform(name).send(to, Words(text="停水"))
    with pytest.raises(Refused):
        await platform(name).send(to, Words(text="停水"))

    assert hurried.value.lane
    await platform(name).send(to, Words(text="停水"))
    assert near.texts() == ["停水"]
