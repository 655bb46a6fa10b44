"""Requests as rows, in any state at all, where how they came there does not matter."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.organizations.models import Member, Organization, OrganizationKind
from app.people.models import Person, Post, Role
from app.service_requests import search
from app.service_requests.models import Category, Channel, CoHandler, ServiceRequest
from tests.service_requests.builders import Town

_numbers = count(5001)


async def a_category(session: AsyncSession, town: Town, code: str, **columns: Any) -> Category:
    """A category that came with the software, with these policies."""
    kinds = select(Category).where(Category.community_id == town.community.id)
    category = (await session.scalars(kinds.where(Category.code == code))).one()
    for name, value in columns.items():
        setattr(category, name, value)
    return category


async def a_row(
    session: AsyncSession, town: Town, summary: str, *, category: str = "other", **columns: Any
) -> ServiceRequest:
    """A request, filed now and due in two days, unless said otherwise."""
    kind = await a_category(session, town, category)
    request = ServiceRequest(
        **{
            "community_id": town.community.id,
            "id": new_id(),
            "number": next(_numbers),
            "category_id": kind.id,
            "category_version": 1,
            "place_id": town.home.id,
            "summary": summary,
            "channel": Channel.DESK,
            "filed_at": now(),
            "due_at": now() + timedelta(days=2),
            **columns,
        }
    )
    search.put(request, summary)
    session.add(request)
    await session.flush()
    return request


async def an_organization(
    session: AsyncSession, town: Town, code: str, *members: Person
) -> Organization:
    """A property company, and who works for it."""
    organization = Organization(
        community_id=town.community.id,
        id=new_id(),
        code=code,
        name=code,
        kind=OrganizationKind.PROPERTY,
        place_id=town.places["/"].id,
    )
    session.add(organization)
    for person in members:
        post = Post(
            community_id=town.community.id,
            id=new_id(),
            person_id=person.id,
            place_id=town.places["/"].id,
            role=Role.PARTNER,
        )
        session.add(post)
        await session.flush()
        session.add(
            Member(
                community_id=town.community.id,
                organization_id=organization.id,
                person_id=person.id,
                post_id=post.id,
            )
        )
    await session.flush()
    return organization


async def helps(session: AsyncSession, request: ServiceRequest, person: Person) -> None:
    """Let somebody work along on a request."""
    session.add(
        CoHandler(community_id=request.community_id, request_id=request.id, person_id=person.id)
    )
    await session.flush()
