"""The pull feed: all events of the tenant by position, as CloudEvents 1.0 (JSON batch format)."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from infrastructure.event_log.cloud_events import BATCH_MEDIA_TYPE, cloud_event, source_of
from infrastructure.event_log.reader import read_feed
from interfaces.http.routing.query import POSITION_MAX, Answer, Params, QueryRoute, Question
from interfaces.http.wire.fields import WrittenOut, in_utc, several

EVENTS = 100
EVENTS_MAX = 1_000
NEXT_HEADER = b"defter-next-after"


class FeedParams(Params):
    """From where on, how many, and which."""

    after: Annotated[int, Field(ge=0, le=POSITION_MAX, description="A position")] = 0
    limit: Annotated[int, Field(ge=1, le=EVENTS_MAX)] = EVENTS
    stream: Annotated[
        str | None,
        Field(
            max_length=200,
            pattern="^[a-z_]{1,32}-[0-9A-Za-z_-]{1,160}$",
            description="Only this stream; `after` is then its version",
        ),
    ] = None
    type: Annotated[
        str | None,
        Field(
            max_length=500,
            pattern=f"^{several('[a-z_.]+')}$",
            description="Only these types, joined by commas",
            examples=["wallet.funds_held,wallet.transfer_sent"],
        ),
    ] = None
    actor: Annotated[
        str | None,
        Field(
            max_length=120,
            pattern="^[0-9A-Za-z_-]+$",
            description="Only what this staff member, customer or `system` did",
        ),
    ] = None
    since: Annotated[
        datetime | None,
        WrittenOut,
        Field(description="Only what was recorded at this time or later"),
    ] = None
    until: Annotated[
        datetime | None, WrittenOut, Field(description="Only what was recorded before this time")
    ] = None


class CloudEventView(BaseModel):
    """A CloudEvent. Personal data in `data` stays sealed."""

    specversion: str = "1.0"
    id: str
    source: str = Field(examples=["/tenants/shop"])
    type: str = Field(examples=["wallet.funds_held"])
    subject: str = Field(examples=["wallet-wal_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    time: datetime
    datacontenttype: str = "application/json"
    position: int
    version: int
    schema_number: int = Field(alias="schemanumber")
    data: dict[str, Any]


async def _feed(question: Question[FeedParams]) -> Answer:
    """Go on with `after` = the header Defter-Next-After; an empty answer means you have it all."""
    params, principal = question.params, question.exchange.principal
    async with question.view() as view:
        stored = await read_feed(
            view.connection,
            principal.tenant_id,
            after=params.after,
            limit=params.limit,
            stream=params.stream,
            types=params.type.split(",") if params.type else (),
            actor=params.actor,
            since=in_utc(params.since),
            until=in_utc(params.until),
        )
    source = source_of(principal.slug)
    following = params.after
    if stored:
        following = stored[-1].version if params.stream else stored[-1].position
    body = b"[" + b",".join(cloud_event(event, source) for event in stored) + b"]"
    return Answer(body, headers=((NEXT_HEADER, b"%d" % following),), media_type=BATCH_MEDIA_TYPE)


FEED = QueryRoute(
    "/api/events",
    FeedParams,
    _feed,
    permission=Permission.EVENTS_READ,
    result=list[CloudEventView],
    summary="Pull events by position",
    name="events_feed",
    staff_only=True,
    extra={"x-answers": "application/cloudevents-batch+json"},
)
