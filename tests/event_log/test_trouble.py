"""One that is held, broken or unknown delays and spoils nobody else."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import psycopg
import pytest

from application.envelope import Actor
from application.sending import (
    CommandFailed,
    LogUnavailable,
    NotDecided,
    Outcome,
    Overloaded,
    ReleaseTooOld,
)
from application.wallet.topups import TopUp
from infrastructure.event_log.writing import queues, writer
from infrastructure.event_log.writing.writer import Writer
from tests.event_log.shop import MASTER_KEYS, Shop, lira, open_books, open_shop

NUL_IN_AN_ID = "wal_\x00"
"""What no rule expects and PostgreSQL takes for no text: every statement with it fails."""


async def neighbours(shop: Shop, count: int) -> list[Shop]:
    """Open other tenants that the same writer writes."""
    opened: list[Shop] = []
    for _ in range(count):
        one = Shop(shop.writer, shop.database_url, uuid4())
        await open_books(one)
        await one.wallets(1, 100)
        opened.append(one)
    return opened


async def holding(database_url: str, tenants: Sequence[UUID]) -> psycopg.AsyncConnection:
    """Hold heads in a session of somebody else."""
    session = await psycopg.AsyncConnection.connect(database_url)
    await session.execute(
        "SELECT 1 FROM defter.log_head WHERE tenant_id = ANY(%s) FOR UPDATE", (list(tenants),)
    )
    return session


async def test_a_held_tenant_delays_no_other(shop: Shop) -> None:
    others = await neighbours(shop, 6)
    ada, _ = await shop.wallets(2, 100)
    session = await holding(shop.database_url, [shop.tenant_id])
    try:
        held = [asyncio.create_task(shop.send(TopUp(ada, lira(1)))) for _ in range(5)]
        began = time.monotonic()
        for _ in range(5):
            await asyncio.gather(*(one.tell(TopUp("wal_00000000", lira(1))) for one in others))
        assert time.monotonic() - began < 1.5
        assert not any(task.done() for task in held)
    finally:
        await session.close()
    await asyncio.gather(*held)
    assert shop.balances()[ada] == 105


async def test_many_held_tenants_do_not_keep_one_that_is_free_again_waiting(shop: Shop) -> None:
    others = await neighbours(shop, 5)
    held = [one.tenant_id for one in others]
    session = await holding(shop.database_url, held)
    brief = await holding(shop.database_url, [shop.tenant_id])
    sent = [asyncio.create_task(one.send(TopUp("wal_00000000", lira(1)))) for one in others]
    try:
        mine = asyncio.create_task(shop.send(TopUp("wal_nobody", lira(1))))
        await asyncio.wait([mine], timeout=0.2)
        await brief.close()
        began = time.monotonic()
        await mine
        assert time.monotonic() - began < 4.5, "each waits its turn, none for another's deadline"
    finally:
        await session.close()
    answers = await asyncio.gather(*sent, return_exceptions=True)
    assert all(isinstance(answer, Outcome | LogUnavailable) for answer in answers)


async def test_a_lock_that_comes_free_in_time_is_waited_for(shop: Shop) -> None:
    ada, _ = await shop.wallets(2, 100)
    session = await holding(shop.database_url, [shop.tenant_id])
    sent = asyncio.create_task(shop.send(TopUp(ada, lira(1))))
    await asyncio.wait([sent], timeout=2.4)  # longer than the lock timeout
    assert not sent.done()
    await session.close()
    assert not (await sent).refused


async def test_a_tenant_that_stays_held_is_told_so_in_time(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "COMMAND_SECONDS_MAX", 0.5)
    session = await holding(shop.database_url, [shop.tenant_id])
    try:
        with pytest.raises(LogUnavailable):
            await shop.send(TopUp("wal_1", lira(1)))
    finally:
        await session.close()


async def test_a_tenant_without_a_log_is_told_so(shop: Shop) -> None:
    stranger = Shop(shop.writer, shop.database_url, uuid4())
    with pytest.raises(LogUnavailable):
        await stranger.send(TopUp("wal_1", lira(1)))
    await shop.wallets(1)


async def test_one_bad_command_in_a_batch_of_many_fails_alone(shop: Shop) -> None:
    ada, _ = await shop.wallets(2, 100)
    commands = [shop.envelope(TopUp(ada, lira(1))) for _ in range(40)]
    bad = shop.envelope(TopUp(NUL_IN_AN_ID, lira(1)))
    commands.insert(20, bad)
    answers = await shop.writer.send_many(commands)
    for envelope, answer in zip(commands, answers, strict=True):
        if envelope is bad:
            assert isinstance(answer, CommandFailed)
        else:
            assert isinstance(answer, Outcome), answer
            shop.note(envelope, answer)
    assert shop.balances()[ada] == 140
    assert bad.command_id not in {row.command_id for row in shop.rows().commands}


async def test_one_bad_command_spoils_no_other_tenant_of_the_batch(shop: Shop) -> None:
    others = await neighbours(shop, 5)
    await shop.wallets(1)
    envelopes = [shop.envelope(TopUp(NUL_IN_AN_ID, lira(1)))]
    envelopes += [one.envelope(TopUp("wal_00000000", lira(1))) for one in others for _ in range(3)]
    answers = await shop.writer.send_many(envelopes)
    assert isinstance(answers[0], CommandFailed)
    assert all(isinstance(answer, Outcome) and not answer.refused for answer in answers[1:])


def smuggle_in(shop: Shop, stream: str, name: str, schema: int = 1) -> None:
    """Write an event as a newer release would."""
    position = len(shop.rows().events) + 1
    with psycopg.connect(shop.database_url) as newer:
        newer.execute(
            "INSERT INTO defter.events SELECT %s, %s, gen_random_uuid(), %s, coalesce("
            "(SELECT max(version) FROM defter.events WHERE tenant_id = %s AND stream = %s), 0) + 1,"
            " %s, %s, '{}', '{}', now() + interval '1 second'",
            (shop.tenant_id, position, stream, shop.tenant_id, stream, name, schema),
        )


@pytest.mark.parametrize(
    ("stream", "name", "schema"),
    [
        ("moon-1", "moon.landed", 1),
        ("wallet-wal_00000000", "wallet.funds_doubled", 1),
        ("wallet-wal_00000000", "wallet.opened", 9),
    ],
)
async def test_an_event_of_a_newer_release_stops_that_tenant_alone_and_for_good(
    module_database_url: str, stream: str, name: str, schema: int
) -> None:
    async with open_shop(module_database_url) as shop:
        (other,) = await neighbours(shop, 1)
        await shop.wallets(1, 100)
        smuggle_in(shop, stream, name, schema)
        mine = [shop.envelope(TopUp("wal_00000000", lira(1))) for _ in range(3)]
        theirs = [other.envelope(TopUp("wal_00000000", lira(1))) for _ in range(3)]
        answers = await shop.writer.send_many([*mine, *theirs])
        assert [type(answer) for answer in answers] == [ReleaseTooOld] * 3 + [Outcome] * 3
        with pytest.raises(ReleaseTooOld):
            await shop.send(TopUp("wal_00000000", lira(1)))
        await other.tell(TopUp("wal_00000000", lira(1)))


async def test_a_full_queue_takes_all_of_a_bulk_or_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, _ = await shop.wallets(2)
    monkeypatch.setattr(queues, "QUEUE_COMMANDS_MAX", 10)
    with pytest.raises(Overloaded):
        await shop.writer.send_many([shop.envelope(TopUp(ada, lira(1))) for _ in range(11)])
    assert shop.writer.queued == 0
    await shop.tell_all([TopUp(ada, lira(1)) for _ in range(10)])
    assert shop.balances()[ada] == 10
    assert shop.writer.queued == 0


async def test_callers_that_go_away_leave_the_writer_in_order(shop: Shop) -> None:
    ada, _ = await shop.wallets(2)
    for _ in range(5):
        gone = [asyncio.create_task(shop.send(TopUp(ada, lira(1)))) for _ in range(50)]
        await asyncio.sleep(0)
        for task in gone[::2]:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
    await shop.tell(TopUp(ada, lira(1)))
    assert shop.writer.queued == 0
    assert shop.writer.ended is not None
    assert not shop.writer.ended.done()


async def test_stopping_finishes_what_waits_and_takes_no_more(module_database_url: str) -> None:
    async with open_shop(module_database_url) as shop:
        ada, _ = await shop.wallets(2)
        sent = [asyncio.create_task(shop.send(TopUp(ada, lira(1)))) for _ in range(1_500)]
        await asyncio.sleep(0)
        await shop.writer.stop()
        assert not any(outcome.refused for outcome in await asyncio.gather(*sent))
        with pytest.raises(Overloaded):
            await shop.send(TopUp(ada, lira(1)))
        assert shop.balances()[ada] == 1_500
        assert shop.problems() == []


async def test_stopping_answers_even_those_whose_log_is_held(
    module_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_shop(module_database_url) as shop:
        session = await holding(module_database_url, [shop.tenant_id])
        sent = [asyncio.create_task(shop.send(TopUp("wal_1", lira(1)))) for _ in range(600)]
        await asyncio.wait(sent, timeout=0.2)
        monkeypatch.setattr(writer, "DRAIN_SECONDS_MAX", 0.2)
        await shop.writer.stop()
        answers = await asyncio.gather(*sent, return_exceptions=True)
        assert all(isinstance(answer, NotDecided) for answer in answers)
        await session.close()


async def test_who_follows_the_writer_can_not_end_it(module_database_url: str) -> None:
    def stumble(_: Sequence[UUID]) -> None:
        raise RuntimeError("the hint could not be sent")

    async with open_shop(module_database_url, committed=stumble) as shop:
        await shop.wallets(2, 5)
        assert shop.writer.ended is not None
        assert not shop.writer.ended.done()


async def test_a_lane_that_ends_by_itself_is_made_known_and_leaves_no_caller_waiting(
    module_database_url: str,
) -> None:
    async with open_shop(module_database_url) as shop:
        ended = Writer(module_database_url, MASTER_KEYS, clock=ended_clock)
        await ended.start()
        assert ended.ended is not None
        with pytest.raises(NotDecided):
            await ended.send(shop.envelope(TopUp("wal_1", lira(1))))
        with pytest.raises(Stopped):
            await ended.ended
        await ended.stop()


class Stopped(BaseException):
    """Something that no code may catch."""


def ended_clock() -> datetime:
    raise Stopped


async def test_personal_origins_do_not_hinder_a_batch(shop: Shop) -> None:
    ada, _ = await shop.wallets(2)
    await asyncio.gather(
        *(
            shop.tell(TopUp(ada, lira(1), note=f"note {n}"), actor=Actor(f"stf_{n}", origin="o"))
            for n in range(30)
        )
    )
    assert shop.balances()[ada] == 30
