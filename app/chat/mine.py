"""The requests somebody may mean in the chat: their own, by number or because there is but one."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.asking import Ask, Option, Turn, Unclear
from app.chat.phrases import day, shown, tap
from app.chat.talk import Speaker
from app.chat.words import number_in
from app.core.database import existing
from app.core.i18n import _
from app.service_requests import queries, words
from app.service_requests.models import ENDED, UNDONE, ServiceRequest, State
from app.service_requests.queries import Brief

RATEABLE = frozenset({State.COMPLETED, State.VERIFIED, State.CLOSED})


async def latest(session: AsyncSession, speaker: Speaker) -> Sequence[Brief]:
    """What this person reported last, newest first."""
    key = speaker.community_id, speaker.person_id
    (briefs,) = await queries.latest_of(await session.connection(), [key])
    return briefs


async def open_ones(session: AsyncSession, speaker: Speaker) -> list[Brief]:
    """Those of them to which something can still be added."""
    return [each for each in await latest(session, speaker) if each.state not in ENDED]


async def unrated(session: AsyncSession, speaker: Speaker) -> list[Brief]:
    """Those of them that are done and wait for a word about how it went."""
    briefs = await latest(session, speaker)
    return [each for each in briefs if each.state in RATEABLE and each.score is None]


async def undone(session: AsyncSession, speaker: Speaker) -> list[Brief]:
    """Those of them on which somebody still has to do something."""
    return [each for each in await latest(session, speaker) if each.state in UNDONE]


async def over(session: AsyncSession, speaker: Speaker) -> list[Brief]:
    """Those of them that were done."""
    return [each for each in await latest(session, speaker) if each.state in RATEABLE]


async def own(session: AsyncSession, speaker: Speaker, number: int) -> ServiceRequest:
    """The request of this number, if this person reported it; `NotFound` otherwise."""
    numbered = queries.of_number(speaker.actor, number)
    return await existing(session, numbered.where(queries.reported_by(speaker.actor)))


def options(briefs: Sequence[Brief]) -> list[Option]:
    """The requests as answers to the question which one is meant."""
    return [
        Option(each.number, f"{each.number} {shown(each.summary, 16)}", (str(each.number),))
        for each in briefs
    ]


def line(brief: Brief) -> str:
    """A request in one line, to be tapped for more."""
    number = tap(str(brief.number), f"进度{brief.number}")
    state = words.label(brief.state)
    return f"· {number} {shown(brief.summary, 20)}（{state}，{day(brief.filed_at)}）"


def which(turn: Turn) -> int:
    """The number of the request that a conversation is about."""
    number: int = turn.known["which"]
    return number


Waiting: TypeAlias = Callable[[AsyncSession, Speaker], Awaitable[list[Brief]]]


def asked_which(says: str, waiting: Waiting) -> Ask:
    """The question which request is meant, which nobody is asked who has but one of that kind."""

    async def settle(turn: Turn) -> int | None:
        found = await waiting(turn.session, turn.speaker)
        return found[0].number if len(found) == 1 else None

    async def offer(turn: Turn) -> Sequence[Option]:
        return options(await waiting(turn.session, turn.speaker))

    async def hear(turn: Turn) -> int:
        number, _rest = number_in(turn.said.raw)
        if number is None:
            raise Unclear(_("请回复编号，比如“1024”。"))
        return number

    return Ask(name="which", says=says, offers=offer, settles=settle, hears=hear, numbered=False)
