"""How a kind of matter is dispatched, and what came of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import Fact, record
from app.organizations.models import Organization
from app.people.access import system
from app.service_requests.events import RequestFiled
from app.service_requests.models import Category, CategoryPartner, Dispatch
from tests.service_requests.builders import Town


async def a_way(
    session: AsyncSession,
    town: Town,
    dispatch: Dispatch = Dispatch.RULE,
    *,
    by: Organization | None = None,
    along: Sequence[Organization] = (),
) -> None:
    """From here on leaks are dispatched this way, by an organisation, with others along."""
    leaks = (Category.community_id == town.community.id, Category.code == "water_leak")
    changed = update(Category).where(*leaks).values(dispatch=dispatch)
    await session.execute(changed.values(organization_id=by.id if by else None))
    category_id = (await session.scalars(select(Category.id).where(*leaks))).one()
    for each in along:
        partner = CategoryPartner(
            community_id=town.community.id, category_id=category_id, organization_id=each.id
        )
        session.add(partner)
    await session.commit()


async def kinds(session: AsyncSession, request: dict[str, Any]) -> list[str]:
    """What happened to a request, in order, without `service_request.`."""
    this = select(Fact.kind).where(Fact.subject_id == UUID(request["id"])).order_by(Fact.id)
    return [kind.removeprefix("service_request.") for kind in await session.scalars(this)]


async def filed_again(session: AsyncSession, town: Town, request: dict[str, Any]) -> None:
    """Let what follows from the filing follow a second time."""
    again = RequestFiled(request_id=UUID(request["id"]))
    await record(session, again, by=system(town.community.id))
    await session.commit()


def offered(request: dict[str, Any]) -> set[str]:
    """The names of the steps that whoever read the request could take."""
    return {step["name"] for step in request["steps"]}
