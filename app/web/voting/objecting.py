"""Objecting to the roll from the page of a voting link."""

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core import problems
from app.core.i18n import _
from app.core.problems import Internal, Invalid, Problem, TooLarge
from app.core.wire import Prose
from app.polls.models import ObjectionKind
from app.polls.problems import ObjectionPending, PollNotOpen
from app.polls.service import objections
from app.web.voting.answers import Fields, last
from app.web.voting.pages import frame
from app.web.voting.visits import Visit

_CREATED = 201
_prose: TypeAdapter[str] = TypeAdapter(Prose)


async def object_to_roll(session: AsyncSession, found: Visit, fields: Fields) -> Response:
    """Raise an objection about oneself: missing from the roll, or wrong on it."""
    try:
        text = _prose.validate_python(last(fields, "text"))
    except ValidationError:
        return told(found, _("请写明情况，最多 4000 字，再提交一次"), status=Invalid.status)
    entry = found.vote(last(fields, "entry")) if found.votes else None
    kind = ObjectionKind.WRONG if found.votes else ObjectionKind.MISSING
    try:
        async with session.begin_nested():
            await objections.raise_against(
                session,
                found.poll,
                kind=kind,
                person_id=found.link.person_id,
                entry_id=entry.entry_id if entry else None,
                text=text,
                by=found.by,
            )
    except (Problem, DBAPIError) as refused:
        if (problem := problems.of(refused)).status >= Internal.status:
            raise
        return refusal(found, problem)
    return told(
        found,
        _("异议已收到"),
        _("社区会核实并答复您。情况属实的，会在截止前改正名册；改好后请再用这个链接投票。"),
        status=_CREATED,
    )


def refusal(found: Visit, problem: Problem) -> Response:
    """Why an objection was not taken, in a voter's words."""
    match problem:
        case ObjectionPending():
            heading = _("您已提出过异议，正在核实，请等待答复")
        case PollNotOpen():
            heading = _("投票没有在进行，不能再提出异议")
        case TooLarge():
            heading = _("填写的内容太多，请写短一些")
        case _:
            heading = _("异议没有提交，请联系社区工作人员")
    return told(found, heading, status=problem.status)


def told(found: Visit, heading: str, *said: str, status: int) -> Response:
    """A page of a few sentences, with the way back to the ballot."""
    return frame.told(
        heading,
        *said,
        status=status,
        large=found.large,
        community=found.community.name,
        title=found.poll.title,
        onward=(found.path(), _("返回投票页面")),
    )
