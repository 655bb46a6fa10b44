"""The simplest service that could answer a hook: it verifies and reads, and says nothing."""

import json
import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.core.clock import now
from app.groups.platforms import Call, platforms

_given = json.loads(os.environ["BARE_HOOK"])
KEYS: dict[str, str] = _given["keys"]
platforms.load()
_found = platforms.get(_given["platform"])
if _found is None:
    raise LookupError(_given["platform"])
PLATFORM = _found


async def hook(request: Request) -> Response:
    """Verify the call, read it, and answer that there is nothing to say."""
    call = Call(
        method=request.method,
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=await request.body(),
        at=now(),
    )
    answer = PLATFORM.answer(KEYS, PLATFORM.open(KEYS, call), None)
    return Response(answer.body, answer.status, media_type=answer.media_type)


app = Starlette(routes=[Route("/hooks/{bot}", hook, methods=["GET", "POST"])])
