"""What those who work for an organisation see of the community's requests, and do about them."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.organizations.models import Organization
from app.service_requests.models import ServiceRequest
from tests.organizations.builders import a_member, an_organization, joins
from tests.service_requests.builders import Caller, Town
from tests.service_requests.conftest import As, People


@pytest.fixture
async def lift(
    acting: As, people: People, town: Town, organization: Organization, session: AsyncSession
) -> dict[str, Any]:
    """A lift out of order, which the property company is to see to."""
    asked = await acting(people.resident).ask(
        place_id=str(town.home.id), summary="电梯停了", category="other"
    )
    row = update(ServiceRequest).where(ServiceRequest.number == asked["number"])
    await session.execute(row.values(organization_id=organization.id))
    await session.commit()
    return asked


async def sees(caller: Caller, request: dict[str, Any]) -> bool:
    one = await caller.get(f"/service-requests/{request['id']}")
    listed = (await caller.get("/service-requests")).json()["items"]
    timeline = await caller.get(f"/service-requests/{request['id']}/timeline")
    seen = {
        one.status_code == 200,
        timeline.status_code == 200,
        request["id"] in [each["id"] for each in listed],
    }
    assert len(seen) == 1
    return seen.pop()


async def test_members_see_what_their_organisation_is_to_do_and_nobody_elses_do(
    acting: As, town: Town, organization: Organization, session: AsyncSession, lift: dict[str, Any]
) -> None:
    rival = await an_organization(session, town, "万家物业")
    for house, expected in ((organization, True), (rival, False)):
        for head in (False, True):
            member = await a_member(session, town, house, head=head)
            await session.commit()
            assert await sees(acting(member), lift) is expected


async def test_who_works_for_them_no_more_sees_no_more(
    acting: As,
    people: People,
    town: Town,
    organization: Organization,
    session: AsyncSession,
    *,
    lift: dict[str, Any],
) -> None:
    """Also who still works for another organisation in the same place."""
    member = await a_member(session, town, organization)
    await joins(session, await an_organization(session, town, "万家物业"), member)
    await session.commit()
    assert await sees(acting(member), lift)

    path = f"/organizations/{organization.id}/members"
    listed = (await acting(people.manager).get(path)).json()["items"]
    await acting(people.manager)("DELETE", f"{path}/{listed[0]['id']}")

    assert not await sees(acting(member), lift)


async def test_a_member_does_what_is_given_to_them_and_nothing_else(
    acting: As,
    people: People,
    town: Town,
    organization: Organization,
    session: AsyncSession,
    *,
    lift: dict[str, Any],
) -> None:
    member = await a_member(session, town, organization)
    colleague = await a_member(session, town, organization, "何师傅")
    await session.commit()
    wu, manager = acting(member), acting(people.manager)
    await manager.take(lift, "accept")
    await manager.take(lift, "assign", worker_id=str(member.id))

    assert (await acting(colleague).step(lift, "complete", note="好了")).status_code == 403
    for name, form in (
        ("assign", {"worker_id": str(member.id)}),
        ("reject", {"reason": "不归我们", "channel": "12345"}),
    ):
        assert (await wu.step(lift, name, **form)).status_code == 403
    await wu.take(lift, "start")
    done = await wu.take(lift, "complete", note="更换了门机皮带")

    assert done["state"] == "completed"
    line = (await acting(people.resident).timeline(lift))[-1]
    assert (line["by"]["name"], line["by"]["role"]) == ("吴师傅", "协作单位")
    assert (await wu.post(f"/service-requests/{lift['id']}/remarks", {"text": "请再试"})).is_success


async def test_a_member_is_given_nothing_outside_where_their_organisation_works(
    acting: As, people: People, town: Town, session: AsyncSession
) -> None:
    member = await a_member(session, town, await an_organization(session, town, at="/A1/G2/"))
    await session.commit()
    lift = await acting(people.resident).ask(place_id=str(town.home.id), summary="电梯停了")
    await acting(people.manager).take(lift, "accept")
    answer = await acting(people.manager).step(lift, "assign", worker_id=str(member.id))
    assert answer.status_code == 422
