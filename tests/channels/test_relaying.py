"""INT-15: what passes goes to each active endpoint that wants it, and a ping to one alone."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from application.process import Passing, Perform
from application.processes.webhooks import REPLAY, WEBHOOK, WEBHOOKS
from domain.channels.endpoints import Endpoint, Endpoints
from domain.channels.events import EndpointPinged, ReplayAsked
from domain.kernel.events import Event, Recorded
from tests.kit.endpoints import HOOK, OTHER

pytestmark = pytest.mark.row("INT-15")

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
OFF = Endpoint(("*",), test=False, active=False)
WALLETS = Endpoint(("wallet.*",), test=False)
EVERYTHING = Endpoint(("*",), test=False)


def passing(event_type: str) -> Passing:
    return Passing(7, UUID(int=7), "wallet-wal_ada", 1, event_type, NOON)


def recorded(event: Event) -> Recorded:
    return Recorded(UUID(int=1), 7, UUID(int=7), "webhook_endpoints-main", 2, NOON, event, b"")


@pytest.mark.parametrize(
    ("endpoints", "attentive"),
    [
        (None, False),
        (Endpoints({}), False),
        (Endpoints({HOOK: OFF}), False),
        (Endpoints({HOOK: OFF, OTHER: WALLETS}), True),
    ],
)
def test_events_are_looked_at_only_while_an_endpoint_is_active(
    endpoints: Endpoints | None, *, attentive: bool
) -> None:
    assert WEBHOOKS.attentive(endpoints) is attentive


def test_each_endpoint_that_wants_an_event_gets_a_delivery_of_its_own() -> None:
    endpoints = Endpoints({HOOK: WALLETS, OTHER: EVERYTHING, "whe_off": OFF})
    assert WEBHOOKS.relay is not None
    assert list(WEBHOOKS.relay(endpoints, passing("wallet.opened"))) == [
        Perform(WEBHOOK, HOOK),
        Perform(WEBHOOK, OTHER),
    ]
    assert list(WEBHOOKS.relay(endpoints, passing("ledger.entry_posted"))) == [
        Perform(WEBHOOK, OTHER)
    ]
    assert list(WEBHOOKS.relay(endpoints, passing("channels.endpoint_pinged"))) == []


def test_a_ping_goes_to_its_endpoint_and_a_replay_is_done_beside() -> None:
    pinged = WEBHOOKS.reactions[EndpointPinged](recorded(EndpointPinged(OTHER)))
    asked = WEBHOOKS.reactions[ReplayAsked](recorded(ReplayAsked(OTHER, 1, 5)))
    assert [*pinged, *asked] == [Perform(WEBHOOK, OTHER), Perform(REPLAY, OTHER)]


def test_its_checkpoints_are_filed_under_a_name_that_stays() -> None:
    assert WEBHOOKS.key == "process.webhooks"


def test_it_knows_the_endpoints_as_of_every_event() -> None:
    assert WEBHOOKS.knows is not None
    assert WEBHOOKS.knows.stream == "webhook_endpoints-main"
