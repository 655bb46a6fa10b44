"""催单: whoever waits asks where it stays, and the worker is told so."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, mine
from app.chat.asking import Flow, Turn
from app.chat.commands import command
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, number_in
from app.core.i18n import N_, _
from app.service_requests import workflow
from app.service_requests.problems import UrgedTooOften


async def _urge(turn: Turn) -> Reply:
    number = mine.which(turn)
    request = await mine.own(turn.session, turn.speaker, number)
    form: dict[str, Any] = {"text": turn.known["text"]} if turn.known.get("text") else {}
    try:
        request = await workflow.take(turn.session, request, "urge", form, by=turn.speaker.actor)
    except UrgedTooOften:
        return Reply(
            _("{number} 已经催过了，工作人员正在处理，请再等等。急事请回复“转人工”。").format(
                number=number
            )
        )
    return Reply(_("已为您催办 {number}，工作人员会收到提醒。").format(number=number))


URGE = Flow(
    name="催单",
    asks=(mine.asked_which(N_("要催哪一件？"), mine.undone),),
    done=_urge,
)


@command(
    "催单",
    "催办",
    "催一下",
    "催",
    "urge",
    takes=Takes.NUMBER,
    says=N_("办得慢了，催一催，如“催单 1024”"),
    order=35,
    flow=URGE,
)
async def urge(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Urge the request of this number, or the only one that is under way."""
    number, text = number_in(rest)
    known: dict[str, Any] = {"text": text}
    if number is not None:
        known["which"] = number
    elif not await mine.undone(session, speaker):
        return Reply(_("您现在没有正在办的事，不用催。"))
    return await conversations.begin(session, speaker, said, URGE, known)
