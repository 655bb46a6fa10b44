"""The accounts this process answers for."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.core.database import Sessions
from app.wechat.edge import Keys
from app.wechat.models import Account


@dataclass(frozen=True, slots=True)
class Door:
    """An account as its callback needs it."""

    community_id: UUID
    account_id: UUID
    keys: Keys


async def door_of(sessions: Sessions, slug: str) -> Door | None:
    """The account behind this address; None where there is none."""
    async with sessions() as session:
        account = await session.scalar(select(Account).where(Account.slug == slug))
    return Door(account.community_id, account.id, account.keys) if account else None
