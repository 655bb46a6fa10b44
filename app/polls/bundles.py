"""The bundle of a closed poll: all of it that `recount.py` needs to count and check it again."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeAlias

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.facts import record
from app.core.problems import Forbidden
from app.people.access import Actor
from app.polls import chain, recount
from app.polls.events import BallotsRead
from app.polls.models import (
    OVER,
    Attendance,
    Entry,
    Link,
    LinkKind,
    Poll,
    PollKind,
    PollResult,
    PollState,
    SealedBallot,
    Secrecy,
    Voter,
)
from app.polls.permissions import AUDIT
from app.polls.problems import ResultsNotYet
from app.polls.queries import ballots_of, cast_in
from app.polls.service.opening import definition_of, moment

Rows: TypeAlias = Select[*tuple[Any, ...]]

NO_LINK = -1
"""Where the roll says that it was changed, and no link of the chain does."""
_PORTION = 500
_NAMED = frozenset({PollKind.ASSEMBLY, PollKind.MEETING})
"""Polls whose recorded bundle says which homes each vote stands for."""


async def taken(session: AsyncSession, poll: Poll, *, by: Actor | None) -> bytes:
    """The bundle of a poll as JSON, for who may have it; of a recorded one, that is a fact.

    A secret poll's is for everybody who sees the poll, and for nobody in particular where it is
    public. A recorded one's is for auditors, for everybody on the roll where names are shown, and
    for the owners of an assembly, who may inspect what it decided (最高人民法院
    法释〔2020〕17号 §13). Raises `Forbidden`, and `ResultsNotYet` before the result is published;
    auditors have it from the close on.
    """
    secret = poll.secrecy is Secrecy.SECRET
    audits = by is not None and AUDIT.allows(by, at=poll.place.path)
    everybody = secret and (poll.public or by is not None)
    if not (everybody or audits or await _is_shown_to(session, poll, by)):
        raise Forbidden(AUDIT.name)
    if poll.state not in OVER or not (audits or poll.state is PollState.PUBLISHED):
        raise ResultsNotYet
    if by and not secret:
        await record(session, BallotsRead(poll_id=poll.id), by=by)
    labels = poll.kind in _NAMED and not secret
    return b"".join([part async for part in written(session, poll, labels=labels)])


async def _is_shown_to(session: AsyncSession, poll: Poll, by: Actor | None) -> bool:
    if not (by and by.kind == "person" and (poll.names_shown or poll.kind is PollKind.ASSEMBLY)):
        return False
    casts = select(Voter.id).where(
        Voter.community_id == poll.community_id,
        Voter.poll_id == poll.id,
        Voter.person_id == by.id,
        Voter.struck_by_id.is_(None),
    )
    return await session.scalar(casts.limit(1)) is not None


async def written(session: AsyncSession, poll: Poll, *, labels: bool) -> AsyncIterator[bytes]:
    """The bundle of a closed poll, piece by piece; each vote of the roll and ballot on a line."""
    links = list(await session.scalars(chain.links_of(poll.community_id, poll.id)))
    counted = await session.get_one(PollResult, (poll.community_id, poll.id))
    parts = {
        "format": recount.FORMAT,
        "definition": definition_of(poll, opened_at=poll.opened_at or poll.created_at),
        "public_key": links[0].payload.get("public_key", ""),
        "closed_at": moment(poll.closed_at or poll.created_at),
        "result": counted.result,
        "links": [_link(each) for each in links],
    }
    yield recount.canonical(parts)[:-1]
    yield b',\n"roll":[\n'
    changes = _changes(links)
    async for part in _lines(session, _roll(poll), lambda row: _entry(poll, row, changes, labels)):
        yield part
    yield b'\n],\n"ballots":[\n'
    secret = poll.secrecy is Secrecy.SECRET
    ballots = _sealed(poll) if secret else ballots_of(poll).order_by(Entry.code)
    async for part in _lines(session, ballots, dict):
        yield part
    yield b"\n]}\n"


async def _lines(session: AsyncSession, rows: Rows, shape: Any) -> AsyncIterator[bytes]:
    """Rows as JSON, a line each, in portions, so that others get their turn between them."""
    found = await session.stream(rows.execution_options(yield_per=_PORTION))
    first = True
    async for portion in found.mappings().partitions():
        lines = b",\n".join(recount.canonical(shape(row)) for row in portion)
        yield lines if first else b",\n" + lines
        first = False


def _link(link: Link) -> dict[str, Any]:
    return {
        "number": link.number,
        "kind": link.kind.value,
        "head": link.head.hex(),
        "size": link.size,
        "payload": link.payload,
        "at": moment(link.at),
    }


def _changes(links: list[Link]) -> dict[str, dict[str, int]]:
    """By which link each code was added to the roll, or struck from it."""
    found: dict[str, dict[str, int]] = {"added": {}, "struck": {}}
    for link in links:
        if link.kind is LinkKind.ROLL:
            found["added"] |= {line[0]: link.number for line in link.payload.get("added", ())}
            found["struck"] |= dict.fromkeys(link.payload.get("struck", ()), link.number)
    return found


def _entry(
    poll: Poll,
    row: Mapping[str, Any],
    changes: Mapping[str, Mapping[str, int]],
    labels: bool,  # noqa: FBT001 - passed on
) -> dict[str, Any]:
    entry = {
        "code": row["code"],
        "key": recount.key_digest_of(str(poll.id), row["key"]),
        "area": row["area"],
        "homes": row["homes"],
        "voted": row["voted"],
    }
    if row["objection_id"]:
        entry["added_by_link"] = changes["added"].get(row["code"], NO_LINK)
    if row["struck_by_id"]:
        entry["struck_by_link"] = changes["struck"].get(row["code"], NO_LINK)
    if poll.kind is PollKind.MEETING:
        entry["attended"] = row["attended"]
    if labels:
        entry["label"] = row["label"]
    return entry


def _roll(poll: Poll) -> Rows:
    """Every vote of the roll in the order of its code, which is chance."""
    flags = [
        select(table.entry_id)
        .where(
            table.community_id == Entry.community_id,
            table.poll_id == Entry.poll_id,
            table.entry_id == Entry.id,
        )
        .exists()
        .label(name)
        for name, table in (("voted", cast_in(poll)), ("attended", Attendance))
    ]
    columns = (Entry.code, Entry.key, Entry.area, Entry.homes, Entry.label)
    return (
        select(*columns, Entry.objection_id, Entry.struck_by_id, *flags)
        .where(Entry.community_id == poll.community_id, Entry.poll_id == poll.id)
        .order_by(Entry.code)
    )


def _sealed(poll: Poll) -> Rows:
    return (
        select(SealedBallot.batch, SealedBallot.nonce, SealedBallot.choice)
        .where(SealedBallot.community_id == poll.community_id, SealedBallot.poll_id == poll.id)
        .order_by(SealedBallot.batch, SealedBallot.leaf)
    )
