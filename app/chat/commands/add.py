"""补充: words or photos are added to a request that is still open."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, mine
from app.chat.asking import Ask, Flow, Leave, Option, Stay, Turn, Unclear
from app.chat.commands import command
from app.chat.jobs import promise_photos
from app.chat.phrases import tap
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, number_in
from app.core.i18n import N_, _
from app.service_requests import service
from app.service_requests.models import ENDED
from app.service_requests.problems import RequestClosed

DONE = ("完成", "好了", "没有了", "没了", "发完了", "结束", "done")
_SMALLEST = 1000
"""Numbers of requests are larger; what is smaller belongs to the words."""


async def _settle_which(turn: Turn) -> int | None:
    briefs = await mine.open_ones(turn.session, turn.speaker)
    return briefs[0].number if len(briefs) == 1 else None


async def _offer_open(turn: Turn) -> Sequence[Option]:
    return mine.options(await mine.open_ones(turn.session, turn.speaker))


async def _ask_more(turn: Turn) -> str:
    return _("请说说要给 {number} 补充什么，或直接发照片。说完了，回复“完成”。").format(
        number=mine.which(turn)
    )


async def _settle_more(turn: Turn) -> bool | None:
    return True if "text" in turn.known or "media" in turn.known else None


async def _hear_more(turn: Turn) -> Any:
    """What is said is added at once, so that nothing is lost if they stop here."""
    if turn.said.kind != "image" and not turn.said.text:
        raise Unclear(_("请打字，或者发照片。"))
    media = [turn.said.media_id] if turn.said.kind == "image" else []
    try:
        await _amend(turn, turn.said.raw, media)
    except RequestClosed:
        return Leave(ended(mine.which(turn)))
    return Stay(
        _("已加到 {number}。还有就接着发，没有了回复“完成”。").format(number=mine.which(turn))
    )


async def _amend(turn: Turn, text: str, media: list[str]) -> None:
    request = await mine.own(turn.session, turn.speaker, mine.which(turn))
    if text:
        await service.amend(turn.session, request, text=text, by=turn.speaker.actor)
    await promise_photos(turn.session, turn.speaker, request, media)


async def _add(turn: Turn) -> Reply:
    text, media = turn.known.get("text", ""), turn.known.get("media", [])
    if text or media:
        await _amend(turn, text, media)
    return Reply(_added(mine.which(turn)))


def _added(number: int) -> str:
    return _("好的，都记在 {number} 上了，处理的人看得到。点{progress}看办到哪了。").format(
        number=number, progress=tap(_("进度"), f"进度{number}")
    )


ADD = Flow(
    name="补充",
    asks=(
        Ask(name="which", says=N_("要补充哪一件？"), offers=_offer_open, settles=_settle_which),
        Ask(
            name="more",
            says=_ask_more,
            offers=(Option(value=True, label=N_("完成"), words=DONE),),
            hears=_hear_more,
            settles=_settle_more,
            numbered=False,
            words=frozenset(DONE),
        ),
    ),
    done=_add,
)


@command(
    "补充",
    "追加",
    "补充说明",
    "add",
    takes=Takes.TEXT,
    says=N_("给还没办完的事补充情况或照片，如“补充1024 是厨房”"),
    order=40,
    flow=ADD,
)
async def add(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Add to the request of this number, or to the only one that is open."""
    number, text = number_in(rest)
    if number is None or number < _SMALLEST:
        return await _to_an_open_one(session, speaker, said, rest)
    request = await mine.own(session, speaker, number)
    if request.state in ENDED:
        return Reply(ended(number))
    known: dict[str, Any] = {"which": number}
    if text:
        known["text"] = text
    return await conversations.begin(session, speaker, said, ADD, known)


async def _to_an_open_one(session: AsyncSession, speaker: Speaker, said: Said, text: str) -> Reply:
    if not await mine.open_ones(session, speaker):
        return Reply(nothing_open())
    known = {"text": text} if text else {}
    return await conversations.begin(session, speaker, said, ADD, known)


def ended(number: int) -> str:
    """Nothing can be added to what is over."""
    return _("{number} 已经结束了，不能再补充。还有问题，请回复“报修”再报一件。").format(
        number=number
    )


def nothing_open() -> str:
    """There is nothing that could be added to."""
    return _("您没有正在办的事。要反映新的问题，请回复{report}。").format(
        report=tap(_("报修"), "报修")
    )
