"""The platform put together: its own application, to be run in its own process."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from app.sandbox import (
    consents,
    credentials,
    followers,
    mass,
    media,
    menus,
    oauth,
    phone,
    sends,
    stage,
    tags,
    weibo,
)
from app.sandbox.groups import onebot_api, setting, talking
from app.sandbox.groups.reporter import Reporter
from app.sandbox.groups.rooms import Rooms
from app.sandbox.pages import FOLDER
from app.sandbox.phones import Phones
from app.sandbox.robots import dingtalk, feishu, wecom
from app.sandbox.sender import Sender
from app.sandbox.state import World

RESEND_SECONDS = 5.0
"""How long the platform waits for an answer, and how far apart it tries."""

LARGEST_REQUEST = 12 * 1024 * 1024

_WECHAT = (consents, credentials, followers, mass, media, menus, oauth, phone, sends, stage, tags)
_ELSEWHERE = (onebot_api, setting, talking, dingtalk, feishu, wecom, weibo)


async def _refuse(_: Request, error: Exception) -> Response:
    """A JSON error for the set-up and the phones; the API has its own way to refuse."""
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _home(_: Request) -> Response:
    return RedirectResponse("/sandbox/")


def create_platform(
    journal: Path | None = None,
    *,
    public_url: str | None = None,
    spacing: float = RESEND_SECONDS,
    patience: float = RESEND_SECONDS,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """The WeChat platform, chat groups, robots and Weibo, all of it under `/sandbox`.

    With a `journal` it goes on where an earlier process with the same file stopped; pictures lie
    in a folder beside it. `public_url` is the address that picture links begin with, otherwise
    the one the phone was reached at. `patience` is how many seconds a callback may take, `spacing`
    how many lie between the beginnings of two attempts, `clock` gives seconds since 1970.
    """
    world = World(journal, clock=clock, public_url=public_url)
    phones = Phones(world)
    sender = Sender(world, phones, spacing=spacing, patience=patience)
    rooms = Rooms(world)
    reporter = Reporter(rooms, spacing=spacing, patience=patience)

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        await sender.start()
        await reporter.start()
        yield
        await reporter.stop()
        await sender.stop()
        world.journal.close()

    app = Starlette(
        routes=[
            Route("/", _home),
            Route("/sandbox", _home),
            *(route for part in (*_WECHAT, *_ELSEWHERE) for route in part.ROUTES),
            Mount("/sandbox/static", StaticFiles(directory=FOLDER / "static")),
        ],
        exception_handlers={HTTPException: _refuse},
        lifespan=running,
        max_body_size=LARGEST_REQUEST,
    )
    app.state.world = world
    app.state.phones = phones
    app.state.sender = sender
    app.state.rooms = rooms
    app.state.reporter = reporter
    app.state.weibo = weibo.Timeline(world.journal)
    app.state.shelf = media.Shelf(world.folder)
    return app
