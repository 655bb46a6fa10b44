"""Access tokens: one per account for all processes, and fetched by one of them at a time."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import http
from app.core.clock import now
from app.core.database import Sessions
from app.core.settings import settings
from app.wechat.answers import unanswered, understood
from app.wechat.models import AccessToken, Account
from app.wechat.problems import Ambiguous, Failure, Passing, Permanent, StaleToken

RENEWED_BEFORE_END = timedelta(minutes=4)
"""WeChat hands out the next token in the last five minutes of one, and both work until its end."""
FORCED_APART = timedelta(minutes=72)
"""So that no day sees more than the twenty that WeChat allows."""

_FETCH_SECONDS = 5.0
_PATIENCE = text("SET LOCAL lock_timeout = '12s'")
"""Whoever holds the row may be making two calls."""
_WAITED_TOO_LONG = ("55P03", "57014")

_flights: dict[tuple[Sessions, UUID, str | None], asyncio.Task[str]] = {}


async def access_token(sessions: Sessions, account: Account, *, refused: str | None = None) -> str:
    """The token in force for this account, whichever process fetched it.

    `refused` is the one that WeChat has just turned down: another takes its place, unless somebody
    saw to that already. Raises the `Failure` that fetching ended in.
    """
    async with sessions() as session:
        row = await session.get(AccessToken, (account.community_id, account.id))
    if row and _serves(row, refused):
        return str(row.access_token)
    return await _one_flight(sessions, account, refused)


def _serves(row: AccessToken, refused: str | None, spare: timedelta = RENEWED_BEFORE_END) -> bool:
    good = row.access_token and row.access_token != refused
    return bool(good and row.expires_at and row.expires_at - now() > spare)


async def _one_flight(sessions: Sessions, account: Account, refused: str | None) -> str:
    """Let all callers of this process that want the same wait for the same fetch, and its end."""
    key = (sessions, account.id, refused)
    if key not in _flights:
        _flights[key] = asyncio.create_task(_replaced(sessions, account, refused))
        _flights[key].add_done_callback(lambda _: _flights.pop(key))
    # A caller that gives up must not take the token away from the others.
    return await asyncio.shield(_flights[key])


async def _replaced(sessions: Sessions, account: Account, refused: str | None) -> str:
    """Hold the account's row, so that other processes wait and then find the new token in it."""
    try:
        async with sessions.begin() as session:
            row = await _locked(session, account)
            if _serves(row, refused):
                return str(row.access_token)
            failure = await _attempt(row, account, refused)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) not in _WAITED_TOO_LONG:
            raise
        raise Passing(code="token_busy") from None
    if failure is not None and not _serves(row, refused, spare=timedelta()):
        raise failure
    return str(row.access_token)


async def _locked(session: AsyncSession, account: Account) -> AccessToken:
    await session.execute(_PATIENCE)
    key = {"community_id": account.community_id, "id": account.id}
    await session.execute(insert(AccessToken).values(key).on_conflict_do_nothing())
    return (await session.scalars(select(AccessToken).filter_by(**key).with_for_update())).one()


async def _attempt(row: AccessToken, account: Account, refused: str | None) -> Failure | None:
    """Put a fresh token into the row; the failure, if it came to one, so that the rest is kept.

    Where WeChat insists on the token it refused, it is made to issue another, but not often.
    """
    try:
        await _fetch(row, account)
        if row.access_token == refused and _may_force(row.forced_at):
            row.forced_at = now()
            await _fetch(row, account, force=True)
    except Failure as failure:
        return failure
    return None


def _may_force(forced_at: datetime | None) -> bool:
    return forced_at is None or now() - forced_at >= FORCED_APART


async def _fetch(row: AccessToken, account: Account, *, force: bool = False) -> None:
    body = {
        "grant_type": "client_credential",
        "appid": account.app_id,
        "secret": account.app_secret,
        "force_refresh": force,
    }
    limits = http.call(total=_FETCH_SECONDS, idempotent=not force)
    try:
        response = await http.client().post(
            f"{settings().wechat_api.rstrip('/')}/cgi-bin/stable_token",
            json=body,
            extensions=limits,
        )
    except httpx.HTTPError:
        raise unanswered(code="no_token", repeatable=True) from None
    row.access_token, row.expires_at = _issued(response)


def _issued(response: httpx.Response) -> tuple[str, datetime]:
    try:
        members = understood(response, proof="access_token", repeatable=True)
    except StaleToken as failure:
        # Here there was no token to be stale: 40001 says that the secret is wrong.
        raise Permanent(failure.code) from None
    except Ambiguous as failure:
        raise Passing(failure.code) from None
    return _checked(members)


def _checked(members: Mapping[str, Any]) -> tuple[str, datetime]:
    value, seconds = members["access_token"], members.get("expires_in")
    if not isinstance(value, str) or not isinstance(seconds, int) or seconds <= 0:
        raise Passing(code="unreadable_token")
    return value, now() + timedelta(seconds=seconds)
