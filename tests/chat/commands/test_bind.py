from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.chat.models import Conversation
from app.people.models import Identity, Person, Relation, Residence, Standing
from tests.chat.builders import Phone, Street, taps
from tests.chat.conftest import Phones
from tests.people.builders import a_resident


async def homes(session: AsyncSession, phone: Phone) -> list[Residence]:
    """Where this person lives or says they do."""
    rows = await session.scalars(
        select(Residence)
        .where(Residence.person_id == phone.person_id)
        .order_by(Residence.id)
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def test_one_line_is_enough(phone: Phones, street: Street, session: AsyncSession) -> None:
    for line in [
        "绑定 3栋2单元502",
        "绑定3栋2单元502",
        "绑定：3-2-502",
        "綁定 三棟二單元五零二",
        "绑定　３号楼２单元５０２室",
        "bind 3-2-502",
    ]:
        newcomer = await phone()
        answer = await newcomer.says(line)

        assert "3栋2单元502" in answer
        (residence,) = await homes(session, newcomer)
        assert (residence.home_id, residence.standing) == (street.home.id, Standing.CLAIMED)


async def test_name_phone_and_relation_may_stand_in_the_line(
    newcomer: Phone, session: AsyncSession
) -> None:
    await newcomer.says("绑定 3栋2单元502 租户 王小明 13800138000")

    (residence,) = await homes(session, newcomer)
    person = await session.get_one(Person, (residence.community_id, residence.person_id))
    assert (residence.relation, person.name, person.phone) == (
        Relation.TENANT,
        "王小明",
        "13800138000",
    )


async def test_who_is_not_the_owner_says_so_with_one_tap(
    newcomer: Phone, session: AsyncSession
) -> None:
    answer = await newcomer.gets("绑定 3栋2单元502")
    await newcomer.says(taps(answer)["租户"])

    (residence,) = await homes(session, newcomer)
    assert residence.relation is Relation.TENANT


async def test_whom_the_register_knows_is_verified_at_once(
    newcomer: Phone, street: Street, session: AsyncSession
) -> None:
    registered = await a_resident(session, street.home, "王小明", "13800138000")
    await session.commit()

    answer = await newcomer.says("绑定 3栋2单元502 王小明 13800138000")

    assert "已核实" in answer
    identity = await session.scalar(select(Identity).where(Identity.openid == newcomer.openid))
    assert identity is not None
    assert identity.person_id == registered.id


async def test_step_by_step_with_taps_alone(
    newcomer: Phone, street: Street, session: AsyncSession
) -> None:
    building = taps(await newcomer.gets("绑定"))
    unit = taps(await newcomer.gets(building["3栋"]))
    home = await newcomer.says(unit["2单元"])
    relation = taps(await newcomer.gets("502"))
    name = taps(await newcomer.gets(relation["3 家属"]))
    answer = await newcomer.says(name["先不填"])

    assert list(building) == ["3栋", "7栋"]
    assert list(unit) == ["1单元", "2单元"]
    assert "门牌号" in home
    assert "3栋2单元502（家属）" in answer
    (residence,) = await homes(session, newcomer)
    assert (residence.home_id, residence.relation) == (street.home.id, Relation.FAMILY)


async def test_a_number_is_the_buildings_own_and_not_its_place_in_the_list(
    newcomer: Phone,
) -> None:
    await newcomer.says("绑定")

    assert "没有找到" in await newcomer.says("2")
    assert "门牌号" in await newcomer.says("7")


async def test_a_building_without_units_is_not_asked_for_one(
    newcomer: Phone, street: Street, session: AsyncSession
) -> None:
    await newcomer.says("绑定", "七栋", "101室", "我是业主", "王小明 13800138000")

    (residence,) = await homes(session, newcomer)
    assert residence.home_id == street.places["/G1/7/101/"].id


async def test_the_whole_home_may_be_said_at_the_first_question(
    newcomer: Phone, street: Street, session: AsyncSession
) -> None:
    assert "业主" in await newcomer.says("绑定", "3栋2单元502")
    await newcomer.says("1", "王小明")

    assert [each.home_id for each in await homes(session, newcomer)] == [street.home.id]


async def test_one_number_on_two_doors_is_asked_about(
    newcomer: Phone, street: Street, session: AsyncSession
) -> None:
    asked = taps(await newcomer.gets("绑定 3栋502"))
    await newcomer.says(asked["3栋1单元502"], "业主", "王小明")

    (residence,) = await homes(session, newcomer)
    assert residence.home_id == street.places["/G1/3/1/502/"].id


async def test_a_home_that_is_not_there_is_asked_for_again(
    newcomer: Phone, session: AsyncSession
) -> None:
    for line in ["绑定 9栋2单元502", "绑定 3栋2单元999", "绑定 3栋9单元502"]:
        answer = await newcomer.says(line)

        assert "没有找到" in answer
        assert "哪一栋" in answer
    assert not await homes(session, newcomer)


async def test_what_is_not_there_is_said_and_asked_again(newcomer: Phone) -> None:
    for step, wrong in [("绑定", "99栋"), ("3栋", "9单元"), ("2单元", "999"), ("502", "房客的狗")]:
        await newcomer.says(step)
        answer = await newcomer.says(wrong)

        assert "没" in answer
        assert "取消" in answer


async def test_binding_twice_is_binding_once(newcomer: Phone, session: AsyncSession) -> None:
    await newcomer.says("绑定 3栋2单元502", "绑定 3栋2单元502")

    assert len(await homes(session, newcomer)) == 1


async def test_a_phone_number_is_kept_where_it_is_encrypted_and_nowhere_else(
    newcomer: Phone, session: AsyncSession
) -> None:
    await newcomer.says("绑定", "3栋", "2单元", "502", "业主", "13800138000")

    kept = await session.scalars(select(Conversation.known))
    assert "13800138000" not in str(kept.all())
    person = (await session.scalars(select(Person).where(Person.id == newcomer.person_id))).one()
    assert (person.name, person.phone) == (None, "13800138000")


async def test_somebody_who_is_known_by_name_is_not_asked_for_it(
    phone: Phones, street: Street
) -> None:
    known = await phone("李桂兰")

    assert "登记好了" in await known.says("绑定", "7栋", "101", "业主")
