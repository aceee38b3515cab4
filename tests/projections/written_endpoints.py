"""Everything that happens to webhook endpoints, as a log has it."""

from datetime import UTC, datetime, timedelta

from domain.channels import endpoints
from domain.channels.endpoints import NO_ENDPOINTS, DeactivationReason, Endpoints
from domain.channels.events import EndpointEvent
from domain.kernel.events import Personal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://hooks.example/defter"


def endpoint_events() -> list[EndpointEvent]:
    """Three endpoints: one is changed and rotated, one is switched off, one is removed."""
    state, events = NO_ENDPOINTS, list[EndpointEvent]()

    def record(*decided: EndpointEvent) -> None:
        nonlocal state
        for event in decided:
            state = Endpoints.evolve(state, event)
            events.append(event)

    for name in ("whe_0001", "whe_0002", "whe_0003"):
        words, secret = Personal(name, "the ERP"), Personal(name, "whsec_c2VjcmV0")
        record(
            *endpoints.register(
                state, name, url=URL, types=("*",), test=True, description=words, secret=secret
            )
        )
    types = ("wallet.*", "ledger.*")
    record(*endpoints.change(state, "whe_0001", url=URL + "/2", types=types, description=None))
    secret, overlap = Personal("whe_0001", "whsec_bmV3"), timedelta(hours=1)
    record(*endpoints.rotate(state, "whe_0001", secret=secret, overlap=overlap, at=NOON))
    record(*endpoints.ping(state, "whe_0001"))
    record(*endpoints.replay(state, "whe_0001", from_position=1, to_position=5))
    for name in ("whe_0001", "whe_0002"):
        record(*endpoints.deactivate(state, name, DeactivationReason.FAILING))
    record(*endpoints.activate(state, "whe_0001"))
    record(*endpoints.remove(state, "whe_0003"))
    return events
