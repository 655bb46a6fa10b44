"""Policies: a row a community, made with the usual amounts when it is first asked for.

The usual amounts are the defaults of the table's columns. Who may change a policy, and what is put
on record then, is the domain's own.
"""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Table

P = TypeVar("P", bound=Table)


async def of(session: AsyncSession, policy: type[P], community_id: UUID) -> P:
    """The policy of this kind that a community set, or the one that all start with."""
    if known := await session.get(policy, community_id):
        return known
    usual = insert(policy).values(community_id=community_id).on_conflict_do_nothing()
    await session.execute(usual)
    return await session.get_one(policy, community_id)


async def change(
    session: AsyncSession, policy: Table, columns: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set these columns: what those that change were, and what they are now; both by name."""
    was = {name: getattr(policy, name) for name in sorted(columns)}
    new = {name: columns[name] for name in was if columns[name] != was[name]}
    for name, value in new.items():
        setattr(policy, name, value)
    if new:
        await session.flush()
    return {name: was[name] for name in new}, new
