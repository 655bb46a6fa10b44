from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import dispatch
from app.chat.commands import commands, vocabulary
from app.chat.talk import Said, Speaker, Talk
from app.core.clock import now
from app.core.ids import new_id
from app.core.problems import Unavailable
from app.people.access import Held
from app.people.models import Identity, Role
from tests.chat.builders import Phone, Street, taps

SOMEBODY = Speaker(
    community_id=new_id(),
    community_name="伊伊小区",
    hotline=None,
    account_id=new_id(),
    identity_id=new_id(),
    openid="o-1",
    person_id=new_id(),
    name=None,
    locale="zh",
    subscribed=True,
)
WORKER = replace(SOMEBODY, posts=(Held(Role.GRID_WORKER, "/G1/"),))


def asked(command: str, step: str) -> Speaker:
    """Somebody who was just asked something."""
    return replace(SOMEBODY, conversation=Talk(command, step, now() + timedelta(minutes=5)))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("帮助", "帮助"),
        ("報修：水管漏水", "报修"),
        ("进度1024", "进度"),
        ("5", "评价"),
        ("五星", "评价"),
        ("English", "English"),
        ("你好", "你好"),
        ("帮助老人搬东西", "不明白"),
        ("受理1024", "不明白"),
        ("", "不明白"),
    ],
)
def test_words_choose_a_command(text: str, name: str) -> None:
    chosen = dispatch.choose(SOMEBODY, Said.of(raw=text))

    assert chosen.command is not None
    assert chosen.command.name == name


def test_words_of_staff_are_for_staff() -> None:
    chosen = dispatch.choose(WORKER, Said.of(raw="受理1024"))

    assert chosen.command is not None
    assert (chosen.command.name, chosen.rest) == ("办理", "1024")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (Said.of(kind="image", media_id="m"), "照片"),
        (Said.of(kind="location", latitude=1.0, longitude=2.0), "位置"),
        (Said.of(kind="voice", raw="帮助。"), "帮助"),
        (Said.of(kind="voice"), "不明白"),
        (Said.of(kind="video"), "不明白"),
        (Said.of(kind="unknown"), "不明白"),
        (Said.of(kind="event", event="subscribe"), "关注"),
        (Said.of(kind="event", event="scan", event_key="1"), "扫码"),
        (Said.of(kind="event", event="click", event_key="我的诉求"), "我的诉求"),
        (Said.of(kind="event", event="click", event_key="GONE"), "不明白"),
    ],
)
def test_every_kind_of_message_has_its_command(said: Said, name: str) -> None:
    chosen = dispatch.choose(SOMEBODY, said)

    assert chosen.command is not None
    assert chosen.command.name == name


@pytest.mark.parametrize(
    "event", ["view", "location", "templatesendjobfinish", "scancode_push", "user_info_modified"]
)
def test_events_that_ask_for_nothing_are_not_answered(event: str) -> None:
    chosen = dispatch.choose(SOMEBODY, Said.of(kind="event", event=event))

    assert chosen.command is None
    assert chosen.reads


@pytest.mark.parametrize(
    ("text", "reads"),
    [("帮助", True), ("进度", True), ("报修", False), ("呜啦", False), ("5", False)],
)
def test_it_is_known_beforehand_what_only_reads(text: str, reads: bool) -> None:
    assert dispatch.choose(SOMEBODY, Said.of(raw=text)).reads is reads


@pytest.mark.parametrize(
    ("text", "continues"),
    [
        ("水管漏水", True),
        ("1", True),
        ("取消", True),
        ("反映的是楼道灯", True),
        ("转人工台打不通", True),
        ("帮助", False),
        ("转人工", False),
        ("投诉：楼上太吵", False),
    ],
)
def test_an_open_question_hears_everything_but_commands(text: str, continues: bool) -> None:
    chosen = dispatch.choose(asked("评价", "which"), Said.of(raw=text))
    free = dispatch.choose(asked("报修", "what"), Said.of(raw=text))

    assert free.continues is (continues and not text.startswith("反映"))
    assert chosen.continues is (continues and free.command is None and "转" not in text)


async def test_the_menu_says_what_its_key_says(resident: Phone) -> None:
    assert "什么事" in await resident.happens("click", "报修")


async def test_what_sounds_like_a_matter_is_offered_to_be_reported(resident: Phone) -> None:
    offered = await resident.says("我家厨房水管漏水了")

    assert "您是想反映" in offered
    assert "1 对，提交" in offered
    assert "编号 1001" in await resident.says("是的")


async def test_what_nobody_understands_is_answered_with_what_can_be_said(
    resident: Phone, newcomer: Phone
) -> None:
    known, new = await resident.says("呜啦啦"), await newcomer.says("呜啦啦")

    assert "没看明白“呜啦啦”" in known
    assert "报修" in known
    assert "0571-8888-0000" in known
    assert "还没登记住址" not in known
    assert "还没登记住址" in new


