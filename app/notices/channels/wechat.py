"""The service account: the form that its owner chose for a purpose, else a customer message.

`Account.templates` names the form by purpose, a notice's being `notice.policy` …, with `notice` for
all kinds that have none of their own:

* `{"template_id": "…", "fields": ["thing1", "time2"]}`: a template message, which WeChat dedupes
* the same with `"kind": "subscribe"`: a message that each has to have subscribed to
* `{"kind": "mass", "tag_id": 2}`: what is for all followers of the whole community is sent once, to
  all of them or to those under the tag; what is for some goes to each as a customer message

A customer message reaches who wrote within the last 48 hours, and is refused for the others.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, null, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.database import Sessions
from app.notices.audiences import Audience, people_of
from app.notices.channels import Content, Failed, Limits, Refused, Where, channels
from app.notices.models import Delivery, Notice
from app.people.models import Identity
from app.places.models import ROOT, Place
from app.wechat import client
from app.wechat.answers import ALARMING
from app.wechat.edge.replies import TEXT_AT_MOST, cut
from app.wechat.models import Account
from app.wechat.problems import Failure, Permanent

_LONGEST = {"thing": 20, "phrase": 5, "character_string": 32, "name": 10}
"""Characters that a field of a category template holds, by the word its name begins with."""

_NOTHING = "—"
_NOTICE = "notice"
_UNTIL_MENDED = timedelta(minutes=10)
"""How long to leave an account in peace that somebody has to do something about."""
_THE_ACCOUNTS_OWN = ALARMING - {"48001"}
"""Codes that every message of the account would get; 48001 is about one kind of them."""
_STILL_AT_IT = "45066"


def _fitting(field: str, value: str) -> str:
    longest = _LONGEST.get(field.rstrip("0123456789"), 200)
    return value if len(value) <= longest else value[: longest - 1] + "…"


def form_of(templates: Mapping[str, Any], purpose: str) -> Mapping[str, Any]:
    """How the account's owner wants this purpose sent; empty where nothing is said."""
    names = [purpose, _NOTICE] if purpose.startswith(f"{_NOTICE}.") else [purpose]
    return next((templates[name] for name in names if name in templates), {})


def filled(template: Mapping[str, Any], content: Content) -> dict[str, str]:
    """The values of a template's fields: the title, then each line's value.

    The last field takes all that is left, with its labels; a field that nothing is left for says
    so, because WeChat takes no empty ones.
    """
    fields: list[str] = template["fields"]
    values = [content.title, *(value for _, value in content.lines)]
    if len(values) >= len(fields):
        kept = len(fields) - 1
        rest = [f"{label}：{value}" for label, value in content.lines[kept - 1 :]]
        values[kept:] = ["\n".join(rest)]
    return {
        field: _fitting(field, value)
        for field, value in zip_longest(fields, values, fillvalue=_NOTHING)
    }


def worded(content: Content) -> str:
    """The same as one text, which keeps its link when it is cut."""
    lines = [f"{label}：{value}" for label, value in content.lines]
    said = "\n".join([content.title, *([content.text] if content.text else lines)])
    if content.link is None:
        return said
    return f"{cut(said, TEXT_AT_MOST - len(content.link.encode()) - 1)}\n{content.link}"


