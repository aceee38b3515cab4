"""A stub that speaks Sentry's envelope endpoint: a real socket, and strict about the framing."""

import gzip
import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

KEY = "0123456789abcdef0123456789abcdef"
PROJECT = 7
WAIT_SECONDS_MAX = 10


class StubTracker:
    """Keeps the events of the envelopes that were as they should be; names what was wrong."""

    def __init__(self, port: int) -> None:
        self.dsn = f"http://{KEY}@127.0.0.1:{port}/{PROJECT}"
        self.events: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.wrong: list[str] = []
        self._came = Condition()

    def take(self, path: str, auth: str, body: bytes) -> None:
        """Read one envelope."""
        with self._came:
            self.bodies.append(body)
            try:
                self._check_auth(path, auth)
                self.events += events_of(body)
            except (AssertionError, KeyError, ValueError) as wrong:
                self.wrong.append(repr(wrong))
            self._came.notify_all()

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many events."""
        with self._came:
            assert self._came.wait_for(
                lambda: len(self.events) >= count or self.wrong, WAIT_SECONDS_MAX
            )
            assert self.wrong == []
            return self.events

    def _check_auth(self, path: str, auth: str) -> None:
        assert path == f"/api/{PROJECT}/envelope/", path
        scheme, _, rest = auth.partition(" ")
        fields = dict(pair.strip().split("=", 1) for pair in rest.split(","))
        assert (scheme, fields["sentry_key"], fields["sentry_version"]) == ("Sentry", KEY, "7")
        assert fields["sentry_client"].startswith("sentry.python/")


def events_of(body: bytes) -> list[dict[str, Any]]:
    """Take an envelope apart: its header, then items, each a header with a length and a payload."""
    first, _, rest = body.partition(b"\n")
    envelope = json.loads(first)
    assert len(envelope["event_id"]) == 32
    found: list[dict[str, Any]] = []
    while rest:
        head, _, rest = rest.partition(b"\n")
        item = json.loads(head)
        payload, rest = rest[: item["length"]], rest[item["length"] :]
        assert len(payload) == item["length"]
        assert rest[:1] in {b"", b"\n"}
        rest = rest[1:]
        assert item["type"] == "event", item
        found.append(json.loads(payload))
    return found


@contextmanager
def tracking() -> Generator[StubTracker]:
    """Run a tracker on loopback."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            stub.take(self.path, self.headers.get("X-Sentry-Auth", ""), body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    server.daemon_threads = True
    stub = StubTracker(server.server_address[1])
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
