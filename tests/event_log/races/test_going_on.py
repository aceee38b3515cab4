"""Who was alone on a log takes its lock with the writing, and only where nobody wrote since."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import psycopg
import pytest
from psycopg import OperationalError

from application.commands import HANDLERS
from application.sending import CommandFailed, IdempotencyKeyReused, LogUnavailable, Outcome
from application.wallet.topups import TopUp
from application.wallet.transfers import TransferFunds
from application.wallet.wallets import OpenWallet
from infrastructure.event_log.writing import batch, channel, statements
from infrastructure.event_log.writing.memory import LogMemory
from infrastructure.event_log.writing.rows import Decided, write
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Results
from tests.event_log.shop import Shop, lira

HELD_SECONDS = 0.2


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note of each batch that is written whether its lock was held while it was decided."""
    told: list[bool] = []

    async def noted(
        connection: PipelinedConnection, memory: LogMemory, decided: Decided, begin: Sequence[Call]
    ) -> None:
        if decided:  # else all its tenants were held
            told.append(not begin)
        await write(connection, memory, decided, begin)

    monkeypatch.setattr(batch, "write", noted)
    return told


def before_writing(
    monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[object]]
) -> None:
    """Let something happen between deciding and writing, only once."""
    noted, waits = batch.write, [True]

    async def later(*given: Any, **named: Any) -> None:  # noqa: ANN401 - as `write` takes it
        if waits.pop() if waits else False:
            await happens()
        await noted(*given, **named)

    monkeypatch.setattr(batch, "write", later)


async def test_nobody_else_wrote(shop: Shop, locked: list[bool]) -> None:
    ada, bora = await shop.wallets(2, 100)
    locked.clear()
    for _ in range(3):
        await shop.transfer(ada, bora, 20)
    assert locked == [False] * 3
    assert shop.balances() == {ada: 40, bora: 160}


@pytest.mark.parametrize("refused", [False, True])
async def test_somebody_wrote_while_it_was_decided(
    shop: Shop, locked: list[bool], monkeypatch: pytest.MonkeyPatch, *, refused: bool
) -> None:
    """What was decided on the old end is not written, neither events nor a refusal."""
    ada, bora = await shop.wallets(2, 100)
    async with shop.beside() as other:
        drains = other.transfer if refused else None

        async def meanwhile() -> None:
            if drains is not None:
                await drains(ada, bora, 100)
            else:
                await other.tell(TopUp(ada, lira(100)))

        before_writing(monkeypatch, meanwhile)
        locked.clear()
        outcome = await shop.transfer(ada, bora, 100 if refused else 150)
    assert outcome.refused is refused
    assert locked == [True, False, True], "the other wrote, ours was not, and was decided anew"
    assert sum(shop.balances().values()) == 200 + (0 if refused else 100)
    assert shop.problems() == []


async def test_somebody_holds_the_lock(shop: Shop, locked: list[bool]) -> None:
    """It waits its turn, and sees what was written in it."""
    ada, bora = await shop.wallets(2, 100)
    async with await psycopg.AsyncConnection.connect(shop.database_url) as holder:
        await holder.execute(
            "SELECT FROM defter.log_head WHERE tenant_id = %s FOR NO KEY UPDATE", [shop.tenant_id]
        )
        locked.clear()
        sent = asyncio.create_task(shop.transfer(ada, bora, 1))
        await asyncio.sleep(HELD_SECONDS)
        assert not sent.done()
        assert locked == [False]
    await sent
    assert locked == [False, True]
    assert shop.balances() == {ada: 99, bora: 101}


async def test_somebody_answered_the_same_command(shop: Shop, locked: list[bool]) -> None:
    """The outcome is the one that was stored, and nothing happens twice."""
    ada, bora = await shop.wallets(2, 100)
    first = await shop.send(TransferFunds(ada, bora, lira(10)), key="once")
    locked.clear()
    again = await shop.send(TransferFunds(ada, bora, lira(10)), key="once")
    assert (again.position, again.body, again.replayed) == (first.position, first.body, True)
    assert locked == [False, True]
    assert shop.balances() == {ada: 90, bora: 110}
    for _ in range(batch.LOCKED_BATCHES):
        await shop.transfer(ada, bora, 1)
    expected = [True] * (batch.LOCKED_BATCHES - 1) + [False]
    assert locked[2:] == expected, "one who asks again and again does not undo every other batch"


