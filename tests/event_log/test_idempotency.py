"""One command id, one outcome."""

import asyncio

import pytest

from application.bulk import Atomically
from application.sending import CommandFailed, IdempotencyKeyReused, Outcome
from application.wallet.topups import TopUp
from application.wallet.transfers import TransferFunds
from application.wallet.wallets import OpenWallet
from tests.event_log.shop import Shop, lira


async def test_the_same_command_again_gets_the_first_outcome_and_writes_nothing(shop: Shop) -> None:
    ada, _ = await shop.wallets(2, 100)
    first = await shop.send(TopUp(ada, lira(5)), key="once")
    again = await shop.send(TopUp(ada, lira(5)), key="once")
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.position, again.refused, again.body) == (
        first.position,
        first.refused,
        first.body,
    )
    assert shop.balances()[ada] == 105


async def test_another_body_under_the_same_key_is_refused_and_nothing_is_written(
    shop: Shop,
) -> None:
    ada, _ = await shop.wallets(2, 100)
    await shop.send(TopUp(ada, lira(5)), key="once")
    with pytest.raises(IdempotencyKeyReused):
        await shop.send(TopUp(ada, lira(6)), key="once", request_hash=b"other" * 8)
    assert shop.balances()[ada] == 105


async def test_a_refusal_is_final_for_its_key(shop: Shop) -> None:
    ada, bora = await shop.wallets(2)
    poor = TransferFunds(ada, bora, lira(1))
    assert await shop.refusal(poor, key="poor") == "wallet.insufficient_funds"
    await shop.tell(TopUp(ada, lira(100)))
    again = await shop.send(poor, key="poor")
    assert again.refused
    assert again.replayed
    assert shop.balances()[bora] == 0


async def test_the_same_command_many_times_in_one_batch_counts_once(shop: Shop) -> None:
    ada, _ = await shop.wallets(2, 100)
    envelope = shop.envelope(TopUp(ada, lira(5)), key="many")
    answers = await shop.writer.send_many([envelope] * 20)
    bodies = {(answer.position, answer.body) for answer in answers if isinstance(answer, Outcome)}
    assert len(bodies) == 1
    assert [answer.replayed for answer in answers if isinstance(answer, Outcome)] == (
        [False] + [True] * 19
    )
    assert shop.balances()[ada] == 105


class Batches:
    """What the writer tells about its batches."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def batch(self, *, commands: int, seconds: float, redone: bool) -> None:
        assert seconds >= 0
        assert not redone
        self.sizes.append(commands)

    def queue(self, commands: int) -> None:
        assert commands >= 0


async def test_the_same_command_many_times_does_not_break_its_batch(shop: Shop) -> None:
    ada, _ = await shop.wallets(2, 100)
    batches = Batches()
    async with shop.beside(metrics=batches) as other:
        envelopes = [other.envelope(TopUp(ada, lira(5)), key="many")] * 20
        envelopes += [other.envelope(TopUp(ada, lira(1))) for _ in range(20)]
        await other.writer.send_many(envelopes)
    assert batches.sizes == [40]
    assert shop.balances()[ada] == 125


async def test_a_bulk_that_is_refused_leaves_nothing_of_itself_behind(shop: Shop) -> None:
    ada, bora = await shop.wallets(2, 100)
    before = len(shop.rows().events)
    bulk = Atomically((TopUp(ada, lira(5)), TransferFunds(ada, bora, lira(1_000))))
    assert await shop.refusal(bulk) == "wallet.insufficient_funds"
    assert len(shop.rows().events) == before
    await shop.tell(Atomically((TopUp(ada, lira(5)), TransferFunds(ada, bora, lira(105)))))
    assert shop.balances() == {ada: 0, bora: 205}


async def test_two_bodies_under_one_key_in_one_batch_let_the_first_win(shop: Shop) -> None:
    ada, _ = await shop.wallets(2, 100)
    one = shop.envelope(TopUp(ada, lira(5)), key="two")
    other = shop.envelope(TopUp(ada, lira(6)), key="two", request_hash=b"other" * 8)
    first, second = await shop.writer.send_many([one, other])
    assert isinstance(first, Outcome)
    assert isinstance(second, IdempotencyKeyReused)
    assert shop.balances()[ada] == 105


async def test_the_same_commands_through_several_writers_at_once_count_once(shop: Shop) -> None:
    ada, _ = await shop.wallets(2, 100)
    envelopes = [shop.envelope(TopUp(ada, lira(1)), key=f"race-{n}") for n in range(40)]
    async with shop.beside() as second, shop.beside() as third:
        answers = await asyncio.gather(
            *(
                place.writer.send(envelope)
                for envelope in envelopes
                for place in (shop, second, third)
            )
        )
    assert sum(not answer.replayed for answer in answers) == 40
    for envelope, answer in zip(
        [envelope for envelope in envelopes for _ in range(3)], answers, strict=True
    ):
        shop.note(envelope, answer)
    assert shop.balances()[ada] == 140


async def test_a_bug_in_a_handler_is_answered_alone_and_never_stored(shop: Shop) -> None:
    bug = shop.envelope(OpenWallet("cus_bug", "LIRA", "wal_bug"), key="bug")
    good = [shop.envelope(OpenWallet(f"cus_{n}", "TRY", f"wal_{n}")) for n in range(10)]
    failed, *answers = await shop.writer.send_many([bug, *good])
    assert isinstance(failed, CommandFailed)
    assert all(isinstance(answer, Outcome) and not answer.refused for answer in answers)
    assert bug.command_id not in {row.command_id for row in shop.rows().commands}
    fixed = await shop.send(OpenWallet("cus_bug", "TRY", "wal_bug"), key="bug")
    assert not fixed.refused
    assert not fixed.replayed
