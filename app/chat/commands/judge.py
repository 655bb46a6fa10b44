"""解决, 未解决: whoever reported it says whether the work did what it was for."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, mine
from app.chat.asking import Ask, Flow, Option, Turn
from app.chat.commands import command
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, number_in, split_command
from app.core.i18n import N_, _
from app.service_requests import workflow
from app.service_requests.models import UNDONE

_GOOD = ("解决", "已解决", "解决了", "修好了", "满意")
_BAD = ("未解决", "没解决", "没修好", "没有解决", "不满意")
_UNHAPPY = "不满意"


async def _hear_why(turn: Turn) -> str:
    return turn.said.raw


async def _settle_why(turn: Turn) -> str | None:
    return "" if turn.known["good"] else turn.known.get("comment") or None


async def _judge(turn: Turn) -> Reply:
    good = turn.known["good"]
    request = await mine.own(turn.session, turn.speaker, mine.which(turn))
    form: dict[str, Any] = {
        "resolved": good or turn.known["word"] == _UNHAPPY,
        "satisfied": good,
    }
    if why := turn.known["why"]:
        form["comment"] = why
    request = await workflow.take(turn.session, request, "judge", form, by=turn.speaker.actor)
    if good:
        return Reply(
            _("谢谢您的反馈！{number} 办好了，我们也放心了。").format(number=request.number)
        )
    if request.state in UNDONE:
        return Reply(
            _("收到，{number} 已退回重新办理，有进展会告诉您。").format(number=request.number)
        )
    return Reply(_("收到，{number} 的情况已报给负责人。").format(number=request.number))


JUDGE = Flow(
    name="反馈",
    asks=(
        mine.asked_which(N_("说的是哪一件？"), mine.over),
        Ask(
            name="good",
            says=N_("这件事解决了吗？"),
            offers=(
                Option(value=True, label=N_("解决了，满意"), words=_GOOD),
                Option(value=False, label=N_("没有解决"), words=_BAD),
            ),
            words=frozenset({*_GOOD, *_BAD}),
        ),
        Ask(
            name="why",
            says=N_("哪里没办好？请说一句，我们退回去重办。"),
            hears=_hear_why,
            settles=_settle_why,
        ),
    ),
    done=_judge,
)


@command(
    "反馈",
    "judge",
    takes=Takes.NUMBER,
    also=lambda: [(word, Takes.NUMBER) for word in (*_GOOD, *_BAD)],
    says=N_("办完的事解决没有，如“解决 1024”“未解决 1024”"),
    order=52,
    flow=JUDGE,
)
async def judge(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Say of the request of this number, or the only one that was done, whether it is resolved."""
    number, comment = number_in(rest)
    split = split_command(said.raw, dict.fromkeys((*_GOOD, *_BAD), Takes.NUMBER))
    word = split.word if split else ""
    known: dict[str, Any] = {"comment": comment, "word": word}
    if split:
        known["good"] = word in _GOOD
    if number is not None:
        await mine.own(session, speaker, number)
        known["which"] = number
    elif not await mine.over(session, speaker):
        return Reply(_("现在没有等您反馈的事。想看办到哪了，回复“我的诉求”。"))
    return await conversations.begin(session, speaker, said, JUDGE, known)
