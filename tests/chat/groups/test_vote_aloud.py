"""Voting in the building chat: counted once, for who is known, and never said aloud."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.groups.models import GroupMessage
from app.notices.models import Delivery
from app.people.models import Identity
from app.polls import links
from app.polls.models import (
    Ballot,
    Basis,
    Channel,
    Participation,
    Poll,
    PollState,
    ResultsShown,
    Secrecy,
)
from tests.chat.builders import Phone, Street
from tests.chat.groups.builders import Chat
from tests.conftest import Client
from tests.polls.builders import a_form, a_question, open_to
from tests.polls.voting import YES_NO, a_draft, a_vote, voting


async def ballots(sessions: Sessions, poll: Poll) -> list[Ballot]:
    async with sessions() as session:
        return list(await session.scalars(select(Ballot).where(Ballot.poll_id == poll.id)))


async def whispered(sessions: Sessions) -> str:
    """What was last said to somebody alone."""
    async with sessions() as session:
        newest = select(Delivery.title).order_by(Delivery.id.desc()).limit(1)
        return await session.scalar(newest) or ""


@pytest.mark.parametrize("said", ["投票 {n} A", "投票{n}a", "投票 {n} 选A", "投票{n} 1号"])
async def test_a_vote_is_counted_without_a_mention_and_not_said_aloud(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, sessions: Sessions, said: str
) -> None:
    poll = await voting(session, street, bound)

    answer = await chat.says(said.format(n=poll.number))

    assert re.fullmatch(rf"王秀英，已记录投票{poll.number}。.* 之前可以改。", answer)
    [ballot] = await ballots(sessions, poll)
    assert (ballot.choice, ballot.channel) == ('{"q1":"A"}', Channel.GROUP)
    assert ballot.person_id == bound.person_id


@pytest.mark.parametrize(
    "said", ["投票 {n} 什么时候截止啊", "投票 {n} 个人才行", "投票了吗大家", "大家投票 {n} A"]
)
async def test_talk_about_a_vote_is_none(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, sessions: Sessions, said: str
) -> None:
    poll = await voting(session, street, bound)

    assert await chat.says(said.format(n=poll.number)) == ""

    assert not await ballots(sessions, poll)


async def test_a_stance_may_be_said(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, bound, form=YES_NO)

    assert "同意" not in await chat.says(f"投票 {poll.number} 同意")

    [ballot] = await ballots(sessions, poll)
    assert ballot.choice == '{"q1":"yes"}'


async def test_by_rest_and_in_the_group_it_counts_once(
    session: AsyncSession,
    street: Street,
    chat: Chat,
    bound: Phone,
    client: Client,
    sessions: Sessions,
) -> None:
    poll = await voting(session, street, bound)
    link = links.voting_link(poll.community_id, poll.id, bound.person_id)
    answer = await client.post(
        "/api/v1/ballots",
        json={"choice": {"q1": "A"}},
        headers={"Authorization": f"Bearer {link.rpartition('/')[2]}"},
    )
    assert answer.status_code in {200, 201}, answer.text

    await chat.says(f"投票 {poll.number} B")

    [ballot] = await ballots(sessions, poll)
    assert (ballot.choice, ballot.channel, ballot.times) == ('{"q1":"B"}', Channel.GROUP, 2)


async def test_names_that_are_shown_are_said(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone
) -> None:
    poll = await voting(session, street, bound, names_shown=True)

    assert "：A 方案A。" in await chat.says(f"投票 {poll.number} A")


async def test_a_secret_choice_is_not_counted_and_its_link_goes_to_the_voter_alone(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, bound, secrecy=Secrecy.SECRET)

    answer = await chat.says(f"投票 {poll.number} 方案B")
    assert answer == ""
    answer = await chat.asks(f"投票 {poll.number} 方案B")

    assert answer == "王秀英，这是无记名投票，刚才说的没有计票。已经在服务号里给您发了链接。"
    private = await whispered(sessions)
    assert "方案B" not in private
    token = private.rpartition("/v/")[2]
    assert links.opened(token) == links.VotingLink(poll.community_id, poll.id, bound.person_id)
    async with sessions() as fresh:
        assert not await fresh.scalar(select(func.count()).select_from(Participation))
        replies = await fresh.scalars(select(GroupMessage.reply))
        assert not any("方案B" in reply for reply in replies if reply)


async def test_who_cannot_be_told_alone_is_told_where_to_go(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone
) -> None:
    poll = await voting(session, street, bound, secrecy=Secrecy.SECRET)
    identity = (await session.scalars(select(Identity))).one()
    identity.subscribed = False
    await session.commit()

    answer = await chat.says(f"投票 {poll.number} B")

    assert answer.endswith(f"请关注服务号，在那里发送“投票{poll.number}”。")


async def test_who_is_not_known_is_invited_to_bind(
    session: AsyncSession, street: Street, chat: Chat, resident: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, resident)

    assert "我还不认识您" in await chat.says(f"投票 {poll.number} A", by="20002")

    assert not await ballots(sessions, poll)


async def test_why_somebody_has_no_vote_is_told_to_them_alone(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, sessions: Sessions
) -> None:
    nobodys = await a_draft(session, street)
    await open_to(session, nobodys)
    twice = await a_draft(session, street)
    for basis, key in ((Basis.SELF, "a"), (Basis.PROXY, "b")):
        await a_vote(session, twice, bound, basis=basis, key=key)
    await open_to(session, twice)
    await session.commit()

    said = "王秀英，刚才没有计票。已经在服务号里给您发了链接。"
    assert await chat.says(f"投票 {nobodys.number} A") == said
    assert "名册上没有您的票" in await whispered(sessions)
    assert await chat.says(f"投票 {twice.number} A") == said
    assert "不止一票" in await whispered(sessions)
    assert not [*await ballots(sessions, nobodys), *await ballots(sessions, twice)]


async def test_what_takes_more_than_a_word_is_answered_on_its_page(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, sessions: Sessions
) -> None:
    form = a_form(a_question(), a_question("q2"))
    poll = await voting(session, street, bound, form=form)

    assert "要在网页上答，刚才没有计票" in await chat.says(f"投票 {poll.number} A")

    assert not await ballots(sessions, poll)


async def test_what_is_no_option_counts_nothing(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, bound)

    assert "刚才没有计票。没有“z”这个选项" in await chat.says(f"投票 {poll.number} Z")

    assert not await ballots(sessions, poll)


async def test_no_vote_is_taken_after_its_time(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, sessions: Sessions
) -> None:
    poll = await voting(session, street, bound, lasts=timedelta(microseconds=1))

    assert "已经截止" in await chat.says(f"投票 {poll.number} A")

    assert not await ballots(sessions, poll)


async def test_the_list_has_the_public_polls_of_here(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone
) -> None:
    poll = await voting(session, street, bound, title="充电桩")
    await voting(session, street, bound, title="不公开的", public=False)

    said = await chat.says("投票")

    assert said.splitlines()[0] == "正在进行的投票："
    assert said.splitlines()[1].startswith(f"· {poll.number} 充电桩（")
    assert "不公开的" not in said
    assert (await chat.asks(f"投票 {poll.number + 1} A")).startswith("这里没有")


@pytest.mark.parametrize("shown", [ResultsShown.ALWAYS, ResultsShown.AT_CLOSE])
async def test_the_card_has_the_turnout_and_counts_where_they_are_always_shown(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone, shown: ResultsShown
) -> None:
    poll = await voting(session, street, bound, results_shown=shown)
    await chat.says(f"投票 {poll.number} A")

    card = await chat.says(f"投票 {poll.number}", by="20002", name="李")

    assert "已投 1 票，共 1 票" in card
    assert "A 方案A" in card
    assert ("目前：\n方案A 1，方案B 0" in card) is (shown is ResultsShown.ALWAYS)
    assert "/v/" not in card
    assert card.endswith(f"/c/yiyi/polls/{poll.number}")


async def test_a_poll_that_is_over_says_so(
    session: AsyncSession, street: Street, chat: Chat, bound: Phone
) -> None:
    poll = await voting(session, street, bound)
    poll.state, poll.closed_at = PollState.CLOSED, now()
    await session.commit()

    assert "已经截止，结果公布后" in await chat.says(f"投票 {poll.number} A")


async def test_who_asks_for_hands_by_the_old_word_is_told_the_new_one(
    chat: Chat, bound: Phone
) -> None:
    assert bound.person_id
    assert "请说“举手”" in await chat.asks("投票 周六还是周日团建？ 周六/周日 24小时")
