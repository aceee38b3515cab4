"""Webhook endpoints: where a tenant's events go, of which types, and until when."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from domain.channels.addresses import check_url
from domain.channels.events import (
    EndpointActivated,
    EndpointChanged,
    EndpointDeactivated,
    EndpointEvent,
    EndpointPinged,
    EndpointRegistered,
    EndpointRemoved,
    ReplayAsked,
    SecretRotated,
)
from domain.kernel.events import Personal
from domain.kernel.refusals import Invalid, NotFound, RuleBroken

ENDPOINTS_MAX = 20
TYPES_MAX = 50
ROTATION_OVERLAP = timedelta(hours=24)
REPLAY_POSITIONS_MAX = 100_000

EVERY_TYPE = "*"
TYPE_PATTERN = re.compile(r"\*|[a-z_]{1,40}\.(\*|[a-z_]{1,80})")
OWN_PREFIX = "channels."


class EndpointNotFound(NotFound):
    """This tenant has no such endpoint."""

    code = "channels.endpoint_not_found"


class EndpointExists(RuleBroken):
    """An endpoint with this id was registered before."""

    code = "channels.endpoint_exists"


class EndpointInactive(RuleBroken):
    """Nothing is sent to an inactive endpoint; activate it first."""

    code = "channels.endpoint_inactive"


class TooManyEndpoints(RuleBroken):
    """A tenant has a limited number of endpoints."""

    code = "channels.too_many_endpoints"


class TypesInvalid(Invalid):
    """An endpoint names the types it is sent: `*`, all of a context, or one."""

    code = "channels.types_invalid"


class OverlapInvalid(Invalid):
    """An old secret signs on for a limited time."""

    code = "channels.overlap_invalid"


class ReplayRangeInvalid(Invalid):
    """A replay goes from a position to a later one, over a limited number of positions."""

    code = "channels.replay_range_invalid"


class DeactivationReason(StrEnum):
    """Staff asked for it; the receiver said it is gone (410); or it failed again and again."""

    ASKED = "asked"
    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What decisions need of an endpoint."""

    types: tuple[str, ...]
    test: bool
    active: bool = True

    def wants(self, event_type: str) -> bool:
        """Whether events of a type go there; those about endpoints themselves never do."""
        if not self.active or event_type.startswith(OWN_PREFIX):
            return False
        context = event_type.partition(".")[0]
        return not {EVERY_TYPE, f"{context}.*", event_type}.isdisjoint(self.types)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All endpoints of a tenant, by id; removed ones are forgotten here, never in the log."""

    CATEGORY: ClassVar[str] = "webhook_endpoints"
    FOLD_VERSION: ClassVar[int] = 1

    by_id: Mapping[str, Endpoint]

    @classmethod
    def evolve(cls, state: "Endpoints | None", event: EndpointEvent) -> "Endpoints":
        endpoints = dict(state.by_id) if state is not None else {}
        match event:
            case EndpointRegistered(endpoint_id):
                endpoints[endpoint_id] = Endpoint(event.types, event.test)
            case EndpointChanged(endpoint_id):
                endpoints[endpoint_id] = replace(endpoints[endpoint_id], types=event.types)
            case EndpointActivated(endpoint_id):
                endpoints[endpoint_id] = replace(endpoints[endpoint_id], active=True)
            case EndpointDeactivated(endpoint_id):
                endpoints[endpoint_id] = replace(endpoints[endpoint_id], active=False)
            case EndpointRemoved(endpoint_id):
                del endpoints[endpoint_id]
            case SecretRotated() | EndpointPinged() | ReplayAsked():
                pass
            case _:
                raise AssertionError(event)
        return cls(endpoints)


NO_ENDPOINTS = Endpoints({})


def register(  # noqa: PLR0913 - the fields of an endpoint
    endpoints: Endpoints,
    endpoint_id: str,
    *,
    url: str,
    types: tuple[str, ...],
    test: bool,
    description: Personal | None,
    secret: Personal,
) -> tuple[EndpointRegistered, ...]:
    """Send events of some types to a URL from now on."""
    if endpoint_id in endpoints.by_id:
        raise EndpointExists("an endpoint with this id was registered before")
    if len(endpoints.by_id) >= ENDPOINTS_MAX:
        raise TooManyEndpoints(f"a tenant has {ENDPOINTS_MAX} endpoints at most")
    check_url(url, test=test)
    _check_types(types)
    return (EndpointRegistered(endpoint_id, url, types, test, description, secret),)


def change(
    endpoints: Endpoints,
    endpoint_id: str,
    *,
    url: str,
    types: tuple[str, ...],
    description: Personal | None,
) -> tuple[EndpointChanged, ...]:
    """Let an endpoint have another address, other types, another description."""
    check_url(url, test=_known(endpoints, endpoint_id).test)
    _check_types(types)
    return (EndpointChanged(endpoint_id, url, types, description),)


def rotate(
    endpoints: Endpoints, endpoint_id: str, *, secret: Personal, overlap: timedelta, at: datetime
) -> tuple[SecretRotated, ...]:
    """Sign with a new secret, and with the one before it until the overlap is over.

    There are never more than two: one that was rotated away earlier ends at once.
    """
    _known(endpoints, endpoint_id)
    if not timedelta() <= overlap <= ROTATION_OVERLAP:
        raise OverlapInvalid(f"both secrets sign for {ROTATION_OVERLAP} at most")
    return (SecretRotated(endpoint_id, secret, at + overlap),)


def deactivate(
    endpoints: Endpoints, endpoint_id: str, reason: DeactivationReason
) -> tuple[EndpointDeactivated, ...]:
    """Send nothing any more; deactivating an inactive endpoint changes nothing."""
    if not _known(endpoints, endpoint_id).active:
        return ()
    return (EndpointDeactivated(endpoint_id, reason.value),)


def activate(endpoints: Endpoints, endpoint_id: str) -> tuple[EndpointActivated, ...]:
    """Send events again; activating an active endpoint changes nothing."""
    if _known(endpoints, endpoint_id).active:
        return ()
    return (EndpointActivated(endpoint_id),)


def remove(endpoints: Endpoints, endpoint_id: str) -> tuple[EndpointRemoved, ...]:
    """Let an endpoint be no more."""
    _known(endpoints, endpoint_id)
    return (EndpointRemoved(endpoint_id),)


def ping(endpoints: Endpoints, endpoint_id: str) -> tuple[EndpointPinged, ...]:
    """Send an event whose only purpose is to arrive."""
    _check_active(_known(endpoints, endpoint_id))
    return (EndpointPinged(endpoint_id),)


def replay(
    endpoints: Endpoints, endpoint_id: str, *, from_position: int, to_position: int | None
) -> tuple[ReplayAsked, ...]:
    """Send the events of some positions again; without an end, as many as one replay may."""
    _check_active(_known(endpoints, endpoint_id))
    last = from_position + REPLAY_POSITIONS_MAX - 1
    if from_position < 1 or not from_position <= (to_position or last) <= last:
        raise ReplayRangeInvalid(
            f"a replay goes over {REPLAY_POSITIONS_MAX} positions at most, the first one first"
        )
    return (ReplayAsked(endpoint_id, from_position, to_position or last),)


def _known(endpoints: Endpoints, endpoint_id: str) -> Endpoint:
    endpoint = endpoints.by_id.get(endpoint_id)
    if endpoint is None:
        raise EndpointNotFound("this tenant has no such endpoint")
    return endpoint


def _check_active(endpoint: Endpoint) -> None:
    if not endpoint.active:
        raise EndpointInactive("nothing is sent to an inactive endpoint; activate it first")


def _check_types(types: tuple[str, ...]) -> None:
    if not 0 < len(types) <= TYPES_MAX or not all(map(TYPE_PATTERN.fullmatch, types)):
        raise TypesInvalid(f"name `*`, `wallet.*` or single types, {TYPES_MAX} at most")
