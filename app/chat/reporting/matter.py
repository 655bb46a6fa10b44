"""What a report is about: the words of whoever makes it, and the category that fits them."""

from collections.abc import Sequence

from app.chat.asking import Option, Turn, Unclear
from app.chat.talk import Said
from app.chat.words import folded
from app.core.i18n import _
from app.service_requests import queries, service
from app.service_requests.catalogue import OTHER
from app.service_requests.models import Category
from app.service_requests.problems import CategoryWithdrawn

ENOUGH = 2
"""Characters that may be a matter."""
_ALL = "-"
"""No group was chosen."""


def says_nothing(said: Said) -> bool:
    """Whether a message is too short to be about a matter, or only a number."""
    return len(said.text) < ENOUGH or said.text.isdecimal()


async def hear(turn: Turn) -> str:
    """The matter in their own words."""
    words = turn.said.raw
    if says_nothing(turn.said):
        raise Unclear(
            _("麻烦用一句话说说是什么事。") if words else _("光有照片还不够，请再打字说说。")
        )
    return words


async def settle_group(_turn: Turn) -> str:
    """Nobody is asked for a group, except to change it."""
    return _ALL


async def offer_groups(turn: Turn) -> Sequence[Option]:
    """The groups of the catalogue."""
    groups = dict.fromkeys(each.group for each in await _categories(turn))
    return [Option(group, group) for group in groups]


async def settle_category(turn: Turn) -> str | None:
    """The category whose keywords fit; without one, that of all the rest."""
    known = await _categories(turn)
    if turn.known["group"] != _ALL:
        of_group = [each for each in known if each.group == turn.known["group"]]
        return of_group[0].code if len(of_group) == 1 else None
    fitting = service.suggest(known, folded(turn.known["what"]))
    if not fitting:
        fitting = [each for each in known if each.code == OTHER] or list(known[-1:])
    return fitting[0].code if fitting else None


async def offer_categories(turn: Turn) -> Sequence[Option]:
    """The categories of the group that was chosen."""
    group = turn.known["group"]
    known = [each for each in await _categories(turn) if group in (_ALL, each.group)]
    return [Option(each.code, each.name) for each in known]


async def category(turn: Turn) -> Category:
    """The category as it is now; `CategoryWithdrawn` once it is gone."""
    for each in await _categories(turn):
        if each.code == turn.known["category"]:
            return each
    raise CategoryWithdrawn


async def _categories(turn: Turn) -> Sequence[Category]:
    return await queries.catalogue(turn.session, turn.speaker.community_id)
