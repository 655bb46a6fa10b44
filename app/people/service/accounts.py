"""The WeChat accounts of a community, and their secrets."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.people.access import Actor
from app.people.events import AccountAdded, AccountChanged
from app.people.permissions import ACCOUNTS
from app.people.problems import AesKeyNeeded
from app.places.models import ROOT
from app.wechat.edge import Mode
from app.wechat.models import Account


def _check(account: Account) -> None:
    if account.mode is not Mode.PLAIN and account.aes_key is None:
        raise AesKeyNeeded


async def add_account(session: AsyncSession, account: Account, *, by: Actor) -> Account:
    """Let a community be reached by a service account.

    Raises `AesKeyNeeded` unless it is in plain mode, and `AccountTaken`.
    """
    ACCOUNTS.demand(by, at=ROOT)
    _check(account)
    session.add(account)
    await session.flush()
    await record(session, AccountAdded(account_id=account.id), by=by)
    return account


async def change_account(
    session: AsyncSession, account: Account, changes: Mapping[str, Any], *, by: Actor
) -> Account:
    """Change settings by name; a new `aes_key` leaves the one before it good to read with."""
    ACCOUNTS.demand(by, at=ROOT)
    if changes.get("aes_key") not in (None, account.aes_key):
        account.previous_aes_key = account.aes_key
    for field, value in changes.items():
        setattr(account, field, value)
    _check(account)
    event = AccountChanged(account_id=account.id, fields=sorted(changes))
    await record(session, event, by=by)
    return account
