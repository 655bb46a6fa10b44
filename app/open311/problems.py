"""What GeoReport refuses, and how it says so: its own list of errors, on every path."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.core import problems
from app.core.i18n import _
from app.core.log import log
from app.core.problems import BadRequest, Forbidden, Internal, NotFound, Problem, Unauthenticated
from app.open311.documents import Document

# Problem
# ├── 400  JurisdictionMissing NotAForm
# ├── 403  KeyMissing KeyRefused
# └── 404  JurisdictionUnknown ServiceUnknown NoSuchResource


class JurisdictionMissing(BadRequest, status=400):
    """Several communities are served here: say which one by jurisdiction_id."""


class JurisdictionUnknown(NotFound, status=404):
    """This jurisdiction_id is not known here."""


class KeyMissing(Forbidden, status=403):
    """This needs an api_key."""


class KeyRefused(Forbidden, status=403):
    """This api_key is not valid here."""


class ServiceUnknown(NotFound, status=404):
    """This service_code is not known here."""


class NoSuchResource(NotFound, status=404):
    """There is no such resource; addresses end in .xml or .json."""


class NotAForm(BadRequest, status=400):
    """This is not a form in UTF-8, urlencoded or multipart."""


_TOLD_BY_HTTP = frozenset({404, 405, 413, 429})
_BAD_REQUEST = 400
_FORBIDDEN = 403
_SERVER_ERROR = 500


def wrong(message: str, *, at: str) -> BadRequest:
    """The refusal of one argument; the message is in the reader's language."""
    return BadRequest(errors=[{"path": at, "message": message}])


def _status(problem: Problem) -> int:
    """GeoReport's own: 403 for the key, 404 for what is not there, 400 for all else of a caller's.

    What HTTP itself has a status for keeps it: a wrong method, too large a body, too many calls.
    """
    if isinstance(problem, Forbidden | Unauthenticated):
        return _FORBIDDEN
    kept = problem.status in _TOLD_BY_HTTP or problem.status >= _SERVER_ERROR
    return problem.status if kept else _BAD_REQUEST


def _descriptions(problem: Problem) -> list[str]:
    if problem.errors:
        return [f"{_named(error['path'])}: {error['message']}" for error in problem.errors]
    title = _(problem.title())
    ours = problem.detail and not isinstance(problem, Forbidden)
    return [f"{title} {problem.detail}" if ours else title]


def _named(path: str) -> str:
    """What GeoReport calls a field of ours."""
    of_answers, found, code = path.partition("answers.")
    return f"attribute[{code}]" if found and not of_answers else path


def _of(error: Exception) -> tuple[Problem, Mapping[str, str]]:
    if isinstance(error, HTTPException):
        found = NoSuchResource() if error.status_code == NotFound.status else problems.of(error)
        return found, error.headers or {}
    problem = KeyRefused() if type(error) is Unauthenticated else problems.of(error)
    return problem, {} if isinstance(problem, Unauthenticated) else problem.headers


def answer(error: Exception, suffix: str) -> Response:
    """The errors as GeoReport lists them; what we did not expect is logged."""
    problem, headers = _of(error)
    if isinstance(problem, Internal):
        log.exception("unexpected", exc_info=error)
    status = _status(problem)
    errors = [{"code": str(status), "description": said} for said in _descriptions(problem)]
    response = Document("errors", errors).response(suffix, status)
    response.headers.update(headers)
    return response
