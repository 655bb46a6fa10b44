"""An account, and a platform that answers its calls as a test tells it to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import new_id
from app.places.models import Community
from app.wechat.models import Account

Answer = web.StreamResponse | dict[str, Any] | Exception


async def an_account(session: AsyncSession, **given: Any) -> Account:
    """An account of a new community."""
    community = Community(slug=f"c-{new_id()}", name="伊伊小区", town="ZJ镇")
    session.add(community)
    await session.flush()
    told = {
        "slug": f"a-{new_id()}",
        "name": "掌上伊伊",
        "app_id": f"wx{new_id().hex[16:]}",
        "app_secret": "opensesame",
        "token": "dragonwell",
    }
    account = Account(community_id=community.id, **(told | given))
    session.add(account)
    await session.commit()
    return account


@dataclass
class Asked:
    """One call that reached the platform."""

    path: str
    query: dict[str, str]
    body: bytes
    media_type: str

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.body)


@dataclass
class Platform:
    """A WeChat that counts: tokens are `token-1`, `token-2` …, all else is as the test says."""

    address: str = ""
    calls: list[Asked] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """For calls with a token, in order; the last one stays."""
    token_answers: list[Answer] = field(default_factory=list)
    """For calls for a token, used up in order before honest ones."""
    issued: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a token was asked for."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Nobody gets a token while it is shut."""

    def __post_init__(self) -> None:
        self.gate.set()

    def asked(self, path: str) -> list[Asked]:
        """The calls of one path."""
        return [call for call in self.calls if call.path.endswith(path)]

    @property
    def fetches(self) -> list[Asked]:
        """The calls for a token."""
        return self.asked("/cgi-bin/stable_token")

    def renew(self) -> None:
        """Let the next call for a token find another one in force."""
        self.issued += 1

    async def _stable_token(self, asked: Asked) -> Answer:
        self.reached.set()
        await self.gate.wait()
        if self.token_answers:
            return self.token_answers.pop(0)
        if asked.json["force_refresh"] or not self.issued:
            self.renew()
        return {"access_token": f"token-{self.issued}", "expires_in": 7200}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call; with `TimeoutError` never, with another exception by hanging up."""
        asked = Asked(request.path, dict(request.query), await request.read(), request.content_type)
        self.calls.append(asked)
        if request.path == "/cgi-bin/stable_token":
            answer = await self._stable_token(asked)
        else:
            answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, TimeoutError):
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            assert request.transport is not None
            request.transport.close()
        if isinstance(answer, dict):
            return web.json_response(answer)
        if isinstance(answer, web.Response):
            return web.Response(
                body=answer.body, status=answer.status, content_type=answer.content_type
            )
        return web.Response()


@asynccontextmanager
async def a_platform() -> AsyncIterator[Platform]:
    """A platform that listens on this machine for as long as the block runs."""
    platform = Platform()
    application = web.Application(client_max_size=16 * 1024 * 1024)
    application.router.add_route("*", "/{path:.*}", platform.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    platform.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield platform
    finally:
        await runner.cleanup()
