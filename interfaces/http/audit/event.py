"""See one event with what it changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from pydantic import BaseModel, Field

from application.permissions import Permission
from infrastructure.audit.history import event_at, states_around
from interfaces.http.audit.shown import changes, plain, sealed_parts, without_secrets, worded
from interfaces.http.audit.who import WhoView, meta_of, origin_of, who
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.wire.personal import opened
from interfaces.http.wire.problems import Problem


class FieldChangeView(BaseModel):
    """A field of the state that an event changed."""

    pointer: str = Field(description="JSON pointer (RFC 6901)", examples=["/available/minor"])
    before: Any
    after: Any


class EventView(WhoView):
    """An event, and the state of its stream around it. What is secret is left out by name.

    Personal text is `[sealed]` without pii.read, and where the person was forgotten.
    """

    position: int
    event_id: UUID
    type: str = Field(examples=["wallet.transfer_sent"])
    schema_number: int
    stream: str
    version: int
    recorded_at: datetime
    data: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changes: list[FieldChangeView]
    states_left_out: bool = Field(description="Whether the stream was too long to fold it here")


async def _event(question: Question[Params]) -> Answer:
    """See the state of its stream before and after, folded from the log, and what differs."""
    exchange = question.exchange
    tenant_id = exchange.principal.tenant_id
    async with question.view() as view:
        event = await event_at(view.connection, tenant_id, int(question.path["position"]))
        if event is None:
            raise Problem(404, "audit.event_not_found", "nothing stands at this position yet")
        states = await states_around(view.connection, tenant_id, event)
        meta, data = meta_of(event.meta), without_secrets(msgspec.json.decode(event.data))
        before, after = (None, None) if states is None else map(plain, states)
        origin = origin_of(meta)
        sealed = [*sealed_parts([data, before, after]), *([origin] if origin else [])]
        texts = await opened(exchange, view, sealed)
    body: Mapping[str, Any] = {
        "position": event.position,
        "event_id": event.event_id,
        "type": event.type,
        "schema_number": event.schema,
        "stream": event.stream,
        "version": event.version,
        "recorded_at": event.recorded_at,
        **who(meta, texts),
        "data": worded(data, texts),
        "before": worded(before, texts),
        "after": worded(after, texts),
        "changes": worded(changes(before, after), texts),
        "states_left_out": states is None,
    }
    return Answer(body)


EVENT = QueryRoute(
    "/api/audit/{position}",
    Params,
    _event,
    permission=Permission.AUDIT_READ,
    result=EventView,
    summary="See an event with the state before and after it",
    name="audit_event",
    staff_only=True,
)
