"""投票 in a group: what may be voted on here, the card of a poll, and a vote that counts once."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.asking import Unclear
from app.chat.commands import aloud
from app.chat.commands.hands import wish_in
from app.chat.groups.inviting import invite
from app.chat.groups.spoken import SILENCE, Reply, Spoken
from app.chat.phrases import day, listed, shown
from app.chat.voting import cards, choices, reading
from app.chat.words import Takes, number_in
from app.core.i18n import N_, _, speaking
from app.people.access import Actor
from app.places.models import Place
from app.polls import casting
from app.polls.forms import Form
from app.polls.links import voting_link
from app.polls.models import Channel, Poll, PollState, Secrecy
from app.polls.problems import PollNotOpen
from app.polls.telling import wording


def meant(rest: str) -> bool:
    """Whether what follows the word is the number of a poll and a choice, and nothing else."""
    number, chosen = number_in(rest)
    return number is not None and choices.is_brief(chosen)


_NOT_COUNTED = N_("{name}，刚才没有计票。")
_WHICH = N_("您可以投的不止一票，请在网页上选好为谁投。")
_NOT_ON_ROLL = N_("这次投票的名册上没有您的票。您觉得应该有您，可以在网页上提出异议。")
_SECRET = (
    N_("{name}，这是无记名投票，刚才说的没有计票。"),
    N_("这是无记名投票，在群里打的字不算票，这样才没人知道您选了谁。"),
)
_ON_THE_PAGE = (
    N_("{name}，这次投票要在网页上答，刚才没有计票。"),
    N_("这次要答的不止一句话，请在网页上投。"),
)
"""What is said aloud, and the reason to the speaker alone."""


@aloud(
    "投票",
    takes=Takes.TEXT,
    unasked=True,
    meant=meant,
    says=N_("看正在进行的投票，或直接投，如“投票 3 A”；您的选择我不念出来"),
    order=45,
)
async def vote_aloud(session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
    """List the open polls, show one, or count the speaker's own vote without saying it aloud."""
    number, chosen = number_in(rest)
    if number is None:
        return await _list(session, spoken, rest)
    poll = await reading.public_of_number(session, spoken.community_id, number)
    if poll is None:
        said = _("这里没有{n}号投票。不公开的投票，请到服务号里发送“投票”。")
        return Reply(said.format(n=number))
    if poll.state is not PollState.OPEN:
        return Reply(await cards.no_more(session, poll, await wording.page_of(session, poll)))
    if not chosen:
        return Reply(await cards.public_card(session, poll))
    if spoken.person is None:
        return await invite(session, spoken)
    return await _vote(session, spoken, spoken.person, poll, chosen)


async def _vote(session: AsyncSession, spoken: Spoken, by: Actor, poll: Poll, chosen: str) -> Reply:
    question = choices.one_question(Form.model_validate(poll.form), poll)
    if question is None:
        secret = poll.secrecy is Secrecy.SECRET
        return _elsewhere(spoken, by, poll, *(_SECRET if secret else _ON_THE_PAGE))
    votes = await reading.votes_of(session, poll, by)
    if len(votes) != 1:
        return _elsewhere(spoken, by, poll, _NOT_COUNTED, _WHICH if votes else _NOT_ON_ROLL)
    try:
        answer = choices.answer_in(question, chosen)
        await casting.cast(
            session,
            poll,
            person_id=by.id,
            choice={question.key: answer},
            channel=Channel.GROUP,
            entry_id=votes[0].entry_id,
            by=by,
        )
    except Unclear as unclear:
        said = _("{name}，刚才没有计票。{why}")
        return Reply(said.format(name=spoken.called, why=unclear.sentence))
    except PollNotOpen:
        return Reply(await cards.no_more(session, poll, None))
    return Reply(_recorded(spoken, poll, choices.named(question, answer)))


def _recorded(spoken: Spoken, poll: Poll, choice: str) -> str:
    """That it was counted; what was chosen only where everybody on the roll may see it."""
    until = day(poll.closes_at) if poll.closes_at else ""
    if poll.names_shown:
        said = _("{name}，已记录投票{number}：{choice}。{until} 之前可以改。")
    else:
        said = _("{name}，已记录投票{number}。{until} 之前可以改。")
    return said.format(
        name=spoken.called, number=poll.number, choice=shown(choice, 60), until=until
    )


def _elsewhere(spoken: Spoken, by: Actor, poll: Poll, said: str, why: str) -> Reply:
    """That nothing was counted, aloud; why, and the person's own link, to them alone."""
    said = _(said).format(name=spoken.called)
    if by.id is None or not spoken.reachable:
        more = _("请关注服务号，在那里发送“投票{number}”。").format(number=poll.number)
        return Reply(said + more)
    with speaking(spoken.locale):
        link = voting_link(poll.community_id, poll.id, by.id)
        private = "\n".join([wording.named(poll), _(why), link])
    return Reply(said + _("已经在服务号里给您发了链接。"), private)


async def _list(session: AsyncSession, spoken: Spoken, rest: str) -> Reply:
    if rest and wish_in(rest):
        return Reply(_("群里举手表决，请说“举手”，如“举手 周六还是周日团建？ 周六/周日 24小时”。"))
    here = await session.get_one(Place, (spoken.community_id, spoken.group.place_id))
    found = await reading.open_around(session, spoken.community_id, here.path)
    if not found:
        return Reply(_("这里现在没有公开的投票。")) if spoken.asked else SILENCE
    lines = [cards.open_one(poll) for poll in found]
    tail = _("看一个，说“投票{n}”；直接投，说“投票{n} A”。").format(n=found[0].number)
    return Reply(listed(_("正在进行的投票："), lines, tail))
