from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.organizations.models import Member, Organization
from app.people.access import system
from app.people.events import PeopleMerged
from app.people.models import Person
from app.people.queries import posts_of
from tests.conftest import Worker
from tests.organizations.builders import an_organization, joins
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


async def merged(session: AsyncSession, gone: Person, kept: Person) -> None:
    event = PeopleMerged(kept_id=kept.id, gone_id=gone.id)
    await record(session, event, by=system(gone.community_id))
    gone.merged_into_id, gone.name = kept.id, None
    await session.commit()


async def members(session: AsyncSession) -> set[tuple[object, object, bool]]:
    rows = select(Member.organization_id, Member.person_id, Member.head)
    present = await session.execute(rows.where(Member.ended_at.is_(None)))
    return {(of, who, head) for of, who, head in present}


async def test_who_turns_out_to_be_somebody_else_works_for_the_same_organisations(
    acting: As,
    people: People,
    town: Town,
    worker: Worker,
    session: AsyncSession,
    *,
    organization: Organization,
) -> None:
    both = await an_organization(session, town, "万家物业", at="/")
    gone, kept = people.resident, people.neighbour
    await joins(session, organization, gone)
    await joins(session, both, gone, head=True)
    await joins(session, both, kept)
    await merged(session, gone, kept)

    await worker.catch_up()

    assert await members(session) == {(organization.id, kept.id, False), (both.id, kept.id, True)}
    assert set(await session.scalars(select(Member.person_id))) == {kept.id}
    assert not list(await session.scalars(posts_of(town.community.id, gone.id)))
    posts = (await acting(kept).get("/me")).json()["posts"]
    assert sorted(post["path"] for post in posts) == ["/", "/A1/"]


async def test_of_two_merges_one_after_the_other_the_last_entry_has_it_all(
    people: People, worker: Worker, session: AsyncSession, organization: Organization
) -> None:
    first, second, last = people.resident, people.neighbour, people.elsewhere
    await joins(session, organization, first)
    await merged(session, first, second)
    first.merged_into_id = last.id
    await merged(session, second, last)

    await worker.catch_up()

    assert await members(session) == {(organization.id, last.id, False)}


async def test_an_entry_that_was_merged_away_joins_nothing(
    acting: As, people: People, session: AsyncSession, organization: Organization
) -> None:
    await merged(session, people.resident, people.neighbour)
    body = {"person_id": str(people.resident.id)}
    answer = await acting(people.manager).post(f"/organizations/{organization.id}/members", body)
    assert answer.status_code == 422
