"""The calls that hand out tokens and tickets."""

import secrets

from starlette.routing import Route

from app.sandbox import tokens
from app.sandbox.api import Answer, Asked, api, with_token
from app.sandbox.errors import Refused, accepted
from app.sandbox.state import Account, Ticket

_TICKET_BYTES = 64


async def token(asked: Asked) -> Answer:
    """GET /cgi-bin/token: a new token each time, which kills the one before it."""
    query = asked.query
    account = tokens.account_of(
        asked.world, query.get("appid"), query.get("secret"), query.get("grant_type")
    )
    return {"access_token": tokens.fetch(asked.world, account), "expires_in": tokens.LIFETIME}


async def stable_token(asked: Asked) -> Answer:
    """POST /cgi-bin/stable_token: the same token to everybody, apart from the other kind."""
    body = asked.body
    account = tokens.account_of(
        asked.world, body.get("appid"), body.get("secret"), body.get("grant_type")
    )
    force = body.get("force_refresh", False)
    if not isinstance(force, bool):
        raise Refused(47001)
    value, expires_in = tokens.stable(asked.world, account, force=force)
    return {"access_token": value, "expires_in": expires_in}


async def ticket(asked: Asked, account: Account) -> Answer:
    """GET /cgi-bin/ticket/getticket: what signs a page's use of the JS-SDK."""
    if asked.query.get("type") != "jsapi":
        raise Refused(40097)
    now = asked.world.now()
    held = asked.world.tickets.get(account.app_id)
    if held is None or held.expires_at <= now:
        fresh = Ticket(
            ticket=secrets.token_urlsafe(_TICKET_BYTES), expires_at=now + tokens.LIFETIME
        )
        held = asked.world.tickets.put(account.app_id, fresh)
    return accepted(ticket=held.ticket, expires_in=int(held.expires_at - now))


ROUTES: list[Route] = [
    api("/cgi-bin/token", "GET", token),
    api("/cgi-bin/stable_token", "POST", stable_token),
    api("/cgi-bin/ticket/getticket", "GET", with_token(ticket)),
]
