"""A browser without scripts: it reads the forms of a page and sends what one entered."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
from lxml import html
from sqlalchemy.ext.asyncio import AsyncSession

from app.people.access import system
from app.places.models import Community
from app.polls import queries
from app.polls.forms import Form, Matter, Method
from app.polls.links import VotingLink, token_of
from app.polls.models import Poll, PollKind, Secrecy
from app.polls.service import lifecycle
from tests.conftest import Client
from tests.polls.builders import OpenPoll, a_question, an_open_poll

POSTED = {"Content-Type": "application/x-www-form-urlencoded"}


def path_of(opened: OpenPoll, voter: int = 0) -> str:
    """Where one of the people of a poll votes, without the host."""
    return link_of(opened.poll, opened.people[voter].id)


async def asking(session: AsyncSession, *questions: Any, **columns: Any) -> OpenPoll:
    """An open poll with these questions."""
    form = columns.pop("form", None) or Form(questions=list(questions))
    opened = await an_open_poll(session, form=form, **columns)
    await session.commit()
    return opened


async def public_path(session: AsyncSession, opened: OpenPoll) -> str:
    """Where everybody reads of a poll."""
    community = await session.get_one(Community, opened.poll.community_id)
    return f"/c/{community.slug}/polls/{opened.poll.number}"


async def closed(session: AsyncSession, opened: OpenPoll) -> None:
    """Close a poll, as its time has come."""
    poll = await queries.alone(session, opened.poll.community_id, opened.poll.id)
    assert poll
    await lifecycle.close(session, poll, by=system(poll.community_id))
    await session.commit()


async def published(session: AsyncSession, opened: OpenPoll) -> None:
    """Publish what a meeting or an assembly decided."""
    poll = await queries.alone(session, opened.poll.community_id, opened.poll.id)
    assert poll
    await lifecycle.publish(session, poll, by=system(poll.community_id))
    await session.commit()


def link_of(poll: Poll, person_id: UUID) -> str:
    """Where somebody would vote, without the host."""
    return "/v/" + token_of(VotingLink(poll.community_id, poll.id, person_id))


async def an_assembly(session: AsyncSession, **columns: Any) -> OpenPoll:
    """An open assembly of two owners on raising funds."""
    question = a_question(method=Method.YES_NO, matter=Matter.FUND_RAISING)
    return await asking(session, question, kind=PollKind.ASSEMBLY, areas=[8_850, 12_000], **columns)


def secretly(**columns: Any) -> dict[str, Any]:
    return {"secrecy": Secrecy.SECRET, **columns}


def surveying(**columns: Any) -> dict[str, Any]:
    return {"kind": PollKind.SURVEY, **columns}


@dataclass
class Sheet:
    """A page with its ballot, as somebody without scripts fills it in."""

    client: Client
    answer: httpx.Response
    entered: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page: Any = html.fromstring(self.answer.text)
        self.entered = [
            (each.get("name"), each.get("value") or "")
            for each in self._all("input[@type='hidden' or @checked]")
        ]
        self.entered += [
            (each.get("name"), each.get("value") or "")
            for each in self._all("input")
            if each.get("type") in {"text", "number", "date"} and each.get("value")
        ]
        self.entered += [
            (select.get("name"), option.get("value"))
            for select in self._all("select")
            for option in select.findall("option")
            if option.get("selected") is not None
        ]
        self.entered += [
            (each.get("name"), each.text) for each in self._all("textarea") if each.text
        ]

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        """What is read on the page, in one line."""
        return " ".join(self.page.text_content().split())

    @property
    def form(self) -> Any:
        """The ballot, or whatever form there is."""
        ballots = self.page.xpath("//form[contains(@class, 'ballot')]")
        return (ballots or self.page.xpath("//form"))[0]

    def _all(self, what: str) -> list[Any]:
        return self.form.xpath(f".//{what}") if self.page.xpath("//form") else []

    def values(self, name: str) -> list[str]:
        """What stands in a field, or is ticked."""
        return [value for key, value in self.entered if key == name]

    def complaint(self, key: str) -> str:
        """What is said to be wrong beside a question."""
        [question] = self.page.xpath(f"//fieldset[@id='{key}']")
        [said] = question.xpath(f".//p[@id='{question.get('aria-describedby')}']")
        return str(said.text_content())

    def pick(self, name: str, *values: str) -> "Sheet":
        """Tick boxes, or choose from a list: only what is there to be chosen."""
        offered = {each.get("value") for each in self._all(f"input[@name='{name}']")}
        offered |= {each.get("value") for each in self._all(f"select[@name='{name}']/option")}
        assert set(values) <= offered, f"{name} offers {offered}"
        return self._put(name, *values)

    def write(self, name: str, text: str) -> "Sheet":
        """Write into a field that is there."""
        assert self._all(f"*[@name='{name}']"), f"there is no {name}"
        return self._put(name, text)

    def _put(self, name: str, *values: str) -> "Sheet":
        self.entered = [pair for pair in self.entered if pair[0] != name]
        self.entered += [(name, value) for value in values]
        return self

    async def press(self, step: str) -> "Sheet":
        """Send the form by one of its buttons, and follow where it leads."""
        assert self._all(f"button[@value='{step}']"), f"there is no button {step}"
        return await self.send(("step", step))

    async def send(self, *more: tuple[str, str]) -> "Sheet":
        answer = await self.client.post(
            self.form.get("action"), content=urlencode([*self.entered, *more]), headers=POSTED
        )
        if answer.is_redirect:
            answer = await self.client.get(answer.headers["Location"])
        return Sheet(self.client, answer)


async def opened_at(client: Client, path: str) -> Sheet:
    """The page at this address."""
    return Sheet(client, await client.get(path))
