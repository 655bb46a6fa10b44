"""What a bot and a group have agreed on with their platform, as the platforms' files take it."""

import json
from collections.abc import Mapping

from app.groups.models import Bot, Group
from app.groups.platforms import Address


def keys_of(bot: Bot) -> Mapping[str, str]:
    """The secrets of a bot, with `self_id` and `name`, by which it is mentioned."""
    known = {"name": bot.name, "self_id": bot.self_id or ""}
    return {**_members(bot.keys), **known}


def address_of(group: Group, bot: Bot | None) -> Address:
    """Where one speaks in a group: through its robot's address, or through its bot's own API."""
    robot = _members(group.robot)
    return Address(
        group_id=group.external_id,
        api=bot.address if bot else None,
        keys=keys_of(bot) if bot else {},
        robot_url=robot.get("url") or None,
        robot_secret=robot.get("secret") or None,
    )


def _members(text: str | None) -> dict[str, str]:
    return {name: str(value) for name, value in json.loads(text or "{}").items() if value}