async def test_people_are_greeted_and_thanked(resident: Phone) -> None:
    assert "李桂兰您好" in await resident.says("你好")
    assert "不客气" in await resident.says("谢谢！")


async def test_what_cannot_be_read_is_answered_too(resident: Phone) -> None:
    assert "没听清" in await resident.sends(kind="voice", media_id="v")
    assert "看不了视频" in await resident.sends(kind="video", media_id="v")
    assert "文字、照片和位置" in await resident.sends(kind="link")


async def test_a_welcome_says_what_to_do_first(newcomer: Phone, session: AsyncSession) -> None:
    welcome = (
        await newcomer.answered(
            Said.of(kind="event", event="subscribe", event_key="qrscene_3-2-502")
        )
    ).text

    assert "伊伊小区" in welcome
    assert "3栋2单元502" in await newcomer.says(taps(welcome)["登记为3栋2单元502的住户"])


async def test_who_leaves_is_noted_and_who_comes_back_too(
    newcomer: Phone, session: AsyncSession
) -> None:
    subscribed = select(Identity.subscribed)

    assert await newcomer.happens("unsubscribe") == ""
    assert not await session.scalar(subscribed)
    assert await newcomer.happens("subscribe")
    assert await session.scalar(subscribed)


async def test_a_code_scanned_by_a_follower_greets(resident: Phone) -> None:
    assert "伊伊小区" in await resident.happens("scan", "anything")


async def test_a_language_once_chosen_stays(resident: Phone, session: AsyncSession) -> None:
    await resident.says("English")
    assert (await resident.speaker()).locale == "en"
    assert "report" in await resident.says("help")

    await resident.says("中文")
    assert (await resident.speaker()).locale == "zh"


async def test_a_person_who_is_wanted_is_told_of_once(
    resident: Phone, manager_phone: Phone
) -> None:
    first = await resident.says("转人工")
    second = await resident.says("人工")

    assert "1001" in first
    assert "0571-8888-0000" in first
    assert second == first
    assert "居民想找工作人员" in await manager_phone.says("进度1001")
    assert "1002" in await resident.says("转人工 想问低保")


async def test_every_line_of_help_can_be_tapped(resident: Phone, worker_phone: Phone) -> None:
    for somebody in (resident, worker_phone):
        for said in taps(await somebody.gets("帮助")).values():
            assert "没看明白" not in await somebody.says(said)
            await somebody.says("取消")


async def test_what_is_refused_is_said_kindly_and_leaves_no_trace(
    resident: Phone, monkeypatch: pytest.MonkeyPatch, session: AsyncSession
) -> None:
    assert "没有找到这个编号" in await resident.says("补充9999 漏水")
    assert "Traceback" not in await resident.says("评价9999 5")


async def test_a_database_that_is_away_is_not_answered_for(
    resident: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    monkeypatch.setattr("app.people.service.claim_home", away)

    with pytest.raises(Unavailable):
        await resident.says("绑定 7栋101")


async def test_a_decision_is_made_again_once_it_is_our_turn(
    resident: Phone, street: Street
) -> None:
    """A question that was answered meanwhile is not answered twice."""
    await resident.says("报修 水管漏水")
    stale = await resident.speaker()
    await resident.says("对")

    async with resident.sessions.begin() as session:
        reply = await dispatch.answer(session, stale, Said.of(raw="对"))

    assert "没看明白" in reply.text


async def test_no_answer_is_longer_than_wechat_takes(resident: Phone) -> None:
    long = "水管漏水" * 500

    for words in (f"报修 {long}", "1", "进度", "我的诉求", long, f"补充1001 {long}", "帮助"):
        assert len((await resident.gets(words)).encode()) <= 2048


ANY_TEXT = st.one_of(
    st.text(max_size=60),
    st.builds("".join, st.lists(st.sampled_from([*vocabulary(staff=True).names, " ", "1001"]))),
)


@given(
    text=ANY_TEXT, staff=st.booleans(), kind=st.sampled_from(["text", "voice", "image", "event"])
)
def test_something_is_chosen_for_whatever_is_said(text: str, staff: bool, kind: str) -> None:
    said = Said.of(kind=kind, raw=text, event=text, event_key=text)
    flows = [
        (each.flow.name, ask.name) for _, each in commands if each.flow for ask in each.flow.asks
    ]

    dispatch.choose(WORKER if staff else SOMEBODY, said)
    for name, step in flows:
        dispatch.choose(asked(name, step), said)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(ANY_TEXT, min_size=1, max_size=4),
    opening=st.sampled_from(["", "报修", "绑定", "补充", "评价", "投诉 太吵", "派单1001", "完成"]),
)
async def test_nothing_anybody_says_breaks_anything(
    worker_phone: Phone, opening: str, texts: list[str]
) -> None:
    if opening:
        await worker_phone.says(opening)
    for text in texts:
        assert await worker_phone.says(text)
    assert await worker_phone.photographs()
