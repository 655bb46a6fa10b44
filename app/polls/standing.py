"""What a process knows of the polls that it takes votes for."""

import asyncio
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select

from app.core.database import Sessions
from app.core.problems import NotFound
from app.polls.forms import Form
from app.polls.models import Poll, Secrecy
from app.polls.problems import PollNotOpen

_MOST = 1000
_Key: TypeAlias = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a vote is checked against before it is sent to the database."""

    form: Form
    secrecy: Secrecy


class Standings:
    """Forms of polls that have opened, each read once: the database lets none of them change.

    Whether a poll is open at this moment is not known here.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._known: dict[_Key, Standing] = {}
        self._asked: dict[_Key, asyncio.Task[Standing]] = {}

    async def find(self, community_id: UUID, poll_id: UUID) -> Standing:
        """The form of this poll; `PollNotOpen` before it opens, `NotFound` where there is none."""
        key = community_id, poll_id
        if known := self._known.get(key):
            return known
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._read(key))
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        return await asyncio.shield(task)

    async def _read(self, key: _Key) -> Standing:
        found = select(Poll.form, Poll.secrecy, Poll.opened_at)
        async with self._sessions() as session:
            rows = await session.execute(
                found.where(Poll.community_id == key[0], Poll.id == key[1])
            )
        row = rows.one_or_none()
        if row is None:
            raise NotFound
        form, secrecy, opened_at = row
        if opened_at is None:
            raise PollNotOpen
        while len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
        standing = self._known[key] = Standing(Form.model_validate(form), secrecy)
        return standing
