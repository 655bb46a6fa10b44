"""What several do at once, on connections of their own, and what it would be without the guard."""

import asyncio

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.organizations.models import Member, Organization
from app.people.models import Post
from app.people.queries import posts_of
from tests.organizations.builders import a_member, an_organization, joins
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


async def test_added_twice_at_once_one_is_a_member_once(
    acting: As, people: People, organization: Organization, session: AsyncSession
) -> None:
    manager = acting(people.manager)
    path, body = f"/organizations/{organization.id}/members", {"person_id": str(people.resident.id)}

    answers = await asyncio.gather(*(manager.post(path, body) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    refused = {answer.json()["type"] for answer in answers if answer.status_code == 409}
    assert refused == {"/problems/already-member"}
    assert await session.scalar(select(func.count(Member.id))) == 1
    held = posts_of(people.resident.community_id, people.resident.id)
    assert len(list(await session.scalars(held))) == 1


async def test_without_the_index_they_would_be_a_member_twice(
    acting: As, people: People, organization: Organization, session: AsyncSession
) -> None:
    await session.execute(text("DROP INDEX organization_members_once_key"))
    await session.commit()
    manager = acting(people.manager)
    path, body = f"/organizations/{organization.id}/members", {"person_id": str(people.resident.id)}

    answers = await asyncio.gather(*(manager.post(path, body) for _ in range(2)))

    assert [answer.status_code for answer in answers] == [201, 201]


async def test_who_joins_several_organisations_of_a_place_at_once_holds_one_post(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    organizations = [await an_organization(session, town, name) for name in "甲乙丙丁"]
    await session.commit()
    manager = acting(people.manager)
    body = {"person_id": str(people.resident.id)}

    answers = await asyncio.gather(
        *(manager.post(f"/organizations/{each.id}/members", body) for each in organizations)
    )

    assert [answer.status_code for answer in answers] == [201] * 4
    assert await session.scalar(select(func.count()).where(Post.role == "partner")) == 1


async def test_who_leaves_several_organisations_at_once_holds_no_post(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    organizations = [await an_organization(session, town, name) for name in "甲乙丙"]
    member = await a_member(session, town, organizations[0])
    for other in organizations[1:]:
        await joins(session, other, member)
    await session.commit()
    manager = acting(people.manager)
    rows = await session.execute(select(Member.organization_id, Member.id))
    paths = [f"/organizations/{of}/members/{one}" for of, one in rows]

    answers = await asyncio.gather(*(manager("DELETE", path) for path in [*paths, *paths]))

    assert sorted(answer.status_code for answer in answers) == [204] * 3 + [404] * 3
    assert not list(await session.scalars(posts_of(town.community.id, member.id)))


async def test_who_joins_while_the_organisation_moves_goes_with_it(
    acting: As, people: People, town: Town, session: AsyncSession, organization: Organization
) -> None:
    manager = acting(people.manager)
    path = f"/organizations/{organization.id}"
    to = {"place_id": str(town.places["/A1/G2/"].id)}
    joining = (people.resident, people.neighbour)

    answers = await asyncio.gather(
        manager.post(f"{path}/members", {"person_id": str(joining[0].id)}),
        manager.patch(path, to),
        manager.post(f"{path}/members", {"person_id": str(joining[1].id)}),
    )

    assert [answer.status_code for answer in answers] == [201, 200, 201]
    held = select(Post.place_id).where(Post.role == "partner", Post.ended_at.is_(None))
    assert set(await session.scalars(held)) == {town.places["/A1/G2/"].id}
