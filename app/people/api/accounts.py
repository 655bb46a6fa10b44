"""The WeChat accounts of a community; what is secret about them goes in and never out."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import SecretStr

from app.core.database import existing
from app.core.pages import Asked, Page, paged
from app.core.problems import Forbidden, NotFound, problems
from app.core.web import Route, Session
from app.people import service
from app.people.access import Me
from app.people.permissions import ACCOUNTS
from app.people.problems import AccountTaken, AesKeyNeeded
from app.people.queries import accounts_visible_to
from app.people.schemas import AccountChange, AccountIn, AccountOut
from app.places.models import ROOT
from app.wechat.models import Account

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"], route_class=Route)


async def held(session: Session, me: Me, account_id: UUID) -> Account:
    """The account of this id, if the caller may set it up, and nobody else's to change."""
    seen = accounts_visible_to(me).where(Account.id == account_id)
    return await existing(session, seen.with_for_update())


Held = Annotated[Account, Depends(held)]


def _kept(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {purpose: form.model_dump(exclude_none=True) for purpose, form in value.items()}
    return value


def _opened(fields: dict[str, Any]) -> dict[str, Any]:
    """The values to keep; secrets are unwrapped here and locked in their columns."""
    return {field: _kept(value) for field, value in fields.items()}


@router.get("", response_model=Page[AccountOut], responses=problems(Forbidden))
async def list_accounts(session: Session, me: Me, cursor: Asked) -> dict[str, object]:
    """The WeChat accounts of your community, newest first."""
    ACCOUNTS.demand(me, at=ROOT)
    return await paged(session, accounts_visible_to(me), cursor, by=Account.id)


@router.post(
    "",
    status_code=201,
    response_model=AccountOut,
    responses=problems(Forbidden, AccountTaken, AesKeyNeeded),
)
async def add_account(session: Session, me: Me, asked: AccountIn) -> Account:
    """Let the community be reached by a service account."""
    account = Account(community_id=me.community_id, **_opened(dict(asked)))
    return await service.add_account(session, account, by=me)


@router.get("/{account_id}", response_model=AccountOut, responses=problems(NotFound))
async def read_account(account: Held) -> Account:
    """A WeChat account, without its secrets."""
    return account


@router.patch(
    "/{account_id}",
    response_model=AccountOut,
    responses=problems(NotFound, Forbidden, AesKeyNeeded),
)
async def change_account(session: Session, me: Me, account: Held, asked: AccountChange) -> Account:
    """Change settings; a new `aes_key` leaves the one before it valid until the next."""
    return await service.change_account(session, account, _opened(asked.named()), by=me)
