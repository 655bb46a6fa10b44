"""重办: a matter that was closed is not over, says whoever reported it."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, mine
from app.chat.asking import Ask, Flow, Turn, Unclear
from app.chat.commands import command
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, number_in
from app.core.i18n import N_, _
from app.service_requests import workflow


async def _hear_why(turn: Turn) -> str:
    if not turn.said.text:
        raise Unclear(_("请打字回答。"))
    return turn.said.raw


async def _settle_why(turn: Turn) -> str | None:
    return turn.known.get("reason") or None


async def _reopen(turn: Turn) -> Reply:
    request = await mine.own(turn.session, turn.speaker, mine.which(turn))
    form = {"reason": turn.known["why"]}
    request = await workflow.take(turn.session, request, "reopen", form, by=turn.speaker.actor)
    return Reply(_("{number} 已重新办理，有进展会告诉您。").format(number=request.number))


AGAIN = Flow(
    name="重办",
    asks=(
        mine.asked_which(N_("要重办哪一件？"), mine.over),
        Ask(
            name="why",
            says=N_("又怎么了？请说一句，方便师傅处理。"),
            hears=_hear_why,
            settles=_settle_why,
        ),
    ),
    done=_reopen,
)


@command(
    "重办",
    "又坏了",
    "again",
    takes=Takes.NUMBER,
    says=N_("办完又出问题了，如“重办 1024 又漏了”"),
    order=56,
    flow=AGAIN,
)
async def again(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Take up again the request of this number, or the only one that was done."""
    number, reason = number_in(rest)
    known: dict[str, Any] = {"reason": reason}
    if number is not None:
        await mine.own(session, speaker, number)
        known["which"] = number
    elif not await mine.over(session, speaker):
        return Reply(_("您没有办完的事。有新的事，直接说就行。"))
    return await conversations.begin(session, speaker, said, AGAIN, known)
