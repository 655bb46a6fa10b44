"""Files that are sent to us: received and looked through a few at a time."""

from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import UploadFile

from app.core.files.store import MOST_BYTES
from app.core.problems import Unavailable

AT_ONCE = 8
"""Looking through a file takes a while and holds a connection; others need some as well."""

_turns = Semaphore(AT_ONCE)


@asynccontextmanager
async def received(file: UploadFile) -> AsyncIterator[bytes]:
    """What was sent, while it is looked through: a byte more than is kept is enough to refuse it.

    `Unavailable` (503) while too many are looked through already.
    """
    if _turns.locked():
        raise Unavailable
    async with _turns:
        yield await file.read(MOST_BYTES + 1)
