"""The web process: every part, put together once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from app import worker
from app.chat import callback
from app.core import database, http, log, problems
from app.core.log import RequestLog
from app.core.metrics import RequestMetrics
from app.core.settings import settings
from app.people import api as people
from app.service_requests import api as service_requests
from app.web import api as operations

LARGEST_BODY = 12 * 1024 * 1024
"""Bytes: a photo of 10 MB and what a form puts around it."""


@asynccontextmanager
async def _lifespan(web: FastAPI) -> AsyncIterator[None]:
    await database.durable(web.state.engine)
    yield
    await http.close()
    await web.state.engine.dispose()


def create_app(engine: AsyncEngine) -> FastAPI:
    """The service on this database, as an ASGI application."""
    worker.load()
    web = FastAPI(title="Palm Community", lifespan=_lifespan, max_body_size=LARGEST_BODY)
    web.state.engine = engine
    web.state.sessions = database.sessions_of(engine)
    web.state.desk = callback.desk_of(engine)
    problems.install(web)
    web.add_middleware(callback.Entrance)
    web.add_middleware(RequestMetrics)
    web.add_middleware(RequestLog)
    for part in (callback, people, service_requests, operations):
        web.include_router(part.router)
    return web


def serve() -> FastAPI:
    """The application on the database of the settings; uvicorn's factory, in every process."""
    log.configure(style=settings().log_format, level=settings().log_level)
    return create_app(database.connect(database.url(), pool_size=settings().pool_size))
