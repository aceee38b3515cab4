"""What happened to a customer, over all that is theirs (USR-08)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.kernel.events import Personal
from infrastructure.event_log.reader import StoredEvent
from infrastructure.users.timeline import READ_MODELS, read_timeline
from interfaces.http.routing.pages import Page, cursor_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.users import customers
from interfaces.http.wire.fields import Moment
from interfaces.http.wire.personal import opened, sealed_in


class TimelineParams(Page):
    """Which part of what happened."""

    context: Annotated[
        str | None, Field(pattern="^[a-z]{1,32}$", description="Only of this", examples=["wallet"])
    ] = None
    since: Annotated[Moment | None, Field(description="At this moment or later")] = None
    until: Annotated[Moment | None, Field(description="Before this moment")] = None


class EventView(BaseModel):
    """One event. Personal text in `data` is told to keys with pii.read alone, else null."""

    position: int
    stream: str = Field(examples=["customer-cus_01k3xq8m5w"])
    version: int
    type: str = Field(examples=["users.consent_given"])
    context: str = Field(examples=["users"])
    recorded_at: datetime
    actor_id: str | None
    on_behalf_of: str | None
    data: dict[str, Any]


class TimelineView(BaseModel):
    """What happened, oldest first."""

    items: list[EventView]
    next_cursor: str | None


async def _timeline(question: Question[TimelineParams]) -> Answer:
    """Oldest first."""
    exchange, params, customer_id = question.exchange, question.params, question.path["customer_id"]
    async with question.view(customers.READ_MODEL, *READ_MODELS) as view:
        await customers.reached(view, exchange, customer_id)
        found = await read_timeline(
            view.connection,
            exchange.principal.tenant_id,
            customer_id,
            after=0 if params.cursor is None else place_of(params.cursor, int)[0],
            until_position=view.position,
            context=params.context,
            since=params.since,
            until=params.until,
            limit=params.limit + 1,
        )
        events = [(one, msgspec.json.decode(one.data)) for one in found[: params.limit]]
        sealed = [text for _, data in events for text in map(sealed_in, data.values()) if text]
        texts = await opened(exchange, view, sealed)
    more = cursor_of(events[-1][0].position) if len(found) > params.limit else None
    items = [_told(event, data, texts) for event, data in events]
    return Answer({"items": items, "next_cursor": more}, view.position)


def _told(
    event: StoredEvent, data: Mapping[str, Any], texts: Mapping[Personal, str | None]
) -> dict[str, Any]:
    meta = msgspec.json.decode(event.meta)

    def text(value: Any) -> Any:  # noqa: ANN401 - any JSON
        sealed = sealed_in(value)
        return value if sealed is None else texts.get(sealed)

    return {
        "position": event.position,
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "context": event.type.partition(".")[0],
        "recorded_at": event.recorded_at,
        "actor_id": meta.get("actor"),
        "on_behalf_of": meta.get("for"),
        "data": {name: text(value) for name, value in data.items()},
    }


TIMELINE = QueryRoute(
    "/api/customers/{customer_id}/timeline",
    TimelineParams,
    _timeline,
    permission=Permission.USERS_READ,
    result=TimelineView,
    summary="See what happened to a customer",
    name="users_timeline",
)
