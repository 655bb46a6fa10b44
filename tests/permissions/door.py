"""The door that everybody knocks at: every route there is, asked without leaving a trace."""

from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from app.core.database import Sessions
from tests.permissions.world import World


def routes(web: FastAPI) -> set[str]:
    """Every route of the API, as `GET /places`, found by looking."""
    return {
        f"{method} {path.removeprefix('/api/v1')}"
        for route in iter_route_contexts(web.routes)
        if (path := route.path or "").startswith("/api/v1/")
        for method in (route.methods or set()) - {"HEAD"}
    }


class Door:
    """The service, where nothing that is asked has an effect on what is asked next."""

    def __init__(self, engine: AsyncEngine, web: FastAPI) -> None:
        self._engine = engine
        self._web = web

    async def ask(
        self, world: World, caller: str, route: str, asks: dict[str, Any]
    ) -> httpx.Response:
        """The answer to this caller; what it changed is undone."""
        method, path = route.split(" ")
        token = world.tokens.get(caller)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self._engine.connect() as connection, connection.begin() as undone:
            sessions: Sessions = async_sessionmaker(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            )
            self._web.state.sessions = sessions
            transport = httpx.ASGITransport(self._web)
            async with httpx.AsyncClient(transport=transport, base_url="http://palm.test") as http:
                answer = await http.request(
                    method, f"/api/v1{world.path(path)}", headers=headers, **asks
                )
            await undone.rollback()
        return answer
