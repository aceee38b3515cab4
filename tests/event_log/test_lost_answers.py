"""What cannot be heard is settled by asking again under the lock, exactly once."""

import asyncio

import pytest

from application.sending import LogUnavailable, NotDecided, Outcome, OutcomeUnknown
from application.wallet.topups import TopUp
from infrastructure.event_log.writing import channel as channels
from infrastructure.event_log.writing import queues
from tests.event_log.shop import Shop, lira, open_shop
from tests.faults.proxy import proxied


async def test_a_lost_answer_to_commit_is_settled_and_counts_once(module_database_url: str) -> None:
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        ada, _ = await shop.wallets(2, 100)
        proxy.lose_answers = 1
        outcome = await shop.send(TopUp(ada, lira(5)))
        assert proxy.lost == 1
        assert not outcome.refused
        assert not outcome.replayed, "for its caller this is the first answer"
        assert shop.balances()[ada] == 105
        assert shop.problems() == []


async def test_a_commit_that_never_arrived_is_sent_again(module_database_url: str) -> None:
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        ada, _ = await shop.wallets(2, 100)
        proxy.lose_commits = 2
        await shop.tell(TopUp(ada, lira(5)))
        assert proxy.lost == 2
        assert shop.balances()[ada] == 105
        assert shop.problems() == []


async def test_a_commit_that_says_rollback_is_no_commit(module_database_url: str) -> None:
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        ada, _ = await shop.wallets(2, 100)
        proxy.cut_all()
        proxy.turn_commits = 3
        await shop.tell(TopUp(ada, lira(5)))
        assert proxy.lost > 0
        assert shop.balances()[ada] == 105
        assert shop.problems() == []


async def test_lost_answers_under_load_lose_and_double_nothing(module_database_url: str) -> None:
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        ada, bora = await shop.wallets(2, 1_000)
        for n in range(12):
            proxy.lose_answers, proxy.lose_commits = n % 2, (n + 1) % 2
            await asyncio.gather(*(shop.transfer(ada, bora, 1) for _ in range(10)))
        assert proxy.lost >= 10
        assert shop.balances() == {ada: 880, bora: 1_120}
        assert shop.problems() == []


async def test_connections_cut_in_the_middle_lose_and_double_nothing(
    module_database_url: str,
) -> None:
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        ada, bora = await shop.wallets(2, 1_000)
        transfers = [asyncio.create_task(shop.transfer(ada, bora, 1)) for _ in range(300)]
        for _ in range(20):
            await asyncio.sleep(0)
            proxy.cut_all()
            await asyncio.wait(transfers, timeout=0.01)
        await asyncio.gather(*transfers)
        assert shop.balances() == {ada: 700, bora: 1_300}
        assert shop.problems() == []


async def test_past_its_deadline_a_lost_answer_is_an_unknown_outcome(
    module_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        ada, _ = await shop.wallets(2, 100)
        monkeypatch.setattr(queues, "COMMAND_SECONDS_MAX", 0.5)
        proxy.lose_answers = 1_000
        with pytest.raises(OutcomeUnknown):
            await shop.send(TopUp(ada, lira(5)), key="unknown")
        proxy.lose_answers = 0
        told = await shop.send(TopUp(ada, lira(5)), key="unknown")
        assert not told.refused
        assert shop.balances()[ada] == 105
        assert shop.problems() == []


async def test_a_black_hole_is_cut_off_and_what_waited_is_carried_out_or_told(
    module_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "BATCH_SECONDS_MAX", 0.5)
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        ada, _ = await shop.wallets(2, 100)
        proxy.swallow = True
        sent = asyncio.create_task(shop.send(TopUp(ada, lira(5)), key="hole"))
        await asyncio.wait([sent], timeout=0.3)
        proxy.swallow = False
        outcome = await asyncio.wait_for(sent, 10)
        assert not outcome.refused
        assert shop.balances()[ada] == 105
        assert shop.problems() == []


async def test_a_database_that_is_gone_is_a_clear_answer_and_the_writer_recovers(
    module_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        ada, _ = await shop.wallets(2, 100)
        monkeypatch.setattr(queues, "COMMAND_SECONDS_MAX", 0.5)
        proxy.lose_commits = 1_000
        answers = await asyncio.gather(
            *(shop.send(TopUp(ada, lira(1))) for _ in range(20)), return_exceptions=True
        )
        assert all(isinstance(answer, NotDecided) for answer in answers)
        proxy.lose_commits = 0
        await shop.tell(TopUp(ada, lira(5)))
        assert shop.balances()[ada] == 105
        assert shop.problems() == []


async def test_a_command_carried_out_alone_survives_a_lost_answer(
    module_database_url: str,
) -> None:
    async with (
        proxied(module_database_url) as (proxy, through),
        open_shop(module_database_url, through=through) as shop,
    ):
        ada, _ = await shop.wallets(2, 100)
        spoiler = shop.envelope(TopUp("wal_\x00", lira(1)))
        good = [shop.envelope(TopUp(ada, lira(1))) for _ in range(5)]
        proxy.lose_answers = 2
        _, *answers = await shop.writer.send_many([spoiler, *good])
        assert proxy.lost == 2
        for envelope, answer in zip(good, answers, strict=True):
            assert isinstance(answer, Outcome), answer
            shop.note(envelope, answer)
        assert shop.balances()[ada] == 105
        assert shop.problems() == []


async def test_a_writer_without_a_database_says_so_before_long(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "COMMAND_SECONDS_MAX", 0.3)
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    async with shop.beside(nowhere) as other:
        with pytest.raises(LogUnavailable):
            await other.send(TopUp("wal_1", lira(1)))
