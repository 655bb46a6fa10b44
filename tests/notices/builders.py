"""Notices, somebody's way to write them, and a channel that carries them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time
from typing import Any, Self

from sqlalchemy import Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.ids import new_id
from app.notices import drafting, policies
from app.notices.audiences import Audience, people_of
from app.notices.channels import Content, channels
from app.notices.models import Delivery, Notice, NoticeKind
from app.people.access import system
from app.people.models import Person, Relation, Residence, Standing
from app.places.models import Place
from tests.pictures import a_picture
from tests.service_requests.builders import Caller, Letterbox, Town, a_person

BODY = "明天**上午9点**至12点停水，请提前储水。"


class Post(Letterbox):
    """A letterbox that notices come to as well."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[Delivery, Content]] = []

    def recipients(  # type: ignore[override]
        self, notice: Notice, audience: Audience
    ) -> Select[Any, Any, Any]:
        """Everybody who is told in person."""
        found = people_of(notice, audience).subquery()
        return select(found.c.id, found.c.id, literal("post"))

    @asynccontextmanager
    async def lane(self, _sessions: Sessions, _lane: str) -> AsyncIterator[Self]:
        yield self

    async def send(self, delivery: Delivery, content: Content) -> str | None:
        self.said.append((delivery, content))
        return await super().send(delivery, content)

    def notices_to(self, person: Person) -> list[str]:
        """The titles of the notices that somebody was told, in order."""
        return [content.title for delivery, content in self.said if delivery.person_id == person.id]

    def link_to(self, person: Person) -> str:
        """The path of the link that somebody was sent last."""
        links = [content.link for each, content in self.said if each.person_id == person.id]
        return "/n/" + str(links[-1]).rpartition("/n/")[2]


async def hushed(
    session: AsyncSession, town: Town, quiet_from: time = time(0), quiet_to: time = time(0)
) -> None:
    """Let the town have these quiet hours; none at all, if not said otherwise."""
    policy = await policies.of(session, town.community.id)
    policy.quiet_from, policy.quiet_to = quiet_from, quiet_to
    await session.commit()


async def lives_in(
    session: AsyncSession, town: Town, name: str, at: str = "/A1/G1/3/2/502/"
) -> Person:
    """Somebody who is known to live in a home of the town."""
    person = await a_person(session, town, name)
    session.add(
        Residence(
            community_id=town.community.id,
            id=new_id(),
            person_id=person.id,
            home_id=town.places[at].id,
            relation=Relation.OWNER,
            standing=Standing.VERIFIED,
        )
    )
    await session.flush()
    return person


def a_draft(town: Town, at: str = "/A1/", **differently: Any) -> dict[str, Any]:
    """What a notice for a place asks for."""
    place = str(town.places[at].id)
    usual = {
        "kind": "notice",
        "title": "停水通知",
        "body": BODY,
        "place_id": place,
        "audience": {"places": [place]},
        "channels": ["post"],
    }
    return usual | differently


async def written(
    caller: Caller, town: Town, at: str = "/A1/", **differently: Any
) -> dict[str, Any]:
    """A notice that somebody wrote."""
    answer = await caller.post("/notices", a_draft(town, at, **differently))
    assert answer.status_code == 201, answer.text
    draft: dict[str, Any] = answer.json()
    return draft


async def sent(caller: Caller, town: Town, at: str = "/A1/", **differently: Any) -> dict[str, Any]:
    """A notice that somebody wrote and sent; the worker has yet to carry it out."""
    draft = await written(caller, town, at, **differently)
    answer = await caller.post(f"/notices/{draft['id']}/publication")
    assert answer.status_code == 200, answer.text
    notice: dict[str, Any] = answer.json()
    return notice


async def a_draft_of(session: AsyncSession, place: Place) -> dict[str, str]:
    """Ids of a draft for a place that nobody in particular wrote, and of its picture."""
    channels.load()
    by = system(place.community_id)
    audience = Audience(places=[place.id])
    notice = await drafting.draft(
        session,
        place,
        audience=audience,
        by=by,
        kind=NoticeKind.NOTICE,
        title="停水通知",
        body=BODY,
        channels=["site"],
    )
    file = await drafting.attach(session, notice, a_picture(), "路线图.jpg", by=by)
    return {"notice_id": str(notice.id), "attached_id": str(file.file_id)}
