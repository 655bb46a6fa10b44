"""Shows of hands in groups: asked, raised, counted; an opinion of the group and no formal vote."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from app.core.clock import now
from app.core.database import Sessions
from app.core.facts import record
from app.core.i18n import _, speaking
from app.core.ids import new_id
from app.core.jobs import Deferrable, defer, errand, job
from app.core.log import log
from app.core.problems import Invalid
from app.core.sending import Failed, Refused
from app.groups import speaking as groups
from app.groups.chains.merge import Sender
from app.groups.events import HandRaised, ShowClosed, ShowOpened
from app.groups.models import Group, Hand, Show
from app.groups.permissions import SIGN_UPS
from app.groups.platforms import Words, platforms
from app.groups.problems import NotAManager, ShowIsClosed, ShowIsOpen
from app.people.access import Actor, system
from app.places.models import Place

SHORTEST, USUAL, LONGEST = timedelta(minutes=5), timedelta(hours=24), timedelta(days=7)
"""How long hands may be raised."""
FEWEST_OPTIONS, MOST_OPTIONS = 2, 9
LONGEST_QUESTION = 200
LONGEST_OPTION = 40

_TRIES = 3
"""How often a hand is raised anew when the same person raises one elsewhere at the same moment."""


def visible_to(me: Actor) -> Select[Show]:
    """The shows of hands in the groups of one's places, with the groups and their places."""
    group = contains_eager(Show.group)
    return (
        select(Show)
        .join(Show.group)
        .join(Group.place)
        .where(Show.community_id == me.community_id, SIGN_UPS.places(me))
        .options(group, group.contains_eager(Group.place))
    )


async def open_in(session: AsyncSession, group: Group) -> Show | None:
    """The question that hands are raised for in a group now."""
    here = Show.community_id == group.community_id, Show.group_id == group.id
    return await session.scalar(select(Show).where(*here, Show.closed_at.is_(None)))


async def ask(
    session: AsyncSession,
    group: Group,
    question: str,
    options: Sequence[str],
    *,
    lasts: timedelta = USUAL,
    sender: Sender,
    by: Actor,
) -> Show:
    """Ask for hands in a group, one question at a time; counted to the minute when time is up.

    Only who runs the group may (`NotAManager`); `ShowIsOpen` while another question is.
    """
    if not sender.runs:
        raise NotAManager
    if not (question and FEWEST_OPTIONS <= len(set(options)) == len(options) <= MOST_OPTIONS):
        raise Invalid
    if await open_in(session, group):
        raise ShowIsOpen
    show = Show(
        community_id=group.community_id,
        id=new_id(),
        group_id=group.id,
        question=question[:LONGEST_QUESTION],
        options=[option[:LONGEST_OPTION] for option in options],
        opened_by=sender.id,
        closes_at=now() + min(max(lasts, SHORTEST), LONGEST),
    )
    session.add(show)
    await session.flush()
    await _later(session, close_when_due, show, at=show.closes_at)
    await record(session, ShowOpened(show_id=show.id, group_id=group.id), by=by)
    return show


async def raise_hand(
    session: AsyncSession, show: Show, option: int, *, sender_id: str, by: Actor
) -> None:
    """Raise a hand for an option, from 1; another time moves it, whatever account it is from.

    `ShowIsClosed` when time is up, `Invalid` for an option there is not.
    """
    if not 1 <= option <= len(show.options):
        raise Invalid
    still_open = select(Show.id).where(
        Show.community_id == show.community_id,
        Show.id == show.id,
        Show.closed_at.is_(None),
        Show.closes_at > now(),
    )
    if await session.scalar(still_open.with_for_update(read=True)) is None:
        raise ShowIsClosed
    person_id = by.id if by.kind == "person" else None
    for left in reversed(range(_TRIES)):
        try:
            async with session.begin_nested():
                await _put(session, show, option, sender_id, person_id)
            break
        except IntegrityError:
            if not left:
                raise
    await record(session, HandRaised(show_id=show.id), by=by)


