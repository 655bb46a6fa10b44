import asyncio

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.problems import Invalid, TooManyRequests
from app.people import service as people
from app.people.access import Actor
from app.people.models import Identity, Person, Relation, Residence, Role, Standing
from app.people.problems import NotAHome
from tests.people.builders import (
    PHONE,
    a_follower,
    a_post,
    a_residence,
    a_resident,
    an_account,
    facts,
)
from tests.people.conftest import Town


class Chat:
    """Somebody at the account, of whom nothing is known yet."""

    def __init__(self, session: AsyncSession, identity: Identity) -> None:
        self.session = session
        self.identity = identity

    async def person(self) -> Person:
        return await self.session.get_one(
            Person, (self.identity.community_id, self.identity.person_id)
        )

    async def claims(
        self, town: Town, name: str | None = None, phone: str | None = None, *, far: bool = False
    ) -> Residence:
        residence = await people.claim_home(
            self.session,
            person=await self.person(),
            home=town.far_home if far else town.home,
            relation=Relation.OWNER,
            name=name,
            phone=phone,
            by=Actor(self.identity.community_id, "person", self.identity.person_id),
        )
        await self.session.refresh(self.identity)
        return residence


@pytest.fixture
async def somebody(session: AsyncSession, town: Town) -> Chat:
    return Chat(session, await a_follower(session, await an_account(session, town.root)))


async def another(somebody: Chat, town: Town) -> Chat:
    account = await an_account(somebody.session, town.root)
    return Chat(somebody.session, await a_follower(somebody.session, account))


async def test_a_claim_waits_for_staff(session: AsyncSession, town: Town, somebody: Chat) -> None:
    residence = await somebody.claims(town, "张三", PHONE)

    assert residence.standing is Standing.CLAIMED
    assert residence.home is town.home
    person = await somebody.person()
    assert (person.name, person.masked_phone) == ("张三", "138****8000")
    claimed = await facts(session, "residence.claimed")
    assert [fact["person_id"] for fact in claimed] == [str(person.id)]


async def test_a_claim_without_name_or_number_is_one_too(town: Town, somebody: Chat) -> None:
    residence = await somebody.claims(town)

    assert residence.standing is Standing.CLAIMED


async def test_claiming_again_is_answered_with_what_is_known(
    session: AsyncSession, town: Town, somebody: Chat
) -> None:
    first = await somebody.claims(town, "张三", PHONE)

    again = await somebody.claims(town, "张三", PHONE)

    assert again.id == first.id
    assert len(await facts(session, "residence.claimed")) == 1


async def test_whom_the_register_names_with_this_number_there_is_known_at_once(
    session: AsyncSession, town: Town, somebody: Chat
) -> None:
    registered = await a_resident(session, town.home, "张三", PHONE)
    nobody = await somebody.person()

    residence = await somebody.claims(town, "张三", "+86 138 0013 8000")

    assert residence.standing is Standing.VERIFIED
    assert residence.person_id == somebody.identity.person_id == registered.id
    assert nobody.merged_into_id == registered.id
    assert await facts(session, "people.merged") == [
        {"kept_id": str(registered.id), "gone_id": str(nobody.id)}
    ]


async def test_a_wrong_number_can_be_corrected_by_claiming_again(
    session: AsyncSession, town: Town, somebody: Chat
) -> None:
    registered = await a_resident(session, town.home, "张三", PHONE)
    first = await somebody.claims(town, "张三", "13900139000")
    claimed = first.standing

    second = await somebody.claims(town, "张三", PHONE)

    assert (second.standing, second.person_id) == (Standing.VERIFIED, registered.id)
    await session.refresh(first)
    assert (claimed, first.standing) == (Standing.CLAIMED, Standing.ENDED)


@pytest.mark.parametrize(
    ("name", "phone", "far"),
    [
        ("李四", PHONE, False),
        ("张三", "13900139000", False),
        ("张三", None, False),
        (None, PHONE, False),
        ("张三", PHONE, True),
    ],
)
async def test_half_of_what_the_register_knows_proves_nothing(
    session: AsyncSession,
    town: Town,
    somebody: Chat,
    *,
    name: str | None,
    phone: str | None,
    far: bool,
) -> None:
    await a_resident(session, town.home, "张三", PHONE)

    residence = await somebody.claims(town, name, phone, far=far)

    assert residence.standing is Standing.CLAIMED


