"""Mail, for who left an address: over the server that the operator named, one after the other.

Nobody's words can add to a mail's headers, and every attempt is the same mail in two forms.
"""

import html
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as ON_THE_WIRE
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from sqlalchemy import Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import CHINA
from app.core.database import Sessions
from app.core.settings import settings
from app.notices import markdown
from app.notices.audiences import Audience, people_of
from app.notices.channels import Content, Failed, Limits, Refused, Where, channels
from app.notices.models import Delivery, Notice
from app.people.models import Person

_SECONDS = 8.0
_PERMANENT = 500
_AUTHENTICATION = 535
_GOING_AWAY = 421
_UNTIL_MENDED = timedelta(minutes=10)
_LONGEST_SUBJECT = 200
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII)
_NAMED = re.compile(r"\s*([^<>]*?)\s*<([^<>]*)>\s*")


class NoAddress(ValueError):  # noqa: N818 - what it is
    """This is no address that mail could be sent to."""


def _address(text: str) -> Address:
    """The one address that this text is, bare or as `name <address>`; `NoAddress` for others."""
    named = _NAMED.fullmatch(text)
    name, spec = named.groups() if named else ("", text.strip())
    if not _ADDRESS.fullmatch(spec):
        raise NoAddress
    try:
        return Address(_line(name), addr_spec=spec)
    except (ValueError, IndexError) as error:
        raise NoAddress from error


def _line(text: str) -> str:
    """The text as one line: a line break in a header would begin another header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def plain(content: Content) -> str:
    """The words without markup, and the link."""
    lines = [f"{label}：{value}" for label, value in content.lines]
    said = content.text or "\n".join(lines)
    return "\n\n".join(part for part in (content.title, said, content.link or "") if part)


def rich(content: Content) -> str:
    """The words as HTML."""
    if content.markdown:
        said = markdown.rendered(content.markdown)
    else:
        items = (f"<p>{html.escape(f'{label}：{value}')}</p>" for label, value in content.lines)
        said = "".join(items)
    link = html.escape(content.link or "", quote=True)
    ends = f'<p><a href="{link}">{link}</a></p>' if link else ""
    title = html.escape(content.title)
    return f'<!doctype html><html lang="zh"><body><h1>{title}</h1>{said}{ends}</body></html>'


def mail(delivery: Delivery, content: Content, to: str) -> EmailMessage:
    """The mail that carries this delivery, the same for every attempt; `NoAddress` for no address.

    Its Message-ID is the delivery's id, by which a mailbox may know a second copy.
    """
    sender = _address(settings().mail_from)
    message = EmailMessage(policy=ON_THE_WIRE)
    message["From"] = sender
    if not _ADDRESS.fullmatch(to):
        raise NoAddress
    message["To"] = _address(to)
    message["Subject"] = _line(content.title)[:_LONGEST_SUBJECT]
    message["Date"] = format_datetime(delivery.created_at.astimezone(CHINA))
    message["Message-ID"] = f"<{delivery.id.hex}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<mailto:{sender.addr_spec}?subject=unsubscribe>"
    message.set_content(plain(content))
    message.add_alternative(rich(content), subtype="html")
    return message


def _server() -> SMTP | None:
    """The server of the settings, not yet connected; None where no mail is sent."""
    if (given := settings().smtp_url) is None:
        return None
    url = urlsplit(given.get_secret_value())
    by_scheme: dict[str, bool | None] = {"smtp": None, "starttls": True, "smtps": False}
    return SMTP(
        hostname=url.hostname,
        port=url.port,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=url.scheme == "smtps",
        start_tls=by_scheme.get(url.scheme),
        timeout=_SECONDS,
    )


def _turned_down(error: SMTPResponseException, *, at_door: bool = False) -> Refused | Failed:
    """What a server's answer means: 4xx passes, 5xx does not; at the door it is about all of us."""
    code = str(error.code)
    if error.code in {_AUTHENTICATION, _GOING_AWAY} or at_door:
        wait = None if error.code < _PERMANENT else _UNTIL_MENDED
        return Failed(code, wait=wait, lane=True, sent=False)
    return Refused(code) if error.code >= _PERMANENT else Failed(code, sent=False)


class _Post:
    """A connection to the server, opened when the first mail goes."""

    def __init__(self, sessions: Sessions, server: SMTP) -> None:
        self._sessions = sessions
        self._server = server
        self._addresses: dict[UUID, str | None] = {}

    async def prepare(self, deliveries: Sequence[Delivery]) -> None:
        """Read the addresses of these people, in one statement."""
        ids = [each.address_id for each in deliveries]
        people = select(Person.id, Person.email).where(
            Person.community_id == deliveries[0].community_id, Person.id.in_(ids)
        )
        async with self._sessions() as session:
            self._addresses = {row.id: row.email for row in await session.execute(people)}

    async def send(self, delivery: Delivery, content: Content) -> str | None:
        """Hand it to the server, which answers for it from then on; returns its Message-ID."""
        address = self._addresses.get(delivery.address_id)
        if not address:
            raise Refused("no_such_address")  # noqa: EM101 - a code, not a sentence
        try:
            message = mail(delivery, content, address)
        except NoAddress:
            raise Refused("not_an_address") from None  # noqa: EM101 - a code, not a sentence
        await self._connected()
        try:
            await self._server.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _turned_down(refused.recipients[0]) from None
        except SMTPResponseException as error:
            raise _turned_down(error) from None
        except (SMTPException, OSError):
            self._server.close()
            raise Failed("cut_off") from None  # noqa: EM101 - a code, not a sentence
        return str(message["Message-ID"])

    async def _connected(self) -> None:
        if self._server.is_connected:
            return
        try:
            await self._server.connect()
        except SMTPResponseException as error:
            raise _turned_down(error, at_door=True) from None
        except (SMTPException, OSError):
            raise Failed("unreachable", lane=True, sent=False) from None  # noqa: EM101 - a code

    async def close(self) -> None:
        """Take leave of the server."""
        if self._server.is_connected:
            with suppress(SMTPException, OSError):
                await self._server.quit()
        self._server.close()


class Email:
    """Reaches whoever left an address for mail."""

    limits = Limits()
    dedupes = False
    disturbs = True

    async def addresses(
        self, session: AsyncSession, community_id: UUID, person_id: UUID
    ) -> Sequence[Where]:
        """The person's own address, where mail is sent at all."""
        if settings().smtp_url is None:
            return ()
        has_one = select(Person.id).where(
            Person.community_id == community_id, Person.id == person_id, Person.email.is_not(None)
        )
        found = await session.scalars(has_one)
        return [Where(each, f"email:{community_id}") for each in found]

    def recipients(self, notice: Notice, audience: Audience) -> Select[Any, Any, Any] | None:
        """Everybody with an address, of those who are told in person."""
        if settings().smtp_url is None:
            return None
        lane = literal(f"email:{notice.community_id}")
        return select(Person.id, Person.id.label("person_id"), lane).where(
            Person.community_id == notice.community_id,
            Person.email.is_not(None),
            Person.id.in_(people_of(notice, audience)),
        )

    @asynccontextmanager
    async def lane(self, sessions: Sessions, lane: str) -> AsyncIterator[_Post]:  # noqa: ARG002 - all lanes have one server
        """A connection to the server."""
        if (server := _server()) is None:
            raise Failed("no_server", lane=True, sent=False)  # noqa: EM101 - a code, not a sentence
        post = _Post(sessions, server)
        try:
            yield post
        finally:
            await post.close()


channels.add("email", Email())
