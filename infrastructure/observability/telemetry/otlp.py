"""Traces and log lines over OTLP/HTTP. Imported only where a collector is named.

Spans and lines leave from threads of their own through queues of a fixed size: a collector that
hangs or is away costs nobody any time, and the ordinary log none of its lines.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import msgspec
import structlog
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExportResult
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import Link as OtelLink
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from infrastructure.observability.telemetry.tracing import Attributes
from infrastructure.release import RELEASE

SEND_SECONDS = 1.0
EXPORT_SECONDS_MAX = 5.0
WAITING_MAX = 8_192
"""So many spans wait for the collector, and so many lines; for new ones the oldest are given up."""

CLOSE_SECONDS_MAX = 2.0

_TRACEPARENT = "traceparent"
_SEVERITIES: Mapping[str, SeverityNumber] = {
    "debug": SeverityNumber.DEBUG,
    "info": SeverityNumber.INFO,
    "warning": SeverityNumber.WARN,
    "error": SeverityNumber.ERROR,
    "critical": SeverityNumber.FATAL,
}
_PLAIN = (str, int, float, bool)
_TAKEN_OUT = frozenset({"event", "level", "time", "timestamp", "trace_id"})

_log = structlog.get_logger("telemetry")
_under_way: ContextVar[SpanContext | None] = ContextVar("under_way", default=None)


class _Reach:
    """Tells once that the collector is out of reach, and once that it is there again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._reached = True

    def tell(self, *, reached: bool) -> None:
        if reached is not self._reached:
            self._reached = reached
            tell = _log.info if reached else _log.warning
            tell("telemetry_sent_again" if reached else "telemetry_not_sent", what=self._what)


class _Spans(OTLPSpanExporter):
    _reach = _Reach("spans")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export(spans)
        self._reach.tell(reached=result is SpanExportResult.SUCCESS)
        return result


class _Lines(OTLPLogExporter):
    _reach = _Reach("lines")

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        result = super().export(batch)
        self._reach.tell(reached=result is LogRecordExportResult.SUCCESS)
        return result


class OtlpSpan:
    """A span under way."""

    def __init__(self, span: OtelSpan) -> None:
        self._span = span
        self._context = span.get_span_context()
        self._before = _under_way.set(self._context)

    @property
    def trace_id(self) -> str:
        """The trace's id as W3C writes it."""
        return f"{self._context.trace_id:032x}"

    def end(self, name: str, attributes: Attributes, *, failed: str = "") -> None:
        """Name it and hand it over."""
        self.drop()
        self._span.update_name(name)
        self._span.set_attributes(attributes)
        if failed:
            self._span.set_attribute("error.type", failed)
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

    def drop(self) -> None:
        """Leave it; one that is never ended is never sent."""
        _under_way.reset(self._before)


class Otlp:
    """Sends a role's spans and lines to a collector, whose address ends before `/v1/…`."""

    def __init__(self, endpoint: str, role: str) -> None:
        base = endpoint.rstrip("/")
        resource = Resource.create(
            {"service.name": f"defter-{role}", "service.version": RELEASE, "defter.role": role}
        )
        self._spans = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._spans.add_span_processor(
            BatchSpanProcessor(
                _Spans(f"{base}/v1/traces", timeout=EXPORT_SECONDS_MAX),
                max_queue_size=WAITING_MAX,
                schedule_delay_millis=SEND_SECONDS * 1000,
            )
        )
        self._lines = LoggerProvider(resource=resource, shutdown_on_exit=False)
        self._lines.add_log_record_processor(
            BatchLogRecordProcessor(
                _Lines(f"{base}/v1/logs", timeout=EXPORT_SECONDS_MAX),
                max_queue_size=WAITING_MAX,
                schedule_delay_millis=SEND_SECONDS * 1000,
            )
        )
        self._tracer = self._spans.get_tracer("defter", RELEASE)
        self._logger = self._lines.get_logger("defter", RELEASE)
        self._propagator = TraceContextTextMapPropagator()

    def serve(self, traceparent: bytes | None) -> OtlpSpan:
        """Begin a server's span, below the caller's if the header is well formed."""
        context = Context()
        if traceparent is not None:
            carrier = {_TRACEPARENT: traceparent.decode("latin-1")}
            context = self._propagator.extract(carrier, context)
        return OtlpSpan(self._tracer.start_span("request", context, SpanKind.SERVER))

    def work(self) -> OtlpSpan:
        """Begin a trace of our own."""
        return OtlpSpan(self._tracer.start_span("work", Context()))

    def link(self) -> SpanContext | None:
        """Give the context of the span under way."""
        return _under_way.get()

    def over(
        self,
        name: str,
        seconds: float,
        attributes: Attributes,
        *,
        links: Sequence[SpanContext] = (),
        failed: str = "",
    ) -> None:
        """Send a span that began `seconds` ago, linked to others."""
        now = time.time_ns()
        span = self._tracer.start_span(
            name,
            Context(),
            attributes=dict(attributes),
            links=[OtelLink(each) for each in links],
            start_time=now - int(seconds * 1e9),
        )
        if failed:
            span.set_attribute("error.type", failed)
            span.set_status(Status(StatusCode.ERROR))
        span.end(now)

    def ship(self, lines: Sequence[bytes]) -> None:
        """Send log lines as they were written; one that can not be read stays in the log alone."""
        for line in lines:
            with suppress(msgspec.DecodeError, TypeError, ValueError):
                self._logger.emit(_record(msgspec.json.decode(line)))

    def close(self) -> None:
        """Send what waits, within a moment; whatever hangs is left to end with the process."""
        closing = [
            threading.Thread(target=provider.shutdown, daemon=True)
            for provider in (self._spans, self._lines)
        ]
        for thread in closing:
            thread.start()
        until = time.monotonic() + CLOSE_SECONDS_MAX
        for thread in closing:
            thread.join(max(0.0, until - time.monotonic()))


def _record(line: Mapping[str, Any]) -> LogRecord:
    level = line.get("level", "info")
    told = line.get("time") or line.get("timestamp")
    now = time.time_ns()
    trace_id = int(line.get("trace_id", "0"), 16)
    return LogRecord(
        timestamp=int(datetime.fromisoformat(told).timestamp() * 1e9) if told else now,
        observed_timestamp=now,
        context=_context_of(trace_id) if trace_id else None,
        severity_text=level,
        severity_number=_SEVERITIES.get(level, SeverityNumber.INFO),
        body=line.get("event", ""),
        attributes={
            name: value if isinstance(value, _PLAIN) else msgspec.json.encode(value).decode()
            for name, value in line.items()
            if name not in _TAKEN_OUT
        },
    )


def _context_of(trace_id: int) -> Context:
    context = SpanContext(trace_id, 0, is_remote=False, trace_flags=TraceFlags(1))
    return set_span_in_context(NonRecordingSpan(context), Context())
