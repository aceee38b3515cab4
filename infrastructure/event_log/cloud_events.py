"""Events as the outside sees them: CloudEvents 1.0 in JSON, personal data still sealed."""

import msgspec

from infrastructure.event_log.reader import StoredEvent

MEDIA_TYPE = b"application/cloudevents+json; charset=utf-8"
BATCH_MEDIA_TYPE = b"application/cloudevents-batch+json; charset=utf-8"


def source_of(slug: str) -> str:
    """Name a tenant as the source of its events."""
    return f"/tenants/{slug}"


def cloud_event(event: StoredEvent, source: str) -> bytes:
    """Put an event into its envelope; its data are the bytes of the log."""
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": event.event_id,
            "source": source,
            "type": event.type,
            "subject": event.stream,
            "time": event.recorded_at,
            "datacontenttype": "application/json",
            "position": event.position,
            "version": event.version,
            "schemanumber": event.schema,
            "data": msgspec.Raw(event.data),
        }
    )
