"""The web process: every part, put together once."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from app import worker
from app.chat import callback, hooks
from app.core import database, http, log, problems
from app.core.log import RequestLog
from app.core.metrics import RequestMetrics
from app.core.settings import settings
from app.groups import api as groups
from app.notices import api as notices
from app.open311 import api as open311
from app.opinion import api as opinion
from app.organizations import api as organizations
from app.people import api as people
from app.polls import api as polls
from app.polls import booth
from app.service_requests import api as service_requests
from app.web import api as operations
from app.webhooks import api as webhooks

LARGEST_BODY = 12 * 1024 * 1024
"""Bytes: a photo of 10 MB and what a form puts around it."""


@asynccontextmanager
async def _lifespan(web: FastAPI) -> AsyncIterator[None]:
    await database.durable(web.state.engine)
    yield
    await web.state.desk.close()
    await web.state.hooks.close()
    await web.state.booth.close()
    await http.close()
    await web.state.engine.dispose()


class Palm(FastAPI):
    """The application, with what must see every request first around all of it.

    FastAPI puts its middleware inside its own handling of errors, so that what breaks there would
    go out unlogged; and each layer costs the callback, which needs none of them.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(title="Palm Community", lifespan=_lifespan, max_body_size=LARGEST_BODY)
        self.state.engine = engine
        self.state.sessions = database.sessions_of(engine)
        self.state.desk = callback.desk_of(engine)
        self.state.hooks = hooks.desk_of(engine)
        self.state.booth = booth.Booth(engine)
        voted = booth.Entrance(super().__call__, self.state.booth)
        heard = hooks.Entrance(voted, self.state.hooks)
        inside = callback.Entrance(heard, self.state.desk)
        self._outside = RequestLog(RequestMetrics(inside))

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._outside(scope, receive, send)


def create_app(engine: AsyncEngine) -> Palm:
    """The service on this database, as an ASGI application."""
    worker.load()
    web = Palm(engine)
    problems.install(web)
    for part in (
        *(callback, people, groups, notices, webhooks),
        *(organizations, service_requests, opinion, polls, operations),
    ):
        web.include_router(part.router)
    web.mount("/open311", open311.door(web.state))
    return web


def serve() -> Palm:
    """The application on the database of the settings; uvicorn's factory, in every process."""
    log.configure(style=settings().log_format, level=settings().log_level)
    web = create_app(database.connect(database.url(), pool_size=settings().pool_size))
    # What is loaded by now stays; the collector need not walk it at every few hundred objects.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return web
