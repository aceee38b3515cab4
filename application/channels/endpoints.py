"""Webhook endpoints: register, change, rotate, activate, deactivate, remove, ping, replay."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from application.book import Book
from domain.channels import endpoints
from domain.channels.endpoints import NO_ENDPOINTS, DeactivationReason, Endpoints
from domain.channels.events import ENDPOINTS_KEY
from domain.kernel.events import Personal

OVERLAP_HOURS = int(endpoints.ROTATION_OVERLAP / timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class EndpointResult:
    """The endpoint."""

    endpoint_id: str


@dataclass(frozen=True, slots=True)
class RegisterEndpoint:
    """Send events to a URL from now on; `types` are `*`, `wallet.*` or single types."""

    NAME: ClassVar[str] = "channels.register_endpoint"

    url: str
    types: tuple[str, ...]
    secret: str = field(repr=False)
    test: bool = False
    description: str | None = None
    endpoint_id: str | None = None


def register_endpoint(command: RegisterEndpoint, book: Book) -> EndpointResult:
    """Register an endpoint."""
    endpoint_id = command.endpoint_id or book.new_id("whe")
    book.record(
        *endpoints.register(
            _all(book),
            endpoint_id,
            url=command.url,
            types=command.types,
            test=command.test,
            description=_words(endpoint_id, command.description),
            secret=Personal(endpoint_id, command.secret),
        )
    )
    return EndpointResult(endpoint_id)


@dataclass(frozen=True, slots=True)
class ChangeEndpoint:
    """Replace an endpoint's URL, types and description; what waits goes to the new URL."""

    NAME: ClassVar[str] = "channels.change_endpoint"

    endpoint_id: str
    url: str
    types: tuple[str, ...]
    description: str | None = None


def change_endpoint(command: ChangeEndpoint, book: Book) -> EndpointResult:
    """Change an endpoint."""
    book.record(
        *endpoints.change(
            _all(book),
            command.endpoint_id,
            url=command.url,
            types=command.types,
            description=_words(command.endpoint_id, command.description),
        )
    )
    return EndpointResult(command.endpoint_id)


@dataclass(frozen=True, slots=True)
class RotateSecret:
    """Sign with a new secret; the present one signs `overlap_hours` longer."""

    NAME: ClassVar[str] = "channels.rotate_secret"

    endpoint_id: str
    secret: str = field(repr=False)
    overlap_hours: int = OVERLAP_HOURS


@dataclass(frozen=True, slots=True)
class RotationResult:
    """The endpoint, and until when the old secret signs as well."""

    endpoint_id: str
    old_until: datetime


def rotate_secret(command: RotateSecret, book: Book) -> RotationResult:
    """Rotate an endpoint's secret."""
    (rotated,) = endpoints.rotate(
        _all(book),
        command.endpoint_id,
        secret=Personal(command.endpoint_id, command.secret),
        overlap=timedelta(hours=command.overlap_hours),
        at=book.now,
    )
    book.record(rotated)
    return RotationResult(command.endpoint_id, rotated.old_until)


@dataclass(frozen=True, slots=True)
class DeactivateEndpoint:
    """Send nothing to an endpoint any more; what waits is given up."""

    NAME: ClassVar[str] = "channels.deactivate_endpoint"

    endpoint_id: str
    reason: DeactivationReason = DeactivationReason.ASKED


def deactivate_endpoint(command: DeactivateEndpoint, book: Book) -> EndpointResult:
    """Deactivate an endpoint."""
    book.record(*endpoints.deactivate(_all(book), command.endpoint_id, command.reason))
    return EndpointResult(command.endpoint_id)


@dataclass(frozen=True, slots=True)
class ActivateEndpoint:
    """Send events to an endpoint again, from the next one on; replay what it missed."""

    NAME: ClassVar[str] = "channels.activate_endpoint"

    endpoint_id: str


def activate_endpoint(command: ActivateEndpoint, book: Book) -> EndpointResult:
    """Activate an endpoint."""
    book.record(*endpoints.activate(_all(book), command.endpoint_id))
    return EndpointResult(command.endpoint_id)


@dataclass(frozen=True, slots=True)
class RemoveEndpoint:
    """Let an endpoint be no more; what waits is given up."""

    NAME: ClassVar[str] = "channels.remove_endpoint"

    endpoint_id: str


def remove_endpoint(command: RemoveEndpoint, book: Book) -> EndpointResult:
    """Remove an endpoint."""
    book.record(*endpoints.remove(_all(book), command.endpoint_id))
    return EndpointResult(command.endpoint_id)


@dataclass(frozen=True, slots=True)
class PingEndpoint:
    """Send an event of the type `channels.endpoint_pinged` to this endpoint alone."""

    NAME: ClassVar[str] = "channels.ping_endpoint"

    endpoint_id: str


def ping_endpoint(command: PingEndpoint, book: Book) -> EndpointResult:
    """Ping an endpoint."""
    book.record(*endpoints.ping(_all(book), command.endpoint_id))
    return EndpointResult(command.endpoint_id)


@dataclass(frozen=True, slots=True)
class ReplayEvents:
    """Send the events from one position to another again, and those it missed for the first time.

    What was sent before is sent under the same webhook-id, as a further attempt.
    """

    NAME: ClassVar[str] = "channels.replay_events"

    endpoint_id: str
    from_position: int
    to_position: int | None = None


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The positions that are sent again, both included."""

    endpoint_id: str
    from_position: int
    to_position: int


def replay_events(command: ReplayEvents, book: Book) -> ReplayResult:
    """Ask for a replay."""
    (asked,) = endpoints.replay(
        _all(book),
        command.endpoint_id,
        from_position=command.from_position,
        to_position=command.to_position,
    )
    book.record(asked)
    return ReplayResult(asked.endpoint_id, asked.from_position, asked.to_position)


@dataclass(frozen=True, slots=True)
class ReplayDelivery:
    """Make a delivery once more, under the same webhook-id, as a further attempt."""

    NAME: ClassVar[str] = "channels.replay_delivery"

    endpoint_id: str
    position: int


def replay_delivery(command: ReplayDelivery, book: Book) -> ReplayResult:
    """Ask for a replay of one position."""
    only = command.position
    return replay_events(ReplayEvents(command.endpoint_id, only, only), book)


def _all(book: Book) -> Endpoints:
    return book.find(Endpoints, ENDPOINTS_KEY) or NO_ENDPOINTS


def _words(endpoint_id: str, text: str | None) -> Personal | None:
    return Personal(endpoint_id, text) if text else None
