import asyncio

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.people import service as people
from app.people.models import Identity, Person
from tests.people.builders import an_account, facts
from tests.people.conftest import Town


async def test_a_newcomer_is_a_person_without_a_name(session: AsyncSession, town: Town) -> None:
    account = await an_account(session, town.root)

    identity = await people.follow(session, account=account, openid="o1")

    person = await session.get_one(Person, (town.root.community_id, identity.person_id))
    assert (person.name, person.phone, identity.subscribed) == (None, None, True)
    assert len(await facts(session, "identity.followed")) == 1


async def test_who_follows_again_is_the_same(session: AsyncSession, town: Town) -> None:
    account = await an_account(session, town.root)
    first = await people.follow(session, account=account, openid="o1")

    await people.unfollow(session, account=account, openid="o1")
    await session.refresh(first)
    assert not first.subscribed
    again = await people.follow(session, account=account, openid="o1")
    await people.follow(session, account=account, openid="o1")

    assert again is first
    assert first.subscribed
    assert len(await facts(session, "identity.followed")) == 2
    assert len(await facts(session, "identity.unfollowed")) == 1


async def test_who_never_followed_can_leave(session: AsyncSession, town: Town) -> None:
    account = await an_account(session, town.root)

    await people.unfollow(session, account=account, openid="o1")

    assert await facts(session, "identity.unfollowed") == []


async def test_one_openid_on_two_accounts_is_two_people(session: AsyncSession, town: Town) -> None:
    one, two = await an_account(session, town.root), await an_account(session, town.root)

    first = await people.follow(session, account=one, openid="o1")
    second = await people.follow(session, account=two, openid="o1")

    assert first.person_id != second.person_id


async def test_messages_of_a_newcomer_that_arrive_together_are_one_person(
    session: AsyncSession, sessions: Sessions, town: Town
) -> None:
    account = await an_account(session, town.root)
    await session.commit()

    async def arrive() -> None:
        async with sessions.begin() as mine:
            await people.follow(mine, account=account, openid="o1")

    await asyncio.gather(*(arrive() for _ in range(8)))

    assert await session.scalar(select(func.count()).select_from(Identity)) == 1
    assert await session.scalar(select(func.count()).select_from(Person)) == 1
    assert len(await facts(session, "identity.followed")) == 1
