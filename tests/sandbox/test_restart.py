import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.sandbox.rig import OPENID, Box, Clock, Server, boxed, until
from tests.sandbox.test_media import a_picture, download, upload


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "sandbox" / "journal.jsonl"


def test_a_restarted_platform_goes_on_where_it_stopped(
    platform_server: Server, clock: Clock, callback_url: str, journal: Path
) -> None:
    with boxed(platform_server, clock, journal) as box:
        box.open_account(callback_url)
        box.add()
        box.say("水管漏水")
        token = box.token
        sent = box.template(client_msg_id="m-1")
        media_id = upload(box, a_picture()).json()["media_id"]
        box.customer()
        box.break_down(api={"path": "/cgi-bin/menu/get", "kind": "html", "times": 3})
        until(lambda: box.get("/log")["counts"]["callbacks"] == 2)
        phone, log = box.phone(), box.get("/log")

    with boxed(platform_server, clock, journal) as box:
        assert box.phone() == phone
        assert box.token == token
        assert box.get("/log")["callbacks"] == log["callbacks"]
        assert box.template(client_msg_id="m-1") == sent
        assert download(box, media_id).content == a_picture()
        assert [box.customer()["errcode"] for _ in range(5)] == [0, 0, 0, 0, 45047]
        assert box.get("/faults")["api"][0]["times"] == 3
        box.say("还在漏")
        numbers = [bubble["seq"] for bubble in box.phone()]
        assert numbers == sorted(set(numbers))


def test_the_journal_belongs_to_its_owner_alone(
    platform_server: Server, clock: Clock, journal: Path
) -> None:
    with boxed(platform_server, clock, journal):
        assert journal.stat().st_mode & 0o077 == 0


def test_a_line_torn_by_a_kill_is_cut_off(
    platform_server: Server, clock: Clock, callback_url: str, journal: Path
) -> None:
    with boxed(platform_server, clock, journal) as box:
        box.open_account(callback_url)
        box.add()
    with journal.open("ab") as file:
        file.write(b'{"table": "users", "key": "oTorn"')

    for name in ("王建国", "刘芳"):
        with boxed(platform_server, clock, journal) as box:
            box.add("oNext", name=name)
            assert [user["openid"] for user in box.get("/users")["users"]] == [OPENID, "oNext"]
    assert all(json.loads(line) for line in journal.read_text().splitlines())


def test_the_same_row_again_writes_nothing(
    platform_server: Server, clock: Clock, callback_url: str, journal: Path
) -> None:
    with boxed(platform_server, clock, journal) as box:
        box.open_account(callback_url)
        box.add()
        before = journal.stat().st_size
        box.open_account(callback_url)
        box.add()

        assert journal.stat().st_size == before


@contextmanager
def process(journal: Path) -> Iterator[tuple[Box, "subprocess.Popen[bytes]"]]:
    """The platform as it is really run; it ends by `kill -9`."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    command = [sys.executable, "-m", "app.sandbox", "--port", str(port), "--journal", str(journal)]
    with subprocess.Popen(command) as running:  # noqa: S603 - our own module
        box = Box(f"http://127.0.0.1:{port}")
        try:
            until(lambda: answers(box))
            yield box, running
        finally:
            box.http.close()
            running.send_signal(signal.SIGKILL)


def answers(box: Box) -> bool:
    try:
        return box.http.get("/users").status_code == 200
    except httpx.ConnectError:
        return False


def test_a_killed_process_loses_nothing_it_acknowledged(journal: Path) -> None:
    with process(journal) as (box, _):
        box.open_account("http://127.0.0.1:1/")
        box.add()
        token = box.token
        sent = box.template(client_msg_id="m-1")
        box.add("oLast")

    with process(journal) as (box, _):
        assert [user["openid"] for user in box.get("/users")["users"]] == [OPENID, "oLast"]
        assert [card["msgid"] for card in box.phone()] == [sent["msgid"]]
        assert box.token == token
        assert box.template(client_msg_id="m-1") == sent


def test_a_process_that_is_asked_to_stop_does_not_wait_for_open_phones(journal: Path) -> None:
    with process(journal) as (box, running):
        box.open_account("http://127.0.0.1:1/")
        box.add()
        with socket.create_connection(("127.0.0.1", box.http.base_url.port or 0)) as phone:
            request = "GET /sandbox/messages?wait=30 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            phone.sendall(request.encode())
            running.terminate()
            assert running.wait(20) in (0, -signal.SIGTERM)
