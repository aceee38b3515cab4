"""Faults for Sentry, or whoever speaks its envelopes; what is posted holds no more than we keep.

The kit's own gathering is off: it looks at local variables, requests and log lines, which hold
secrets and personal data. It only sends, from a thread and a bounded queue of its own.
"""

from typing import Any

from sentry_sdk import Client

from infrastructure.observability.faults.noticing import Broken, Fault
from infrastructure.release import RELEASE

CLOSE_SECONDS_MAX = 2.0
QUEUED_MAX = 100


class Sentry:
    """Posts each group once for each time it is told of."""

    def __init__(self, dsn: str) -> None:
        self._client = Client(
            dsn=dsn,
            release=RELEASE,
            server_name="defter",
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            include_source_context=False,
            max_breadcrumbs=0,
            max_request_body_size="never",
            auto_session_tracking=False,
            propagate_traces=False,
            send_client_reports=False,
            enable_backpressure_handling=False,
            enable_metrics=False,
            shutdown_timeout=CLOSE_SECONDS_MAX,
            transport_queue_size=QUEUED_MAX,
        )

    def post(self, fault: Fault) -> None:
        """Hand a fault to the thread that sends."""
        self._client.capture_event(event_of(fault))  # type: ignore[arg-type] - a TypedDict of theirs

    def close(self) -> None:
        """Send what was handed over, within a moment."""
        self._client.close(timeout=CLOSE_SECONDS_MAX)


def event_of(fault: Fault) -> dict[str, Any]:
    """Describe a fault in Sentry's words; its grouping is ours."""
    return {
        "level": "error",
        "platform": "python",
        "logger": "defter",
        "timestamp": fault.last_seen.isoformat(),
        "transaction": fault.place,
        "fingerprint": [fault.fault_id],
        "tags": {
            "role": fault.role,
            "event": fault.event,
            **({"request_id": fault.request_id} if fault.request_id else {}),
        },
        "extra": {"occurrences": fault.count},
        "exception": {"values": [_value(broken) for broken in reversed(fault.chain)]},
    }


def _value(broken: Broken) -> dict[str, Any]:
    module, _, kind = broken.kind.rpartition(".")
    frames = [
        {
            "filename": frame.file,
            "lineno": frame.line,
            "function": frame.function,
            "context_line": frame.source,
            "in_app": frame.own,
        }
        for frame in broken.frames
    ]
    return {
        "type": kind,
        "module": module or None,
        "value": broken.message or "",
        "stacktrace": {"frames": frames} if frames else None,
    }
