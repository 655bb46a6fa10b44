"""The roll of an owners' assembly: heads and areas as the law counts them."""

from time import perf_counter

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.places.models import Kind, Place
from app.polls.models import (
    AreaSource,
    Basis,
    Deed,
    DeedOwner,
    Entry,
    Owner,
    OwnerKind,
    PollState,
    Voter,
)
from app.polls.owners.roll import owner_entries
from app.polls.service.rolls import make
from tests.people.builders import a_person
from tests.people.conftest import Town
from tests.places.builders import a_home, a_place
from tests.polls.builders import open_to, some_homes
from tests.polls.owning import a_deed, a_proxy, an_assembly, an_owner, the_roll, who_votes


async def test_one_owner_of_several_homes_is_one_head_with_the_areas_summed(
    session: AsyncSession, town: Town
) -> None:
    zhang = await a_person(session, town.root)
    owner = await an_owner(session, town.root, zhang)
    await a_deed(session, town.home, owner, area=8950)
    await a_deed(session, await a_home(session, town.grid, "3-2-503"), owner, area=10120)
    poll = await an_assembly(session, town.root)

    assert await owner_entries(session, poll) == 1

    roll = await the_roll(session, poll)
    entry = roll["3栋2单元502、3栋2单元503"]
    assert (entry.area, entry.homes, entry.home_id) == (19070, 2, None)
    assert entry.key == f"owner:{owner.id}"
    assert entry.grid_id == town.grid.id
    assert await who_votes(session, entry) == {zhang.id: Basis.SELF}


async def test_everything_that_the_developer_has_not_sold_is_one_head(
    session: AsyncSession, town: Town
) -> None:
    clerk = await a_person(session, town.root, "赵经理")
    developer = await an_owner(session, town.root, clerk, kind=OwnerKind.DEVELOPER)
    for home in await some_homes(session, town.grid, 5):
        await a_deed(session, home, developer, area=10000)
    poll = await an_assembly(session, town.root)

    assert await owner_entries(session, poll) == 1

    ((label, entry),) = (await the_roll(session, poll)).items()
    assert label.endswith("等5套")
    assert (entry.area, entry.homes) == (50000, 5)
    assert await who_votes(session, entry) == {clerk.id: Basis.REPRESENTATIVE}


async def test_a_co_owned_home_is_one_head_of_its_own(session: AsyncSession, town: Town) -> None:
    zhang, li = await a_person(session, town.root), await a_person(session, town.root, "李四")
    both = [await an_owner(session, town.root, each) for each in (zhang, li)]
    await a_deed(session, town.home, *both)
    await a_deed(session, await a_home(session, town.grid, "3-2-503"), both[0])
    poll = await an_assembly(session, town.root)

    assert await owner_entries(session, poll) == 2

    roll = await the_roll(session, poll)
    together = roll["3栋2单元502"]
    assert await who_votes(session, together) == {zhang.id: Basis.CO_OWNER, li.id: Basis.CO_OWNER}
    assert await who_votes(session, roll["3栋2单元503"]) == {zhang.id: Basis.SELF}
    assert together.home_id == town.home.id


async def test_the_same_set_of_co_owners_is_one_head_with_all_their_homes(
    session: AsyncSession, town: Town
) -> None:
    both = [await an_owner(session, town.root, name=name) for name in ("张三", "李四")]
    await a_deed(session, town.home, *both)
    await a_deed(session, await a_home(session, town.grid, "3-2-503"), *reversed(both), area=50)
    poll = await an_assembly(session, town.root)

    assert await owner_entries(session, poll) == 1

    (entry,) = (await the_roll(session, poll)).values()
    assert (entry.homes, entry.area) == (2, 9000)


async def test_whom_the_co_owners_named_votes_alone(session: AsyncSession, town: Town) -> None:
    zhang, li = await a_person(session, town.root), await a_person(session, town.root, "李四")
    both = [await an_owner(session, town.root, each) for each in (zhang, li)]
    await a_deed(session, town.home, *both, voter=both[1])
    poll = await an_assembly(session, town.root)

    await owner_entries(session, poll)

    (entry,) = (await the_roll(session, poll)).values()
    assert await who_votes(session, entry) == {li.id: Basis.CO_OWNER}


async def test_an_owner_of_whom_no_person_is_known_votes_on_paper(
    session: AsyncSession, town: Town
) -> None:
    await a_deed(session, town.home, await an_owner(session, town.root))
    poll = await an_assembly(session, town.root)

    assert await owner_entries(session, poll) == 1

    (entry,) = (await the_roll(session, poll)).values()
    assert await who_votes(session, entry) == {}


async def test_only_homes_within_the_electorate_and_only_deeds_that_hold_count(
    session: AsyncSession, town: Town
) -> None:
    owner = await an_owner(session, town.root)
    await a_deed(session, town.home, owner, area=100)
    await a_deed(session, town.far_home, owner, area=7000)
    sold = await a_deed(session, await a_home(session, town.grid, "3-2-504"), owner, area=300)
    sold.ended_at = sold.created_at
    poll = await an_assembly(session, town.root, within=[town.area])

    await owner_entries(session, poll)

    (entry,) = (await the_roll(session, poll)).values()
    assert (entry.area, entry.homes, entry.home_id) == (100, 1, town.home.id)


async def test_an_area_that_two_places_of_the_electorate_hold_counts_once(
    session: AsyncSession, town: Town
) -> None:
    await a_deed(session, town.home, await an_owner(session, town.root), area=100)
    poll = await an_assembly(session, town.root, within=[town.area, town.grid])

    assert await owner_entries(session, poll) == 1

    assert await session.scalar(select(func.sum(Entry.area))) == 100


