"""评价: whoever reported it says how it went, from 1 to 5."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, mine
from app.chat.asking import Ask, Flow, Option, Turn, Unclear
from app.chat.commands import command
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, number_in, score_in
from app.core.i18n import N_, _
from app.service_requests import workflow
from app.service_requests.models import ServiceRequest

_BEST = 5
_SCORES = {
    1: N_("1分 很不满意"),
    2: N_("2分 不满意"),
    3: N_("3分 一般"),
    4: N_("4分 满意"),
    5: N_("5分 非常满意"),
}
_NAMES = tuple(word.partition(" ")[2] for word in _SCORES.values())
_FIGURES = tuple("12345")
_SPOKEN = tuple(
    f"{figure}{unit}" for figure in "12345一二三四五" for unit in ("分", "星", "颗星")
) + tuple(star * count for star in "⭐★🌟" for count in range(1, _BEST + 1))
"""What somebody says who was just asked how it went, and who may go on to say why."""


async def _settle_which(turn: Turn) -> int | None:
    waiting = await mine.unrated(turn.session, turn.speaker)
    return waiting[0].number if len(waiting) == 1 else None


async def _offer_unrated(turn: Turn) -> Sequence[Option]:
    return mine.options(await mine.unrated(turn.session, turn.speaker))


async def _ask_score(turn: Turn) -> str:
    return _("{number} 办得怎么样？请打1到5分，5分最好。").format(number=mine.which(turn))


async def _hear_score(turn: Turn) -> int:
    for score, word in _SCORES.items():
        if turn.said.text == word.partition(" ")[2]:
            return score
    heard, comment = score_in(turn.said.raw)
    if heard is None:
        raise Unclear(_("请打1到5分，比如回复“5”。"))
    if comment:
        turn.known["comment"] = comment
    return heard


async def _rate(turn: Turn) -> Reply:
    request = await mine.own(turn.session, turn.speaker, mine.which(turn))
    form: dict[str, Any] = {"score": turn.known["score"]}
    if comment := turn.known.get("comment"):
        form["comment"] = comment
    await workflow.take(turn.session, request, "rate", form, by=turn.speaker.actor)
    return Reply(_thanks(request.number, form["score"]))


def _thanks(number: int, score: int) -> str:
    if score >= _BEST - 1:
        return _("谢谢您给 {number} 打了{score}分！有事随时找我们。").format(
            number=number, score=score
        )
    return _(
        "谢谢您给 {number} 打了{score}分。哪里没做好，回复“转人工”告诉我们，我们来改。"
    ).format(number=number, score=score)


RATE = Flow(
    name="评价",
    asks=(
        Ask(name="which", says=N_("要评价哪一件？"), offers=_offer_unrated, settles=_settle_which),
        Ask(
            name="score",
            says=_ask_score,
            offers=[Option(n, word, (f"{n}分",)) for n, word in reversed(_SCORES.items())],
            hears=_hear_score,
            numbered=False,
            words=frozenset({*_FIGURES, *_SPOKEN, *_NAMES}),
        ),
    ),
    done=_rate,
)


@command(
    "评价",
    "打分",
    "rate",
    takes=Takes.NUMBER,
    exactly=_FIGURES,
    also=lambda: [(word, Takes.NUMBER) for word in _SPOKEN],
    says=N_("给办完的事打分，如“评价 5”"),
    order=50,
    flow=RATE,
)
async def rate(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Rate the request of this number, or what waits for it; a bare `5` will do."""
    bare = score_in(said.raw)[0] is not None
    known = _heard(said.raw if bare else rest)
    if "which" in known:
        request = await mine.own(session, speaker, known["which"])
        if refused := _not_now(request):
            return Reply(refused)
    elif not await mine.unrated(session, speaker):
        return Reply(_("现在没有等您评价的事。想看办到哪了，回复“我的诉求”。"))
    return await conversations.begin(session, speaker, said, RATE, known)


def _not_now(request: ServiceRequest) -> str | None:
    """Why this request cannot be rated, if it cannot."""
    if request.score is not None:
        return _("{number} 您已经评价过了，谢谢您。").format(number=request.number)
    if request.state not in mine.RATEABLE:
        return _("{number} 还没办完，办完了再请您评价。").format(number=request.number)
    return None


def _heard(rest: str) -> dict[str, Any]:
    """The number, the score and the words in `1024 5 很好`, whichever of them are there."""
    known: dict[str, Any] = {}
    number, tail = number_in(rest)
    if number is not None and number > _BEST:
        known["which"] = number
        rest = tail
    score, comment = score_in(rest)
    if score is not None:
        known["score"] = score
    if comment:
        known["comment"] = comment
    return known