@pytest.mark.parametrize("amount", [10, 11])
async def test_somebody_answered_it_and_it_fails_now(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, amount: int
) -> None:
    """What was answered stays so, and the key of another request is refused, whatever fails."""
    ada, bora = await shop.wallets(2, 100)
    first = await shop.send(TransferFunds(ada, bora, lira(10)), key="once")

    def broken(command: object, book: object) -> object:
        raise KeyError(command, book)

    monkeypatch.setitem(HANDLERS, TransferFunds, broken)
    hashed = b"h" * 32 if amount == 10 else b"x" * 32
    asked = shop.envelope(TransferFunds(ada, bora, lira(amount)), key="once", request_hash=hashed)
    if amount == 10:
        assert await shop.writer.send(asked) == first._replace(replayed=True)
    else:
        with pytest.raises(IdempotencyKeyReused):
            await shop.writer.send(asked)
    with pytest.raises(CommandFailed):
        await shop.transfer(ada, bora, 1)


async def test_the_connection_broke_while_nobody_wrote(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent on it, so nobody is told that an answer was lost."""
    ada, bora = await shop.wallets(2, 100)
    await shop.transfer(ada, bora, 1)

    async def down(*_given: object) -> None:
        raise OperationalError("the database is down")

    monkeypatch.setattr(channel, "connect", down)
    shop.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'defter' AND datname = current_database()"
    )
    await asyncio.sleep(HELD_SECONDS)
    with pytest.raises(LogUnavailable):
        await shop.transfer(ada, bora, 1)


async def test_the_connection_breaks_after_it_was_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server had said that nothing was written, so nothing is in doubt."""
    ada, bora = await shop.wallets(2, 100)
    first = await shop.send(TransferFunds(ada, bora, lira(10)), key="once")
    run, breaks = PipelinedConnection.run, [True]

    async def breaking(self: PipelinedConnection, *calls: Call) -> Results:
        if calls[0].statement is statements.ROLLBACK and breaks and breaks.pop():
            self.pgconn.finish()
        return await run(self, *calls)

    monkeypatch.setattr(PipelinedConnection, "run", breaking)
    again = await shop.send(TransferFunds(ada, bora, lira(10)), key="once")
    assert not breaks
    assert again == first._replace(replayed=True)


async def test_it_is_lacking_what_nobody_asked_for_yet(shop: Shop, locked: list[bool]) -> None:
    """What is read before the lock counts where the log ends as it did."""
    await shop.wallets(1)
    locked.clear()
    async with shop.beside():
        sent = [OpenWallet(f"cus_{n}", "TRY", f"wal_new{n}") for n in range(9)]
        found = await shop.writer.send_many([shop.envelope(one) for one in sent])
    assert all(isinstance(one, Outcome) and not one.refused for one in found)
    assert set(locked) == {False}


@pytest.mark.parametrize("since", [0, 1])
async def test_the_log_was_taken_back(shop: Shop, locked: list[bool], since: int) -> None:
    """After a fail-over that lost the newest events nothing is written on top of what is gone.

    Not even if the log has come to be as long since.
    """
    ada, bora = await shop.wallets(2, 100)
    last = len(shop.rows().events)
    await shop.transfer(ada, bora, 100)
    with psycopg.connect(shop.database_url) as owner:
        owner.execute("ALTER TABLE defter.events DISABLE TRIGGER append_only")
        owner.execute("ALTER TABLE defter.commands DISABLE TRIGGER keep_accepted")
        lost = [shop.tenant_id, last]
        owner.execute("DELETE FROM defter.events WHERE tenant_id = %s AND position > %s", lost)
        owner.execute("DELETE FROM defter.commands WHERE tenant_id = %s AND position > %s", lost)
        owner.execute("ALTER TABLE defter.events ENABLE ALWAYS TRIGGER append_only")
        owner.execute("ALTER TABLE defter.commands ENABLE ALWAYS TRIGGER keep_accepted")
    shop.acknowledged.clear()
    async with shop.beside() as other:
        for _ in range(since):
            await other.tell_all([TopUp(ada, lira(1)), TopUp(bora, lira(1))])
    locked.clear()
    assert not (await shop.transfer(ada, bora, 60)).refused
    assert locked[:2] == [False, True]
    assert shop.balances() == {ada: 40 + since, bora: 160 + since}
