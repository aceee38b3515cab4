"""Structured logs: one JSON object a line, written in the order of events.

They go to standard output, and to a file where the settings name one.

The access line is on the path of every request, so lines gather in memory and leave together. No
line holds a secret or personal data; of an exception only its type and where it happened are told,
because messages quote the data they stumbled over.
"""

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec
import structlog

from infrastructure.observability.log_file import LogFile

FLUSH_SECONDS = 0.1
LINES_WAITING_MAX = 20_000
FRAMES_MAX = 20
CLIENT_LIBRARIES = ("httpx", "httpcore", "urllib3", "opentelemetry")
"""Their own lines quote whole addresses, and those may hold a name or a token; we tell by ourselves
what they could not reach."""

Notice = Callable[[BaseException, Mapping[str, Any]], None]
Ship = Callable[[Sequence[bytes]], None]
GRAVE = ("error", "critical")


def _notice_nothing(_error: BaseException, _line: Mapping[str, Any]) -> None:
    pass


def _ship_nothing(_lines: Sequence[bytes]) -> None:
    pass


class LineWriter:
    """Gathers lines, from any thread, and writes them together; `ship` gets what was written."""

    def __init__(
        self,
        stream: BinaryIO | None = None,
        *,
        file: LogFile | None = None,
        ship: Ship = _ship_nothing,
    ) -> None:
        self._stream = stream if stream is not None else sys.stdout.buffer
        self._file = file
        self._ship = ship
        self._lines: deque[bytes] = deque()
        self._flushing = threading.Lock()

    def write(self, line: bytes) -> None:
        """Add a line, without its newline."""
        self._lines.append(line)
        if len(self._lines) >= LINES_WAITING_MAX:
            self.flush()

    def flush(self) -> None:
        """Write what has gathered; a reader that went away must not end the service."""
        if not self._lines:
            return
        with self._flushing:
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            if self._file is not None:
                try:
                    self._file.write(lines)
                except OSError as error:
                    told = {"event": "log_file_not_written", "level": "error"}
                    told |= {"lines": str(len(lines)), "error": type(error).__name__}
                    lines.append(msgspec.json.encode(told))
            try:
                self._stream.write(b"".join(line + b"\n" for line in lines))
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                pass
        self._ship(lines)

    async def run(self) -> None:
        """Flush every now and then, and once more when cancelled."""
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                self.flush()
        finally:
            self.flush()


class AccessLine(msgspec.Struct, omit_defaults=True):
    """What is told of every request."""

    time: str
    event: str
    request_id: str
    method: str
    route: str
    status: int
    latency_ms: float
    bytes: int
    correlation_id: str = ""
    tenant: str = ""
    actor_id: str = ""
    on_behalf_of: str = ""
    key_id: str = ""
    code: str = ""
    trace_id: str = ""


class AccessLog:
    """Writes the line of a request."""

    def __init__(self, writer: LineWriter) -> None:
        self._writer = writer
        self._encode = msgspec.json.Encoder().encode
        self._second = 0
        self._second_text = ""

    def write(self, line: AccessLine) -> None:
        """Write one line."""
        self._writer.write(self._encode(line))

    def now(self) -> str:
        """Give the time of day; the text of a second is made once."""
        moment = time.time()
        second = int(moment)
        if second != self._second:
            self._second = second
            self._second_text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        return f"{self._second_text}{int((moment - second) * 1000):03d}Z"


def where_it_happened(error: BaseException) -> dict[str, Any]:
    """Describe an exception by its type and the places it passed, never by its message."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    cause = error.__cause__ or error.__context__
    return {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        **({"cause": where_it_happened(cause)} if cause is not None else {}),
    }


def configure_logging(
    writer: LineWriter, *, level: str = "INFO", notice: Notice = _notice_nothing
) -> None:
    """Send structlog's and the standard library's lines to the writer as JSON.

    `notice` is told of every exception that a line of level ERROR tells of.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _WithoutMessages(notice),
            _AsLine(writer),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )
    handler = _Handler(writer, notice)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CLIENT_LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"


class _WithoutMessages:
    def __init__(self, notice: Notice) -> None:
        self._notice = notice

    def __call__(
        self, _logger: object, _method: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        given = line.pop("exc_info", None)
        error = sys.exc_info()[1] if given is True else given
        if isinstance(error, BaseException):
            if line["level"] in GRAVE:
                self._notice(error, line)
            line.update(where_it_happened(error))
        return line


class _AsLine:
    def __init__(self, writer: LineWriter) -> None:
        self._writer = writer

    def __call__(self, _logger: object, _method: str, line: Mapping[str, Any]) -> str:
        self._writer.write(msgspec.json.encode(dict(line), enc_hook=str))
        raise structlog.DropEvent


class _Handler(logging.Handler):
    def __init__(self, writer: LineWriter, notice: Notice) -> None:
        super().__init__()
        self._writer = writer
        self._notice = notice

    def emit(self, record: logging.LogRecord) -> None:
        line: dict[str, Any] = {
            "event": _said(record),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            if line["level"] in GRAVE:
                self._notice(error, line)
            line.update(where_it_happened(error))
        self._writer.write(msgspec.json.encode(line, enc_hook=str))


def _said(record: logging.LogRecord) -> str:
    """Give the text of a record without what an exception met.

    Beside an exception, a text that was put together before it came here may quote it, as asyncio's
    does; only a template is known to be none.
    """
    if not record.exc_info:
        return record.getMessage()
    return str(record.msg) if record.args else "unexpected_exception"
