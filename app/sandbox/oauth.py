"""Telling a page who visits it: the authorize address, and what its code may be changed for."""

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sandbox import tokens
from app.sandbox.addresses import web
from app.sandbox.api import Answer, Asked, api
from app.sandbox.errors import Refused
from app.sandbox.pages import CLOSED, page
from app.sandbox.state import Account, Code, Grant, User, World

CODE_SECONDS = 300
COOKIE = "sandbox_phone"
LONGEST_STATE = 128
MOST_SHOWN = 100

_SCOPES = ("snsapi_base", "snsapi_userinfo")


def _visitor(request: Request, account: Account) -> User | None:
    """Whose phone opened the page: said in the address, or by the phone last used."""
    openid = request.query_params.get("openid") or request.cookies.get(COOKIE, "")
    user: User | None = request.app.state.world.users.get(openid)
    return user if user and user.app_id == account.app_id else None


def _wrong(world: World, request: Request) -> str | None:
    query = request.query_params
    if world.accounts.get(query.get("appid", "")) is None:
        return "appid"
    if web(query.get("redirect_uri", "")) is None:
        return "redirect_uri"
    if query.get("response_type") != "code":
        return "response_type"
    if query.get("scope") not in _SCOPES:
        return "scope"
    state = query.get("state", "")
    if len(state) > LONGEST_STATE or not (state == "" or (state.isascii() and state.isalnum())):
        return "state"
    return None


async def authorize(request: Request) -> Response:
    """Send the visitor back with a code, or ask whose phone this is."""
    world: World = request.app.state.world
    query = request.query_params
    if wrong := _wrong(world, request):
        body = page("wrong.html", parameter=wrong)
        return HTMLResponse(body, status_code=400, headers=CLOSED)
    account = world.accounts.get(query["appid"])
    user = _visitor(request, account) if account else None
    if account is None or user is None:
        users = [u for u in world.users.values() if u.app_id == query["appid"]][:MOST_SHOWN]
        here = f"?{request.url.query}&openid="
        return HTMLResponse(page("visitor.html", users=users, here=here), headers=CLOSED)
    code = secrets.token_urlsafe(24)
    row = Code(app_id=account.app_id, openid=user.openid, scope=query["scope"], at=world.now())
    world.codes.put(code, row)
    target = urlsplit(query["redirect_uri"])
    pairs = [*parse_qsl(target.query, keep_blank_values=True), ("code", code)]
    back = urlencode([*pairs, ("state", query.get("state", ""))])
    return RedirectResponse(target._replace(query=back).geturl(), status_code=302)


def _redeem(world: World, account: Account, value: str | None) -> Code:
    """What a code stands for; from now on it is used."""
    if not value:
        raise Refused(41008)
    code = world.codes.get(value)
    if code is None or code.app_id != account.app_id:
        raise Refused(40029)
    if code.used:
        raise Refused(40163)
    if world.now() - code.at >= CODE_SECONDS:
        raise Refused(42003)
    return world.codes.put(value, code.model_copy(update={"used": True}))


async def access_token(asked: Asked) -> Answer:
    """GET /sns/oauth2/access_token: change a code, once, within five minutes."""
    world, query = asked.world, asked.query
    account = tokens.proven(world, query.get("appid"), query.get("secret"))
    if query.get("grant_type") != "authorization_code":
        raise Refused(40002)
    code = _redeem(world, account, query.get("code"))
    value = secrets.token_urlsafe(96)
    expires_at = world.now() + tokens.LIFETIME
    told = {"openid": code.openid, "scope": code.scope}
    world.grants.put(value, Grant(app_id=code.app_id, expires_at=expires_at, **told))
    refresh = secrets.token_urlsafe(96)
    lasting = {"expires_in": tokens.LIFETIME, "refresh_token": refresh}
    return {"access_token": value, **lasting, **told}


async def userinfo(asked: Asked) -> Answer:
    """GET /sns/userinfo: the visitor's name, if the code was asked for with that scope."""
    if not (value := asked.query.get("access_token")):
        raise Refused(41001)
    grant = asked.world.grants.get(value)
    if grant is None:
        raise Refused(40001)
    if grant.expires_at <= asked.world.now():
        raise Refused(42001)
    user = asked.world.users.get(grant.openid)
    if user is None or asked.query.get("openid") != grant.openid:
        raise Refused(40003)
    if grant.scope != "snsapi_userinfo":
        raise Refused(48001)
    empty = {"province": "", "city": "", "country": "", "headimgurl": "", "privilege": []}
    return {"openid": user.openid, "nickname": user.name, "sex": 0, **empty}


ROUTES: list[Route] = [
    Route("/sandbox/connect/oauth2/authorize", authorize),
    api("/sns/oauth2/access_token", "GET", access_token),
    api("/sns/userinfo", "GET", userinfo),
]
