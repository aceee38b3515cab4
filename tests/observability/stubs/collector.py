"""A stub of an OpenTelemetry collector: a real socket, the real protobuf, and nothing behind it."""

import gzip
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

WAIT_SECONDS_MAX = 20


class StubCollector:
    """Keeps what it was sent; while `hanging` is set it reads and says nothing."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.spans: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.asked = 0
        self.let_go = Event()
        self.let_go.set()
        self._came = Condition()

    def take(self, path: str, body: bytes) -> None:
        """Decode what came."""
        with self._came:
            if path == "/v1/traces":
                request = ExportTraceServiceRequest.FromString(body)
                for resource in request.resource_spans:
                    service = _attributes(resource.resource.attributes)["service.name"]
                    spans = [span for scope in resource.scope_spans for span in scope.spans]
                    self.spans += [_span(service, span) for span in spans]
            elif path == "/v1/logs":
                logs = ExportLogsServiceRequest.FromString(body)
                for one in logs.resource_logs:
                    records = [record for scope in one.scope_logs for record in scope.log_records]
                    self.lines += map(_line, records)
            else:
                raise AssertionError(path)
            self._came.notify_all()

    def span(self, **wanted: object) -> dict[str, Any]:
        """Wait for a span that has all of these."""
        return self._one_of(self.spans, wanted)

    def line(self, **wanted: object) -> dict[str, Any]:
        """Wait for a line that has all of these."""
        return self._one_of(self.lines, wanted)

    def _one_of(self, kept: list[dict[str, Any]], wanted: dict[str, object]) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            return next((one for one in kept if wanted.items() <= one.items()), None)

        with self._came:
            assert self._came.wait_for(found, WAIT_SECONDS_MAX), (wanted, kept)
            came = found()
        assert came is not None
        return came


def _attributes(pairs: Iterable[Any]) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def _span(service: str, span: Any) -> dict[str, Any]:  # noqa: ANN401 - protobuf's
    return {
        **_attributes(span.attributes),
        "service": service,
        "name": span.name,
        "kind": span.kind,
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex(),
        "links": tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        "failed": span.status.code == span.status.STATUS_CODE_ERROR,
        "seconds": (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
    }


def _line(record: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {
        **_attributes(record.attributes),
        "event": record.body.string_value,
        "level": record.severity_text,
        "trace_id": record.trace_id.hex(),
        "nanoseconds": record.time_unix_nano,
    }


@contextmanager
def collecting() -> Generator[StubCollector]:
    """Run a collector on loopback."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.headers["Content-Type"] == "application/x-protobuf"
            stub.asked += 1
            stub.let_go.wait()
            stub.take(self.path, body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    server.daemon_threads = True
    server.block_on_close = False
    stub = StubCollector(server.server_address[1])
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stub
    finally:
        stub.let_go.set()
        server.shutdown()
        server.server_close()
