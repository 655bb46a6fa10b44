"""What is said in each group, and waiting for something new to be said."""

import secrets
from typing import Any, Literal

from app.sandbox.groups.rows import Bot, Group, Member, Pace, Post, Robot, Said, Session
from app.sandbox.journal import Table
from app.sandbox.news import News
from app.sandbox.phones import clean
from app.sandbox.state import World

MINUTE = 60


class Rooms:
    """All groups with their bots and robots, over the journal; numbers run through all of them."""

    def __init__(self, world: World) -> None:
        book = world.journal
        self.world = world
        self.bots = Table(book, "bots", Bot)
        self.groups = Table(book, "groups", Group)
        self.said = Table(book, "said", Said)
        self.robots = Table(book, "robots", Robot)
        self.posts = Table(book, "posts", Post)
        self.paces = Table(book, "paces", Pace)
        self.sessions = Table(book, "sessions", Session)
        self._news = News()
        self._all = list(self.said.values())
        gone = {said.recalls for said in self._all}
        self._by_number = {
            said.message_id: said
            for said in self._all
            if said.kind != "recall" and said.message_id not in gone
        }
        self.last = self._all[-1].seq if self._all else 0

    def show(
        self,
        group: str,
        kind: Literal["member", "bot", "robot", "recall"],
        text: str,
        *,
        by: str,
        name: str,
        type_: str = "text",
        **more: Any,
    ) -> Said:
        """Put something into a group, now."""
        self.last += 1
        known = {"words": text, "at": [], "to": "", "reply_to": None, "recalls": None, **more}
        said = Said(
            seq=self.last,
            message_id=self._number(),
            group=group,
            by=by,
            name=name,
            kind=kind,
            type=type_,
            text=clean(text),
            time=self.world.now(),
            **clean(known),
        )
        self.said.put(str(said.seq), said)
        self._all.append(said)
        if kind != "recall":
            self._by_number[said.message_id] = said
        self._news.tell()
        return said

    def _number(self) -> int:
        """A message number as OneBot has them: 32 bits with a sign, here always above zero."""
        return (self.world.count("group messages") * 997 + secrets.randbelow(997)) % (2**31 - 1)

    def message(self, number: object) -> Said | None:
        """What was said under a number, unless it was taken back."""
        return self._by_number.get(number) if isinstance(number, int) else None

    def recall(self, said: Said) -> None:
        """Take something back: it stays written down, but nobody sees it any more."""
        self._by_number.pop(said.message_id, None)
        self.show(said.group, "recall", "", by=said.by, name=said.name, recalls=said.message_id)

    def latest(self, group: str) -> Said | None:
        """The newest thing in a group."""
        own = (said for said in reversed(self._all) if said.group == group)
        return next((said for said in own if said.kind != "recall"), None)

    def _since(self, group: str | None, after: int) -> list[Said]:
        newer = len(self._all)
        while newer and self._all[newer - 1].seq > after:
            newer -= 1
        return [said for said in self._all[newer:] if group is None or said.group == group]

    async def since(self, group: str | None, after: int, wait: float) -> list[Said]:
        """What came after a number, in one group or in all; waits up to `wait` seconds for it."""
        return await self._news.awaited(lambda: self._since(group, after), wait)

    def recalled(self, said: Said) -> bool:
        """Whether it was taken back."""
        return said.kind != "recall" and said.message_id not in self._by_number

    def group_of_bot(self, bot: Bot, group_id: str) -> Group | None:
        """A group with this number in which this bot is."""
        group = self.groups.get(group_id)
        return group if group and group.bot == bot.self_id else None

    def groups_of(self, bot: Bot) -> list[Group]:
        """The groups in which this bot is."""
        return [group for group in self.groups.values() if group.bot == bot.self_id]

    def pace(self, key: str, *, within: float = MINUTE) -> list[float]:
        """When something was done in the last seconds."""
        now, pace = self.world.now(), self.paces.get(key)
        return [at for at in pace.times if now - at < within] if pace else []

    def count(self, key: str, *, within: float = MINUTE) -> None:
        """Note that something was done now."""
        times = [*self.pace(key, within=within), self.world.now()]
        pace = self.paces.get(key) or Pace(times=[])
        self.paces.put(key, pace.model_copy(update={"times": times}))


def member_of(group: Group, member_id: str) -> Member | None:
    """The person with this number in a group."""
    return next((one for one in group.members if one.id == member_id), None)
