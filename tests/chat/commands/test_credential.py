from sqlalchemy.ext.asyncio import AsyncSession

from app.people import service as people
from app.people.access import system
from app.people.models import Role
from tests.chat.builders import Phone, Street
from tests.people.builders import a_worker


async def test_a_code_from_the_desk_makes_a_member_of_staff_known(
    newcomer: Phone, street: Street, session: AsyncSession
) -> None:
    staff = await a_worker(session, street.places["/"], Role.MANAGER)
    code, _ = await people.issue_link_code(session, staff, by=system(street.community.id))
    await session.commit()
    assert "没看明白" in await newcomer.says("待办")

    linked = await newcomer.says(f"工号 {code}")

    assert staff.name is not None
    assert staff.name in linked
    assert "待办" in await newcomer.says("帮助")
    assert "没有派给您" in await newcomer.says("待办")


async def test_a_wrong_code_is_refused(newcomer: Phone) -> None:
    assert "工作台" in await newcomer.says("工号")
    refused = await newcomer.says("工号 12345678")

    assert "转人工" in refused
    assert "没看明白" in await newcomer.says("待办")
