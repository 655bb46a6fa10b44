"""Work that is done by one worker at a time for each lane, however often it is asked for.

A `pump` takes what waits in its lane until nothing does; `wake` sees that one runs after the
transaction that is open. Waking is one statement that waits for nobody: no unique index to queue up
behind, no savepoint. Where a job for the lane waits already, none is added. That job may begin
before the waking transaction ends, and find nothing; so a pump does not end before everybody has
ended who was writing to its table when it began, which is what `Unsettled` is for.
"""

import json
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any, TypeAlias

from procrastinate import JobContext
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import Sessions
from app.core.jobs import Deferrable, queue

Pump: TypeAlias = Callable[[Sessions, str], Awaitable[None]]

_ASKED = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
SELECT 'default', :task, 0, named.lock,
       CASE WHEN pg_try_advisory_xact_lock(hashtextextended(named.lock, 0)) THEN named.lock
       ELSE named.lock || ' ' || pg_current_xact_id() END,
       jsonb_build_object('lane', named.lane)
FROM (SELECT lane, :task || ' ' || lane AS lock FROM unnest(CAST(:lanes AS text[])) AS lane) named
WHERE NOT EXISTS (
    SELECT FROM procrastinate_jobs waiting
    WHERE waiting.queueing_lock = named.lock AND waiting.status = 'todo'
)
ON CONFLICT DO NOTHING
"""
# Who cannot have the advisory lock stands beside a transaction that adds a job and may yet roll
# back; a job of its own, which nobody else can add, costs less than waiting for it.

_LATER = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args, scheduled_at)
VALUES ('default', :task, 0, :once, CAST(:args AS jsonb), :at)
ON CONFLICT DO NOTHING
"""

_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = to_regclass(:table) AND mode = 'RowExclusiveLock'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND pid <> pg_backend_pid()
"""


def pump(name: str) -> Callable[[Pump], Deferrable]:
    """Make a function of sessions and a lane into work that runs once at a time for each lane.

    It is not tried again by itself: what waits in the lane is the memory of what is to be done, and
    somebody should look at it now and then.
    """

    def register(work: Pump) -> Deferrable:
        async def run(context: JobContext, lane: str) -> None:
            await work(context.additional_context["sessions"], lane)

        return queue.task(name=name, pass_context=True)(run)

    return register


async def wake(session: AsyncSession, task: Deferrable, lanes: Collection[str]) -> None:
    """Have the pump look at these lanes once this transaction has committed.

    It is asked after the rows were written that it is to find.
    """
    if lanes:
        await session.execute(text(_ASKED), {"task": task.name, "lanes": sorted(set(lanes))})


async def wake_at(session: AsyncSession, task: Deferrable, lane: str, at: datetime) -> None:
    """Have the pump look at this lane at a moment, to the second; asking twice is asking once."""
    arguments = {"task": task.name, "lane": lane}
    once = f"{task.name} {lane} {int(at.timestamp())}"
    # A job of the pump's own would have to be scheduled under the lane's lock, and procrastinate
    # runs no job while an older one with its lock waits.
    values = {"task": rouse.name, "once": once, "args": json.dumps(arguments), "at": at}
    await session.execute(text(_LATER), values)


@queue.task(name="core.rouse", pass_context=True)
async def rouse(context: JobContext, task: str, lane: str) -> None:
    """Wake the pump of a lane whose time has come."""
    sessions: Sessions = context.additional_context["sessions"]
    async with sessions.begin() as session:
        await wake(session, queue.tasks[task], [lane])


class Unsettled:
    """Whoever was writing to a table when a pump began, and has not ended yet."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._writers: set[str] | None = None

    async def begin(self, session: AsyncSession) -> None:
        """Note who is writing now."""
        self._writers = await self._now(session)

    async def remain(self, session: AsyncSession) -> bool:
        """Whether anybody noted still writes; when not, what they wrote can be seen hereafter."""
        if self._writers:
            self._writers &= await self._now(session)
        return bool(self._writers)

    async def _now(self, session: AsyncSession) -> set[str]:
        found: Any = await session.scalars(text(_WRITERS), {"table": self._table})
        return set(found)
