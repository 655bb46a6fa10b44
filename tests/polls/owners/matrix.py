"""Owners, and what is entered for a poll beside its votes, for the matrix of permissions."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.people.models import Person
from app.places.models import Place
from app.polls.models import Channel, Entry, PaperBallot, PaperBox, Proxy
from tests.people.builders import a_person
from tests.polls.owning import a_deed, an_owner


async def papers_and_owners(
    session: AsyncSession, ids: Mapping[str, str], home: Place, clerk: Person
) -> dict[str, str]:
    """A deed of the home; of the poll a proxy, a paper and a box that wait, with their photos."""
    community_id, poll_id = home.community_id, UUID(ids["poll_id"])
    owner = await an_owner(session, home)
    deed = await a_deed(session, home, owner)
    entry = (await session.scalars(select(Entry).where(Entry.poll_id == poll_id).limit(1))).one()
    of_poll = {"community_id": community_id, "poll_id": poll_id}
    photo = {"file_id": UUID(ids["file_id"])}
    holder = await a_person(session, home, "钱七")
    proxy = Proxy(
        **of_poll, **photo, id=new_id(), giver_id=clerk.id, holder_id=holder.id, paper="第1号"
    )
    paper = PaperBallot(
        **of_poll,
        **photo,
        id=new_id(),
        entry_id=entry.id,
        channel=Channel.PAPER,
        choice='{"q1":"A"}',
        entered_by_id=holder.id,
    )
    box = PaperBox(**of_poll, id=new_id(), digest=b"0", size=10, entered_by_id=holder.id)
    session.add_all([proxy, paper, box])
    await session.flush()
    return {
        "owner_id": str(owner.id),
        "deed_id": str(deed.id),
        "proxy_id": str(proxy.id),
        "paper_id": str(paper.id),
        "box_id": str(box.id),
        "entry_code": entry.code,
    }
