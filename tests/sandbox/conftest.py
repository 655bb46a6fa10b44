"""What the tests of the sandbox share."""

from collections.abc import Iterator

import pytest

from tests.sandbox.hooks import SECRET, TOKEN, Chats, Hook
from tests.sandbox.rig import Box, Clock, Desk, Server, boxed


@pytest.fixture(scope="session")
def platform_server() -> Iterator[Server]:
    """The socket the platforms listen on, one after another."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def desk_server() -> Iterator[Server]:
    """The socket the accounts listen on, one after another."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def clock() -> Clock:
    """The platform's clock."""
    return Clock()


@pytest.fixture
def desk() -> Desk:
    """The callback of the account."""
    return Desk()


@pytest.fixture
def callback_url(desk: Desk, desk_server: Server) -> Iterator[str]:
    """Where the callback listens."""
    with desk_server.serving(desk.app) as address:
        yield f"{address}/wechat/a"


@pytest.fixture
def box(clock: Clock, callback_url: str, platform_server: Server) -> Iterator[Box]:
    """A platform with one account in safe mode and one follower."""
    with boxed(platform_server, clock) as platform:
        platform.open_account(callback_url)
        platform.add()
        yield platform


@pytest.fixture
def hook() -> Hook:
    """The software behind the bot."""
    return Hook()


@pytest.fixture
def chats(
    clock: Clock, hook: Hook, platform_server: Server, desk_server: Server
) -> Iterator[Chats]:
    """A platform with a OneBot bot in one group."""
    with hook.listening(desk_server) as hook_url, boxed(platform_server, clock) as platform:
        chats = Chats(platform, hook_url)
        chats.add_bot(secret=SECRET, token=TOKEN)
        chats.add_group()
        yield chats
