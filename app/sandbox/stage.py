"""Setting the stage: accounts, people, faults, and a look at what has happened."""

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox import crypto, log
from app.sandbox.addresses import web
from app.sandbox.bodies import In, read
from app.sandbox.faults import DOORS, OF_ROBOTS
from app.sandbox.phone import printed
from app.sandbox.state import Account, Rule, Rules, Template, User, World


class AccountIn(In):
    """An account's settings, as its developer would make them on the platform's site."""

    secret: str = Field(min_length=1)
    token: str = Field(min_length=1)
    aes_key: str = ""
    original_id: str = Field(min_length=1)
    callback_url: str
    mode: Literal["plain", "compatible", "safe"] = "safe"
    format: Literal["xml", "json"] = "xml"
    name: str = Field(min_length=1)
    templates: dict[str, Template] = Field(default={})

    @field_validator("callback_url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        if web(url) is None:
            message = "callback_url must be an http or https address"
            raise ValueError(message)
        return url

    @model_validator(mode="after")
    def _can_encrypt(self) -> Self:
        if self.mode != "plain":
            crypto.key_of(self.aes_key)
        return self


class UserIn(In):
    """A person; whether they follow is left as it is unless said, and begins as yes."""

    app_id: str
    name: str = Field(min_length=1)
    home: str = ""
    role: str = ""
    subscribed: bool | None = None
    blocks: bool = False


class NamedUserIn(UserIn):
    """A person among many, so with the openid beside the rest."""

    openid: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")


class UsersIn(In):
    """Many people at once."""

    users: list[NamedUserIn]


class FaultsIn(In):
    """Which faults to commit, by door."""

    api: list[Rule] = Field(default=[])
    callback: list[Rule] = Field(default=[])
    robots: list[Rule] = Field(default=[])
    groups: list[Rule] = Field(default=[])

    @field_validator(*DOORS, mode="before")
    @classmethod
    def _one_or_many(cls, rules: object) -> object:
        return [rules] if isinstance(rules, dict) else rules

    @model_validator(mode="after")
    def _at_the_right_door(self) -> Self:
        losing = [rule.kind == "lost_reply" for rule in self.callback]
        if not all(losing) or any(rule.kind == "lost_reply" for rule in self.api + self.robots):
            message = "a callback can only have its reply lost, and only a callback or a group can"
            raise ValueError(message)
        if any(rule.kind in OF_ROBOTS for rule in self.api):
            message = "only robots and groups know these kinds; the API has error codes for them"
            raise ValueError(message)
        return self


async def put_account(request: Request) -> Response:
    """PUT /sandbox/accounts/{app_id}: an account as it is from now on."""
    world: World = request.app.state.world
    settings = await read(request, AccountIn)
    app_id = request.path_params["app_id"]
    world.accounts.put(app_id, Account(app_id=app_id, **settings.model_dump()))
    return JSONResponse({"app_id": app_id, "name": settings.name})


async def list_accounts(request: Request) -> Response:
    """GET /sandbox/accounts: names, modes and menus, without secrets."""
    world: World = request.app.state.world
    accounts = []
    for account in world.accounts.values():
        menu = world.menus.get(account.app_id)
        shown = account.model_dump(include={"app_id", "name", "original_id", "mode", "format"})
        accounts.append({**shown, "menu": menu.button if menu else []})
    return JSONResponse({"accounts": accounts})


async def verify_account(request: Request) -> Response:
    """POST /sandbox/accounts/{app_id}/verify: whether the callback passes the GET handshake."""
    account = request.app.state.world.accounts.get(request.path_params["app_id"])
    if account is None:
        raise HTTPException(404, "no such account")
    return JSONResponse({"ok": await request.app.state.sender.greet(account)})


def _put_user(world: World, openid: str, person: UserIn) -> None:
    if world.accounts.get(person.app_id) is None:
        raise HTTPException(422, f"no account {person.app_id}")
    before = world.users.get(openid)
    follows = person.subscribed
    if follows is None:
        follows = before.subscribed if before else True
    user = User(
        openid=openid,
        app_id=person.app_id,
        name=person.name,
        home=person.home,
        role=person.role,
        subscribed=follows,
        blocks=person.blocks,
        since=before.since if before else world.now(),
    )
    world.users.put(openid, user)


async def put_user(request: Request) -> Response:
    """PUT /sandbox/users/{openid}: a person with a phone."""
    openid = request.path_params["openid"]
    person = await read(request, NamedUserIn, openid=openid)
    _put_user(request.app.state.world, openid, person)
    return JSONResponse({"openid": openid, "name": person.name})


async def put_users(request: Request) -> Response:
    """PUT /sandbox/users: many people with phones, beside those that are there."""
    people = await read(request, UsersIn)
    for person in people.users:
        _put_user(request.app.state.world, person.openid, person)
    return JSONResponse({"users": len(people.users)})


async def list_users(request: Request) -> Response:
    """GET /sandbox/users: everybody, each with the newest thing on their phone."""
    state = request.app.state
    users = [
        {
            **user.model_dump(exclude={"since", "blocks"}),
            "latest": printed(state.phones.latest(user.openid)),
        }
        for user in state.world.users.values()
    ]
    return JSONResponse({"users": users, "last": state.phones.last})


def _switched_on(world: World) -> dict[str, Any]:
    rules = {door: (world.faults.get(door) or Rules()).rules for door in DOORS}
    return {door: [rule.model_dump() for rule in listed] for door, listed in rules.items()}


async def put_faults(request: Request) -> Response:
    """PUT /sandbox/faults: the faults from now on; what was switched on before is off."""
    world: World = request.app.state.world
    faults = await read(request, FaultsIn)
    for door in DOORS:
        world.faults.put(door, Rules(rules=getattr(faults, door)))
    return JSONResponse(_switched_on(world))


async def list_faults(request: Request) -> Response:
    """GET /sandbox/faults: what is still to be committed."""
    return JSONResponse(_switched_on(request.app.state.world))


async def delete_faults(request: Request) -> Response:
    """DELETE /sandbox/faults: behave."""
    world: World = request.app.state.world
    for door in DOORS:
        world.faults.drop(door)
    return JSONResponse(_switched_on(world))


async def read_log(request: Request) -> Response:
    """GET /sandbox/log?limit=: how often, and the newest calls and callbacks."""
    limit = request.query_params.get("limit", "100")
    if not limit.isdecimal() or not int(limit):
        raise HTTPException(422, "limit is a positive number")
    return JSONResponse(log.printed(request.app.state.world, int(limit)))


ROUTES: list[Route] = [
    Route("/sandbox/accounts", list_accounts),
    Route("/sandbox/accounts/{app_id}", put_account, methods=["PUT"]),
    Route("/sandbox/accounts/{app_id}/verify", verify_account, methods=["POST"]),
    Route("/sandbox/users", list_users),
    Route("/sandbox/users", put_users, methods=["PUT"]),
    Route("/sandbox/users/{openid}", put_user, methods=["PUT"]),
    Route("/sandbox/faults", list_faults),
    Route("/sandbox/faults", put_faults, methods=["PUT"]),
    Route("/sandbox/faults", delete_faults, methods=["DELETE"]),
    Route("/sandbox/log", read_log),
]
