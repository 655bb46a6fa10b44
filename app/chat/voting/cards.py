"""How a poll looks in a chat: a line of the list, the card with its options, what came of it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.phrases import AT_MOST, day, listed, shown, size, tap
from app.chat.voting.choices import IN_CHAT, marked, one_question
from app.chat.voting.reading import Mine, Vote
from app.core.i18n import N_, _
from app.polls import queries
from app.polls.counting.results import result_of
from app.polls.forms import Form, Method, Question
from app.polls.models import Basis, Poll, PollKind, PollResult, PollState, ResultsShown, Secrecy
from app.polls.service import policies
from app.polls.telling import wording

_ROOM = 500
"""Bytes that what stands around a card may take of an answer."""
_LENGTHS = (40, 20, 10)
_RIGHTS = {
    Basis.SELF: N_("您本人（{label}）"),
    Basis.HOUSEHOLD: N_("您家（{label}）"),
    Basis.CO_OWNER: N_("共有的 {label}"),
    Basis.PROXY: N_("受托代 {label}"),
    Basis.GUARDIAN: N_("作为监护人代 {label}"),
    Basis.REPRESENTATIVE: N_("代表单位 {label}"),
}


def right(vote: Vote) -> str:
    """For whom a vote is, as its voter reads it."""
    return _(_RIGHTS[vote.basis]).format(label=shown(vote.label, 20))


def mine(found: Mine) -> str:
    """A poll in the list of one's own, to be tapped."""
    poll, votes, cast = found
    number = tap(str(poll.number), f"投票{poll.number}")
    if votes > 1:
        state = _("您有 {votes} 票，已投 {cast} 票").format(votes=votes, cast=cast)
    else:
        state = _("已投") if cast else _("未投")
    until = day(poll.closes_at) if poll.closes_at else ""
    return _("· {number} {title}（{state}，{until} 截止）").format(
        number=number, title=shown(poll.title, 30), state=state, until=until
    )


def open_one(poll: Poll) -> str:
    """A poll in the list of a group."""
    until = day(poll.closes_at) if poll.closes_at else ""
    return _("· {number} {title}（{until} 截止）").format(
        number=poll.number, title=shown(poll.title, 30), until=until
    )


async def head(session: AsyncSession, poll: Poll) -> list[str]:
    """What it is, until when, and what is kept of a vote."""
    lines = [
        _("投票{number}：{title}").format(number=poll.number, title=shown(poll.title, 60)),
        _("截止：{until}").format(until=day(poll.closes_at)) if poll.closes_at else "",
        _("方式：{secrecy}").format(secrecy=wording.secrecy(poll)),
    ]
    if poll.kind is PollKind.ASSEMBLY:
        policy = await policies.of(session, poll.community_id)
        if not policy.accepted_by:
            lines.append(_("这是征求意见，不代替法定的业主大会表决。"))
    return [each for each in lines if each]


def options(poll: Poll, question: Question, *, room: int, taps: bool) -> list[str]:
    """The question and its options with their letters, as long as there is room; then fewer words.

    What a tap says votes by itself, whenever it is tapped. A secret poll's options have no letters:
    nobody is to type one.
    """
    asked = [shown(question.text, 100)] if question.text != poll.title else []
    if question.method in {Method.MULTIPLE, Method.APPROVAL}:
        asked.append(_("（可以选几个）"))
    for with_taps in (True, False) if taps else (False,):
        for length in _LENGTHS:
            lines = [*asked, *_options(poll, question, length, taps=with_taps)]
            if size("\n".join(lines)) <= room:
                return lines
    return [*asked, _("选项较多，请点链接看全。")]


def _options(poll: Poll, question: Question, length: int, *, taps: bool) -> list[str]:
    lines = []
    for mark, _key, words in marked(question):
        text = _(words) if question.method is Method.YES_NO else words
        sign = "·" if poll.secrecy is Secrecy.SECRET else mark
        label = f"{sign} {shown(text, length)}"
        lines.append(tap(label, f"投票{poll.number} {mark}") if taps else label)
    return lines


