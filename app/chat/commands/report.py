"""报修: something is asked for, in one line or an answer at a time."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.chat import conversations, form
from app.chat.asking import Ask, Flow, Turn
from app.chat.commands import command
from app.chat.reporting import answers, confirming, filing, matter, photos, place
from app.chat.talk import Reply, Said, Speaker
from app.chat.words import Takes, folded
from app.core.i18n import N_, _
from app.service_requests import queries


async def _aside(turn: Turn) -> str | None:
    """A photo or a place is welcome at any time."""
    if turn.said.kind == "image":
        return photos.add(turn) + _("请接着回答上面的问题。")
    if turn.said.latitude is not None:
        turn.known["point"] = place.point(turn.said)
        return _("收到您的位置。") + _("请接着回答上面的问题。")
    return None


REPORT = Flow(
    name="报修",
    asks=(
        Ask(
            name="what",
            says=N_("请问是什么事？直接打字就行，比如“厨房水管漏水”，也可以发照片。"),
            hears=matter.hear,
        ),
        Ask(
            name="group",
            says=N_("这件事属于哪一类？"),
            offers=matter.offer_groups,
            settles=matter.settle_group,
        ),
        Ask(
            name="category",
            says=N_("具体是哪一种？"),
            offers=matter.offer_categories,
            settles=matter.settle_category,
        ),
        Ask(
            name="where",
            says=place.ask,
            offers=place.offer,
            hears=place.hear,
            settles=place.settle,
        ),
        Ask(
            name="answers",
            says=answers.ask,
            offers=answers.offer,
            hears=answers.hear,
            settles=answers.settle,
            words=frozenset(form.SKIP),
        ),
        Ask(
            name="photos",
            says=photos.ask,
            offers=photos.offer,
            hears=photos.hear,
            settles=photos.settle,
            numbered=False,
            words=frozenset(photos.DONE),
        ),
        Ask(
            name="right",
            says=confirming.ask,
            offers=confirming.offer,
            hears=confirming.hear,
        ),
    ),
    done=filing.file,
    aside=_aside,
)


@command(
    "报修",
    "投诉",
    "求助",
    "反映",
    "举报",
    "建议",
    "我要报修",
    "我要投诉",
    "我要反映",
    "我想反映",
    "反映问题",
    "report",
    takes=Takes.TEXT,
    says=N_("有事要办、要修、要投诉，一句话就行，如“报修 水管漏水”"),
    order=10,
    flow=REPORT,
)
async def report(session: AsyncSession, speaker: Speaker, said: Said, rest: str) -> Reply:
    """Take a matter down: what is not said in one line is asked."""
    return await open_report(session, speaker, said, rest)


async def open_report(
    session: AsyncSession,
    speaker: Speaker,
    said: Said,
    what: str,
    *,
    guessed: bool = False,
    **known: Any,
) -> Reply:
    """Begin to take a matter down; `guessed` when nobody said yet that they want to."""
    if not await queries.catalogue(session, speaker.community_id):
        hotline = speaker.hotline or speaker.community_name
        return Reply(_("这里暂时不能报修，请直接联系社区：{hotline}").format(hotline=hotline))
    if len(folded(what)) >= matter.ENOUGH:
        known |= {"what": what, "brief": True, "guessed": guessed}
    return await conversations.begin(session, speaker, said, REPORT, known)
