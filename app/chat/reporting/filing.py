"""A report handed in: a request is filed, its photos are promised, and its number is told."""

from typing import Any

from app.chat import whereabouts
from app.chat.asking import Turn
from app.chat.jobs import promise_photos
from app.chat.phrases import tap
from app.chat.reporting import matter
from app.chat.reporting.confirming import ANONYMOUS
from app.chat.talk import Reply, Speaker
from app.core.i18n import _
from app.service_requests import service
from app.service_requests.models import Channel, Location, ServiceRequest


async def file(turn: Turn) -> Reply:
    """Hand it in, and promise its photos."""
    known, speaker = turn.known, turn.speaker
    anonymous = known["right"] == ANONYMOUS
    where = known["where"]
    place = await whereabouts.get(turn.session, speaker.community_id, where["place"])
    own_home = any(home.place_id == place.id for home in speaker.homes)
    if anonymous and own_home:
        # The home would tell who lives there.
        place = await whereabouts.building_of(turn.session, place)
    request = await service.file(
        turn.session,
        category=await matter.category(turn),
        place=place,
        summary=_summary(known["what"], where),
        by=speaker.actor,
        reporter_id=speaker.person_id,
        answers=known["answers"],
        anonymous=anonymous,
        location=_location(known.get("point") or where),
        channel=Channel.WECHAT,
    )
    await promise_photos(turn.session, speaker, request, known.get("media", []))
    return Reply(_filed(request, speaker))


def _summary(what: str, where: dict[str, Any]) -> str:
    """The matter in their own words, and the place where they named one."""
    words = where.get("words")
    return _("{what}（地点：{words}）").format(what=what, words=words) if words else what


def _location(where: dict[str, Any]) -> Location | None:
    if where.get("latitude") is None:
        return None
    return Location(where["latitude"], where["longitude"], label=where["label"] or None)


def _filed(request: ServiceRequest, speaker: Speaker) -> str:
    lines = [
        _("已经报上去了，编号 {number}。有进展会在这里告诉您。").format(number=request.number),
        _("想看办到哪了，点{progress}；有要补充的，点{add}，或直接发照片。").format(
            progress=tap(_("进度"), f"进度{request.number}"),
            add=tap(_("补充"), f"补充{request.number}"),
        ),
    ]
    if not speaker.homes and not speaker.is_staff:
        lines.append(
            _("登记住址后，下次报修就不用再说在哪里：{bind}").format(bind=tap(_("绑定"), "绑定"))
        )
    return "\n".join(lines)
