"""Work for later, written in the transaction that makes it necessary.

The engine is procrastinate, in the same database. A `job` is one transaction: what it did and the
note that it is done commit together, so that a job run twice acts once. An `errand` talks to the
outside world: it is given sessions and opens short transactions around its calls. What keeps
failing is retried with growing pauses, and ends as a dead letter that staff can see and replay.
"""

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import procrastinate
from procrastinate import JobContext
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy import Index, delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from typing_extensions import override

from app.core.clock import now
from app.core.database import Moment, Sessions, Table, driver
from app.core.ids import new_id
from app.core.log import log
from app.core.problems import Problem

Work: TypeAlias = Callable[..., Awaitable[None]]
Deferrable: TypeAlias = "procrastinate.tasks.Task[..., Any, ...]"

ATTEMPTS = 8
KEPT = timedelta(days=8)
_STALLED_SECONDS = 30

queue = procrastinate.App(connector=procrastinate.PsycopgConnector())


class DeadLetter(Table):
    """Work that failed as often as it may, waiting for somebody to look."""

    __tablename__ = "dead_letters"
    __table_args__ = (Index(None, "community_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    job_id: Mapped[int] = mapped_column(unique=True)
    community_id: Mapped[UUID | None]
    task: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    error: Mapped[str]
    died_at: Mapped[datetime] = mapped_column(Moment, default=now)
    replayed_at: Mapped[datetime | None] = mapped_column(Moment)


class WorkUnknown(Problem, status=409):
    """This release does not know that kind of work any more."""


class DoneJob(Table):
    """A job whose transaction committed; running it again would do it twice."""

    __tablename__ = "done_jobs"

    job_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment, server_default=func.now(), index=True)


class _Backoff(BaseRetryStrategy):
    """Wait 2, 4, 8 … seconds, an hour at most, give or take a fifth."""

    @override
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts + 1 >= ATTEMPTS:
            return None
        pause = min(2.0 ** (job.attempts + 1), 3600.0) * random.uniform(0.8, 1.2)  # noqa: S311
        return RetryDecision(retry_in={"seconds": round(pause)})


async def bury(sessions: Sessions, job: Job, error: str) -> None:
    """Put a job that will not be tried again where staff can see it."""
    letter = insert(DeadLetter).values(
        id=new_id(),
        job_id=job.id,
        community_id=job.task_kwargs.get("community_id"),
        task=job.task_name,
        arguments=job.task_kwargs,
        error=error,
    )
    async with sessions.begin() as session:
        await session.execute(letter.on_conflict_do_nothing())
    log.error("job_dead", task=job.task_name, job_id=job.id, error=error)


async def _or_bury(context: JobContext, sessions: Sessions, work: Awaitable[None]) -> None:
    try:
        await work
    except Exception as error:
        if context.job.attempts + 1 >= ATTEMPTS:
            await bury(sessions, context.job, type(error).__name__)
        raise


def _registered(work: Work, name: str, *, queueing_lock: str | None = None) -> Deferrable:
    retry = None if queueing_lock else _Backoff()
    task = queue.task(
        name=name, pass_context=True, retry=retry or False, queueing_lock=queueing_lock
    )
    return task(work)


def job(name: str) -> Callable[[Work], Deferrable]:
    """Make a function of a session into work for later: one transaction, one effect."""

    def register(work: Work) -> Deferrable:
        async def run(context: JobContext, **arguments: Any) -> None:
            sessions: Sessions = context.additional_context["sessions"]

            async def once() -> None:
                async with sessions.begin() as session:
                    done = insert(DoneJob).values(job_id=context.job.id).on_conflict_do_nothing()
                    if await session.scalar(done.returning(DoneJob.job_id)) is not None:
                        await work(session, **arguments)

            await _or_bury(context, sessions, once())

        return _registered(run, name)

    return register


def errand(name: str) -> Callable[[Work], Deferrable]:
    """Make a function of sessions into work for later that talks to the outside world."""

    def register(work: Work) -> Deferrable:
        async def run(context: JobContext, **arguments: Any) -> None:
            sessions: Sessions = context.additional_context["sessions"]
            await _or_bury(context, sessions, work(sessions, **arguments))

        return _registered(run, name)

    return register


def periodic(name: str, *, cron: str) -> Callable[[Work], Deferrable]:
    """Run a function of sessions at every turn of the clock, and one at a time."""

    def register(work: Work) -> Deferrable:
        async def run(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the engine's
            await work(context.additional_context["sessions"])

        task = _registered(run, name, queueing_lock=name)
        queue.periodic(cron=cron, periodic_id=name)(task)
        return task

    return register


async def defer(
    session: AsyncSession, task: Deferrable, /, *, at: datetime | None = None, **arguments: Any
) -> None:
    """Promise this work in the transaction that is open: both commit, or neither."""
    connection = await driver(session)
    await task.configure(connection=connection, schedule_at=at).defer_async(**arguments)


async def defer_all(
    session: AsyncSession, promises: list[tuple[Deferrable, Mapping[str, Any]]]
) -> None:
    """Promise several pieces of work in one round trip."""
    if not promises:
        return
    connection = await driver(session)
    jobs = [task.configure(task_kwargs=dict(arguments)).job for task, arguments in promises]
    await queue.job_manager.batch_defer_jobs_async(jobs, connection=connection)


@periodic("core.rescue", cron="*/1 * * * *")
async def rescue(sessions: Sessions) -> None:
    """Give the work of a worker that died to the others."""
    for stalled in await queue.job_manager.get_stalled_jobs(
        seconds_since_heartbeat=_STALLED_SECONDS
    ):
        if stalled.attempts + 1 >= ATTEMPTS:
            await bury(sessions, stalled, "WorkerDied")
            await queue.job_manager.finish_job(stalled, status=Status.FAILED, delete_job=False)
            continue
        try:
            await queue.job_manager.retry_job(stalled)
        except (AlreadyEnqueued, UniqueViolation):
            await queue.job_manager.finish_job(stalled, status=Status.FAILED, delete_job=True)


@periodic("core.tidy", cron="17 3 * * *")
async def tidy(sessions: Sessions) -> None:
    """Forget finished work after some days."""
    await queue.job_manager.delete_old_jobs(
        nb_hours=int(KEPT.total_seconds() // 3600), include_failed=True
    )
    async with sessions.begin() as session:
        await session.execute(delete(DoneJob).where(DoneJob.at < now() - KEPT))


async def replay(session: AsyncSession, letter: DeadLetter) -> None:
    """Promise a dead letter's work anew; `WorkUnknown` when this release knows none of the name."""
    task = queue.tasks.get(letter.task)
    if task is None:
        raise WorkUnknown(letter.task)
    await defer(session, task, **letter.arguments)