async def _put(
    session: AsyncSession, show: Show, option: int, sender_id: str, person_id: UUID | None
) -> None:
    elsewhere = (
        Hand.community_id == show.community_id,
        Hand.show_id == show.id,
        Hand.person_id == person_id,
        Hand.sender_id != sender_id,
    )
    if person_id:
        await session.execute(delete(Hand).where(*elsewhere))
    hand = insert(Hand).values(
        community_id=show.community_id,
        id=new_id(),
        show_id=show.id,
        sender_id=sender_id,
        person_id=person_id,
        option=option,
        raised_at=now(),
    )
    moved = {
        "option": option,
        "raised_at": now(),
        "person_id": func.coalesce(hand.excluded.person_id, Hand.person_id),
    }
    one = [Hand.community_id, Hand.show_id, Hand.sender_id]
    await session.execute(hand.on_conflict_do_update(index_elements=one, set_=moved))


async def counts(session: AsyncSession, show: Show) -> list[int]:
    """How many hands each option has, in the order of the options."""
    here = Hand.community_id == show.community_id, Hand.show_id == show.id
    counted = select(Hand.option, func.count()).where(*here).group_by(Hand.option)
    hands = {option: count for option, count in await session.execute(counted)}  # noqa: C416 - rows are no pairs to mypy
    return [hands.get(number + 1, 0) for number in range(len(show.options))]


async def close(
    session: AsyncSession, show: Show, *, by: Actor, sender: Sender | None = None
) -> Show:
    """Count the hands, as who asked or runs the group, or as staff, and then the group is told.

    `ShowIsClosed` when they are counted already.
    """
    if sender is None:
        group = await session.get_one(Group, (show.community_id, show.group_id))
        place = await session.get_one(Place, (group.community_id, group.place_id))
        SIGN_UPS.demand(by, at=place.path)
    elif not (sender.runs or sender.id == show.opened_by):
        raise NotAManager
    columns = [column.key for column in Show.__mapper__.column_attrs]
    await session.refresh(show, columns, with_for_update=True)
    if show.closed_at:
        raise ShowIsClosed
    show.closed_at = now()
    await session.flush()
    await record(session, ShowClosed(show_id=show.id), by=by)
    if sender is None:
        await _later(session, say_result, show)
    return show


async def _later(
    session: AsyncSession, task: Deferrable, show: Show, *, at: datetime | None = None
) -> None:
    community_id, show_id = str(show.community_id), str(show.id)
    await defer(session, task, at=at, community_id=community_id, show_id=show_id)


@job("groups.close_show")
async def close_when_due(session: AsyncSession, *, community_id: str, show_id: str) -> None:
    """Count the hands when time is up, unless somebody did before."""
    show = await session.get_one(Show, (UUID(community_id), UUID(show_id)))
    try:
        await close(session, show, by=system(show.community_id))
    except ShowIsClosed:
        return


@errand("groups.say_result")
async def say_result(sessions: Sessions, *, community_id: str, show_id: str) -> None:
    """Tell the group how hands were raised.

    Where a second attempt could say it twice, none is made once the platform may have it.
    """
    async with sessions() as session:
        show = await session.get_one(Show, (UUID(community_id), UUID(show_id)))
        group = await session.get_one(Group, (show.community_id, show.group_id))
        hands = await counts(session, show)
    with speaking("zh"):
        words = Words(text=result(show, hands), dedupe=f"hands {show.id}")
    try:
        await groups.say(sessions, show.group_id, words)
    except Refused as refused:
        log.warning("result_not_said", show_id=show_id, code=refused.code)
    except Failed as failed:
        platform = platforms.get(group.platform)
        if not failed.sent or (platform and platform.dedupes):
            raise
        log.warning("result_perhaps_said", show_id=show_id, code=failed.code)


def standing(show: Show, hands: Sequence[int]) -> str:
    """The options with their numbers and hands, a line each."""
    rows = zip(show.options, hands, strict=True)
    return "\n".join(
        _("{number}. {option}：{hands} 人").format(number=number, option=option, hands=count)
        for number, (option, count) in enumerate(rows, start=1)
    )


def result(show: Show, hands: Sequence[int]) -> str:
    """What the group is told when the hands are counted."""
    head = _("举手结果：{question}").format(question=show.question)
    total = _("共 {n} 人举手。").format(n=sum(hands))
    return "\n".join([head, standing(show, hands), total + no_formal_vote()])


def no_formal_vote() -> str:
    """What a show of hands is not: owners decide together by 民法典 §278, and elsewhere."""
    return _("这是群里的举手意向，供参考，不是业主共同决定等正式表决。")
