"""投票: the polls somebody has a vote in, their cards, and votes by letter, number or word."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations
from app.chat.asking import Ask, Flow, Option, Turn, Unclear
from app.chat.commands import command
from app.chat.phrases import day, listed, shown
from app.chat.talk import Reply, Said, Speaker
from app.chat.voting import cards, choices, reading
from app.chat.voting.choices import Answer
from app.chat.voting.reading import Vote
from app.chat.words import Takes, number_in
from app.core.i18n import N_, _
from app.polls import casting
from app.polls.forms import Form, Question
from app.polls.links import voting_link
from app.polls.models import Channel, Poll, PollState, Secrecy
from app.polls.problems import PollNotOpen
from app.polls.telling import wording


async def _poll(turn: Turn) -> Poll:
    """The poll a conversation is about; `PollNotOpen` once it is gone."""
    found = await reading.of_number(turn.session, turn.speaker.actor, turn.known["poll"])
    if found is None:
        raise PollNotOpen
    return found


def _link(poll: Poll, speaker: Speaker) -> str:
    return voting_link(poll.community_id, poll.id, speaker.person_id)


def _question(poll: Poll) -> Question | None:
    return choices.one_question(Form.model_validate(poll.form), poll)


async def _votes(turn: Turn) -> list[Vote]:
    return await reading.votes_of(turn.session, await _poll(turn), turn.speaker.actor)


async def _settle_entry(turn: Turn) -> str | None:
    votes = await _votes(turn)
    return str(votes[0].entry_id) if len(votes) == 1 else None


async def _ask_entry(turn: Turn) -> str:
    poll, votes = await _poll(turn), await _votes(turn)
    said = _("您可以投 {n} 票，先选为谁投：").format(n=len(votes))
    return "\n".join([*await cards.head(turn.session, poll), said])


async def _offer_entries(turn: Turn) -> Sequence[Option]:
    return [
        Option(
            str(vote.entry_id),
            cards.right(vote) + (_("，已投") if vote.cast else ""),
            (str(number),),
        )
        for number, vote in enumerate(await _votes(turn), start=1)
    ]


async def _ask_choice(turn: Turn) -> str:
    poll = await _poll(turn)
    votes = [each for each in await _votes(turn) if str(each.entry_id) == turn.known["entry"]]
    return await cards.card(turn.session, poll, _link(poll, turn.speaker), votes=votes)


async def _hear_choice(turn: Turn) -> Answer:
    question = _question(await _poll(turn))
    if question is None:
        raise PollNotOpen
    return choices.answer_in(question, turn.said.raw)


async def _cast(turn: Turn) -> Reply:
    """Count it, and say what was counted and until when it may be changed."""
    poll, answer = await _poll(turn), turn.known["choice"]
    question = _question(poll)
    if question is None:
        raise PollNotOpen
    try:
        receipt = await casting.cast(
            turn.session,
            poll,
            person_id=turn.speaker.person_id,
            choice={question.key: answer},
            channel=Channel.WECHAT,
            entry_id=UUID(turn.known["entry"]),
            by=turn.speaker.actor,
        )
    except PollNotOpen:
        return Reply(await cards.no_more(turn.session, poll, None))
    said = _COUNTED[receipt.outcome == "changed"]
    lines = [
        _(said).format(
            name=wording.named(poll),
            choice=shown(choices.named(question, answer), 100),
            until=day(poll.closes_at) if poll.closes_at else "",
        )
    ]
    return Reply("\n".join([*lines, *await _others(turn, poll)]))


_COUNTED = {
    False: N_("已记下 {name}：{choice}。{until} 之前还可以改，再投一次就行。"),
    True: N_("已改为 {name}：{choice}。{until} 之前还可以再改。"),
}


async def _others(turn: Turn, poll: Poll) -> list[str]:
    """What else this person may still cast."""
    left = [vote for vote in await _votes(turn) if not vote.cast]
    if not left:
        return []
    whose = "、".join(cards.right(vote) for vote in left[:3])
    said = _("还有 {n} 票没投（{whose}），回复“投票{number}”接着投。")
    return [said.format(n=len(left), whose=whose, number=poll.number)]


VOTE = Flow(
    name="投票",
    asks=(
        Ask(name="entry", says=_ask_entry, offers=_offer_entries, settles=_settle_entry),
        Ask(
            name="choice",
            says=_ask_choice,
            hears=_hear_choice,
            words=frozenset(word for each in choices.SPOKEN.values() for word in each),
        ),
    ),
    done=_cast,
)


@command(
    "投票",
    "我要投票",
    "表决",
    "vote",
    takes=Takes.NUMBER,
    says=N_("看您有哪些投票，如“投票 3”；直接投，如“投票 3 A”"),
    order=54,
    flow=VOTE,
)
async def vote(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """List them, show one, or count a vote; a secret one is cast on its page alone."""
    number, chosen = number_in(rest)
    if number is None:
        return await _list(session, speaker)
    poll = await reading.of_number(session, speaker.actor, number)
    if poll is None or poll.state in {PollState.DRAFT, PollState.PROPOSED, PollState.REFUSED}:
        return await _list(session, speaker, _("没有找到{n}号投票。").format(n=number))
    if poll.state is not PollState.OPEN:
        page = await wording.page_of(session, poll) if poll.public else _link(poll, speaker)
        return Reply(await cards.no_more(session, poll, page))
    votes = await reading.votes_of(session, poll, speaker.actor)
    if not votes:
        return Reply(_not_on_roll(poll, speaker))
    return await _one(session, speaker, said, poll, votes, chosen)


async def _one(  # noqa: PLR0917 - the message and what it is about
    session: AsyncSession,
    speaker: Speaker,
    said: Said,
    poll: Poll,
    votes: Sequence[Vote],
    chosen: str,
) -> Reply:
    question = _question(poll)
    if question is None:
        card = await cards.card(session, poll, _link(poll, speaker), votes=votes)
        return Reply(listed("\n".join([*_not_counted(poll, chosen), card]), []))
    known: dict[str, object] = {"poll": poll.number}
    unclear = ""
    if chosen:
        try:
            known["choice"] = choices.answer_in(question, chosen)
        except Unclear as error:
            unclear = error.sentence + "\n"
    reply = await conversations.begin(session, speaker, said, VOTE, known)
    return Reply(unclear + reply.text)


def _not_counted(poll: Poll, chosen: str) -> list[str]:
    """That what was typed is no vote; it is not said again."""
    if not chosen:
        return []
    if poll.secrecy is Secrecy.SECRET:
        return [_("这是无记名投票，刚才打的字没有计票。")]
    return [_("刚才打的字没有计票。")]


def _not_on_roll(poll: Poll, speaker: Speaker) -> str:
    said = _(
        "{name} 的名册上没有您的票，所以现在不能投。\n"
        "名册在投票开始时就定下了。您觉得应该有您，可以点这里提出异议，工作人员会答复：{link}"
    )
    return said.format(name=wording.named(poll), link=_link(poll, speaker))


async def _list(session: AsyncSession, speaker: Speaker, before: str = "") -> Reply:
    found = await reading.open_for(session, speaker.actor)
    if not found:
        return Reply("\n".join(filter(None, [before, _("现在没有要您投的票。")])))
    head = "\n".join(filter(None, [before, _("您可以投的票：")]))
    lines = [cards.mine(each) for each in found]
    return Reply(
        listed(
            head,
            lines,
            _("点前面的数字，或回复“投票”加数字，如“投票{n}”。").format(n=found[0].poll.number),
        )
    )
