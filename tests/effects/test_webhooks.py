"""INT-15: events reach their endpoints signed, once more on failure, and never a dead one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from standardwebhooks import WebhookVerificationError

from application.channels.endpoints import (
    ChangeEndpoint,
    PingEndpoint,
    ReplayEvents,
    RotateSecret,
)
from application.tenants.clock import AdvanceClock
from application.tenants.tenants import PLATFORM, CreateTenant
from application.wallet.topups import TopUp
from infrastructure.event_log.cloud_events import MEDIA_TYPE
from tests.effects.hooked import Hooked, hooked
from tests.effects.performing import look
from tests.event_log.shop import lira
from tests.kit.endpoints import HOOK, NEW_SECRET, OTHER, SECRET
from tests.kit.internet import INSIDE, Internet
from tests.kit.receiver import Receiver

pytestmark = pytest.mark.row("INT-15")

BULK = """
SELECT bulk, count(*) FROM defter.effects WHERE effect = 'channels.webhook' GROUP BY bulk
"""


async def test_an_event_arrives_as_a_signed_cloudevent(shop: Hooked, receiver: Receiver) -> None:
    await shop.shop.writer.add_tenant(PLATFORM)
    tenant = CreateTenant(str(shop.shop.tenant_id), "shop", "The Shop", test=True)
    await shop.shop.writer.send(shop.shop.envelope(tenant)._replace(tenant_id=PLATFORM))
    registered = await shop.register(receiver.url)
    await shop.wallets(1)
    await shop.shop.tell(TopUp("wal_0001", lira(500), note="from her mother"))
    await shop.attempt()
    assert [(p, s) for p, s, _ in shop.deliveries()] == [
        (registered + 1, "done"),
        (registered + 2, "done"),
    ]
    arrived = {one.verified(SECRET)["position"]: one for one in receiver.received}
    first, second = (arrived[position].verified(SECRET) for position in sorted(arrived))
    assert (first["specversion"], first["source"]) == ("1.0", "/tenants/shop")
    assert (first["type"], first["subject"]) == ("wallet.opened", "wallet-wal_0001")
    assert (first["position"], second["position"]) == (registered + 1, registered + 2)
    assert second["data"]["note"].keys() == {"subject", "sealed"}
    assert not any(b"mother" in one.body for one in receiver.received)
    assert {UUID(one.headers["webhook-id"]) for one in receiver.received} == {*shop.ids()}
    assert {one.headers["content-type"] for one in receiver.received} == {MEDIA_TYPE.decode()}


async def test_a_tampered_or_foreign_message_does_not_verify(
    shop: Hooked, receiver: Receiver
) -> None:
    await shop.register(receiver.url)
    await shop.wallets(1)
    await shop.attempt()
    (received,) = receiver.received
    assert received.verified(SECRET)
    with pytest.raises(WebhookVerificationError):
        received.verified(NEW_SECRET)
    received.headers["webhook-id"] = "another"
    with pytest.raises(WebhookVerificationError):
        received.verified(SECRET)


async def test_each_endpoint_gets_what_its_types_name(shop: Hooked, receiver: Receiver) -> None:
    await shop.register(receiver.url, "wallet.funds_topped_up")
    await shop.register(receiver.url + "/other", "ledger.*", endpoint_id=OTHER)
    await shop.wallets(1)
    await shop.shop.tell(TopUp("wal_0001", lira(500)))
    await shop.attempt()
    assert [one.verified(SECRET)["type"] for one in receiver.received] == ["wallet.funds_topped_up"]
    assert shop.deliveries(OTHER) == []


async def test_the_secret_is_plain_nowhere(shop: Hooked, receiver: Receiver) -> None:
    await shop.register(receiver.url)
    await shop.shop.tell(RotateSecret(HOOK, NEW_SECRET))
    await shop.wallets(1)
    await shop.attempt()
    assert receiver.received[0].verified(NEW_SECRET)
    for table in ("events", "commands", "claims", "snapshots", "effects", "effect_attempts"):
        for row in look(shop.shop.database_url, f"SELECT * FROM defter.{table}"):  # noqa: S608
            for secret in (SECRET, NEW_SECRET):
                assert secret.removeprefix("whsec_") not in repr(row)


async def test_both_secrets_sign_until_the_old_one_s_last_moment(
    shop: Hooked, receiver: Receiver
) -> None:
    await shop.register(receiver.url, "wallet.*")
    await shop.shop.tell(RotateSecret(HOOK, NEW_SECRET))
    await shop.wallets(1)
    await shop.attempt()
    assert receiver.received[0].verified(SECRET) == receiver.received[0].verified(NEW_SECRET)
    # A test tenant's clock is the one that counts for it.
    await shop.shop.tell(AdvanceClock(datetime.now(UTC) + timedelta(hours=25)))
    await shop.wallets(1, first=2)
    await shop.attempt()
    assert receiver.received[1].verified(NEW_SECRET)
    with pytest.raises(WebhookVerificationError):
        receiver.received[1].verified(SECRET)


async def test_what_waits_goes_to_the_new_url(shop: Hooked, receiver: Receiver) -> None:
    await shop.register("http://127.0.0.1:1/old")
    await shop.wallets(1)
    await shop.file()
    await shop.shop.tell(ChangeEndpoint(HOOK, receiver.url + "/new", ("*",)))
    await shop.attempt()
    assert [one.path for one in receiver.received] == ["/hook/new"]


async def test_a_ping_goes_to_its_endpoint_alone(shop: Hooked, receiver: Receiver) -> None:
    await shop.register(receiver.url, "ledger.*")
    await shop.register(receiver.url + "/other", endpoint_id=OTHER)
    await shop.shop.tell(PingEndpoint(HOOK))
    await shop.attempt()
    (received,) = receiver.received
    assert received.path == "/hook"
    assert received.verified(SECRET)["type"] == "channels.endpoint_pinged"


async def test_a_replay_repeats_ids_as_further_attempts_and_delivers_what_was_missed(
    shop: Hooked, receiver: Receiver
) -> None:
    await shop.wallets(1)
    registered = await shop.register(receiver.url, "wallet.*")
    await shop.wallets(2, first=2)
    await shop.attempt()
    before = {one.headers["webhook-id"] for one in receiver.received}
    assert len(before) == 2
    await shop.shop.tell(ReplayEvents(HOOK, 1))
    assert look(shop.shop.database_url, BULK) == [(False, 2)]
    await shop.attempt()  # the replay itself
    assert look(shop.shop.database_url, BULK) == [(True, 4)]
    await shop.attempt()  # and what it made due
    again = receiver.received[2:]
    positions = [one.verified(SECRET)["position"] for one in again]
    # The scheme's choice (2) and the first wallet (3) were never sent before.
    assert sorted(positions) == [2, 3, registered + 1, registered + 2]
    assert before < {one.headers["webhook-id"] for one in again}
    attempts = look(
        shop.shop.database_url,
        "SELECT attempt, count(*) FROM defter.effect_attempts JOIN defter.effects"
        " USING (tenant_id, effect_id) WHERE effect = %s GROUP BY 1 ORDER BY 1",
        "channels.webhook",
    )
    assert attempts == [(1, 4), (2, 2)]
    await shop.attempt()
    assert len(receiver.received) == 6


async def test_a_replay_that_is_performed_again_repeats_nothing_made_since(
    shop: Hooked, receiver: Receiver
) -> None:
    await shop.register(receiver.url, "wallet.*")
    await shop.wallets(3)
    await shop.attempt()
    await shop.shop.tell(ReplayEvents(HOOK, 1))
    await shop.attempt()
    await shop.attempt()
    count = len(receiver.received)
    look(
        shop.shop.database_url,
        "UPDATE defter.effects SET state = 'waiting' WHERE effect = 'channels.replay'",
    )
    await shop.attempt()
    await shop.attempt()
    assert len(receiver.received) == count


async def test_a_test_tenant_s_events_stay_outside_where_the_operator_says_so(
    shop: Hooked, receiver: Receiver
) -> None:
    never = {"test_webhooks_inside": False}
    shop.worker.settings = shop.worker.settings.model_copy(update=never)
    await shop.register(receiver.url)
    await shop.wallets(1)
    await shop.attempt()
    assert [t for _, _, t in shop.deliveries()] == [
        "the host leads to an address that is not public"
    ]
    assert receiver.received == []


async def test_a_live_tenant_s_events_never_go_to_an_address_inside(
    database_url: str, redis_url: str, receiver: Receiver
) -> None:
    internet = Internet([INSIDE])
    async with hooked(database_url, redis_url, network=internet) as shop:
        await shop.register(f"https://hooks.example:{receiver.port}/", test=False)
        await shop.wallets(1)
        await shop.attempt()
        assert [t for _, _, t in shop.deliveries()] == [
            "the host leads to an address that is not public"
        ]
    assert internet.dialled == []
