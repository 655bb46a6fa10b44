"""Which photos belong to which request, and who may look at them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.files import File
from app.core.problems import Invalid
from app.people.access import Actor
from app.service_requests import queries
from app.service_requests.models import RequestPhoto, ServiceRequest, Stage

MOST = 9
"""As many as WeChat lets one pick at once."""


async def owned(session: AsyncSession, file_ids: Sequence[UUID], *, by: Actor) -> list[File]:
    """The photos of these ids that this actor uploaded; `Invalid` names what is not there."""
    if not file_ids:
        return []
    own = select(File).where(File.community_id == by.community_id, File.uploaded_by == by.id)
    found = {file.id: file for file in await session.scalars(own.where(File.id.in_(file_ids)))}
    if missing := [index for index, each in enumerate(file_ids) if each not in found]:
        errors = [{"path": f"photos.{index}", "message": "no such photo"} for index in missing]
        raise Invalid(errors=errors)
    return list(found.values())


async def put(
    session: AsyncSession,
    request: ServiceRequest,
    files: Sequence[File],
    *,
    stage: Stage,
    remark_id: UUID | None = None,
) -> None:
    """Put photos with a request that is stored; `PhotoTaken` if one is with another already.

    Who sent the photos of an anonymous request is forgotten.
    """
    for file in files:
        if request.anonymous:
            file.uploaded_by = None
        photo = RequestPhoto(
            community_id=request.community_id,
            request_id=request.id,
            file_id=file.id,
            remark_id=remark_id,
            stage=stage,
        )
        session.add(photo)
    if files:
        await session.flush()


def _with_a_request(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    of_this_file = and_(
        RequestPhoto.community_id == File.community_id, RequestPhoto.file_id == File.id
    )
    return exists().where(of_this_file, *conditions)


def visible_to(me: Actor) -> Select[File]:
    """The photos of the requests one sees, and those one uploaded that are with none yet."""
    seen = queries.visible_to(me).with_only_columns(ServiceRequest.id)
    return select(File).where(
        File.community_id == me.community_id,
        or_(
            _with_a_request(RequestPhoto.request_id.in_(seen)),
            and_(File.uploaded_by == me.id, ~_with_a_request()),
        ),
    )
