"""The web process: every part, put together once."""

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from fastapi import APIRouter, FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

import app
from app.core import problems
from app.core.batch import Reads
from app.core.database import sessions_of
from app.core.plugins import load_each


def routers() -> list[APIRouter]:
    """The `router` of every `api` in the house."""
    found = []
    for part in pkgutil.iter_modules(app.__path__):
        name = f"app.{part.name}.api"
        if part.ispkg and find_spec(name):
            found.append(import_module(name).router)
    return found


def create_app(engine: AsyncEngine) -> FastAPI:
    """The service on this database, as an ASGI application."""
    load_each("app", "models", "jobs", "reactions")
    web = FastAPI(title="Palm Community")
    web.state.engine = engine
    web.state.sessions = sessions_of(engine)
    web.state.reads = Reads(engine)
    problems.install(web)
    for router in routers():
        web.include_router(router)
    return web
