"""See one event with what it changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from pydantic import BaseModel, Field

from application.permissions import Permission
from infrastructure.audit.states import (
    EventImpossible,
    Standing,
    StreamTooLong,
    StreamTorn,
    event_at,
    position_of_event,
    possible,
    standing_at,
)
from infrastructure.event_log.codec import decode
from infrastructure.event_log.reader import StoredEvent
from interfaces.http.audit.shown import changes, plain, sealed_parts, without_secrets, worded
from interfaces.http.audit.who import WhoView, meta_of, origin_of, who
from interfaces.http.parts import View
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.wire.money import MoneyView, money
from interfaces.http.wire.personal import opened
from interfaces.http.wire.problems import Problem


class FieldChangeView(BaseModel):
    """A field of the state that an event changed."""

    pointer: str = Field(description="JSON pointer (RFC 6901)", examples=["/available/minor"])
    before: Any
    after: Any


class PostedView(BaseModel):
    """A line of the entry that an event carries; a debit is positive."""

    account: str = Field(examples=["wallet.cash:wal_01k3xq8m5w"])
    amount: MoneyView


class EventView(WhoView):
    """An event, and the state of its stream around it. What is secret is left out by name.

    Personal text is `[sealed]` without pii.read, and where the person was forgotten. `rests_on` is
    the version of the kept state from which the states were folded, null where it was none.
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
    postings: list[PostedView] = Field(description="What it moved; empty where it moved nothing")
    rests_on: int | None
    states_left_out: bool = Field(description="Whether the stream could not be folded here")
    impossible: str | None = Field(
        description="Why this can not be what was written: the log was tampered with"
    )


async def _event(question: Question[Params]) -> Answer:
    """See the state of its stream before and after, folded from the log, and what differs.

    An event is named by its position, or by its id, which takes longer to find.
    """
    exchange = question.exchange
    tenant_id = exchange.principal.tenant_id
    async with question.view() as view:
        event = await _named(view, tenant_id, question.path["event"])
        impossible = None
        try:
            states, postings = await _states(view, tenant_id, event), _postings(event)
        except (EventImpossible, StreamTorn) as wrong:
            states, postings, impossible = None, [], wrong.detail
        meta, data = meta_of(event.meta), without_secrets(msgspec.json.decode(event.data))
        before, after = (None, None) if states is None else (plain(one.state) for one in states)
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
        "postings": postings,
        "rests_on": None if states is None else states[0].kept_version,
        "states_left_out": states is None,
        "impossible": impossible,
    }
    return Answer(body)


async def _named(view: View, tenant_id: UUID, name: str) -> StoredEvent:
    position = (
        int(name)
        if name.isdecimal()
        else await position_of_event(view.connection, tenant_id, UUID(name))
    )
    event = await event_at(view.connection, tenant_id, position) if position else None
    if event is None:
        raise Problem(404, "audit.event_not_found", "nothing stands at this position yet")
    return event


async def _states(
    view: View, tenant_id: UUID, event: StoredEvent
) -> tuple[Standing, Standing] | None:
    """Fold an event's stream to before and after it; None where that takes too long."""
    asked = (view.connection, tenant_id, event.stream)
    try:
        before = await standing_at(*asked, event.version - 1)
        return before, await standing_at(*asked, event.version, begin=before)
    except StreamTooLong:
        return None


def _postings(event: StoredEvent) -> list[dict[str, Any]]:
    with possible(event.stream, event.version):
        entry: Any = getattr(decode(event.type, event.schema, event.data), "entry", None)
    return [
        {"account": one.account, "amount": money(one.amount.minor, one.amount.currency)}
        for one in (entry.postings if entry else ())
    ]


EVENT = QueryRoute(
    "/api/audit/{event}",
    Params,
    _event,
    permission=Permission.AUDIT_READ,
    result=EventView,
    summary="See an event with the state before and after it",
    name="audit_event",
    staff_only=True,
)
