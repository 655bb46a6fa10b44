"""Who answers for a property company in its groups: whoever works for it."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.groups.models import Bot, Group, GroupKind, GroupMember, Title
from app.groups.queries import is_company, runs
from app.organizations.models import Organization
from tests.conftest import Worker
from tests.groups.builders import a_bot, a_group, a_member
from tests.organizations.builders import a_member as an_employee
from tests.organizations.builders import an_organization, joins
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


@pytest.fixture
async def bot(session: AsyncSession, town: Town) -> Bot:
    return await a_bot(session, town)


@pytest.fixture
async def group(session: AsyncSession, town: Town, bot: Bot, organization: Organization) -> Group:
    made = await a_group(
        session, town, bot, kind=GroupKind.PROPERTY, at="/A1/", organization_id=organization.id
    )
    await session.commit()
    return made


async def titles(session: AsyncSession, group: Group) -> dict[str, str]:
    """What those who are named in a group are in it, by name."""
    rows = select(GroupMember.name, GroupMember.title).where(
        GroupMember.group_id == group.id, GroupMember.sender_id.startswith("person:")
    )
    return {name: title.value for name, title in await session.execute(rows)}


async def test_who_joins_the_company_answers_for_it_until_they_leave(
    acting: As,
    town: Town,
    people: People,
    session: AsyncSession,
    worker: Worker,
    *,
    organization: Organization,
    group: Group,
) -> None:
    account = await a_member(session, group, "30001")
    wu = await an_employee(session, town, organization)
    account.person_id = wu.id
    await session.commit()
    await worker.catch_up()
    assert await titles(session, group) == {"吴师傅": "company"}
    assert await is_company(session, group, "30001")

    path = f"/organizations/{organization.id}/members"
    listed = (await acting(people.manager).get(path)).json()["items"]
    await acting(people.manager)("DELETE", f"{path}/{listed[0]['id']}")
    await worker.catch_up()

    assert await titles(session, group) == {"吴师傅": "member"}
    assert not await is_company(session, group, "30001")


async def test_the_people_of_the_company_are_known_in_a_group_that_is_opened_or_handed_to_it(
    acting: As,
    town: Town,
    people: People,
    session: AsyncSession,
    worker: Worker,
    *,
    organization: Organization,
) -> None:
    await an_employee(session, town, organization)
    rival = await an_organization(session, town, "万家物业")
    await an_employee(session, town, rival, "何师傅")
    await session.commit()
    manager = acting(people.manager)
    body = {
        "kind": "property",
        "name": "物业一家亲",
        "place_id": str(town.places["/A1/"].id),
        "platform": "wecom",
        "organization_id": str(organization.id),
    }
    made = await manager.post("/groups", body)
    await worker.catch_up()
    group = await session.get_one(Group, (town.community.id, made.json()["id"]))
    assert await titles(session, group) == {"周主任": "owner", "吴师傅": "company"}

    path = f"/groups/{group.id}"
    moved = await manager.patch(path, {"organization_id": str(rival.id)})
    assert moved.status_code == 200, moved.text
    await worker.catch_up()

    assert await titles(session, group) == {
        "周主任": "owner",
        "吴师傅": "member",
        "何师傅": "company",
    }


async def test_who_owns_a_group_and_works_for_its_company_runs_it_and_answers(
    town: Town,
    people: People,
    session: AsyncSession,
    worker: Worker,
    *,
    organization: Organization,
    group: Group,
) -> None:
    group.owner_id = people.neighbour.id
    await a_member(session, group, "30001", person=people.neighbour)
    await joins(session, organization, people.neighbour)
    await session.commit()
    await worker.catch_up()
    assert await is_company(session, group, "30001")
    assert await runs(session, group, "30001")


async def test_a_title_that_staff_gave_a_resident_stays_theirs(
    town: Town,
    people: People,
    session: AsyncSession,
    worker: Worker,
    *,
    organization: Organization,
    group: Group,
) -> None:
    who = people.neighbour
    await a_member(
        session, group, f"person:{who.id}", "赵敏", person=who, title=Title.BUILDING_HEAD
    )
    await joins(session, organization, who)
    await session.commit()
    await worker.catch_up()
    assert await titles(session, group) == {"赵敏": "building_head"}


async def test_the_company_is_named_in_its_own_groups_alone(
    town: Town,
    session: AsyncSession,
    worker: Worker,
    bot: Bot,
    *,
    organization: Organization,
    group: Group,
) -> None:
    plain = await a_group(session, town, bot, organization_id=organization.id)
    other = await a_group(session, town, bot, kind=GroupKind.PROPERTY)
    await an_employee(session, town, organization)
    await session.commit()
    await worker.catch_up()
    assert [await titles(session, each) for each in (group, plain, other)] == [
        {"吴师傅": "company"},
        {},
        {},
    ]
