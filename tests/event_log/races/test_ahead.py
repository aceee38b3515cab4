"""What is decided while the batch before is written stands only on the log it was decided on."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from psycopg import OperationalError

from application.catalog.products import CreateProduct
from application.catalog.publishing import DeleteProduct
from application.sending import Outcome
from application.wallet.topups import TopUp
from application.wallet.transfers import TransferFunds
from application.wallet.wallets import OpenWallet
from domain.catalog.content import Text
from infrastructure.event_log.writing import batch, queues
from infrastructure.event_log.writing.early.ahead import Ahead
from tests.event_log.shop import Shop, lira

MEANWHILE_SECONDS = 0.02


@pytest.fixture
def stood(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Let batches be small, and note whether what was decided ahead stood."""
    told: list[bool] = []
    fits = Ahead.fits

    def noted(self: Ahead, *given: Any) -> bool:  # noqa: ANN401 - as `fits` takes it
        told.append(fits(self, *given))
        return told[-1]

    monkeypatch.setattr(queues, "BATCH_COMMANDS_MAX", 3)
    monkeypatch.setattr(Ahead, "fits", noted)
    return told


def once(
    monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[object]], *, written: bool
) -> None:
    """Let something happen just before a batch is written, or just after it was, only once."""
    write, begun = batch.write, list[bool]()

    async def slow(*given: Any, **named: Any) -> None:  # noqa: ANN401 - as `write` takes it
        first = not begun
        begun.append(True)
        if first:
            await asyncio.sleep(MEANWHILE_SECONDS)
        if first and not written:
            await happens()
        await write(*given, **named)
        if first and written:
            await happens()

    monkeypatch.setattr(batch, "write", slow)


async def outcomes(shop: Shop, commands: Sequence[object]) -> list[Outcome]:
    envelopes = [shop.envelope(command) for command in commands]
    answers = await shop.writer.send_many(envelopes)
    found: list[Outcome] = []
    for envelope, outcome in zip(envelopes, answers, strict=True):
        assert isinstance(outcome, Outcome), outcome
        shop.note(envelope, outcome)
        found.append(outcome)
    return found


async def test_it_stands_where_nobody_else_wrote_and_money_is_conserved(
    shop: Shop, stood: list[bool]
) -> None:
    wallets = await shop.wallets(4, 100)
    chance = random.Random(20261122)  # noqa: S311 - a seed
    pairs = [chance.sample(wallets, 2) for _ in range(200)]
    sent = [TransferFunds(source, target, lira(chance.randint(1, 150))) for source, target in pairs]
    found = await outcomes(shop, sent)
    assert {outcome.refused for outcome in found} == {True, False}
    assert stood.count(True) > 20
    assert sum(shop.balances().values()) == 400
    assert [one.position for one in found] == sorted(one.position for one in found)
    assert False not in stood


@pytest.mark.parametrize("early", [True, False])
async def test_what_another_process_wrote_in_between_counts(
    shop: Shop, stood: list[bool], monkeypatch: pytest.MonkeyPatch, *, early: bool
) -> None:
    """It is found out with the writing, or under the lock if that is taken before."""
    if early:
        monkeypatch.setattr(batch, "LOCKED_BATCHES", 0)
    ada, bora = await shop.wallets(2, 100)
    async with shop.beside() as other:
        await other.transfer(bora, ada, 1)
        await shop.transfer(ada, bora, 1)
        await shop.tell(TopUp(bora, lira(1)))

        async def drained() -> None:
            # Another process may have a tenant only between two of our batches.
            await asyncio.gather(other.transfer(ada, bora, 100))

        once(monkeypatch, drained, written=True)
        stood.clear()
        found = await outcomes(
            shop, [*(TopUp(bora, lira(1)) for _ in range(3)), TransferFunds(ada, bora, lira(100))]
        )
    assert stood == [early]
    assert [outcome.refused for outcome in found] == [False, False, False, True]
    assert shop.balances() == {ada: 0, bora: 204}


async def test_it_falls_with_a_batch_that_was_not_written(
    shop: Shop, stood: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bora = await shop.wallets(2, 100)
    await shop.transfer(ada, bora, 1)
    stood.clear()

    async def fails() -> None:
        raise OperationalError("the connection was lost")

    once(monkeypatch, fails, written=False)
    found = await outcomes(shop, [TransferFunds(ada, bora, lira(20)) for _ in range(9)])
    assert [outcome.refused for outcome in found] == [False] * 4 + [True] * 5
    assert shop.balances() == {ada: 19, bora: 181}


async def test_a_command_that_is_sent_twice_is_decided_once(shop: Shop, stood: list[bool]) -> None:
    ada, bora = await shop.wallets(2, 100)
    await shop.transfer(ada, bora, 1)
    envelopes = [shop.envelope(TransferFunds(ada, bora, lira(1))) for _ in range(6)]
    sent = [*envelopes, envelopes[2], envelopes[5], envelopes[5], envelopes[0], *envelopes]
    found = await shop.writer.send_many(sent)
    for envelope, outcome in zip(sent, found, strict=True):
        assert isinstance(outcome, Outcome), outcome
        shop.note(envelope, outcome)
    assert shop.balances() == {ada: 93, bora: 107}
    assert True in stood


@pytest.mark.parametrize("at_once", [1, 2, 3])
async def test_unique_keys_are_taken_and_freed_across_batches(
    shop: Shop, stood: list[bool], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(queues, "BATCH_COMMANDS_MAX", at_once)

    def create(product_id: str) -> CreateProduct:
        return CreateProduct({"tr": Text("Cam")}, product_id, slug="cam")

    await outcomes(shop, [create("prd_000000000")])
    ids = [f"prd_{name}{n:08}" for n in range(1, 9) for name in ("0", "x")]
    assert all(one.refused for one in await outcomes(shop, [create(one) for one in ids]))
    await outcomes(shop, [DeleteProduct("prd_000000000")])
    stood.clear()
    sent: list[object] = []
    for n in range(1, 9):
        product_id = f"prd_{n:09}"
        sent += [create(product_id), create(f"prd_x{n:08}"), DeleteProduct(product_id)]
    for _ in range(3):  # what is not in memory is learnt on the way
        sent += [OpenWallet("cus_1", "TRY", "wal_1")]
    found = await outcomes(shop, sent)
    refused = [outcome.refused for outcome in found]
    assert refused == [False, True, False] * 8 + [False, True, True]
    assert True in stood


async def test_who_goes_away_before_their_batch_begins_is_left_out(
    shop: Shop, stood: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bora = await shop.wallets(2, 100)
    await shop.transfer(ada, bora, 1)
    stood.clear()
    tasks: list[asyncio.Task[Outcome]] = []

    async def leaves() -> None:
        tasks[4].cancel()

    once(monkeypatch, leaves, written=False)
    tasks += [asyncio.create_task(shop.transfer(ada, bora, 10)) for _ in range(6)]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, asyncio.CancelledError) for one in answers] == [
        n == 4 for n in range(6)
    ]
    assert stood[0] is False
    assert shop.balances() == {ada: 49, bora: 151}
