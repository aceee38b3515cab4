"""What is said of webhook endpoints and deliveries, in requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from application.channels.endpoints import OVERLAP_HOURS
from domain.channels.addresses import URL_LENGTH_MAX
from domain.channels.endpoints import EVERY_TYPE, TYPE_PATTERN, TYPES_MAX
from domain.kernel.ids import ID_PATTERN
from infrastructure.event_log.event_types import EVENT_TYPES
from interfaces.http.routing.query import POSITION_MAX
from interfaces.http.wire.fields import Body, Text

_KNOWN = frozenset(EVENT_TYPES) | {f"{name.partition('.')[0]}.*" for name in EVENT_TYPES}


def _known_type(given: str) -> str:
    if given != EVERY_TYPE and given not in _KNOWN:
        raise PydanticCustomError("channels.unknown_type", "there are no events of this type")
    return given


EndpointId = Annotated[
    str,
    Field(pattern=f"^{ID_PATTERN.pattern}$", examples=["whe_01k3xq8m5wf2v9c7d4h6jt0b1n"]),
]
Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=URL_LENGTH_MAX,
        examples=["https://hooks.example.com/defter"],
        description="https, any port, on the public Internet; a test tenant's may be anywhere",
    ),
]
EventType = Annotated[
    str,
    Field(pattern=f"^({TYPE_PATTERN.pattern})$", examples=["wallet.*"]),
    AfterValidator(_known_type),
]
Types = Annotated[
    tuple[EventType, ...],
    Field(
        strict=False,
        min_length=1,
        max_length=TYPES_MAX,
        description="`*` for everything, `wallet.*` for a context, or single types",
        examples=[["wallet.*"]],
    ),
]
Position = Annotated[int, Field(ge=1, le=POSITION_MAX, examples=[1])]


class EndpointBody(Body):
    """Where events go, and which."""

    url: Url
    types: Types
    description: Text | None = None


class NewEndpointBody(EndpointBody):
    """Where events go, and which, everything unless said; `endpoint_id` may be an id of yours."""

    types: Types = (EVERY_TYPE,)
    endpoint_id: EndpointId | None = None


class SecretRotationBody(Body):
    """How long the old secret signs beside the new one."""

    overlap_hours: Annotated[int, Field(ge=0, le=OVERLAP_HOURS)] = OVERLAP_HOURS


class NothingBody(Body):
    """Nothing more to say."""


class ReplayBody(Body):
    """Which positions to send again, both included; without an end, 100,000 of them."""

    from_position: Position
    to_position: Position | None = None


class NewEndpointView(BaseModel):
    """A new endpoint. `secret` is shown once; when the request is repeated it is null."""

    endpoint_id: str
    secret: str | None = Field(examples=["whsec_…"])


class RotatedView(NewEndpointView):
    """A new secret, and until when the old one signs as well."""

    old_until: datetime


class EndpointView(BaseModel):
    """An endpoint, never its secret. `description` is told to keys with pii.read alone."""

    endpoint_id: str
    url: str
    types: list[str]
    description: str | None
    active: bool
    reason: str | None = Field(
        description="Why it is inactive: asked, gone (it answered 410) or failing"
    )
    test: bool
    registered_at: datetime
    rotated_at: datetime | None
    old_secret_until: datetime | None


class EndpointsView(BaseModel):
    """All endpoints."""

    items: list[EndpointView]


class AttemptView(BaseModel):
    """One attempt; `told` is the status of the answer, or why there was none."""

    attempt: int
    succeeded: bool
    told: str = Field(examples=["answered 503"])
    milliseconds: int
    ended_at: datetime


class DeliveryView(BaseModel):
    """A delivery: `delivery_id` is its webhook-id, whatever the attempt."""

    delivery_id: UUID
    position: int
    event_id: UUID
    type: str
    state: str = Field(
        description="waiting, done, dead (given up) or discarded (nobody wanted it any more)"
    )
    attempts_made: int
    filed_at: datetime
    settled_at: datetime | None
    next_at: datetime | None
    attempts: list[AttemptView]


class DeliveriesView(BaseModel):
    """A page of deliveries, the latest position first."""

    items: list[DeliveryView]
    next_cursor: str | None