async def test_homes_of_two_grids_are_in_none_of_them(session: AsyncSession, town: Town) -> None:
    other = await a_place(session, town.area, Kind.GRID, "G2")
    owner = await an_owner(session, town.root)
    await a_deed(session, town.home, owner)
    await a_deed(session, await a_home(session, other, "7-101"), owner)
    poll = await an_assembly(session, town.root)

    await owner_entries(session, poll)

    (entry,) = (await the_roll(session, poll)).values()
    assert (entry.label, entry.grid_id) == ("3栋2单元502、7栋101", None)


async def test_who_holds_a_proxy_votes_and_the_giver_may_still_come(
    session: AsyncSession, town: Town
) -> None:
    zhang, li = await a_person(session, town.root), await a_person(session, town.root, "李四")
    await a_deed(session, town.home, await an_owner(session, town.root, zhang))
    poll = await an_assembly(session, town.root)
    await a_proxy(session, poll, zhang, li)

    await owner_entries(session, poll)

    (entry,) = (await the_roll(session, poll)).values()
    assert await who_votes(session, entry) == {zhang.id: Basis.SELF, li.id: Basis.PROXY}


async def test_a_guardian_votes_in_place_of_the_owner(session: AsyncSession, town: Town) -> None:
    zhang, li = await a_person(session, town.root), await a_person(session, town.root, "李四")
    await a_deed(session, town.home, await an_owner(session, town.root, zhang))
    poll = await an_assembly(session, town.root)
    await a_proxy(session, poll, zhang, li, Basis.GUARDIAN)

    await owner_entries(session, poll)

    (entry,) = (await the_roll(session, poll)).values()
    assert await who_votes(session, entry) == {li.id: Basis.GUARDIAN}


async def test_what_was_taken_back_or_is_for_another_poll_gives_no_vote(
    session: AsyncSession, town: Town
) -> None:
    zhang, li = await a_person(session, town.root), await a_person(session, town.root, "李四")
    await a_deed(session, town.home, await an_owner(session, town.root, zhang))
    poll, other = await an_assembly(session, town.root), await an_assembly(session, town.root)
    revoked = await a_proxy(session, poll, zhang, li)
    revoked.revoked_at = revoked.created_at
    await a_proxy(session, other, zhang, li)

    await owner_entries(session, poll)

    (entry,) = (await the_roll(session, poll)).values()
    assert await who_votes(session, entry) == {zhang.id: Basis.SELF}


async def test_a_proxy_is_not_passed_on(session: AsyncSession, town: Town) -> None:
    zhang, li, wang = [
        await a_person(session, town.root, name) for name in ("张三", "李四", "王五")
    ]
    await a_deed(session, town.home, await an_owner(session, town.root, zhang))
    poll = await an_assembly(session, town.root)
    await a_proxy(session, poll, zhang, li)
    await a_proxy(session, poll, li, wang)

    await owner_entries(session, poll)

    (entry,) = (await the_roll(session, poll)).values()
    assert await who_votes(session, entry) == {zhang.id: Basis.SELF, li.id: Basis.PROXY}


async def test_the_roll_that_opens_an_assembly_is_that_of_its_owners(
    session: AsyncSession, town: Town
) -> None:
    await a_deed(session, town.home, await an_owner(session, town.root))
    poll = await an_assembly(session, town.root)

    assert await make(session, poll) == 1
    await open_to(session, poll)

    await session.refresh(poll)
    assert poll.state is PollState.OPEN


async def _register(session: AsyncSession, grid: Place, homes: int) -> None:
    """Homes of as many owners, each tenth of them co-owned, and each twentieth the developer's."""
    community = {"community_id": grid.community_id}
    developer = await an_owner(session, grid, kind=OwnerKind.DEVELOPER, name="建设单位")
    doors = await some_homes(session, grid, homes)
    owners = [
        {**community, "id": new_id(), "kind": OwnerKind.PERSON, "name": str(n), "version": 1}
        for n in range(homes + homes // 10)
    ]
    deeds = [
        {
            **community,
            "id": new_id(),
            "home_id": door.id,
            "area": 10_001,
            "area_source": AreaSource.REGISTRY,
            "version": 1,
        }
        for door in doors
    ]
    owned = [
        {
            **community,
            "id": new_id(),
            "deed_id": deed["id"],
            "owner_id": developer.id if n % 20 == 19 else owners[n]["id"],
        }
        for n, deed in enumerate(deeds)
    ]
    owned += [
        {
            **community,
            "id": new_id(),
            "deed_id": deeds[n * 10]["id"],
            "owner_id": owners[homes + n]["id"],
        }
        for n in range(homes // 10)
    ]
    for table, rows in ((Owner, owners), (Deed, deeds), (DeedOwner, owned)):
        await session.execute(insert(table), rows)


@pytest.mark.parametrize("homes", [5_000])
async def test_five_thousand_homes_are_on_the_roll_within_some_seconds(
    session: AsyncSession, town: Town, homes: int
) -> None:
    await _register(session, town.grid, homes)
    poll = await an_assembly(session, town.root)
    began = perf_counter()

    entries = await owner_entries(session, poll)

    assert perf_counter() - began < 8
    assert entries == homes - homes // 20 + 1
    assert await session.scalar(select(func.sum(Entry.area))) == homes * 10_001
    assert await session.scalar(select(func.count()).select_from(Voter)) == 0
