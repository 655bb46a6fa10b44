"""Voting in the service account: the list, the card, a choice, and what is never counted here."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.models import Conversation, Incoming
from app.chat.phrases import AT_MOST, size
from app.core.clock import now
from app.core.database import Sessions
from app.people.models import Person
from app.polls import links
from app.polls.forms import Form, Method, Option, Question
from app.polls.models import (
    Ballot,
    Basis,
    Channel,
    Participation,
    Poll,
    PollKind,
    PollResult,
    PollState,
    Secrecy,
)
from tests.chat.builders import Phone, Street, read, taps
from tests.chat.conftest import Phones
from tests.chat.letters import WeChat
from tests.conftest import Client
from tests.polls.builders import a_form, a_question, open_to
from tests.polls.voting import SEVERAL, YES_NO, a_draft, a_vote, voting


async def ballots(sessions: Sessions, poll: Poll) -> list[Ballot]:
    async with sessions() as session:
        return list(await session.scalars(select(Ballot).where(Ballot.poll_id == poll.id)))


async def choice(sessions: Sessions, poll: Poll) -> str:
    [ballot] = await ballots(sessions, poll)
    return ballot.choice


async def test_the_list_has_what_one_may_vote_on_and_whether_one_has(
    session: AsyncSession, street: Street, resident: Phone, phone: Phones
) -> None:
    later = await voting(session, street, resident, title="充电桩", lasts=timedelta(days=9))
    sooner = await voting(session, street, resident, title="垃圾房")
    await voting(session, street, await phone("别人"), title="别人的")
    await resident.says(f"投票 {sooner.number} A")

    said = await resident.gets("投票")

    lines = read(said).splitlines()
    assert lines[0] == "您可以投的票："
    assert re.fullmatch(rf"· {sooner.number} 垃圾房（已投，\d+月\d+日 \d\d:\d\d 截止）", lines[1])
    assert lines[2].startswith(f"· {later.number} 充电桩（未投，")
    assert len(lines) == 4
    assert taps(said)[str(later.number)] == f"投票{later.number}"


async def test_who_has_no_vote_is_told_so(newcomer: Phone) -> None:
    assert await newcomer.says("投票") == "现在没有要您投的票。"


async def test_the_card_has_all_there_is_to_know_and_a_letter_answers_it(
    session: AsyncSession, street: Street, resident: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, resident)

    card = await resident.gets(f"投票{poll.number}")

    assert f"投票{poll.number}：{poll.title}\n截止：" in card
    assert "方式：记名，截止前可以更改" in card
    assert taps(card)["B 方案B"] == f"投票{poll.number} B"
    link = re.search(r"/v/([\w-]+)", card)
    opened = link and links.opened(link[1])
    assert opened
    assert (opened.poll_id, opened.person_id) == (poll.id, resident.person_id)

    said = await resident.says("ｂ")
    assert said.startswith(f"已记下 投票{poll.number}《{poll.title}》：B 方案B。")
    assert "之前还可以改" in said
    [ballot] = await ballots(sessions, poll)
    assert (ballot.choice, ballot.channel) == ('{"q1":"B"}', Channel.WECHAT)
    assert ballot.person_id == resident.person_id


@pytest.mark.parametrize(
    ("form", "said", "kept"),
    [
        (None, "A", '{"q1":"A"}'),
        (None, "选Ａ", '{"q1":"A"}'),
        (None, "1号", '{"q1":"A"}'),
        (SEVERAL, "C A", '{"q1":["A","C"]}'),
        (YES_NO, "同意", '{"q1":"yes"}'),
        (YES_NO, "反对", '{"q1":"no"}'),
        (YES_NO, "弃权。", '{"q1":"abstain"}'),
    ],
)
async def test_one_line_votes_at_once(
    session: AsyncSession,
    street: Street,
    resident: Phone,
    sessions: Sessions,
    form: Form | None,
    said: str,
    kept: str,
) -> None:
    poll = await voting(session, street, resident, form=form)

    assert (await resident.says(f"投票 {poll.number} {said}")).startswith("已记下")

    assert await choice(sessions, poll) == kept


async def test_a_stance_answers_the_card(
    session: AsyncSession, street: Street, resident: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, resident, form=YES_NO)

    assert "：反对。" in await resident.says(f"投票 {poll.number}", "不同意")

    assert await choice(sessions, poll) == '{"q1":"no"}'


async def test_a_vote_is_changed_by_voting_again(
    session: AsyncSession, street: Street, resident: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, resident)
    await resident.says(f"投票 {poll.number} A")

    assert "您已经投过，截止前还可以改。" in await resident.says(f"投票 {poll.number}")
    assert (await resident.says("C")).startswith("已改为")

    [ballot] = await ballots(sessions, poll)
    assert (ballot.choice, ballot.times) == ('{"q1":"C"}', 2)


async def test_what_is_not_clear_is_asked_again_and_nothing_is_counted(
    session: AsyncSession, street: Street, resident: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, resident)

    said = await resident.says(f"投票 {poll.number} Z")
    assert said.startswith("没有“z”这个选项。\n投票")
    assert "没有“9”这个选项" in await resident.says("9")
    assert not await ballots(sessions, poll)

    assert (await resident.says("2")).startswith("已记下")


async def test_of_several_votes_one_says_whose(
    session: AsyncSession, street: Street, resident: Phone, phone: Phones, sessions: Sessions
) -> None:
    neighbour = await phone("王秀英")
    poll = await a_draft(session, street)
    own = await a_vote(session, poll, resident, basis=Basis.HOUSEHOLD, label="3栋2单元502")
    given = await a_vote(session, poll, resident, basis=Basis.PROXY, label="王秀英", key="home:2")
    await open_to(session, poll)
    await session.commit()

    asked = await resident.says(f"投票 {poll.number} B")
    assert "您可以投 2 票，先选为谁投：\n1 您家（3栋2单元502）\n2 受托代 王秀英" in asked
    said = await resident.says("2")
    assert "：B 方案B。" in said
    assert "还有 1 票没投（您家（3栋2单元502））" in said
    assert {each.entry_id for each in await ballots(sessions, poll)} == {given.id}

    assert "受托代 王秀英，已投" in await resident.says(f"投票 {poll.number}")
    assert await resident.says("1", "A")
    assert {each.entry_id for each in await ballots(sessions, poll)} == {given.id, own.id}
    assert (await neighbour.says(f"投票{poll.number}")).startswith("投票")


async def test_who_is_not_on_the_roll_is_told_how_to_object(
    session: AsyncSession, street: Street, resident: Phone, phone: Phones, sessions: Sessions
) -> None:
    poll = await voting(session, street, resident)
    stranger = await phone("王五")

    said = await stranger.says(f"投票 {poll.number} A")

    assert "名册上没有您的票" in said
    assert "提出异议" in said
    assert "/v/" in said
    assert not await ballots(sessions, poll)


async def test_a_poll_that_one_may_not_know_of_is_no_poll(
    session: AsyncSession, street: Street, resident: Phone, phone: Phones
) -> None:
    hidden = await voting(session, street, resident, public=False)
    draft = await a_draft(session, street)
    await session.commit()
    stranger = await phone("王五")

    for number in (hidden.number, draft.number, 4711):
        assert await stranger.says(f"投票 {number} A") == (
            f"没有找到{number}号投票。\n现在没有要您投的票。"
        )


@pytest.mark.parametrize("said", ["", " A", " 方案B"])
async def test_a_secret_choice_is_not_counted_nor_said_again(
    session: AsyncSession,
    street: Street,
    resident: Phone,
    sessions: Sessions,
    said: str,
) -> None:
    poll = await voting(session, street, resident, secrecy=Secrecy.SECRET)

    answer = await resident.gets(f"投票 {poll.number}{said}")

    assert ("刚才打的字没有计票" in answer) is bool(said)
    assert "只能在网页上投" in answer
    assert "/v/" in answer
    assert not taps(answer)
    async with sessions() as fresh:
        assert not await fresh.scalar(select(func.count()).select_from(Participation))
        known = await fresh.scalars(select(Conversation.known))
        assert not any(known.all())


@pytest.mark.parametrize(
    "form",
    [
        a_form(a_question(), a_question("q2")),
        a_form(a_question(method=Method.RANKED)),
        a_form(a_question(method=Method.SCORE)),
    ],
)
async def test_what_takes_more_than_a_word_is_answered_on_its_page(
    session: AsyncSession, street: Street, resident: Phone, sessions: Sessions, form: Form
) -> None:
    poll = await voting(session, street, resident, form=form)

    answer = await resident.says(f"投票 {poll.number} A")

    assert answer.startswith("刚才打的字没有计票。")
    assert "请在网页上投" in answer
    assert "/v/" in answer
    assert not await ballots(sessions, poll)


async def test_a_poll_that_is_over_shows_what_came_of_it(
    session: AsyncSession, street: Street, resident: Phone
) -> None:
    poll = await voting(session, street, resident)
    counts = {"answered": 1, "counts": {"A": 1, "B": 0, "C": 0}, "leading": ["A"]}
    result = {
        "ballots": 1,
        "electorate": {"entries": 1, "area": 0, "attended": None},
        "questions": {"q1": counts},
    }
    session.add(
        PollResult(community_id=poll.community_id, poll_id=poll.id, ballots=1, result=result)
    )
    poll.state, poll.closed_at = PollState.CLOSED, now()
    await session.commit()
    assert "结果公布后会告诉您" in await resident.says(f"投票 {poll.number}")

    poll.state, poll.published_at = PollState.PUBLISHED, now()
    await session.commit()
    said = await resident.says(f"投票 {poll.number} A")

    assert "已经结束。\n1 票（名册上共 1 票）\n方案A 1，方案B 0，方案C 0\n" in said
    assert said.endswith(f"/c/yiyi/polls/{poll.number}")


async def test_no_vote_is_taken_after_its_time_whatever_its_state_says(
    session: AsyncSession, street: Street, resident: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, resident, lasts=timedelta(microseconds=1))

    assert "已经截止" in await resident.says(f"投票 {poll.number} A")

    assert not await ballots(sessions, poll)


async def test_what_the_register_joined_the_roll_knows_still(
    session: AsyncSession, street: Street, resident: Phone, phone: Phones, sessions: Sessions
) -> None:
    other = await phone("桂兰")
    poll = await voting(session, street, other)
    person = await session.get_one(Person, (poll.community_id, other.person_id))
    person.merged_into_id = resident.person_id
    await session.commit()

    assert "未投" in await resident.says("投票")
    assert (await resident.says(f"投票 {poll.number} A")).startswith("已记下")

    assert await choice(sessions, poll) == '{"q1":"A"}'


async def test_an_assembly_says_what_its_votes_are(
    session: AsyncSession, street: Street, resident: Phone
) -> None:
    form = a_form(a_question(method=Method.YES_NO, matter=4))
    poll = await voting(session, street, resident, kind=PollKind.ASSEMBLY, form=form)

    assert "不代替法定的业主大会表决" in await resident.says(f"投票 {poll.number}")


@pytest.mark.parametrize(("options", "text"), [(2, 200), (26, 60), (50, 200)])
async def test_every_card_fits_what_wechat_takes(
    session: AsyncSession, street: Street, resident: Phone, options: int, text: int
) -> None:
    question = Question(
        key="q1",
        method=Method.MULTIPLE,
        text="问" * 200,
        options=[Option(key=f"o{n}", text="装" * text) for n in range(options)],
    )
    poll = await voting(session, street, resident, form=a_form(question), title="题" * 200)

    card = await resident.gets(f"投票 {poll.number}")
    assert size(card) <= AT_MOST
    link = re.search(r"/v/([\w-]+)", card)
    assert link
    assert links.opened(link[1]), "cut"
    assert card.endswith("不办了，回复“取消”。")
    for _ in range(12):
        await voting(session, street, resident, title="题" * 200)
    assert size(await resident.gets("投票")) <= AT_MOST


async def test_by_the_real_door_and_by_rest_a_vote_counts_once(
    session: AsyncSession, street: Street, resident: Phone, client: Client, sessions: Sessions
) -> None:
    street.account.aes_key = "a" * 43
    session.add(street.account)
    poll = await voting(session, street, resident)
    wechat = WeChat(client, street.account)

    assert "已记下" in await wechat.say(resident.openid, f"投票 {poll.number} A")
    link = links.voting_link(poll.community_id, poll.id, resident.person_id)
    answer = await client.post(
        "/api/v1/ballots",
        json={"choice": {"q1": "C"}},
        headers={"Authorization": f"Bearer {link.rpartition('/')[2]}"},
    )

    assert answer.status_code in {200, 201}, answer.text
    [ballot] = await ballots(sessions, poll)
    assert (ballot.choice, ballot.channel, ballot.times) == ('{"q1":"C"}', Channel.REST, 2)


async def test_what_is_kept_of_a_secret_poll_in_the_chat_is_no_counted_choice(
    session: AsyncSession, street: Street, resident: Phone, client: Client, sessions: Sessions
) -> None:
    street.account.aes_key = "a" * 43
    session.add(street.account)
    poll = await voting(session, street, resident, secrecy=Secrecy.SECRET)
    wechat = WeChat(client, street.account)

    answer = await wechat.say(resident.openid, f"投票 {poll.number} B")

    assert "没有计票" in answer
    async with sessions() as fresh:
        [incoming] = await fresh.scalars(select(Incoming))
        reply = re.sub(r"/v/\S+", "", str(incoming.reply))
        assert (reply.count("B"), reply.count("· 方案B")) == (1, 1), "as the card has it"
        assert not await fresh.scalar(select(func.count()).select_from(Participation))
        assert not await fresh.scalar(select(func.count()).select_from(Ballot))
