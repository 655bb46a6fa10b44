"""A photo out of the blue: whoever sends one is asked what it belongs to."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, mine
from app.chat.asking import Ask, Flow, Leave, Option, Turn, Unclear
from app.chat.commands import Alone, command
from app.chat.commands.report import open_report
from app.chat.jobs import promise_photos
from app.chat.phrases import shown
from app.chat.queries import tasks_of
from app.chat.reporting import matter, photos
from app.chat.reporting.confirming import NO, YES
from app.chat.talk import Reply, Said, Speaker
from app.core.i18n import N_, _
from app.core.problems import NotFound
from app.service_requests import queries
from app.service_requests.models import ServiceRequest

_NEW = 0
"""No request has this number: the photo begins one."""


async def _ask_which(turn: Turn) -> str:
    return _("收到您的照片（{n}张）。这是哪件事的？").format(n=len(turn.known["media"]))


async def _offer(turn: Turn) -> Sequence[Option]:
    own = mine.options(await mine.open_ones(turn.session, turn.speaker))
    if len(own) == 1:
        own = [Option(own[0].value, own[0].label, (*own[0].words, *YES))]
    given = [each for each in await _tasks(turn) if each.value not in [one.value for one in own]]
    new = Option(_NEW, N_("一件新的事"), ("新的事", "新的", "报修"))
    return [*own, *given, new, Option(Leave(), N_("发错了"), ("发错了", *NO))]


async def _tasks(turn: Turn) -> list[Option]:
    """What a worker has to do: photos show that it is done."""
    if not turn.speaker.is_staff:
        return []
    key = turn.speaker.community_id, turn.speaker.person_id
    tasks = await Alone(turn.session).ask(tasks_of, key)
    return [
        Option(each.number, f"{each.number} {shown(each.summary, 16)}", (str(each.number),))
        for each in tasks[:10]
    ]


async def _hear_which(turn: Turn) -> int:
    """Words with a photo are a new matter."""
    if matter.says_nothing(turn.said):
        raise Unclear(_("没看明白您的意思。"))
    turn.known["what"] = turn.said.raw
    return _NEW


async def _aside(turn: Turn) -> str | None:
    return photos.add(turn) + _("这些照片是哪件事的？") if turn.said.kind == "image" else None


async def _put(turn: Turn) -> Reply:
    number, media = mine.which(turn), turn.known["media"]
    if number == _NEW:
        what = turn.known.get("what", "")
        return await open_report(turn.session, turn.speaker, turn.said, what, media=media)
    request = await _seen(turn.session, turn.speaker, number)
    await promise_photos(turn.session, turn.speaker, request, media)
    return Reply(_("好的，照片会加到 {number} 上。").format(number=number))


async def _seen(session: AsyncSession, speaker: Speaker, number: int) -> ServiceRequest:
    """The request, if they reported it or it was given to them."""
    request = await session.scalar(
        queries.of_number(speaker.actor, number).where(
            queries.reported_by(speaker.actor) | (ServiceRequest.assignee_id == speaker.person_id)
        )
    )
    if request is None:
        raise NotFound
    return request


PHOTO = Flow(
    name="照片",
    asks=(Ask(name="which", says=_ask_which, offers=_offer, hears=_hear_which),),
    done=_put,
    aside=_aside,
)


@command("照片", "发照片", hears=("image",), flow=PHOTO)
async def photo(session: AsyncSession, speaker: Speaker, said: Said, _rest: str) -> Reply:
    """Offer to add it to what is open, or to report something new with it."""
    if not said.media_id:
        return Reply(_("想发照片，请点输入框右边的“＋”，选“照片”或“拍摄”。"))
    return await conversations.begin(session, speaker, said, PHOTO, {"media": [said.media_id]})
