"""The bots of a community: what their platform asks for goes in, and never comes out."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.ids import new_id
from app.core.problems import Invalid
from app.groups.events import BotAdded, BotChanged
from app.groups.models import Bot
from app.groups.permissions import BOTS
from app.groups.platforms import Platform, platforms
from app.groups.problems import UnknownPlatform
from app.people.access import Actor
from app.places.models import ROOT


def known_platform(name: str) -> Platform:
    """The platform of this name, or `UnknownPlatform`."""
    if platform := platforms.get(name):
        return platform
    raise UnknownPlatform(name)


def _check_keys(platform: Platform, keys: Mapping[str, str]) -> None:
    missing = [name for name in platform.needs if not keys.get(name)]
    if missing:
        message = "the platform needs it"
        raise Invalid(
            errors=[{"path": f"body.keys.{name}", "message": message} for name in missing]
        )


async def add_bot(
    session: AsyncSession,
    *,
    slug: str,
    name: str,
    platform: str,
    keys: Mapping[str, str],
    address: str | None = None,
    self_id: str | None = None,
    by: Actor,
) -> Bot:
    """Let a bot listen for the community at `/hooks/{slug}`.

    Raises `UnknownPlatform`, `BotExists`, and `Invalid` naming the secrets that are missing.
    """
    BOTS.demand(by, at=ROOT)
    _check_keys(known_platform(platform), keys)
    bot = Bot(
        community_id=by.community_id,
        id=new_id(),
        slug=slug,
        name=name,
        platform=platform,
        address=address,
        keys=json.dumps(dict(keys)),
        self_id=self_id,
    )
    session.add(bot)
    await session.flush()
    await record(session, BotAdded(bot_id=bot.id), by=by)
    return bot


async def change_bot(
    session: AsyncSession,
    bot: Bot,
    columns: Mapping[str, Any],
    *,
    keys: Mapping[str, str | None],
    by: Actor,
) -> Bot:
    """Call a bot otherwise, silence it (`active`), or give it other secrets.

    Of `keys`, a text replaces a secret and None takes it away; what is not named stays.
    """
    BOTS.demand(by, at=ROOT)
    changed = [name for name, value in columns.items() if getattr(bot, name) != value]
    for name in changed:
        setattr(bot, name, columns[name])
    before: dict[str, str] = json.loads(bot.keys)
    after = {name: value for name, value in {**before, **keys}.items() if value is not None}
    if after != before:
        _check_keys(known_platform(bot.platform), after)
        bot.keys = json.dumps(after)
        changed.append("keys")
    if changed:
        await session.flush()
        await record(session, BotChanged(bot_id=bot.id, changed=sorted(changed)), by=by)
    return bot
