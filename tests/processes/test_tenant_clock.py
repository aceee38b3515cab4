"""A test tenant's clock: what becomes due on the way happens in its order, at its own time."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from application.tenants.clock import AdvanceClock, ClockResult
from application.wallet.holds import PlaceHold
from application.wallet.topups import TopUp
from application.wallet.wallets import OpenWallet
from infrastructure.processes.tenant_clock import TenantClock
from tests.event_log.shop import Shop, lira, open_shop

SOON = datetime.now(UTC)


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    async with open_shop(module_database_url) as opened:
        yield opened
        assert opened.problems() == []


async def hold(shop: Shop, wallet: str, days: int) -> None:
    due = SOON + timedelta(days=days)
    await shop.tell(PlaceHold(wallet, lira(100), f"hld_day{days}", expires_at=due))


def ends(shop: Shop) -> list[tuple[str, datetime]]:
    return shop.ask(
        "SELECT stream, recorded_at FROM defter.events"
        " WHERE tenant_id = %s AND type = 'wallet.hold_expired' ORDER BY position",
        shop.tenant_id,
    )


@pytest.mark.row("JOB-02")
async def test_everything_due_on_the_way_happens_at_its_own_time(shop: Shop) -> None:
    wallet = (await shop.tell(OpenWallet("cus_ada1", "TRY")))["wallet_id"]
    await shop.tell(TopUp(wallet, lira(10_000)))
    for days in (3, 1, 2, 40):
        await hold(shop, wallet, days)
    clock = TenantClock(shop.database_url, shop.writer)
    asked = shop.envelope(AdvanceClock(SOON + timedelta(days=30)), key="to-april")
    outcome, fired = await clock.advance(asked)
    assert fired == 3
    assert msgspec.json.decode(outcome.body, type=ClockResult).now == SOON + timedelta(days=30)
    assert ends(shop) == [
        (f"hold-hld_day{days}", SOON + timedelta(days=days)) for days in (1, 2, 3)
    ]
    again, fired = await clock.advance(asked)
    assert (again.replayed, again.position, fired) == (True, outcome.position, 0)
    shop.note(asked, outcome)


async def test_later_commands_happen_at_the_new_time(shop: Shop) -> None:
    clock = TenantClock(shop.database_url, shop.writer)
    to = SOON + timedelta(days=7)
    await clock.advance(shop.envelope(AdvanceClock(to)))
    await shop.tell(OpenWallet("cus_bora", "TRY"))
    (last,) = shop.ask(
        "SELECT max(recorded_at) FROM defter.events WHERE tenant_id = %s", shop.tenant_id
    )
    assert last == (to,)


async def test_a_clock_does_not_move_back(shop: Shop) -> None:
    clock = TenantClock(shop.database_url, shop.writer)
    await clock.advance(shop.envelope(AdvanceClock(SOON + timedelta(days=2))))
    outcome, fired = await clock.advance(shop.envelope(AdvanceClock(SOON + timedelta(days=1))))
    assert (outcome.refused, fired) == (True, 0)
    assert b"tenants.clock_not_forward" in outcome.body
