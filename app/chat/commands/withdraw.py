"""撤回: somebody does not want any more what they reported."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, mine
from app.chat.asking import Ask, Flow, Leave, Option, Turn
from app.chat.commands import command
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, number_in
from app.core.i18n import N_, _
from app.service_requests import workflow


async def _ask_sure(turn: Turn) -> str:
    request = await mine.own(turn.session, turn.speaker, mine.which(turn))
    return _("确定撤回 {number} 吗？撤回后就不再办理了。").format(number=request.number)


async def _withdraw(turn: Turn) -> Reply:
    request = await mine.own(turn.session, turn.speaker, mine.which(turn))
    form: dict[str, Any] = {"reason": turn.known["reason"]} if turn.known.get("reason") else {}
    await workflow.take(turn.session, request, "withdraw", form, by=turn.speaker.actor)
    return Reply(_("{number} 已撤回。").format(number=request.number))


WITHDRAW = Flow(
    name="撤回",
    asks=(
        mine.asked_which(N_("要撤回哪一件？"), mine.undone),
        Ask(
            name="sure",
            says=_ask_sure,
            offers=(
                Option(value=True, label=N_("确定撤回"), words=("确定", "是", "是的", "yes")),
                Option(Leave(), N_("不撤了"), ("不撤", "不", "否", "no")),
            ),
        ),
    ),
    done=_withdraw,
)


@command(
    "撤回",
    "撤销",
    "不用修了",
    "withdraw",
    takes=Takes.NUMBER,
    says=N_("不用办了就撤回，如“撤回 1024”"),
    order=55,
    flow=WITHDRAW,
)
async def withdraw(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Take back the request of this number, or the only one that is under way, after a yes."""
    number, reason = number_in(rest)
    known: dict[str, Any] = {"reason": reason}
    if number is not None:
        await mine.own(session, speaker, number)
        known["which"] = number
    elif not await mine.undone(session, speaker):
        return Reply(_("您现在没有可以撤回的事。"))
    return await conversations.begin(session, speaker, said, WITHDRAW, known)
