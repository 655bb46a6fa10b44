"""What a voting link answers where there is no ballot to fill in: too early, or over."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.clock import now
from app.core.i18n import _
from app.places.models import Community
from app.polls import queries
from app.polls.models import EDITABLE, OVER, Poll, PollKind, PollState
from app.web.times import moment
from app.web.voting.ballots import said_of, switched
from app.web.voting.pages import frame
from app.web.voting.reading import described, result_of
from app.web.voting.results import shown_of
from app.web.voting.visits import Visit

_NOT_FOUND = 404
_FORBIDDEN = 403
_GONE = 410
_NEVER_TOLD = EDITABLE | {PollState.REFUSED}


def broken(*, large: bool) -> Response:
    """A link that leads nowhere: cut off, or never one of ours."""
    return frame.told(
        _("这个投票链接打不开"),
        _("链接可能没有复制完整，或者已经失效。请重新打开收到的链接，或联系社区工作人员。"),
        status=_NOT_FOUND,
        large=large,
    )


def shown(template: str, found: Visit, *, status: int = 200, **content: Any) -> Response:
    """A page of a visit."""
    body = frame.filled(template, **said_of(found), switch=switched(found), **content)
    return frame.alone(body, status)


def missing(found: Visit) -> Response:
    """The page of who is not on the roll, with a form to object."""
    return shown("missing.html", found, status=_FORBIDDEN, public=found.public_path)


def waiting_for(poll: Poll) -> str:
    """When the result comes, as far as anybody can say."""
    if poll.publish_by:
        return _("结果将于 {at} 前公布。").format(at=moment(poll.publish_by))
    return _("正在计票，结果稍后公布。")


async def standing(session: AsyncSession, found: Visit) -> Response | None:
    """What there is to say instead of a ballot; None where there is one."""
    poll = found.poll
    if poll.state in _NEVER_TOLD or (poll.state is PollState.CANCELLED and not _was_told(poll)):
        return broken(large=found.large)
    if poll.state is PollState.CANCELLED:
        return cancelled(poll, found.community, large=found.large)
    if poll.state is PollState.ANNOUNCED:
        words = await described(session, poll, found.form, f"/v/{found.token}")
        return shown("ahead.html", found, **words)
    if poll.state in OVER or (poll.closes_at and poll.closes_at <= now()):
        return await _over(session, found)
    return None if found.votes else missing(found)


def _was_told(poll: Poll) -> bool:
    return poll.announced_at is not None or poll.opened_at is not None


def cancelled(
    poll: Poll, community: Community, *, large: bool, onward: tuple[str, str] | None = None
) -> Response:
    """What is left of a poll that was called off: why."""
    return frame.told(
        _("这次投票已取消"),
        _("原因：{reason}").format(reason=poll.reason) if poll.reason else "",
        status=_GONE,
        large=large,
        community=community.name,
        title=poll.title,
        onward=onward,
    )


async def _over(session: AsyncSession, found: Visit) -> Response:
    """What came of it, to who had a vote; to others what everybody is told."""
    entitled = bool(found.votes) or found.poll.public
    result = await result_of(session, found.poll, by=found.by) if entitled else None
    return shown(
        "over.html",
        found,
        turnout=await queries.turnout(session, found.poll),
        votes=found.votes,
        shown=shown_of(found.form, result) if result else [],
        waiting=waiting_for(found.poll) if entitled else "",
        bundle=f"/v/{found.token}/bundle" if result and _may_take_ballots(found) else "",
        public=found.public_path,
    )


def _may_take_ballots(found: Visit) -> bool:
    """Whether who comes by the link may have the recorded ballots, as the owners of an assembly."""
    poll = found.poll
    named = poll.names_shown or poll.kind is PollKind.ASSEMBLY
    return named and bool(found.votes) and poll.state is PollState.PUBLISHED
