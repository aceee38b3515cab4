"""What passes is sent to the endpoints that want it."""

from collections.abc import Iterable
from typing import Any

from application.process import Known, Passing, Perform, Process, Reaction
from domain.channels.endpoints import Endpoints
from domain.channels.events import ENDPOINTS_KEY, EndpointPinged, ReplayAsked
from domain.kernel.events import Recorded

WEBHOOK = "channels.webhook"
REPLAY = "channels.replay"


def _attentive(endpoints: Endpoints | None) -> bool:
    return endpoints is not None and any(one.active for one in endpoints.by_id.values())


def _relay(endpoints: Endpoints, passing: Passing) -> Iterable[Reaction]:
    for endpoint_id, endpoint in endpoints.by_id.items():
        if endpoint.wants(passing.type):
            yield Perform(WEBHOOK, endpoint_id)


def _pinged(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield Perform(WEBHOOK, event.endpoint_id)


def _replay_asked(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield Perform(REPLAY, event.endpoint_id)


WEBHOOKS = Process(
    "webhooks",
    {EndpointPinged: _pinged, ReplayAsked: _replay_asked},
    knows=Known(Endpoints, ENDPOINTS_KEY),
    attentive=_attentive,
    relay=_relay,
)
