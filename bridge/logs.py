"""The log: lines for people, or JSON lines that OpenTelemetry's collector reads without rules of its own.

JSON: the fields of OpenTelemetry's log data model (https://opentelemetry.io/docs/specs/otel/logs/data-model/) in the
usual spelling, and its semantic conventions for exceptions. What a caller passes as `extra` becomes attributes. What
is logged while a request is served that came with a `traceparent` (https://www.w3.org/TR/trace-context/) names its
trace.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
"""Nothing that a client wrote may begin a line of its own, or move a terminal's cursor."""

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
SEVERITIES = {logging.DEBUG: 5, logging.INFO: 9, logging.WARNING: 13, logging.ERROR: 17, logging.CRITICAL: 21}
"""OpenTelemetry's numbers for Python's levels."""

TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})\Z")
_trace: ContextVar[dict[str, str]] = ContextVar("trace", default={})  # noqa: B039  # never changed

_OURS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def begin(level: str, form: str) -> None:
    """Log to the standard error from this level on; `form` is "text" or "json"."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter(TEXT))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    logging.getLogger("websockets").setLevel(logging.WARNING)  # it tells of every connection, tokens and all


def trace(traceparent: object) -> None:
    """What this task and those that it begins log from now on belongs to this trace; to none if this is no header."""
    found = TRACEPARENT.match(traceparent) if isinstance(traceparent, str) else None
    names = ("trace_id", "span_id", "trace_flags")
    _trace.set(dict(zip(names, found.groups(), strict=True)) if found else {})


class TextFormatter(logging.Formatter):
    """One line an entry, before what an exception's trace adds."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        """See Formatter."""
        record.message = record.message.translate(CONTROLS)
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """See Formatter."""
        attributes = {name: value for name, value in vars(record).items() if name not in _OURS}
        if record.exc_info and record.exc_info[0]:
            attributes["exception.type"] = record.exc_info[0].__name__
            attributes["exception.message"] = str(record.exc_info[1])
            attributes["exception.stacktrace"] = self.formatException(record.exc_info)
        entry: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "severity_text": record.levelname,
            "severity_number": SEVERITIES.get(record.levelno, 0),
            "scope": record.name,
            "body": record.getMessage(),
            **_trace.get(),
        }
        if attributes:
            entry["attributes"] = attributes
        return json.dumps(entry, default=str)
