"""Photos: uploaded first, then named in a request, a remark or a step."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, UploadFile
from fastapi.responses import FileResponse

from app.core.database import existing
from app.core.files import File, NotAPhoto, TooManyPixels, respond, store_photo
from app.core.files.uploads import received
from app.core.problems import NotFound, TooLarge, Unavailable, problems
from app.core.web import Route, Session
from app.people.access import Me
from app.service_requests.photos import visible_to
from app.service_requests.schemas.requests import FileOut

router = APIRouter(prefix="/api/v1/files", tags=["files"], route_class=Route)


@router.post(
    "",
    status_code=201,
    response_model=FileOut,
    responses=problems(TooLarge, NotAPhoto, TooManyPixels, Unavailable),
)
async def upload_file(session: Session, me: Me, file: UploadFile) -> File:
    """Keep a photo: JPEG, PNG, GIF or WebP of at most 10 MB, without what the camera noted."""
    async with received(file) as data:
        return await store_photo(session, data, community_id=me.community_id, by=me.id)


@router.get("/{file_id}", response_class=FileResponse, responses=problems(NotFound))
async def read_file(
    session: Session,
    me: Me,
    file_id: UUID,
    size: Annotated[Literal["full", "thumb"], Query()] = "full",
) -> FileResponse:
    """A photo of a request the caller may see, or one they uploaded and have not used yet."""
    file = await existing(session, visible_to(me).where(File.id == file_id))
    return respond(file, thumbnail=size == "thumb")
