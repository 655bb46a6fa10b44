"""The words that people are found under when they are to be told something."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.ids import new_id
from app.people.access import Actor
from app.people.events import PersonChanged
from app.people.models import Person, PersonTag
from app.people.permissions import REGISTER
from app.people.service.residents import demand_for


async def tags_of(session: AsyncSession, person: Person) -> list[str]:
    """The words that somebody is found under, in order."""
    theirs = select(PersonTag.tag).where(
        PersonTag.community_id == person.community_id, PersonTag.person_id == person.id
    )
    return sorted(await session.scalars(theirs))


async def set_tags(
    session: AsyncSession, person: Person, tags: Iterable[str], *, by: Actor
) -> list[str]:
    """Let somebody be found under these words and no others; the record does not repeat them."""
    await demand_for(session, REGISTER, person, by)
    await session.refresh(person, with_for_update={"key_share": True})
    wanted, known = set(tags), set(await tags_of(session, person))
    if wanted == known:
        return sorted(known)
    theirs = PersonTag.community_id == person.community_id, PersonTag.person_id == person.id
    await session.execute(delete(PersonTag).where(*theirs, PersonTag.tag.in_(known - wanted)))
    rows = [
        {
            "community_id": person.community_id,
            "id": new_id(),
            "person_id": person.id,
            "tag": tag,
        }
        for tag in sorted(wanted - known)
    ]
    if rows:
        await session.execute(insert(PersonTag).values(rows).on_conflict_do_nothing())
    await record(session, PersonChanged(person_id=person.id, fields=["tags"]), by=by)
    return sorted(wanted)
