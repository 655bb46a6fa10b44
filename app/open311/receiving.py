"""Taking down what happened over there, by mySociety's extension of GeoReport."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.files import Photo, decode_photo
from app.core.i18n import N_, _, speaking
from app.core.ids import new_id
from app.core.problems import NotFound
from app.open311.arguments import Arguments
from app.open311.callers import Caller, keyed
from app.open311.documents import Document
from app.open311.filing import description, links, store
from app.open311.models import SentUpdate
from app.open311.problems import wrong
from app.open311.queries import find
from app.people.access import Actor
from app.service_requests import queries, service, workflow
from app.service_requests.models import ENDED, ServiceRequest
from app.service_requests.permissions import REMARK
from app.service_requests.steps import steps

_WORDS = {
    "OPEN": "",
    "FIXED": N_("已解决"),
    "IN_PROGRESS": N_("处理中"),
    "ACTION_SCHEDULED": N_("已安排处理"),
    "INVESTIGATING": N_("正在核实"),
    "DUPLICATE": N_("重复事项"),
    "NOT_COUNCILS_RESPONSIBILITY": N_("不属于职责范围"),
    "NO_FURTHER_ACTION": N_("不再处理"),
    "INTERNAL_REFERRAL": N_("已内部转办"),
    "FOR_TRIAGE": N_("待分派"),
    "CLOSED": N_("已关闭"),
    "CANCELLED": N_("已取消"),
    "REOPEN": N_("要求重新办理"),
}
"""What a status says; being open says nothing."""
_STEPS = {"FIXED": ("complete", "note"), "REOPEN": ("reopen", "reason")}
"""The step that a status asks for, and the field of its form that the words go into."""
_LONGEST_ID = 255
_LONGEST_NUMBER = 18


async def receive(sessions: Sessions, asked: Arguments, *, address: str) -> Document:
    """Take down an update, once however often it is sent under one `update_id`."""
    async with sessions.begin() as session:
        caller, program = await keyed(session, asked, address=address)
        REMARK.demand_somewhere(program)
    photos = [await decode_photo(each) for each in asked.files]
    async with sessions.begin() as session:
        request = await _known(session, caller, asked.demanded("service_request_id"))
        given = asked.line("update_id", longest=_LONGEST_ID)
        update_id, new = await _once(session, program, request, given)
        if new:
            await _act(session, program, request, asked, photos)
        return Document("service_request_updates", [{"update_id": str(update_id)}])


async def _known(session: AsyncSession, caller: Caller, number: str) -> ServiceRequest:
    """The request of this number, nobody else's until we are done, if the program knows it.

    That everybody sees it is not enough. It is locked before anything refers to it, or two who do
    this at once would each wait for the other.
    """
    if number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER:
        wanted = ServiceRequest.number == int(number)
        for each in await find(session, caller, wanted, limit=1):
            if each.known:
                return await queries.whole(session, caller.community.id, each.request.id, lock=True)
    raise NotFound


async def _once(
    session: AsyncSession, program: Actor, request: ServiceRequest, given: str | None
) -> tuple[UUID, bool]:
    """What we call an update, and whether it is new; who sends it twice at once waits here."""
    row = insert(SentUpdate).values(
        community_id=program.community_id,
        id=new_id(),
        request_id=request.id,
        client_id=program.id,
        update_id=given,
    )
    row = row.on_conflict_do_nothing(index_elements=["community_id", "client_id", "update_id"])
    if update_id := await session.scalar(row.returning(SentUpdate.id)):
        return update_id, True
    before = select(SentUpdate.id).where(
        SentUpdate.community_id == program.community_id,
        SentUpdate.client_id == program.id,
        SentUpdate.update_id == given,
    )
    return (await session.scalars(before)).one(), False


async def _act(
    session: AsyncSession,
    program: Actor,
    request: ServiceRequest,
    asked: Arguments,
    photos: Sequence[Photo],
) -> None:
    """Take the step that the status asks for, where it is offered; otherwise note it in words."""
    status = asked.demanded("status").upper()
    if status not in _WORDS:
        raise wrong(_("不是已知的状态"), at="status")
    asked.moment("updated_datetime")
    said, more = description(asked), links(asked)
    name, field = _STEPS.get(status, ("", ""))
    step = steps.get(name)
    files = await store(session, program, photos)
    if step is None or not step.offered(request, program):
        lines = [_headed(status, said), *more]
        await _note(session, program, request, "\n".join(filter(None, lines)), files)
        return
    if more or (files and "photos" not in step.form.model_fields):
        await _note(session, program, request, "\n".join(more), files)
        files = ()
    form = {field: said or _in_words(status), **({"photos": files} if files else {})}
    await workflow.take(session, request, name, form, by=program)


async def _note(
    session: AsyncSession,
    program: Actor,
    request: ServiceRequest,
    text: str,
    files: Sequence[UUID],
) -> None:
    """Add it to the request; to one that is over, for staff alone."""
    if not text and not files:
        raise wrong(_("请提供此项"), at="description")
    if request.state in ENDED and not files:
        await service.note(session, request, text=text, by=program)
    else:
        await service.amend(session, request, text=text, photos=files, relayed=True, by=program)


def _headed(status: str, said: str | None) -> str:
    """The words with the status before them, in the language of the community."""
    with speaking("zh"):
        return "：".join(filter(None, (_in_words(status), said)))


def _in_words(status: str) -> str:
    return _(_WORDS[status]) if _WORDS[status] else ""
