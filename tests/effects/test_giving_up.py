"""INT-15: what fails is tried again, and an endpoint that only fails is left alone at last."""

import pytest

from application.channels.endpoints import (
    ActivateEndpoint,
    DeactivateEndpoint,
    RemoveEndpoint,
)
from application.envelope import Envelope
from application.sending import LogUnavailable, Outcome
from infrastructure.channels.webhooks import ATTEMPTS_MAX, DEAD_IN_A_ROW_MAX, WEBHOOKS
from tests.effects.hooked import Hooked, hooked
from tests.effects.performing import look
from tests.kit.endpoints import HOOK, OTHER
from tests.kit.receiver import Receiver, answered

pytestmark = pytest.mark.row("INT-15")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (302, "answered 302; redirects are not followed"),
        (400, "answered 400"),
        (429, "answered 429"),
        (500, "answered 500"),
    ],
)
async def test_every_answer_but_a_success_is_tried_again(
    database_url: str, redis_url: str, receiver: Receiver, status: int, told: str
) -> None:
    receiver.answer = lambda _request: answered(status, f"Location: {receiver.url}/elsewhere")
    async with hooked(database_url, redis_url, attempts_max=3) as shop:
        await shop.register(receiver.url)
        await shop.wallets(1)
        await shop.attempt()
        assert [(s, t) for _, s, t in shop.deliveries()] == [("waiting", told)]
        receiver.answer = lambda _request: answered(200)
        await shop.attempt()
        assert [(s, t) for _, s, t in shop.deliveries()] == [("done", "answered 200")]
    assert {one.path for one in receiver.received} == {"/hook"}
    assert len({one.headers["webhook-id"] for one in receiver.received}) == 1


async def test_a_receiver_that_is_gone_is_deactivated_at_once(
    shop: Hooked, receiver: Receiver
) -> None:
    receiver.answer = lambda _request: answered(410)
    await shop.register(receiver.url)
    await shop.wallets(1)
    await shop.attempt()
    assert [(s, t) for _, s, t in shop.deliveries()] == [("dead", "answered 410")]
    assert shop.events("channels.endpoint_deactivated") == [{"endpoint_id": HOOK, "reason": "gone"}]
    await shop.wallets(1, first=2)
    await shop.attempt()
    assert len(receiver.received) == 1


async def test_a_receiver_that_fails_again_and_again_is_deactivated(
    shop: Hooked, receiver: Receiver
) -> None:
    receiver.answer = lambda _request: answered(500)
    await shop.register(receiver.url)
    await shop.wallets(DEAD_IN_A_ROW_MAX - 1)
    await shop.attempt()
    assert shop.events("channels.endpoint_deactivated") == []
    receiver.answer = lambda _request: answered(200)
    await shop.wallets(1, first=10)  # one success, and it counts from the beginning
    await shop.attempt()
    receiver.answer = lambda _request: answered(500)
    await shop.wallets(DEAD_IN_A_ROW_MAX - 1, first=20)
    await shop.attempt()
    assert shop.events("channels.endpoint_deactivated") == []
    await shop.wallets(1, first=30)
    await shop.attempt()
    assert shop.events("channels.endpoint_deactivated") == [
        {"endpoint_id": HOOK, "reason": "failing"}
    ]
    await shop.shop.tell(ActivateEndpoint(HOOK))
    await shop.wallets(DEAD_IN_A_ROW_MAX - 1, first=40)
    await shop.attempt()
    assert len(shop.events("channels.endpoint_deactivated")) == 1
    await shop.wallets(1, first=50)
    await shop.attempt()
    assert len(shop.events("channels.endpoint_deactivated")) == 2


async def test_what_still_waits_for_an_endpoint_that_is_off_or_removed_is_discarded(
    shop: Hooked, receiver: Receiver
) -> None:
    await shop.register(receiver.url)
    await shop.register(receiver.url, endpoint_id=OTHER)
    await shop.wallets(1)
    await shop.file()
    await shop.shop.tell(DeactivateEndpoint(HOOK))
    await shop.shop.tell(RemoveEndpoint(OTHER))
    await shop.attempt()
    assert [(s, t) for _, s, t in shop.deliveries()] == [("discarded", "the endpoint is inactive")]
    assert [(s, t) for _, s, t in shop.deliveries(OTHER)] == [
        ("discarded", "the endpoint was removed")
    ]
    assert receiver.received == []


async def test_a_forgotten_secret_signs_nothing(shop: Hooked, receiver: Receiver) -> None:
    await shop.register(receiver.url)
    await shop.wallets(1)
    look(shop.shop.database_url, "DELETE FROM defter.subject_keys WHERE subject = %s", HOOK)
    await shop.attempt()
    assert [(s, t) for _, s, t in shop.deliveries()] == [
        ("dead", "the secret can not be opened any more")
    ]
    assert receiver.received == []


async def test_a_position_that_another_event_took_is_not_delivered(
    shop: Hooked, receiver: Receiver
) -> None:
    await shop.register(receiver.url)
    await shop.wallets(1)
    await shop.file()
    look(shop.shop.database_url, "UPDATE defter.effects SET position = position - 1")
    await shop.attempt()
    assert [(s, t) for _, s, t in shop.deliveries()] == [
        ("dead", "the event stands in the log no more")
    ]
    assert receiver.received == []


async def test_a_deactivation_that_is_not_decided_is_tried_again(
    database_url: str, redis_url: str, receiver: Receiver
) -> None:
    receiver.answer = lambda _request: answered(410)
    async with hooked(database_url, redis_url, attempts_max=3) as shop:
        await shop.register(receiver.url)
        await shop.wallets(1)
        shop.worker.sender = Away()
        await shop.attempt()
        assert [(s, t) for _, s, t in shop.deliveries()] == [("waiting", "service.log_unavailable")]
        shop.worker.sender = shop.shop.writer
        await shop.attempt()
        assert [s for _, s, _ in shop.deliveries()] == ["dead"]
        assert len(shop.events("channels.endpoint_deactivated")) == 1


class Away:
    """A log that can not be written."""

    async def send(self, envelope: Envelope) -> Outcome:
        raise LogUnavailable(str(envelope.tenant_id))


def test_attempts_are_made_over_many_hours() -> None:
    kind = WEBHOOKS.kind
    waits = sum(kind.retry_seconds(n) for n in range(1, ATTEMPTS_MAX))
    assert 19 * 3600 < waits < 21 * 3600