async def test_an_entry_that_is_somebody_in_the_chat_is_not_taken_over(
    session: AsyncSession, town: Town, somebody: Chat
) -> None:
    registered = await a_resident(session, town.home, "张三", PHONE)
    await somebody.claims(town, "张三", PHONE)
    thief = await another(somebody, town)

    residence = await thief.claims(town, "张三", PHONE)

    assert residence.standing is Standing.CLAIMED
    assert residence.person_id != registered.id


async def test_what_another_only_claimed_proves_nothing(town: Town, somebody: Chat) -> None:
    await somebody.claims(town, "张三", PHONE)
    liar = await another(somebody, town)

    residence = await liar.claims(town, "张三", PHONE)

    assert residence.standing is Standing.CLAIMED


async def test_who_is_known_already_does_not_become_another(
    session: AsyncSession, town: Town, somebody: Chat
) -> None:
    son = await somebody.person()
    await a_residence(session, son, town.far_home)
    await a_resident(session, town.home, "张三", PHONE)

    residence = await somebody.claims(town, "张三", PHONE)

    assert (residence.standing, residence.person_id) == (Standing.CLAIMED, son.id)
    assert son.merged_into_id is None


async def test_staff_who_claim_a_home_stay_themselves(
    session: AsyncSession, town: Town, somebody: Chat
) -> None:
    worker = await somebody.person()
    await a_post(session, worker, town.grid, Role.GRID_WORKER)
    await a_resident(session, town.home, "张三", PHONE)

    residence = await somebody.claims(town, "张三", PHONE)

    assert (residence.standing, residence.person_id) == (Standing.CLAIMED, worker.id)


async def test_what_somebody_claimed_elsewhere_goes_with_them(
    session: AsyncSession, town: Town, somebody: Chat
) -> None:
    registered = await a_resident(session, town.home, "张三", PHONE)
    far = await somebody.claims(town, "张三", far=True)

    await somebody.claims(town, "张三", PHONE)

    await session.refresh(far)
    assert (far.person_id, far.standing) == (registered.id, Standing.CLAIMED)


async def test_nobody_lives_in_a_building(session: AsyncSession, town: Town) -> None:
    person = await a_resident(session, town.home)

    with pytest.raises(NotAHome):
        await people.claim_home(
            session,
            person=person,
            home=town.grid,
            by=Actor(person.community_id, "person", person.id),
        )


async def test_what_is_no_number_is_said_so(town: Town, somebody: Chat) -> None:
    with pytest.raises(Invalid):
        await somebody.claims(town, "张三", "12345")


async def test_numbers_cannot_be_tried_out(town: Town, somebody: Chat) -> None:
    for last in range(10):
        await somebody.claims(town, "张三", f"1390013900{last}")

    with pytest.raises(TooManyRequests):
        await somebody.claims(town, "张三", PHONE)


async def claim_together(sessions: Sessions, town: Town, identities: list[Identity]) -> None:
    async def claim(identity: Identity) -> None:
        async with sessions.begin() as mine:
            person = await mine.get_one(Person, (identity.community_id, identity.person_id))
            await people.claim_home(
                mine,
                person=person,
                home=town.home,
                name="张三",
                phone=PHONE,
                by=Actor(person.community_id, "person", person.id),
            )

    await asyncio.gather(*(claim(identity) for identity in identities))


async def test_claims_that_arrive_together_are_one(
    session: AsyncSession, sessions: Sessions, town: Town, somebody: Chat
) -> None:
    await session.commit()

    await claim_together(sessions, town, [somebody.identity] * 4)

    living = await session.scalar(select(func.count()).select_from(Residence))
    assert living == 1
    assert len(await facts(session, "residence.claimed")) == 1


async def test_without_its_index_claims_that_arrive_together_are_many(
    session: AsyncSession, sessions: Sessions, town: Town, somebody: Chat
) -> None:
    await session.execute(text("DROP INDEX residences_once_key"))
    await session.commit()

    await claim_together(sessions, town, [somebody.identity] * 4)

    living = await session.scalar(select(func.count()).select_from(Residence))
    assert living
    assert living > 1


async def test_of_two_who_claim_one_entry_together_one_gets_it(
    session: AsyncSession, sessions: Sessions, town: Town, somebody: Chat
) -> None:
    registered = await a_resident(session, town.home, "张三", PHONE)
    other = await another(somebody, town)
    await session.commit()

    await claim_together(sessions, town, [somebody.identity, other.identity])

    for chat in (somebody, other):
        await session.refresh(chat.identity)
    theirs = [chat.identity.person_id == registered.id for chat in (somebody, other)]
    assert sorted(theirs) == [False, True]
