"""AUD-03: how a long stream once stood is told quickly, and on what that rests can be checked."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
import pytest

from domain.kernel.events import stream_of
from domain.wallet.wallet import Wallet
from infrastructure.audit.blame import last_set
from infrastructure.audit.states import (
    NOTHING,
    StreamTooLong,
    StreamTorn,
    check_length,
    standing_at,
)
from infrastructure.event_log.reader import version_at
from infrastructure.event_log.writing.rows import MILESTONE_EVERY_EVENTS
from infrastructure.postgres.connections import connect
from projections.query import Connection
from tests.event_log.memory.test_memory import long_stream
from tests.event_log.shop import Shop, lira

pytestmark = pytest.mark.row("AUD-03")

EVENTS = 2_500


@asynccontextmanager
async def looking(shop: Shop) -> AsyncGenerator[Connection]:
    async with await connect(shop.database_url) as connection, connection.transaction():
        tenants = f"{{{shop.tenant_id}}}"
        await connection.execute("SELECT set_config('app.tenants', %s, true)", (tenants,))
        yield connection


def milestones(shop: Shop) -> list[int]:
    kept = "SELECT version FROM defter.milestones WHERE tenant_id = %s ORDER BY version"
    return [version for (version,) in shop.ask(kept, shop.tenant_id)]


async def test_a_snapshot_of_every_thousand_events_stays(shop: Shop) -> None:
    ada = await long_stream(shop, EVENTS)
    kept = milestones(shop)
    thousands = [version // MILESTONE_EVERY_EVENTS for version in kept]
    assert thousands == [1, 2]
    stream = stream_of(Wallet.CATEGORY, ada)
    async with looking(shop) as connection:
        for version in (1, kept[0] - 1, kept[0], kept[0] + 1, kept[1], kept[1] + 1):
            asked = (connection, shop.tenant_id, stream, version)
            standing = await standing_at(*asked)
            assert standing.state.available == lira(version - 1)
            assert standing.kept_version == max(
                (one for one in kept if one <= version), default=None
            )
            scratch = await standing_at(*asked, begin=NOTHING)
            assert scratch == standing._replace(kept_version=None)
        newest = await standing_at(connection, shop.tenant_id, stream, EVENTS + 1)
    assert newest.kept_version is not None
    assert newest.kept_version > kept[-1], "the newest snapshot is nearer"


async def test_a_kept_state_of_another_fold_or_tenant_is_never_used(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await long_stream(shop, 1_500)
    assert milestones(shop)
    stream = stream_of(Wallet.CATEGORY, ada)
    monkeypatch.setattr(Wallet, "FOLD_VERSION", 77)
    async with looking(shop) as connection:
        standing = await standing_at(connection, shop.tenant_id, stream, 1_501)
    assert standing.kept_version is None
    assert standing.state.available == lira(1_500)


async def test_a_kept_state_that_was_changed_shows_where_all_events_are_folded(
    shop: Shop,
) -> None:
    ada = await long_stream(shop, 1_500)
    stream = stream_of(Wallet.CATEGORY, ada)
    [kept] = milestones(shop)
    with psycopg.connect(shop.database_url) as admin:
        admin.execute(
            "UPDATE defter.milestones SET state = convert_to(replace(convert_from(state, 'UTF8'),"
            " %s, %s), 'UTF8') WHERE tenant_id = %s",
            (f'"minor":{kept - 1}', '"minor":7', shop.tenant_id),
        )
    async with looking(shop) as connection:
        asked = (connection, shop.tenant_id, stream, kept)
        assert (await standing_at(*asked)).state.available == lira(7)
        honest = await standing_at(*asked, begin=NOTHING)
    assert honest.state.available == lira(kept - 1)


async def test_the_version_at_a_position_is_found_by_halving(shop: Shop) -> None:
    (ada, bora) = await shop.wallets(2, 5)
    await shop.transfer(ada, bora, 3)
    positions = shop.ask(
        "SELECT position FROM defter.events WHERE tenant_id = %s AND stream = %s ORDER BY version",
        shop.tenant_id,
        stream_of(Wallet.CATEGORY, ada),
    )
    told = [position for (position,) in positions]
    async with looking(shop) as connection:
        for position in range(told[-1] + 3):
            version = await version_at(
                connection, shop.tenant_id, stream_of(Wallet.CATEGORY, ada), position
            )
            assert version == sum(1 for one in told if one <= position)
        assert await version_at(connection, shop.tenant_id, "wallet-wal_none", 10) == 0


async def test_a_stream_that_lacks_an_event_is_folded_by_nobody(shop: Shop) -> None:
    (ada,) = await shop.wallets(1, 5)
    stream = stream_of(Wallet.CATEGORY, ada)
    async with looking(shop) as connection:
        with pytest.raises(StreamTorn):
            await standing_at(connection, shop.tenant_id, stream, 3)
    async with looking(shop) as connection:
        with pytest.raises(StreamTorn):
            await last_set(connection, shop.tenant_id, stream, 3)


def test_more_than_somebody_waits_for_is_refused() -> None:
    check_length(10, events_max=10)
    with pytest.raises(StreamTooLong):
        check_length(11, events_max=10)