def how(poll: Poll, question: Question | None, link: str) -> list[str]:
    """How to vote: by an answer where that can be counted, and on one's own page."""
    if question is None:
        if poll.secrecy is Secrecy.SECRET:
            said = _("无记名投票只能在网页上投，聊天里打的字不算票，这样才没人知道您选了谁。")
        else:
            said = _("这次要答的不止一句话，请在网页上投。")
        return [said, _("点这里投票（只给您本人，请不要转发）：{link}").format(link=link)]
    first = marked(question)[0][0]
    example = _("同意") if question.method is Method.YES_NO else first
    return [
        _("回复“{example}”就投了；也可以点这里投（只给您本人，请不要转发）：{link}").format(
            example=example, link=link
        )
    ]


async def card(session: AsyncSession, poll: Poll, link: str, *, votes: Sequence[Vote] = ()) -> str:
    """All there is to know to vote, within what WeChat takes."""
    question = one_question(Form.model_validate(poll.form), poll)
    before = await head(session, poll)
    if any(vote.cast for vote in votes):
        final = poll.secrecy is Secrecy.SECRET
        before.append(_("您已经投过。") if final else _("您已经投过，截止前还可以改。"))
    after = how(poll, question, link)
    if question is None:
        return "\n".join([*before, *_questions(poll), *after])
    room = AT_MOST - _ROOM - size("\n".join([*before, *after]))
    return "\n".join([*before, *options(poll, question, room=room, taps=True), *after])


def _questions(poll: Poll) -> list[str]:
    """What is asked on the page."""
    form = Form.model_validate(poll.form)
    alone = len(form.questions) == 1
    if alone and form.questions[0].method in IN_CHAT:
        return options(poll, form.questions[0], room=AT_MOST // 2, taps=False)
    return [_("共 {n} 题。").format(n=len(form.questions))]


async def public_card(session: AsyncSession, poll: Poll) -> str:
    """The card for a group: with the turnout, and with counts where they are shown always."""
    lines = await head(session, poll)
    turnout = await queries.turnout(session, poll)
    lines.append(_("已投 {voted} 票，共 {entries} 票").format(**turnout))
    form = Form.model_validate(poll.form)
    if len(form.questions) == 1 and form.questions[0].method in IN_CHAT:
        lines += options(poll, form.questions[0], room=AT_MOST // 3, taps=False)
    if poll.results_shown is ResultsShown.ALWAYS and poll.kind is PollKind.POLL:
        result = await result_of(session, poll)
        lines += [_("目前："), *wording.result_in_short(poll, result)[1:]]
    if question := one_question(form, poll):
        first = _("同意") if question.method is Method.YES_NO else marked(question)[0][0]
        lines.append(
            _("投票请说“投票{number} {first}”，我只记录，不念出您的选择。").format(
                number=poll.number, first=first
            )
        )
    elif poll.secrecy is Secrecy.SECRET:
        lines.append(_("无记名投票请在服务号里发送“投票{n}”。").format(n=poll.number))
    else:
        lines.append(_("请在服务号里发送“投票{n}”，在网页上投。").format(n=poll.number))
    lines.append(await wording.page_of(session, poll))
    return listed("\n".join(lines), [])


async def no_more(session: AsyncSession, poll: Poll, link: str | None) -> str:
    """Why no vote is taken, and what came of it; a poll that is open has closed this moment."""
    name = wording.named(poll)
    match poll.state:
        case PollState.PUBLISHED:
            result = await _result(session, poll)
            lines = [_("{name} 已经结束。").format(name=name), *result]
        case PollState.CLOSED | PollState.OPEN:
            lines = [_("{name} 已经截止，结果公布后会告诉您。").format(name=name)]
        case PollState.CANCELLED:
            lines = [_("{name} 已经取消。").format(name=name)]
            lines += (
                [_("原因：{reason}").format(reason=shown(poll.reason, 200))] if poll.reason else []
            )
        case _:
            opens = day(poll.opens_at) if poll.opens_at else ""
            lines = [_("{name} 还没有开始。").format(name=name)]
            lines += [_("开始时间：{opens}").format(opens=opens)] if opens else []
    return listed(lines[0], lines[1:], link or "")


async def _result(session: AsyncSession, poll: Poll) -> list[str]:
    found = await session.get(PollResult, (poll.community_id, poll.id))
    return wording.result_in_short(poll, found.result) if found else []
