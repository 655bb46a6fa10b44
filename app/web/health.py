"""Whether this process is alive and able to serve, and what it counted."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import metrics, migrations
from app.core.database import Sessions

router = APIRouter(tags=["operations"])

_BEAT_SECONDS = 60
_UNAVAILABLE = 503


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


async def _checks(session: AsyncSession) -> dict[str, bool]:
    beat = (
        "SELECT coalesce(max(last_heartbeat) > now() - make_interval(secs => :seconds), false)"
        " FROM procrastinate_workers"
    )
    migrated = await migrations.current(session) == migrations.newest()
    return {
        "database": True,
        "migrations": migrated,
        "worker": migrated and bool(await session.scalar(text(beat), {"seconds": _BEAT_SECONDS})),
    }


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """The database answers, has the tables this code expects, and a worker is at work on it.

    503 while the database or its tables are missing. A worker that is away is told and does not
    make this process unready: what it takes waits for one.
    """
    sessions: Sessions = request.app.state.sessions
    try:
        async with sessions() as session:
            checks = await _checks(session)
    except Exception:  # noqa: BLE001 - whatever keeps us from the database, we are not ready
        checks = {"database": False, "migrations": False, "worker": False}
    ready = checks["database"] and checks["migrations"]
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else _UNAVAILABLE)


@router.get("/metrics", include_in_schema=False)
async def exposed(request: Request) -> Response:
    """What this process counted, for Prometheus."""
    return metrics.render(request.headers.get("Accept", ""))