@dataclass(slots=True)
class _Lane:
    """One account, its token, and the openids of those who are written to now and next."""

    sessions: Sessions
    account: Account
    held: client.Held = field(default_factory=client.Held)
    openids: dict[UUID, str] = field(default_factory=dict)
    earlier: dict[UUID, str] = field(default_factory=dict)

    async def prepare(self, deliveries: Sequence[Delivery]) -> None:
        """Read who these go to, in one statement."""
        ids = [each.address_id for each in deliveries]
        rows = select(Identity.id, Identity.openid).where(
            Identity.community_id == self.account.community_id, Identity.id.in_(ids)
        )
        async with self.sessions() as session:
            found = (await session.execute(rows)).all()
        self.earlier, self.openids = self.openids, {row.id: row.openid for row in found}

    def arrives_once(self, delivery: Delivery) -> bool:
        """Template messages and those to all do; customer and subscribed ones arrive each time."""
        if delivery.address_id == self.account.id:
            return True
        form = form_of(self.account.templates, delivery.purpose)
        return "template_id" in form and form.get("kind") != "subscribe"

    async def send(self, delivery: Delivery, content: Content) -> str | None:
        """Send under the delivery's id, by which WeChat tells a second attempt from a second one.

        Returns the message id by which WeChat later reports whether it arrived.
        """
        form = form_of(self.account.templates, content.purpose)
        try:
            if delivery.address_id == self.account.id:
                return await self._to_all(delivery, content, form)
            return await self._to_one(delivery, content, form)
        except Failure as failure:
            if failure.code in _THE_ACCOUNTS_OWN:
                wait = failure.wait or _UNTIL_MENDED
                raise Failed(failure.code, wait=wait, lane=True, sent=False) from None
            if isinstance(failure, Permanent):
                raise Refused(failure.code) from None
            stops = failure.wait is not None and failure.code != _STILL_AT_IT
            raise Failed(failure.code, wait=failure.wait, lane=stops) from None

    async def _to_all(
        self, delivery: Delivery, content: Content, form: Mapping[str, Any]
    ) -> str | None:
        return await client.send_to_all(
            self.sessions,
            self.account,
            worded(content),
            client_msg_id=delivery.id.hex,
            tag_id=form.get("tag_id"),
            held=self.held,
        )

    async def _to_one(
        self, delivery: Delivery, content: Content, form: Mapping[str, Any]
    ) -> str | None:
        address_id = delivery.address_id
        openid = self.openids.get(address_id) or self.earlier.get(address_id)
        if openid is None:
            raise Refused("no_such_address")  # noqa: EM101 - a code, not a sentence
        to = (self.sessions, self.account, openid)
        if "template_id" not in form:
            await client.send_text(*to, worded(content), held=self.held)
            return None
        words = (form["template_id"], filled(form, content))
        url = content.link or ""
        if form.get("kind") == "subscribe":
            await client.send_subscribed(*to, *words, url=url, held=self.held)
            return None
        id_ = delivery.id.hex
        return await client.send_template(*to, *words, client_msg_id=id_, url=url, held=self.held)


def _sends_to_all(notice: Notice) -> ColumnElement[bool]:
    """The condition on `Account` that selects where this notice is one message to everybody."""
    purpose = f"{_NOTICE}.{notice.kind.value}"
    own, usual = (Account.templates[name]["kind"].astext for name in (purpose, _NOTICE))
    whole = select(Place.id).where(
        Place.community_id == notice.community_id,
        Place.id == notice.place_id,
        Place.path == ROOT,
    )
    usually = and_(Account.templates[purpose].astext.is_(None), usual == "mass")
    return and_(whole.exists(), or_(own == "mass", usually))


def _of_many(account_id: InstrumentedAttribute[UUID]) -> ColumnElement[str]:
    """The lane of notices, behind which nobody's own matter waits."""
    return func.concat("wechat:", account_id, ":notices")


class WeChat:
    """Reaches whoever follows one of the community's service accounts."""

    limits = Limits(width=32)
    dedupes = True
    disturbs = True

    async def addresses(
        self, session: AsyncSession, community_id: UUID, person_id: UUID
    ) -> Sequence[Where]:
        """The person's identities that follow an account."""
        following = select(Identity.id, Identity.account_id).where(
            Identity.community_id == community_id,
            Identity.person_id == person_id,
            Identity.subscribed,
        )
        return [
            Where(each, f"wechat:{account}") for each, account in await session.execute(following)
        ]

    def recipients(self, notice: Notice, audience: Audience) -> Select[Any, Any, Any] | None:
        """Every identity that follows an account, of those who are told in person.

        What is for all followers goes to an account itself, if it sends such things to all.
        """
        each = select(Identity.id, Identity.person_id, _of_many(Identity.account_id)).where(
            Identity.community_id == notice.community_id,
            Identity.subscribed,
            Identity.person_id.in_(people_of(notice, audience)),
        )
        if not audience.followers or audience.places or audience.roles or audience.tags:
            return each
        to_all = select(Account.id, null(), _of_many(Account.id)).where(
            Account.community_id == notice.community_id, _sends_to_all(notice)
        )
        alone = select(Account.id).where(
            Account.community_id == notice.community_id, _sends_to_all(notice)
        )
        both = union_all(each.where(Identity.account_id.not_in(alone)), to_all).subquery()
        return select(*both.c)

    @asynccontextmanager
    async def lane(self, sessions: Sessions, lane: str) -> AsyncIterator[_Lane]:
        """The account that the lane is named after."""
        account_id = UUID(lane.split(":")[1])
        async with sessions() as session:
            account = await session.scalar(select(Account).where(Account.id == account_id))
        if account is None:
            raise Refused("no_such_account")  # noqa: EM101 - a code, not a sentence
        yield _Lane(sessions, account)


channels.add("wechat", WeChat())
