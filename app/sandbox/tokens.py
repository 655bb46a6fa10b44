"""Access tokens: who may call, for how long, and what makes an old one stop working."""

import re
import secrets

from app.sandbox.errors import Refused
from app.sandbox.state import Account, Current, Spent, Token, World

LIFETIME = 7200
RENEWED_BEFORE_END = 300
FORCED_PER_DAY = 20
FORCED_APART = 30
FETCHED_PER_DAY = 2000

_DAY = 86400
_CHINA_AHEAD = 8 * 3600
_LENGTH_IN_BYTES = 384
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{16,512}")


def spend(world: World, what: str, *, per_day: int) -> None:
    """Use one of a day's allowance, which begins anew at midnight in China; or refuse."""
    key = f"{what} {int(world.now() + _CHINA_AHEAD) // _DAY}"
    spent = world.spent.get(key)
    times = spent.times if spent else 0
    if times >= per_day:
        raise Refused(45009)
    world.spent.put(key, Spent(times=times + 1))


def account_of(world: World, app_id: object, secret: object, grant_type: object) -> Account:
    """The account that identifies itself by its secret."""
    if grant_type != "client_credential":
        raise Refused(40002)
    return proven(world, app_id, secret)


def proven(world: World, app_id: object, secret: object) -> Account:
    """The account with this app id, if the secret is its own."""
    if not app_id:
        raise Refused(41002)
    if not secret:
        raise Refused(41004)
    account = world.accounts.get(str(app_id))
    if account is None:
        raise Refused(40013)
    if not isinstance(secret, str) or not secrets.compare_digest(
        account.secret.encode(), secret.encode("utf-8", "replace")
    ):
        raise Refused(40125)
    return account


def _kill(world: World, value: str) -> None:
    if token := world.tokens.get(value):
        world.tokens.put(value, token.model_copy(update={"dead": True}))


def _issue(world: World, account: Account, kind: str, *, forced_at: float = 0) -> str:
    value = secrets.token_urlsafe(_LENGTH_IN_BYTES)
    expires_at = world.now() + LIFETIME
    world.tokens.put(value, Token(app_id=account.app_id, expires_at=expires_at))
    world.current.put(f"{kind} {account.app_id}", Current(token=value, forced_at=forced_at))
    return value


def fetch(world: World, account: Account) -> str:
    """A new token of the old kind; the one before it stops working at once."""
    spend(world, f"token {account.app_id}", per_day=FETCHED_PER_DAY)
    if before := world.current.get(f"plain {account.app_id}"):
        _kill(world, before.token)
    return _issue(world, account, "plain")


def stable(world: World, account: Account, *, force: bool) -> tuple[str, int]:
    """The stable token and its remaining seconds: the same one until its last five minutes.

    Forced, a new one kills it: twenty times a day, and never twice within thirty seconds.
    """
    now = world.now()
    current = world.current.get(f"stable {account.app_id}")
    held = world.tokens.get(current.token) if current else None
    if force and not (current and now - current.forced_at < FORCED_APART):
        spend(world, f"force {account.app_id}", per_day=FORCED_PER_DAY)
        if current:
            _kill(world, current.token)
        return _issue(world, account, "stable", forced_at=now), LIFETIME
    if current and held and not held.dead and held.expires_at - now > RENEWED_BEFORE_END:
        return current.token, int(held.expires_at - now)
    forced_at = current.forced_at if current else 0
    return _issue(world, account, "stable", forced_at=forced_at), LIFETIME


def holder(world: World, value: str | None) -> Account:
    """The account a token speaks for."""
    if not value:
        raise Refused(41001)
    if not _WELL_FORMED.fullmatch(value):
        raise Refused(40014)
    token = world.tokens.get(value)
    account = world.accounts.get(token.app_id) if token else None
    if token is None or account is None or token.dead:
        raise Refused(40001)
    if token.expires_at <= world.now():
        raise Refused(42001)
    return account


def spoil(world: World, value: str | None, code: int) -> None:
    """Make true what an injected error says of a token, so that the next one differs."""
    token = world.tokens.get(value or "")
    if token and value and code == 42001:  # noqa: PLR2004 - the platform's own number
        world.tokens.put(value, token.model_copy(update={"expires_at": world.now()}))
    elif token and value and code in (40001, 40014):
        _kill(world, value)
