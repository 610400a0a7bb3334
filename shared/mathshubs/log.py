"""Structured logs, one JSON object a line, with trace and correlation ids and no personal data."""

import logging
import re
import sys
import traceback

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["bind_contextvars", "bound_contextvars", "configure", "get_logger", "trace_of"]

get_logger = structlog.get_logger
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
"""As W3C Trace Context has it."""


def trace_of(traceparent: str | None) -> str | None:
    """Return the id of the trace that `traceparent` belongs to; None where it is none."""
    read = _TRACEPARENT.fullmatch(traceparent or "")
    return read["trace"] if read else None


def configure(service: str, instance: int) -> None:
    """Send this process's log, and that of its libraries, to stdout as JSON."""
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_words,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.root.handlers = [lines]
    logging.root.setLevel(logging.INFO)
    _quieten()
    bind_contextvars(service=service, instance=instance)


def _quieten() -> None:
    """Keep out what says nothing: each poll, each SMTP line.

    uvicorn brings handlers of its own, which would quote the words of an exception.
    """
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in ("aiokafka", "asyncio", "faststream", "httpx", "mail.log"):
        logging.getLogger(name).setLevel(logging.WARNING)


def without_words(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Show an exception by its class and where it arose; its words may quote somebody's name or address."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        line["error"] = type(error).__qualname__
        line["at"] = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno} {f.name}" for f in frames[-8:]]
    return line
