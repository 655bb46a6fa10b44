"""Who comes by a voting link: the poll it leads to, and the votes they may cast in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from app.core.problems import TooLarge
from app.core.web import body_of
from app.people.access import Actor
from app.places.models import Community
from app.polls import links, queries
from app.polls.casting import selves
from app.polls.forms import Form
from app.polls.links import VotingLink
from app.polls.models import Ballot, Basis, Entry, Poll, PollPolicy, Secrecy, Voter

_LARGEST = 1024 * 1024
_MOST_FIELDS = 5000


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote of the roll that somebody may cast, and what they chose, where that is kept."""

    entry_id: UUID
    label: str
    area: int
    basis: Basis
    is_cast: bool
    choice: dict[str, Any] | None
    href: str


@dataclass(kw_only=True)
class Visit:
    """Somebody at their voting link."""

    token: str
    link: VotingLink
    community: Community
    poll: Poll
    form: Form
    policy: PollPolicy | None
    large: bool
    votes: list[Vote] = field(default_factory=list)

    def path(self, *, large: bool | None = None, **asked: Any) -> str:
        """The address of this ballot, in letters of the same size where not said otherwise."""
        query = {name: str(value) for name, value in asked.items() if value is not None}
        if self.large if large is None else large:
            query["large"] = "1"
        return f"/v/{self.token}?{urlencode(query)}"

    @property
    def by(self) -> Actor:
        """Who votes, to the verbs."""
        return Actor(self.link.community_id, "person", self.link.person_id)

    @property
    def secret(self) -> bool:
        """Whether it is a secret ballot."""
        return self.poll.secrecy is Secrecy.SECRET

    @property
    def public_path(self) -> str:
        """Where everybody reads of this poll; empty where it is not public."""
        if not self.poll.public:
            return ""
        return f"/c/{self.community.slug}/polls/{self.poll.number}"

    def vote(self, entry: str) -> Vote | None:
        """The vote that was picked; the only one where there is one."""
        if len(self.votes) == 1:
            return self.votes[0]
        return next((each for each in self.votes if str(each.entry_id) == entry), None)


def wants_large(request: Request) -> bool:
    """Whether the page is to stand in large letters."""
    return request.query_params.get("large", "") in {"1", "true"}


async def visit(session: AsyncSession, token: str, request: Request) -> Visit | None:
    """Who comes by this token; None when it leads nowhere."""
    link = links.opened(token)
    poll = link and await queries.whole(session, link.community_id, link.poll_id)
    if not link or not poll:
        return None
    found = Visit(
        token=token,
        link=link,
        community=await session.get_one(Community, link.community_id),
        poll=poll,
        form=Form.model_validate(poll.form),
        policy=await session.get(PollPolicy, link.community_id),
        large=wants_large(request),
    )
    found.votes = await _votes(session, found)
    return found


async def _votes(session: AsyncSession, found: Visit) -> list[Vote]:
    poll, person_id = found.poll, found.link.person_id
    entries: dict[UUID, tuple[Entry, Basis]] = {}
    for each in (person_id, *await selves(session, poll.community_id, person_id)):
        theirs = queries.votes_of(poll.community_id, poll.id, each).add_columns(Voter.basis)
        for entry, basis in await session.execute(theirs):
            entries.setdefault(entry.id, (entry, basis))
    ids = list(entries)
    cast = await queries.cast_of(session, poll, ids)
    choices = {} if found.secret else await _choices(session, poll, ids)
    return [
        Vote(
            entry_id=entry.id,
            label=entry.label,
            area=entry.area,
            basis=basis,
            is_cast=entry.id in cast,
            choice=choices.get(entry.id),
            href=found.path(entry=entry.id),
        )
        for entry, basis in entries.values()
    ]


async def _choices(session: AsyncSession, poll: Poll, ids: list[UUID]) -> dict[UUID, Any]:
    """What was chosen on these votes so far."""
    kept = select(Ballot.entry_id, Ballot.choice).where(
        Ballot.community_id == poll.community_id,
        Ballot.poll_id == poll.id,
        Ballot.entry_id.in_(ids),
    )
    return {row[0]: json.loads(row[1]) for row in await session.execute(kept)}


async def submitted(request: Request) -> Mapping[str, list[str]]:
    """The fields of a form as a browser sends them; `TooLarge` for more than any ballot has."""
    body = await body_of(request, _LARGEST)
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
            errors="replace",
        )
    except ValueError:
        raise TooLarge from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields
