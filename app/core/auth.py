"""Opaque bearer tokens: who holds one is who is asking, until it is taken back.

A token is looked up at every request, so that a revoked one stops working at once.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from fastapi import Request
from sqlalchemy import Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.crypto import new_token
from app.core.database import Table, Tenant
from app.core.problems import BadRequest, Unauthenticated

_IN_QUERY = frozenset({"access_token", "api_key", "token"})


class Holder(StrEnum):
    """What kind of caller a token speaks for."""

    PERSON = "person"
    CLIENT = "client"


class Token(Tenant, Table):
    """The fingerprint of a token; the token itself is shown once and never kept."""

    __tablename__ = "tokens"
    __table_args__ = (Index(None, "community_id", "holder_id"),)

    digest: Mapped[bytes] = mapped_column(unique=True)
    holder: Mapped[Holder]
    holder_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a good token speaks for."""

    token_id: UUID
    community_id: UUID
    holder: Holder
    holder_id: UUID


def issue(
    session: AsyncSession,
    *,
    community_id: UUID,
    holder: Holder,
    holder_id: UUID,
    expires_at: datetime | None = None,
) -> str:
    """Make a token and return it; it cannot be read again."""
    text = new_token("palm_st" if holder is Holder.PERSON else "palm_ak")
    session.add(
        Token(
            community_id=community_id,
            digest=sha256(text.encode()).digest(),
            holder=holder,
            holder_id=holder_id,
            expires_at=expires_at,
        )
    )
    return text


async def known(session: AsyncSession, text: str) -> Bearer:
    """Whom a token speaks for; `Unauthenticated` when it is not a good one."""
    good = select(Token).where(
        Token.digest == sha256(text.encode("utf-8", "surrogateescape")).digest(),
        Token.revoked_at.is_(None),
        Token.expires_at.is_(None) | (Token.expires_at > now()),
    )
    token = await session.scalar(good)
    if token is None:
        raise Unauthenticated
    return Bearer(token.id, token.community_id, token.holder, token.holder_id)


async def bearer(session: AsyncSession, request: Request) -> Bearer:
    """Whose token the request carries; `Unauthenticated` without a good one.

    A token in the address would end in logs and histories, and is refused as a bad request.
    """
    if there := getattr(request.state, "bearer", None):
        return there  # type: ignore[no-any-return]
    if _IN_QUERY & request.query_params.keys():
        raise BadRequest
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise Unauthenticated
    request.state.bearer = await known(session, text.strip())
    return request.state.bearer  # type: ignore[no-any-return]
