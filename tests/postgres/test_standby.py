"""Reads from a hot standby: never staler than asked for, and never missing because it is away."""

import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from application.wallet.topups import TopUp
from application.wallet.wallets import OpenWallet
from infrastructure.event_log.migrate import migrate
from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import NotCaughtUp
from infrastructure.postgres.standby import WAIT_SECONDS, ReadsWithStandby
from projections.wallet import balances
from tests.event_log.shop import Shop, lira, open_shop
from tests.kit.standby import Standby, primary_and_standby
from tests.projections.stepping import catch_up

NOBODY_THERE = "postgresql://defter@127.0.0.1:1/defter"
WALLET = "wal_standby1"
READ_MODEL = ("wallet_balances",)


@dataclass(frozen=True)
class Pair:
    """The addresses of a primary and its standby."""

    primary: str
    standby: Standby


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Generator[Pair]:
    folder: Path = tmp_path_factory.mktemp("replicated")
    with primary_and_standby(folder) as (primary, standby):
        migrate(primary.url)
        yield Pair(primary.url, standby)


@pytest.fixture
async def shop(pair: Pair) -> AsyncGenerator[Shop]:
    async with open_shop(pair.primary) as opened:
        await opened.tell(OpenWallet("cus_ada1", "TRY", WALLET))
        yield opened


@pytest.fixture
async def reads(pair: Pair) -> AsyncGenerator[ReadsWithStandby]:
    made = ReadsWithStandby(pair.primary, pair.standby.url)
    await made.open()
    yield made
    await made.close()


async def top_up(shop: Shop, pair: Pair) -> int:
    """Put one lira in, and let the primary's read models show it; gives the position."""
    outcome = await shop.send(TopUp(WALLET, lira(100)))
    async with await connect(pair.primary) as connection:
        await catch_up(connection, shop.tenant_id)
    return outcome.position


async def available(reads: ReadsWithStandby, shop: Shop, position: int | None) -> int:
    async with reads.tenant(shop.tenant_id, projections=READ_MODEL, min_position=position) as look:
        row = await balances.wallet(look.connection, shop.tenant_id, WALLET)
    assert row is not None
    return row["available"]


async def test_a_standby_answers_what_it_has_replayed(
    pair: Pair, shop: Shop, reads: ReadsWithStandby
) -> None:
    position = await top_up(shop, pair)
    before = reads.answered_by_standby
    for _ in range(1_000):
        assert await available(reads, shop, position) == 100
        if reads.answered_by_standby > before:
            return
    raise AssertionError("the standby never got there")


async def test_what_the_standby_has_not_replayed_the_primary_answers(
    pair: Pair, shop: Shop, reads: ReadsWithStandby
) -> None:
    pair.standby.pause(paused=True)
    try:
        position = await top_up(shop, pair)
        before = reads.answered_by_standby
        assert await available(reads, shop, position) == 100
        assert reads.answered_by_standby == before
        with pytest.raises(NotCaughtUp):
            async with reads.tenant(
                shop.tenant_id,
                projections=READ_MODEL,
                min_position=position + 1,
                deadline_seconds=0.05,
            ):
                pass
    finally:
        pair.standby.pause(paused=False)


async def test_a_question_without_a_position_is_the_primary_s(
    pair: Pair, shop: Shop, reads: ReadsWithStandby
) -> None:
    await top_up(shop, pair)
    before = reads.answered_by_standby
    assert await available(reads, shop, None) == 100
    assert reads.answered_by_standby == before


async def test_a_standby_that_is_away_is_not_missed(
    pair: Pair, shop: Shop, reads: ReadsWithStandby
) -> None:
    position = await top_up(shop, pair)
    pair.standby.stop()
    assert await available(reads, shop, position) == 100
    pair.standby.restart()


async def test_a_standby_that_never_answers_slows_down_one_question_and_not_each(
    database_url: str,
) -> None:
    reads = ReadsWithStandby(database_url, NOBODY_THERE)
    await reads.open()
    try:
        began = time.monotonic()
        for _ in range(20):
            async with reads.tenant(uuid4(), projections=READ_MODEL, min_position=0):
                pass
        assert time.monotonic() - began < 2 * WAIT_SECONDS
    finally:
        await reads.close()
