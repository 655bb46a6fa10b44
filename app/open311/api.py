"""The door of GeoReport v2, `/open311/v2/…`: XML first, JSON as well, and errors of its own."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.core.database import Sessions
from app.core.i18n import preferred, speaking
from app.open311 import filing, listing, receiving, services, updates
from app.open311.arguments import Arguments, read
from app.open311.callers import anybody, jurisdiction
from app.open311.discovery import discovery
from app.open311.documents import FORMATS, Document
from app.open311.problems import NoSuchResource, answer

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ANY_SIZE = 2**63
"""How long a body may be is for `arguments` to say, whose refusal is in GeoReport's form."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what was sent, from which network address, and what the address names."""

    sessions: Sessions
    asked: Arguments
    address: str
    name: str


Verb: TypeAlias = Callable[[Call], Awaitable[Document]]


async def _discovery(call: Call) -> Document:
    async with call.sessions.begin() as session:
        return await discovery(session)


async def _services(call: Call) -> Document:
    async with call.sessions.begin() as session:
        community = await jurisdiction(session, call.asked)
        return services.services(await services.offered(session, community))


async def _definition(call: Call) -> Document:
    async with call.sessions.begin() as session:
        community = await jurisdiction(session, call.asked)
        return services.definition(await services.of_code(session, community, call.name))


async def _requests(call: Call) -> Document:
    async with call.sessions.begin() as session:
        caller = await anybody(session, call.asked, address=call.address)
        return await listing.several(session, caller, call.asked)


async def _request(call: Call) -> Document:
    async with call.sessions.begin() as session:
        caller = await anybody(session, call.asked, address=call.address)
        return await listing.one(session, caller, call.asked, call.name)


async def _file(call: Call) -> Document:
    return await filing.file(call.sessions, call.asked, address=call.address)


async def _token(call: Call) -> Document:
    async with call.sessions.begin() as session:
        return await filing.by_token(session, call.asked, call.name)


async def _updates(call: Call) -> Document:
    async with call.sessions.begin() as session:
        return await updates.sent(session, call.asked, address=call.address)


async def _receive(call: Call) -> Document:
    return await receiving.receive(call.sessions, call.asked, address=call.address)


_RESOURCES: Mapping[str, Mapping[str, Verb]] = {
    "/v2/discovery.{suffix}": {"GET": _discovery},
    "/v2/services.{suffix}": {"GET": _services},
    "/v2/services/{name}.{suffix}": {"GET": _definition},
    "/v2/requests.{suffix}": {"GET": _requests, "POST": _file},
    "/v2/requests/{name}.{suffix}": {"GET": _request},
    "/v2/tokens/{name}.{suffix}": {"GET": _token},
    "/v2/servicerequestupdates.{suffix}": {"GET": _updates, "POST": _receive},
}


def door(state: State) -> Starlette:
    """The application to mount at `/open311`, on the state of the one it is mounted in."""
    web = Starlette(
        routes=[
            Route(path, _endpoint(verbs), methods=list(verbs)) for path, verbs in _RESOURCES.items()
        ],
        exception_handlers={HTTPException: _refused},
        max_body_size=_ANY_SIZE,
    )
    web.router.redirect_slashes = False
    web.state = state
    return web


def _endpoint(verbs: Mapping[str, Verb]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        with speaking(preferred(request.headers.get("Accept-Language", ""))):
            try:
                verb = verbs.get(request.method, verbs["GET"])
                document = await verb(await _call(request))
                response = document.response(_suffix(request))
            except Exception as error:  # noqa: BLE001 - every error leaves in GeoReport's form
                response = answer(error, _suffix(request))
        response.headers.update({"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
        return response

    return serve


async def _call(request: Request) -> Call:
    name = request.path_params.get("name", "-")
    if request.path_params["suffix"] not in FORMATS or not _NAME.fullmatch(name):
        raise NoSuchResource
    address = request.client.host if request.client else ""
    return Call(request.app.state.sessions, await read(request), address, name)


async def _refused(request: Request, error: Exception) -> Response:
    """What no resource took, refused in the same form."""
    with speaking(preferred(request.headers.get("Accept-Language", ""))):
        return answer(error, _suffix(request))


def _suffix(request: Request) -> str:
    """The format that the address asks for; XML when it asks for none that there is."""
    suffix = request.url.path.rpartition(".")[2]
    return suffix if suffix in FORMATS else "xml"
