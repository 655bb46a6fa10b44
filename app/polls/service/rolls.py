"""The roll of a poll: made when it opens, by its stated rule, and frozen with it."""

from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Insert,
    Select,
    Subquery,
    distinct,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import Actor
from app.polls import recount
from app.polls.electorates import Electorate, Unit
from app.polls.models import Basis, Entry, Poll, Proxy, Voter
from app.polls.owners.roll import owner_entries
from app.polls.permissions import RUN
from app.polls.service.drafting import demand_editable
from app.polls.service.eligible import eligible, weightiest

_CODE = """
(SELECT string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
                          1 + (get_byte(drawn.chance, at) & 31), 1), '')
 FROM unnest(ARRAY[0, 1, 2, 3, 4, 5, 7, 9, 10, 11]) AS at)
"""
"""Ten signs of chance from a random UUID, without the bytes that hold its version."""
_OWN, _HELD = 0, 1
LARGE = 1000
"""Of so many votes, a roll changes what the planner should know of the tables."""


class RollCount(NamedTuple):
    """What a rule gives at this moment."""

    entries: int
    people: int
    """How many may cast a vote, for themselves or for others."""
    area: int
    """In 0.01 m²; 0 where area does not count."""


async def make(session: AsyncSession, poll: Poll) -> int:
    """Put everybody on the roll whom the rule names; how many votes that makes.

    It is one statement, so that nobody moves between the votes and who may cast them. Call it
    before `opened_at` is set, in the same transaction.
    """
    if Electorate.model_validate(poll.electorate).unit is Unit.OWNER:
        entries = await owner_entries(session, poll)
    else:
        await session.execute(_statement(poll))
        entries = await session.scalar(select(func.count()).where(*_of(poll))) or 0
    if entries >= LARGE:
        await session.execute(text("ANALYZE poll_entries, poll_voters"))
    return entries


def _of(poll: Poll) -> tuple[ColumnElement[bool], ...]:
    standing = Entry.struck_by_id.is_(None)
    return Entry.community_id == poll.community_id, Entry.poll_id == poll.id, standing


def _statement(poll: Poll) -> Insert:
    votes = _votes(poll)
    casts = _casts(poll, votes)
    voters = select(
        *(literal(poll.community_id), func.gen_random_uuid(), literal(poll.id)),
        *(casts.c.entry_id, casts.c.person_id, casts.c.basis),
    )
    columns = ["community_id", "id", "poll_id", "entry_id", "person_id", "basis"]
    inserted = insert(Voter).from_select(columns, voters, include_defaults=False)
    return inserted.add_cte(_entries(poll, votes).cte("made"))


def _votes(poll: Poll) -> CTE:
    """Who may cast what, with the id of the vote, which is drawn here so that none is looked up.

    The first row of a vote is the one that speaks for it.
    """
    found = select(eligible(poll).subquery(), func.gen_random_uuid().label("drawn"))
    people = found.cte("people_drawn").prefix_with("MATERIALIZED")
    speaking = (weightiest(people.c.relation), people.c.since, people.c.home_id)
    order: dict[str, Any] = {"partition_by": people.c.key, "order_by": speaking}
    votes = select(
        people,
        func.first_value(people.c.drawn).over(**order).label("entry_id"),
        func.row_number().over(**order).label("place"),
    )
    return votes.cte("votes").prefix_with("MATERIALIZED")


def _entries(poll: Poll, votes: CTE) -> Insert:
    once = (
        select(votes, func.uuid_send(func.gen_random_uuid()).label("chance"))
        .where(votes.c.place == 1)
        .subquery("drawn")
    )
    rows = select(
        *(literal(poll.community_id), once.c.entry_id, literal(poll.id), once.c.key),
        *(literal_column(_CODE), once.c.label, literal(0), literal(1)),
        *(once.c.home_id, once.c.grid_id, once.c.relation),
    )
    columns = ["community_id", "id", "poll_id", "key", "code", "label", "area", "homes"]
    columns += ["home_id", "grid_id", "relation"]
    return insert(Entry).from_select(columns, rows, include_defaults=False)


def _casts(poll: Poll, votes: CTE) -> Subquery:
    """Who may cast which vote: oneself, unless one has a guardian, and who holds a proxy."""
    own_right = Basis.HOUSEHOLD if _by_home(poll) else Basis.SELF
    given = (
        Proxy.community_id == poll.community_id,
        Proxy.poll_id == poll.id,
        Proxy.revoked_at.is_(None),
        Proxy.giver_id == votes.c.person_id,
    )
    guarded = select(Proxy.id).where(*given, Proxy.basis == Basis.GUARDIAN)
    own = select(
        *(votes.c.entry_id, votes.c.person_id),
        literal(own_right, Voter.basis.type).label("basis"),
        literal(_OWN).label("rank"),
    ).where(~guarded.exists())
    held = select(votes.c.entry_id, Proxy.holder_id, Proxy.basis, literal(_HELD)).where(*given)
    rows = union_all(own, held).subquery()
    once: Select[Any] = (
        select(rows)
        .ext(distinct_on(rows.c.entry_id, rows.c.person_id))
        .order_by(rows.c.entry_id, rows.c.person_id, rows.c.rank)
    )
    return once.subquery("casts")


def _by_home(poll: Poll) -> bool:
    return bool(poll.electorate.get("unit") == Unit.HOUSEHOLD)


async def counted(session: AsyncSession, poll: Poll, *, by: Actor) -> RollCount:
    """How many votes the rule would give now, without freezing anything; `PollLocked` once open."""
    RUN.demand(by, at=poll.place.path)
    if poll.opened_at is not None:
        demand_editable(poll)
    async with session.begin_nested() as trial:
        entries = await make(session, poll)
        area = select(func.coalesce(func.sum(Entry.area), 0)).where(*_of(poll))
        people = select(func.count(distinct(Voter.person_id))).where(
            Voter.community_id == poll.community_id, Voter.poll_id == poll.id
        )
        found = RollCount(
            entries, await session.scalar(people) or 0, int(await session.scalar(area) or 0)
        )
        await trial.rollback()
    return found


async def digest_of(session: AsyncSession, poll: Poll) -> bytes:
    """The digest of the whole roll."""
    columns = (Entry.code, Entry.key, Entry.area, Entry.homes)
    rows = await session.execute(select(*columns).where(*_of(poll)))
    name = str(poll.id)
    return recount.roll_digest(
        recount.roll_line(code, recount.key_digest_of(name, key), area, homes)
        for code, key, area, homes in rows
    )
