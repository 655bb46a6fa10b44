"""Where a matter is: said in words, sent as a position, or known from a home."""

from collections.abc import Sequence
from typing import Any

from app.chat import whereabouts
from app.chat.asking import Option, Turn, Unclear
from app.chat.phrases import shown
from app.chat.talk import Said
from app.core.i18n import N_, _


async def settle(turn: Turn) -> dict[str, Any] | None:
    """The place that the report itself names, or the only home of whoever says it in one line."""
    what = turn.known["what"]
    if place := await whereabouts.named(turn.session, turn.speaker.community_id, what):
        return {"place": str(place.id)}
    if turn.known.get("brief") and len(turn.speaker.homes) == 1:
        return {"place": str(turn.speaker.homes[0].place_id)}
    return None


async def ask(turn: Turn) -> str:
    """Where it is; of a matter that was guessed, whether it is one, too."""
    if turn.known.get("guessed"):
        return _("您是想反映“{what}”吗？告诉我在哪里，我帮您报上去。").format(
            what=shown(turn.known["what"])
        )
    return _("在哪里？也可以直接打字，比如“3栋楼下”，或发送位置。")


async def offer(turn: Turn) -> Sequence[Option]:
    """Their homes, and what belongs to everybody."""
    whole = await whereabouts.root(turn.session, turn.speaker.community_id)
    homes = [Option({"place": str(each.place_id)}, each.name) for each in turn.speaker.homes]
    return [*homes, Option({"place": str(whole.id)}, N_("小区公共区域"))]


async def hear(turn: Turn) -> dict[str, Any]:
    """The place that fits, with the words or the position that say it closer."""
    whole = await whereabouts.root(turn.session, turn.speaker.community_id)
    if turn.said.latitude is not None and turn.said.longitude is not None:
        return {"place": str(whole.id), **point(turn.said)}
    words = turn.said.raw
    if not turn.said.text or turn.said.text.isdecimal():
        raise Unclear(_("没看明白是哪里。"))
    place = await whereabouts.named(turn.session, turn.speaker.community_id, words)
    return {"place": str((place or whole).id), "words": words}


def point(said: Said) -> dict[str, Any]:
    """A position that was sent, as it is kept in a conversation."""
    return {"latitude": said.latitude, "longitude": said.longitude, "label": said.label}


async def address(turn: Turn) -> str:
    """The place that was answered, as its reader knows it."""
    where = turn.known["where"]
    place = await whereabouts.get(turn.session, turn.speaker.community_id, where["place"])
    said = where.get("words") or where.get("label")
    known = await whereabouts.address(turn.session, place)
    return f"{known}（{shown(said)}）" if said else known
