"""Structured logs that cannot carry personal data: what is not on the list is not written.

`log.info("poll_closed", poll_id=poll.id, count=12)` writes one JSON object on standard output. An
event is a constant, and a value that is not on the list of `harmless` is dropped and its name told.
Exceptions are told by type and place, because a database error repeats the row it refused.
"""

import json
import logging
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import IO, Any, Literal

import structlog
from typing_extensions import override

from app.core.log import lines
from app.core.log.harmless import Line, harmless, told
from app.core.log.requests import RequestLog, request_id, route_of

__all__ = ["RequestLog", "configure", "log", "request_id", "route_of", "told"]

_CONSTANTS = ("uvicorn", "alembic")
"""Libraries whose messages without arguments are constants, and safe to repeat."""
_QUIET = (
    *("uvicorn.access", "httpx", "httpcore", "aiohttp", "alembic", "PIL", "multipart"),
    *("procrastinate.blueprints", "procrastinate.periodic"),
)
"""Libraries that are heard from warnings on only."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def _with_request(_logger: Any, _method: str, line: Line) -> Line:
    if current := request_id.get():
        line["request_id"] = current
    return line


def _serialized(line: Mapping[str, Any], **_: Any) -> str:
    return json.dumps(line, separators=(",", ":"), default=str)


class _Lines:
    """What structlog writes through."""

    def msg(self, line: str) -> None:
        lines.write(line)

    debug = info = warning = error = critical = exception = msg


def _render_with(renderer: Any) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            harmless,
            _with_request,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lines.output.level),
        logger_factory=lambda *_: _Lines(),
    )


class _FromLibraries(logging.Handler):
    """What libraries log: the template of a message, never its arguments."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        constant = bool(record.args) or record.name.partition(".")[0] in _CONSTANTS
        event = record.msg if constant and isinstance(record.msg, str) else "library"
        action = getattr(record, "action", None)
        log.log(
            record.levelno if record.levelno in lines.LEVELS.values() else logging.WARNING,
            event.strip(),
            logger=record.name,
            action=action if isinstance(action, str) else record.funcName,
            exc_info=record.exc_info,
            **_job(record),
        )


def _job(record: logging.LogRecord) -> dict[str, Any]:
    """Which job a record of the queue's is about, without the job's arguments."""
    job = getattr(record, "job", None)
    if not isinstance(job, Mapping):
        return {}
    return {"job_id": job.get("id"), "task": job.get("task_name"), "attempts": job.get("attempts")}


def _crashed(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        log.critical("crashed", exc_info=error)


def _listen_to_libraries() -> None:
    logging.root.handlers = [_FromLibraries()]
    logging.root.setLevel(lines.output.level)
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in {"uvicorn", "procrastinate", "sqlalchemy", "alembic"}:
            logging.getLogger(name).handlers = []
            logging.getLogger(name).propagate = True
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def configure(
    *,
    style: Literal["json", "text"] = "json",
    level: str = "info",
    stream: IO[str] | None = None,
) -> None:
    """Send every line of this process, libraries and crashes included, through the filter.

    Text is for people: asked for by `style`, or because the stream is a terminal.
    """
    lines.output.stream, lines.output.level = stream, lines.LEVELS[level]
    terminal = (stream or sys.stdout).isatty()
    lines.output.text = terminal or style == "text"
    if lines.output.text:
        _render_with(structlog.dev.ConsoleRenderer(colors=terminal))
    else:
        _render_with(structlog.processors.JSONRenderer(_serialized))
    _listen_to_libraries()
    sys.excepthook = _crashed


_render_with(structlog.processors.JSONRenderer(_serialized))
