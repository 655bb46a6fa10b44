"""How a case is told: who does what, so long after it was reported."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.seed.teller import Teller, ago
from app.core.clock import now
from app.people.access import Actor
from app.people.models import Person
from app.places.models import Place
from app.service_requests import following, merging, queries
from app.service_requests import service as requests
from app.service_requests.events import RequestFiled
from app.service_requests.models import ServiceRequest
from app.service_requests.reactions import routes

Tale: TypeAlias = tuple[timedelta, Callable[[timedelta], Awaitable[None]]]
"""How long ago it began, and what tells it."""

_FIRST = 12
"""The residents before this one, by their phones, are left to whoever tries things out."""
_PHONES = 12


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something, so many hours after the case was reported.

    `who` is a login, or what they are to the case: reporter, neighbour, worker, or the service.
    """

    after: float
    who: str
    what: str
    """A step; or `route`, `follow`, `remark`, `note`, `join`."""
    form: Mapping[str, Any]


def act(after: float, who: str, what: str, **form: Any) -> Act:
    """Write an act down. `@name` in its form is whoever signs in so, or the organisation."""
    return Act(after, who, what, form)


@dataclass(frozen=True, slots=True)
class Case:
    """A request that was reported so many hours ago, and what became of it."""

    code: str
    summary: str
    hours: float
    acts: tuple[Act, ...] = ()
    anonymous: bool = False


class Plot:
    """Tells cases; whoever reports one holds a phone on which it is seen."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller

    @property
    def session(self) -> AsyncSession:
        """Where all of it happens."""
        return self.teller.session

    def tale(self, number: int, case: Case) -> Tale:
        """The case of this number, to be told in its turn."""
        return timedelta(hours=case.hours), partial(self._tell, number, case)

    async def _tell(self, number: int, case: Case, age: timedelta) -> None:
        reporter, home = self.teller.seeded.residents[_FIRST + number % _PHONES]
        with ago(age):
            request = await self.teller.file(
                reporter, home, case.code, case.summary, anonymous=case.anonymous
            )
        for each in case.acts:
            with ago(age - timedelta(hours=each.after)):
                request = await self._act(request, home, case, each)

    async def _act(
        self, request: ServiceRequest, home: Place, case: Case, each: Act
    ) -> ServiceRequest:
        form = self._form(each.form)
        by = await self._actor(request, home, each.who)
        match each.what:
            case "route":
                filed = RequestFiled(request_id=request.id)
                await routes.route(self.session, filed, request.community_id)
            case "follow":
                await following.follow(self.session, request.number, by=by)
            case "remark":
                await requests.amend(self.session, request, by=by, **form)
            case "note":
                await requests.note(self.session, request, by=by, **form)
            case "join":
                await self._join(request, home, case, by=by)
            case step:
                return await self.teller.step(request, step, form, by=by)
        return await queries.whole(self.session, request.community_id, request.id)

    async def _join(self, request: ServiceRequest, home: Place, case: Case, *, by: Actor) -> None:
        """Let another neighbour report the same, and put the two together."""
        neighbour, theirs = self._neighbours(home)[1]
        said = f"{case.summary}，我家也是"
        another = await self.teller.file(neighbour, theirs, case.code, said)
        await merging.merge(self.session, another, into_id=request.id, by=by)

    def _neighbours(self, home: Place) -> list[tuple[Person, Place]]:
        building = "/".join(home.path.split("/")[:4]) + "/"
        lived_in = self.teller.seeded.residents[_FIRST:]
        return [each for each in lived_in if each[1].within(building) and each[1].id != home.id]

    async def _actor(self, request: ServiceRequest, home: Place, who: str) -> Actor:
        people: dict[str, UUID | None] = {
            "service": None,
            "reporter": request.reporter_id,
            "worker": request.assignee_id,
            "neighbour": self._neighbours(home)[0][0].id,
        }
        return await (self.teller.actor(people[who]) if who in people else self.teller.staff(who))

    def _form(self, written: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in written.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, timedelta):
            return (now() + value).isoformat()
        if isinstance(value, str) and value.startswith("@"):
            return self.teller.seeded.known[value[1:]]
        return value
