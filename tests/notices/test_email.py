"""Mail reaches who left an address, in two forms, and no words can add a header to it."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.database import Sessions
from app.core.ids import new_id
from app.core.settings import settings
from app.notices import content
from app.notices import service as notices
from app.notices.channels import Content, email
from app.notices.models import Delivery, Lane, State
from tests.conftest import Worker
from tests.notices.conftest import Reader
from tests.notices.ways import as_they_are, tries


class Mailbox:
    """A mail server that answers as the test says, and keeps what it takes."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answers: list[str] = []
        self.at_recipient = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.letters.append(message_from_bytes(content, EmailMessage, policy=default))
            self.recipients.append(envelope.rcpt_tos)
        return answer


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=0)
    controller.port = _free()
    controller.start()
    monkeypatch.setenv("PALM_SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
    monkeypatch.setenv("PALM_MAIL_FROM", "掌上伊伊 <palm@yiyi.example>")
    settings.cache_clear()
    yield mailbox
    controller.stop()


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def told(session: AsyncSession, reader: Reader, address: str, **given: Any) -> None:
    reader.identity.subscribed = False
    reader.person.email = address
    session.add_all([reader.identity, reader.person])
    await session.flush()
    words: dict[str, Any] = {"title": "您反映的事项有新进展", "lines": [("进度", "已派单")]}
    await notices.tell(
        session,
        community_id=reader.account.community_id,
        person_id=reader.person.id,
        purpose="test.progress",
        link="http://palm.test/1?a=1&b=2",
        **(words | given),
    )
    await session.commit()


async def test_a_mail_has_both_forms_and_the_deliverys_id(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, mailbox: Mailbox
) -> None:
    await told(session, reader, "wang@example.com")
    await worker.catch_up()

    (letter,) = mailbox.letters
    (delivery,) = await as_they_are(sessions)
    assert mailbox.recipients == [["wang@example.com"]]
    assert letter["Subject"] == "您反映的事项有新进展"
    assert letter["From"] == "掌上伊伊 <palm@yiyi.example>"
    assert letter["Message-ID"] == f"<{delivery.id.hex}@yiyi.example>" == delivery.receipt
    assert letter["List-Unsubscribe"] == "<mailto:palm@yiyi.example?subject=unsubscribe>"
    plain, rich = (part.get_content() for part in letter.iter_parts())
    assert "进度：已派单" in plain
    assert 'href="http://palm.test/1?a=1&amp;b=2"' in rich
    assert delivery.state is State.SENT


async def test_words_cannot_add_a_header_or_markup(
    session: AsyncSession, worker: Worker, reader: Reader, mailbox: Mailbox
) -> None:
    title = "停水\r\nBcc: evil@example.com\u2028X-Evil: 1"
    await told(
        session, reader, "wang@example.com", title=title, lines=[("a", "<script>1</script>")]
    )
    await worker.catch_up()

    (letter,) = mailbox.letters
    assert mailbox.recipients == [["wang@example.com"]]
    assert letter["Bcc"] is None
    assert letter["X-Evil"] is None
    assert letter["Subject"] == "停水 Bcc: evil@example.com X-Evil: 1"
    assert "<script>" not in [part.get_content() for part in letter.iter_parts()][1]


@pytest.mark.parametrize(
    "address",
    [
        "wang@example.com\r\nRCPT TO:<evil@example.com>",
        "wang@example.com, evil@example.com",
        "wang@exa mple.com",
        "@",
        "王@example.com",
        "no address",
    ],
)
async def test_what_is_no_address_is_refused(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    mailbox: Mailbox,
    address: str,
) -> None:
    await told(session, reader, address)
    await worker.catch_up()

    (delivery,) = await as_they_are(sessions)
    assert mailbox.recipients == []
    assert (delivery.state, delivery.answer) == (State.REFUSED, "not_an_address")


async def test_a_passing_refusal_is_tried_again_and_a_permanent_one_is_not(
    session: AsyncSession, sessions: Sessions, worker: Worker, reader: Reader, mailbox: Mailbox
) -> None:
    mailbox.answers = ["451 try again later"]
    await told(session, reader, "wang@example.com")
    await worker.catch_up(later=True)
    assert await tries(sessions) == ["451", "sent"]

    mailbox.at_recipient = "550 no such user"
    await told(session, reader, "wang@example.com")
    await worker.catch_up(later=True)
    last = (await as_they_are(sessions))[-1]
    assert (last.state, last.answer, last.attempts) == (State.REFUSED, "550", 1)


async def test_a_server_that_is_away_stops_the_lane_and_not_the_messages(
    session: AsyncSession,
    sessions: Sessions,
    worker: Worker,
    reader: Reader,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PALM_SMTP_URL", f"smtp://127.0.0.1:{_free()}")
    settings.cache_clear()
    await told(session, reader, "wang@example.com")
    await worker.catch_up()

    (delivery,) = await as_they_are(sessions)
    assert (delivery.state, delivery.attempts) == (State.PENDING, 0)
    lane = await session.get_one(Lane, delivery.lane)
    assert lane.stopped_by == "unreachable"


async def test_without_a_server_nobody_is_reached_by_mail(
    session: AsyncSession, sessions: Sessions, reader: Reader
) -> None:
    await told(session, reader, "wang@example.com")

    assert await as_they_are(sessions) == []


def test_every_attempt_is_the_same_mail() -> None:
    settings.cache_clear()
    delivery = Delivery(id=new_id(), title="停水", lines=[], purpose="test", created_at=now())
    said: Content = content.own(delivery)
    first, second = (email.mail(delivery, said, "wang@example.com") for _ in range(2))

    assert first["Date"] == second["Date"]
    assert first["Message-ID"] == second["Message-ID"]
