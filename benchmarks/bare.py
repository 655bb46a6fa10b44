"""The simplest service that could answer the callback: it parses, and answers the same words."""

import json
import os
from time import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.core.clock import now
from app.wechat import edge
from app.wechat.edge import Keys, Mode, Text

_given = json.loads(os.environ["BARE_KEYS"])
KEYS = Keys(**{**_given, "mode": Mode(_given["mode"])})
ANSWER = Text(os.environ["BARE_ANSWER"])


async def callback(request: Request) -> Response:
    """Open the envelope, and answer what is always answered."""
    delivered = edge.open_envelope(KEYS, request.query_params, await request.body(), now())
    body, media_type = edge.render(ANSWER, delivered, timestamp=int(time()))
    return Response(body, media_type=media_type)


app = Starlette(routes=[Route("/wechat/{account}", callback, methods=["POST"])])
