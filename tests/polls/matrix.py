"""What goes with a poll, for the matrix of permissions, and what one asks for."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.people.models import Person
from app.polls.models import Objection, ObjectionKind, PollFile


async def a_picture_and_an_objection(
    session: AsyncSession, ids: Mapping[str, str], resident: Person
) -> dict[str, str]:
    """Of the poll that is open: its picture, and what somebody says against its roll."""
    file_id = UUID(ids["file_id"])
    of_poll = {"community_id": resident.community_id, "poll_id": UUID(ids["poll_id"])}
    picture = PollFile(**of_poll, id=new_id(), file_id=file_id, name="平面图.jpg")
    objection = Objection(
        **of_poll,
        id=new_id(),
        person_id=resident.id,
        kind=ObjectionKind.MISSING,
        text="名册上没有我",
    )
    session.add_all([picture, objection])
    await session.flush()
    return {"poll_file_id": str(file_id), "objection_id": str(objection.id)}


def a_poll_asked(place_id: str) -> dict[str, object]:
    """What a poll for a place asks for."""
    options = [{"key": key, "text": f"方案{key}"} for key in "AB"]
    question = {"key": "q1", "method": "single", "text": "哪个？", "options": options}
    return {
        "kind": "poll",
        "place_id": place_id,
        "title": "门口装不装充电桩",
        "form": {"questions": [question]},
        "closes_at": "2099-01-31T10:00:00Z",
    }
