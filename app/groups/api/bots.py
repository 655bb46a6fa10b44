"""The bots of a community; what is secret about them goes in and never out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Changed, Forbidden, Invalid, NotFound, problems
from app.core.web import Route, Session, etag, matches
from app.groups import service
from app.groups.models import Bot
from app.groups.permissions import BOTS
from app.groups.problems import BotExists, UnknownPlatform
from app.groups.queries import bots_visible_to
from app.groups.schemas import BotChange, BotIn, BotOut, revealed
from app.people.access import Me
from app.places.models import ROOT

router = APIRouter(prefix="/api/v1/bots", tags=["bots"], route_class=Route)


async def held(session: Session, me: Me, bot_id: UUID, http: Request) -> Bot:
    """The bot of this id, if the caller may set it up, nobody else's to change meanwhile."""
    seen = bots_visible_to(me).where(Bot.id == bot_id)
    bot = await existing(session, seen.with_for_update(key_share=True))
    matches(http, bot.version)
    return bot


Held = Annotated[Bot, Depends(held)]


def _shown(bot: Bot, response: Response) -> BotOut:
    response.headers["ETag"] = etag(bot.version)
    return BotOut.of(bot)


@router.get("", response_model=Page[BotOut], responses=problems(Forbidden))
async def list_bots(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The bots of your community, newest first."""
    BOTS.demand(me, at=ROOT)
    page = await paged(session, bots_visible_to(me), cursor, by=Bot.id)
    bots: list[Bot] = page["items"]  # type: ignore[assignment]
    return page | {"items": [BotOut.of(bot) for bot in bots]}


@router.post(
    "",
    status_code=201,
    responses=problems(Forbidden, Invalid, BotExists, UnknownPlatform),
)
async def add_bot(session: Session, me: Me, asked: BotIn, response: Response) -> BotOut:
    """Let a bot listen; `hook_url` of the answer is what to enter on its platform."""
    columns = asked.model_dump(exclude={"keys"})
    keys = {name: key.get_secret_value() for name, key in asked.keys.items()}
    return _shown(await service.add_bot(session, **columns, keys=keys, by=me), response)


@router.get("/{bot_id}", responses=problems(NotFound))
async def read_bot(bot: Held, response: Response) -> BotOut:
    """A bot, without its secrets."""
    return _shown(bot, response)


@router.patch("/{bot_id}", responses=problems(NotFound, Forbidden, Invalid, Changed))
async def change_bot(
    session: Session, me: Me, bot: Held, asked: BotChange, response: Response
) -> BotOut:
    """Change a bot, its secrets too, or silence it; `If-Match` guards against lost changes."""
    columns = asked.model_dump(exclude_unset=True, exclude={"keys"})
    keys = revealed(asked.keys or {})
    return _shown(await service.change_bot(session, bot, columns, keys=keys, by=me), response)
