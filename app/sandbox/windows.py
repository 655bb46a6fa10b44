"""How many customer messages a follower accepts, and for how long after doing something."""

from app.sandbox.errors import Refused
from app.sandbox.state import User, Window, World

AFTER_WORDS, WORDS_SECONDS = 5, 48 * 3600
AFTER_ACT, ACT_SECONDS = 3, 60
OPENING_EVENTS = ("CLICK", "scancode_push", "scancode_waitmsg", "subscribe", "SCAN")


def opened_by_words(world: World, openid: str) -> None:
    """The follower wrote something."""
    window = world.windows.get(openid) or Window()
    update = {"said_at": world.now(), "said_left": AFTER_WORDS}
    world.windows.put(openid, window.model_copy(update=update))


def opened_by_act(world: World, openid: str) -> None:
    """The follower clicked, followed or scanned."""
    window = world.windows.get(openid) or Window()
    update = {"acted_at": world.now(), "acted_left": AFTER_ACT}
    world.windows.put(openid, window.model_copy(update=update))


def closed(world: World, openid: str) -> None:
    """The follower left."""
    world.windows.drop(openid)


def use(world: World, user: User) -> None:
    """Take one message of what is left, or refuse."""
    now, window = world.now(), world.windows.get(user.openid) or Window()
    said = now - window.said_at < WORDS_SECONDS
    acted = now - window.acted_at < ACT_SECONDS
    if not user.subscribed or not (said or acted):
        raise Refused(45015)
    if said and window.said_left:
        update = {"said_left": window.said_left - 1}
    elif acted and window.acted_left:
        update = {"acted_left": window.acted_left - 1}
    else:
        raise Refused(45047)
    world.windows.put(user.openid, window.model_copy(update=update))
