"""What several do at once, on connections of their own, and what it would be without the guard."""

import asyncio
from itertools import pairwise

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact
from app.groups.models import Bot, Group, GroupMember, GroupState
from tests.groups.builders import a_group
from tests.service_requests.builders import Town
from tests.service_requests.conftest import As, People


def heard_by(bot: Bot, town: Town) -> dict[str, str]:
    return {
        "kind": "building",
        "name": "3栋楼栋交流群",
        "place_id": str(town.places["/A1/G1/3/"].id),
        "platform": bot.platform,
        "bot_id": str(bot.id),
        "external_id": "778899",
    }


async def test_decided_several_times_at_once_a_group_is_decided_once(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    group = await a_group(session, town, state=GroupState.PROPOSED, proposed_by=people.resident)
    await session.commit()
    manager, path = acting(people.manager), f"/groups/{group.id}"

    answers = await asyncio.gather(
        *(manager.post(f"{path}/approval", {}) for _ in range(3)),
        *(manager.post(f"{path}/refusal", {"reason": "重复"}) for _ in range(3)),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    decided = select(func.count(Fact.id)).where(Fact.kind.in_(["group.opened", "group.refused"]))
    assert await session.scalar(decided) == 1


async def test_opened_twice_at_once_a_group_of_the_platform_is_ours_once(
    acting: As, people: People, town: Town, session: AsyncSession, bot: Bot
) -> None:
    manager = acting(people.manager)
    answers = await asyncio.gather(
        *(manager.post("/groups", heard_by(bot, town)) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert await session.scalar(select(func.count(Group.id))) == 1


async def test_without_the_index_it_would_be_ours_twice(
    acting: As, people: People, town: Town, session: AsyncSession, bot: Bot
) -> None:
    await session.execute(text("DROP INDEX chat_groups_external_key"))
    await session.commit()
    manager = acting(people.manager)
    answers = await asyncio.gather(
        *(manager.post("/groups", heard_by(bot, town)) for _ in range(2))
    )
    assert [answer.status_code for answer in answers] == [201, 201]


async def test_named_several_times_at_once_somebody_is_in_the_group_once(
    acting: As, people: People, session: AsyncSession, group: Group
) -> None:
    manager, path = acting(people.manager), f"/groups/{group.id}/members"
    titles = ["building_head", "representative", "small_group_head", "company"]
    answers = await asyncio.gather(
        *(
            manager.post(path, {"person_id": str(people.resident.id), "title": title})
            for title in titles
        )
    )
    assert [answer.status_code for answer in answers] == [201] * 4
    theirs = select(func.count(GroupMember.id)).where(GroupMember.person_id == people.resident.id)
    assert await session.scalar(theirs) == 1


async def test_two_new_owners_at_once_leave_one_owner(
    acting: As, people: People, session: AsyncSession, group: Group
) -> None:
    manager, path = acting(people.manager), f"/groups/{group.id}"
    owners = [people.resident, people.neighbour, people.worker]
    answers = await asyncio.gather(
        *(manager.patch(path, {"owner_id": str(each.id)}) for each in owners)
    )
    assert [answer.status_code for answer in answers] == [200] * 3
    await session.refresh(group)
    called = select(GroupMember.person_id).where(GroupMember.title == "owner")
    assert list(await session.scalars(called)) == [group.owner_id]
    chain = select(Fact.payload).where(Fact.kind == "group.changed").order_by(Fact.id)
    changes = [(each["owner_was"], each["owner_now"]) for each in await session.scalars(chain)]
    assert all(before[1] == after[0] for before, after in pairwise(changes))
    assert len(changes) == 3
