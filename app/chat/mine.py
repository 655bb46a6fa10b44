"""The requests somebody may mean in the chat: their own, by number or because there is but one."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.asking import Option, Turn
from app.chat.phrases import day, shown, tap
from app.chat.talk import Speaker
from app.core.problems import NotFound
from app.service_requests import queries, words
from app.service_requests.models import ENDED, ServiceRequest, State
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


async def own(session: AsyncSession, speaker: Speaker, number: int) -> ServiceRequest:
    """The request of this number, if this person reported it; `NotFound` otherwise."""
    numbered = queries.of_number(speaker.actor, number)
    request = await session.scalar(numbered.where(queries.reported_by(speaker.actor)))
    if request is None:
        raise NotFound
    return request


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
