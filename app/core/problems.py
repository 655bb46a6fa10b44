"""Errors a caller can understand, told in the words of RFC 9457.

A problem is a two-line class that knows its status and its sentence. What the database refuses by
a named constraint is the problem that was put down for that name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from psycopg import DataError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from app.core.i18n import _
from app.core.log import log

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - a problem is what the caller sees
    """Something went wrong."""

    status: ClassVar[int] = 500
    headers: Mapping[str, str] = {}

    def __init_subclass__(cls, *, status: int | None = None) -> None:
        cls.status = status or cls.status

    def __init__(self, detail: str | None = None, *, errors: Sequence[dict[str, str]] = ()) -> None:
        self.detail = detail
        self.errors = list(errors)
        super().__init__(detail or self.title())

    @classmethod
    def title(cls) -> str:
        """The class's sentence, untranslated."""
        return (cls.__doc__ or "").partition("\n")[0]

    @classmethod
    def type(cls) -> str:
        """The stable name a program can tell it by."""
        return "/problems/" + re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def body(self) -> dict[str, Any]:
        """The members of RFC 9457, and `errors` where fields are at fault."""
        body: dict[str, Any] = {
            "type": self.type(),
            "title": _(self.title()),
            "status": self.status,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        return body


class BadRequest(Problem, status=400):
    """The request cannot be understood."""


class Unauthenticated(Problem, status=401):
    """Sign in first."""

    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem, status=403):
    """Your role does not allow this here."""


class NotFound(Problem, status=404):
    """There is no such thing, or it is not yours to see."""


class MethodNotAllowed(Problem, status=405):
    """This address does not take that method."""


class Conflict(Problem, status=409):
    """This does not go together with what is there already."""


class Changed(Problem, status=412):
    """Someone changed this since you read it."""


class TooLarge(Problem, status=413):
    """This is larger than we accept."""


class Invalid(Problem, status=422):
    """Some of the fields are not as they should be."""


class TooManyRequests(Problem, status=429):
    """Too many attempts; wait a while."""


class Internal(Problem, status=500):
    """Something went wrong on our side; nothing was changed."""


class Unavailable(Problem, status=503):
    """We cannot answer just now; try again in a moment."""

    headers: Mapping[str, str] = {"Retry-After": "2"}


_STATUSES: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (BadRequest, Unauthenticated, Forbidden, NotFound, MethodNotAllowed, TooLarge)
}
_constraints: dict[str, type[Problem]] = {}

_CANNOT_SERVE = ("08", "53", "57", "55P03", "40001", "40P01", "25P03")
"""SQLSTATE classes of a database that is away, full, stopping, or locked."""
_BAD_VALUE = ("22",)


def breaking(constraint: str, problem: type[Problem]) -> None:
    """Say what it means to a caller when this constraint refuses a row."""
    _constraints[constraint] = problem


def of_database(error: DBAPIError) -> Problem:
    """What the database's refusal means to the caller; never its own words, which hold values."""
    original = error.orig
    state = str(getattr(original, "sqlstate", None) or "")
    name = getattr(getattr(original, "diag", None), "constraint_name", None)
    if name in _constraints:
        return _constraints[name]()
    if state.startswith(_BAD_VALUE) or isinstance(original, DataError):
        return Invalid()
    if error.connection_invalidated or not state or state.startswith(_CANNOT_SERVE):
        return Unavailable()
    if state.startswith("23"):
        log.warning("constraint_refused", constraint=name, sqlstate=state)
        return Conflict()
    log.error("database_refused", constraint=name, sqlstate=state)
    return Internal()


def of_fields(error: RequestValidationError | ValidationError) -> Invalid:
    """Which fields are at fault, by path; what was sent is not repeated."""
    return Invalid(
        errors=[
            {"path": ".".join(str(part) for part in found["loc"]), "message": found["msg"]}
            for found in error.errors()
        ]
    )


def of(error: Exception) -> Problem:
    """The problem that any exception is, to a caller."""
    match error:
        case Problem():
            return error
        case RequestValidationError() | ValidationError():
            return of_fields(error)
        case DBAPIError():
            return of_database(error)
        case PoolTimeout() | ConnectionError():
            return Unavailable()
        case HTTPException():
            return _STATUSES.get(error.status_code, BadRequest)()
    return Internal()


def answer(error: Exception) -> Response:
    """The response to a request that could not be served."""
    problem = of(error)
    return JSONResponse(
        problem.body(), problem.status, headers=dict(problem.headers), media_type=MEDIA_TYPE
    )


async def render(_request: Request, error: Exception) -> Response:
    """Answer with the problem; what we did not expect is logged with where it happened."""
    if isinstance(of(error), Internal):
        log.exception("unexpected", exc_info=error)
    return answer(error)


def install(web: FastAPI) -> None:
    """Let every error of this application leave as a problem."""
    for kind in (Problem, RequestValidationError, HTTPException, DBAPIError, PoolTimeout):
        web.add_exception_handler(kind, render)
    web.add_exception_handler(Exception, render)


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Document the problems that an endpoint may answer with."""
    described: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        found = described.setdefault(kind.status, {"description": "", "content": {MEDIA_TYPE: {}}})
        found["description"] = f"{found['description']} {kind.title()}".strip()
    return described
