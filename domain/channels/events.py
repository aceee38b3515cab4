"""What happens to the addresses outside that a tenant's events are sent to."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Event, Personal

ENDPOINTS_KEY = "main"


class EndpointEvent(Event):
    """An event of a tenant's one stream of webhook endpoints."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "webhook_endpoints"

    endpoint_id: str

    @property
    def key(self) -> str:
        return ENDPOINTS_KEY


@dataclass(frozen=True, slots=True)
class EndpointRegistered(EndpointEvent):
    """Events of some types go to a URL from now on; `secret` signs what is sent.

    A test tenant's endpoint may be anywhere, such as on the developer's own machine.
    """

    NAME: ClassVar[str] = "channels.endpoint_registered"

    endpoint_id: str
    url: str
    types: tuple[str, ...]
    test: bool
    description: Personal | None
    secret: Personal


@dataclass(frozen=True, slots=True)
class EndpointChanged(EndpointEvent):
    """The endpoint has another address, other types or another description."""

    NAME: ClassVar[str] = "channels.endpoint_changed"

    endpoint_id: str
    url: str
    types: tuple[str, ...]
    description: Personal | None


@dataclass(frozen=True, slots=True)
class SecretRotated(EndpointEvent):
    """A new secret signs; the one before it signs as well until its last moment."""

    NAME: ClassVar[str] = "channels.secret_rotated"

    endpoint_id: str
    secret: Personal
    old_until: datetime


@dataclass(frozen=True, slots=True)
class EndpointDeactivated(EndpointEvent):
    """Nothing is sent any more; `reason` is one of `DeactivationReason`."""

    NAME: ClassVar[str] = "channels.endpoint_deactivated"

    endpoint_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class EndpointActivated(EndpointEvent):
    """Events are sent again, from the next one on."""

    NAME: ClassVar[str] = "channels.endpoint_activated"

    endpoint_id: str


@dataclass(frozen=True, slots=True)
class EndpointRemoved(EndpointEvent):
    """The endpoint is no more."""

    NAME: ClassVar[str] = "channels.endpoint_removed"

    endpoint_id: str


@dataclass(frozen=True, slots=True)
class EndpointPinged(EndpointEvent):
    """Somebody wants to see this very event arrive."""

    NAME: ClassVar[str] = "channels.endpoint_pinged"

    endpoint_id: str


@dataclass(frozen=True, slots=True)
class ReplayAsked(EndpointEvent):
    """Somebody wants the events of some positions sent again, both ends included."""

    NAME: ClassVar[str] = "channels.replay_asked"

    endpoint_id: str
    from_position: int
    to_position: int
