"""The published guide: what can be asked for, who does it, in what time, and what to bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.organizations.models import Organization
from app.places.models import Community
from app.service_requests import queries, words
from app.service_requests.keywords import suggest
from app.service_requests.models import Category

_MOST = 5


@dataclass(frozen=True, slots=True)
class Guided:
    """A kind of matter as the public reads of it, limits in the reader's language."""

    code: str
    name: str
    group: str
    guide: dict[str, Any]
    organization: Organization | None
    answered_in: str
    updated_every: str | None
    resolved_in: str
    source: str | None
    anonymous_allowed: bool
    confidential: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Kinds of matter that belong together."""

    name: str
    categories: list[Guided]


def _guided(category: Category, organization: Organization | None) -> Guided:
    return Guided(
        code=category.code,
        name=category.name,
        group=category.group,
        guide=category.guide,
        organization=organization,
        answered_in=words.limit(category.answer_limit),
        updated_every=words.limit(category.update_limit) if category.update_limit else None,
        resolved_in=words.limit(category.resolve_limit),
        source=category.source,
        anonymous_allowed=category.anonymous_allowed,
        confidential=category.confidential,
    )


async def of(session: AsyncSession, community: Community) -> list[Group]:
    """What a community publishes, in groups, in the order in which it is offered."""
    known = await queries.catalogue(session, community.id)
    responsible = select(Organization).where(
        Organization.community_id == community.id,
        Organization.active,
        Organization.id.in_({category.organization_id for category in known} - {None}),
    )
    organizations: dict[UUID | None, Organization] = {
        each.id: each for each in await session.scalars(responsible)
    }
    first = {name: at for at, name in reversed(list(enumerate(each.group for each in known)))}
    together = sorted(known, key=lambda category: first[category.group])
    return [
        Group(name, [_guided(each, organizations.get(each.organization_id)) for each in members])
        for name, members in groupby(together, key=lambda category: category.group)
    ]


async def suggestions(session: AsyncSession, community_id: UUID, text: str) -> Sequence[Category]:
    """The five kinds of matter that a text is most probably about, best first."""
    return suggest(await queries.catalogue(session, community_id), text)[:_MOST]
