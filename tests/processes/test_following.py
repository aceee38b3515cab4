"""JOB-04: what a process answers is filed once with its checkpoint, whatever is repeated."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid5

import psycopg
import pytest

from application.process import (
    ClearTimer,
    Known,
    Passing,
    Perform,
    Process,
    Reaction,
    Send,
    SetTimer,
)
from application.sending import CommandFailed, LogUnavailable
from application.wallet.wallets import OpenWallet
from domain.kernel.events import Recorded
from domain.ledger.books import Books
from domain.ledger.events import BOOKS_KEY
from domain.wallet.events import HoldPlaced, HoldReleased, WalletOpened
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Results
from infrastructure.processes.advance import NotSent
from infrastructure.processes.filing import effect_id_of
from infrastructure.projections.checkpoints import FAR_BEHIND_EVENTS, first_sight
from tests.kit.lively.whole import lively
from tests.processes.following import (
    SenderThatNotes,
    effects,
    follow_to_the_end,
    processes_of,
    rows,
    timers,
)
from tests.projections.stepping import checkpoints

DUE = datetime(2026, 4, 1, tzinfo=UTC)


def _on_open(recorded: Recorded) -> Iterable[Reaction]:
    event = recorded.event
    assert isinstance(event, WalletOpened)
    yield Perform("test.mail", event.owner)
    yield Send(OpenWallet(event.owner, "EUR"))
    yield Send(OpenWallet(event.owner, "USD"))


def _on_hold(recorded: Recorded) -> Iterable[Reaction]:
    event = recorded.event
    assert isinstance(event, HoldPlaced)
    yield SetTimer("test.timer", event.hold_id, DUE)


def _on_release(recorded: Recorded) -> Iterable[Reaction]:
    event = recorded.event
    assert isinstance(event, HoldReleased)
    yield ClearTimer("test.timer", event.hold_id)


GREETINGS = Process("greetings", {WalletOpened: _on_open})
HOLDS = Process("holds", {HoldPlaced: _on_hold, HoldReleased: _on_release})


async def test_effects_timers_and_commands_come_of_events_once_however_often_they_are_read(
    database_url: str,
) -> None:
    log, sender = lively(), SenderThatNotes()
    log.store(database_url)
    processes = processes_of(sender, GREETINGS, HOLDS)
    async with await connect(database_url) as connection:
        await follow_to_the_end(connection, log.tenant_id, processes)
        first = effects(database_url, log.tenant_id), timers(database_url, log.tenant_id)
        ids = [envelope.command_id for envelope in sender.sent]
        with psycopg.connect(database_url) as owner:
            owner.execute("UPDATE defter.checkpoints SET position = 0")
        await follow_to_the_end(connection, log.tenant_id, processes)
    assert (effects(database_url, log.tenant_id), timers(database_url, log.tenant_id)) == first
    assert first[0]
    assert {effect[1] for effect in first[0]} == {"test.mail"}
    assert [envelope.command_id for envelope in sender.sent] == ids * 2
    assert len(set(ids)) == len(ids) == 2 * len(first[0])
    released = {"hld_0002"}
    assert {timer[1] for timer in first[1]} == {"hld_0001"}
    assert released.isdisjoint(timer[1] for timer in first[1])


async def test_an_effect_is_known_by_its_event_its_kind_and_its_target(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        processes = processes_of(SenderThatNotes(), GREETINGS)
        await follow_to_the_end(connection, log.tenant_id, processes)
    for effect_id, event_id, target in rows(
        database_url, "effects", log.tenant_id, "effect_id, event_id, target"
    ):
        assert effect_id == effect_id_of(event_id, "test.mail", target)
        assert effect_id == uuid5(event_id, f"effect/test.mail/{target}")


async def test_an_event_that_can_not_be_answered_parks_its_process_alone(database_url: str) -> None:
    log = lively()
    log.store(database_url)

    def fails(recorded: Recorded) -> Iterable[Reaction]:
        if recorded.version > 0 and recorded.event.key == "hld_0002":
            raise ZeroDivisionError
        return _on_hold(recorded)

    clumsy = Process("clumsy", {HoldPlaced: fails})
    async with await connect(database_url) as connection:
        processes = processes_of(SenderThatNotes(), clumsy, GREETINGS)
        parked = await follow_to_the_end(connection, log.tenant_id, processes)
    assert parked == ("process.clumsy",)
    found = checkpoints(database_url, log.tenant_id)
    poison = next(p for p, _, _, event in log.events if event.key == "hld_0002")
    assert found["process.clumsy"] == (poison - 1, poison, "ZeroDivisionError")
    assert found["process.greetings"] == (len(log.events), None, None)
    assert [timer[1] for timer in timers(database_url, log.tenant_id)] == ["hld_0001"]


async def test_a_command_that_is_not_decided_leaves_the_step_undone(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    sender = SenderThatNotes(wallet_open_wallet=LogUnavailable("away"))
    async with await connect(database_url) as connection:
        processes = processes_of(sender, GREETINGS)
        with pytest.raises(NotSent):
            await follow_to_the_end(connection, log.tenant_id, processes)
        assert effects(database_url, log.tenant_id) == []
        assert checkpoints(database_url, log.tenant_id)["process.greetings"][0] == 0
        sender.answers.clear()
        await follow_to_the_end(connection, log.tenant_id, processes)
    assert checkpoints(database_url, log.tenant_id)["process.greetings"][0] == len(log.events)


async def test_a_command_that_fails_for_good_parks_the_process_at_its_event(
    database_url: str,
) -> None:
    log = lively()
    log.store(database_url)
    sender = SenderThatNotes(wallet_open_wallet=CommandFailed())
    async with await connect(database_url) as connection:
        parked = await follow_to_the_end(connection, log.tenant_id, processes_of(sender, GREETINGS))
    assert parked == ("process.greetings",)
    opened = next(p for p, _, _, event in log.events if isinstance(event, WalletOpened))
    found = checkpoints(database_url, log.tenant_id)["process.greetings"]
    assert found == (opened - 1, opened, "CommandFailed")
    assert effects(database_url, log.tenant_id) == []


async def test_a_process_that_another_one_has_is_left_to_it(database_url: str) -> None:
    log, sender = lively(), SenderThatNotes()
    log.store(database_url)
    processes = processes_of(sender, GREETINGS)
    async with await connect(database_url) as one, await connect(database_url) as other:
        await follow_to_the_end(one, UUID(int=1), processes)
        await one.execute("BEGIN")
        scope = f"{{{log.tenant_id}}}"
        await one.execute("SELECT set_config('app.tenants', %s, true)", (scope,))
        await one.execute(
            "INSERT INTO defter.checkpoints (tenant_id, projection) VALUES (%s, %s)",
            (log.tenant_id, GREETINGS.key),
        )
        await one.execute("COMMIT")
        await one.execute("BEGIN")
        await one.execute("SELECT set_config('app.tenants', %s, true)", (scope,))
        await one.execute("SELECT * FROM defter.checkpoints FOR UPDATE")
        step = await processes.advance(other, log.tenant_id)
        await one.execute("ROLLBACK")
    assert step.position is None
    assert sender.sent == []


def _relay(books: Books, passing: Passing) -> Iterable[Reaction]:
    assert books.base_currency == "TRY"
    yield Perform("test.hook", passing.type)


async def test_a_relay_sees_everything_from_the_moment_it_is_attentive(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    attentive = Process(
        "hooks",
        knows=Known(Books, BOOKS_KEY),
        attentive=lambda books: books is not None and bool(books.own_accounts),
        relay=_relay,
    )
    async with await connect(database_url) as connection:
        processes = processes_of(SenderThatNotes(), attentive)
        await follow_to_the_end(connection, log.tenant_id, processes)
    opened = [p for p, _, _, event in log.events if event.NAME == "ledger.account_opened"]
    positions = [effect[0] for effect in effects(database_url, log.tenant_id)]
    assert opened
    assert positions == list(range(opened[0], len(log.events) + 1))


async def test_what_a_process_knows_is_read_again_after_a_restart(database_url: str) -> None:
    log = lively()
    opened = next(p for p, _, _, event in log.events if event.NAME == "ledger.account_opened")
    attentive = Process(
        "hooks",
        knows=Known(Books, BOOKS_KEY),
        attentive=lambda books: books is not None and bool(books.own_accounts),
        relay=_relay,
    )
    log.store(database_url, last=opened)
    async with await connect(database_url) as connection:
        await follow_to_the_end(
            connection, log.tenant_id, processes_of(SenderThatNotes(), attentive)
        )
        log.store(database_url, first=opened + 1)
        await follow_to_the_end(
            connection, log.tenant_id, processes_of(SenderThatNotes(), attentive)
        )
    positions = [effect[0] for effect in effects(database_url, log.tenant_id)]
    assert positions == list(range(opened, len(log.events) + 1))


async def test_a_process_that_is_far_behind_keeps_no_live_one_waiting(
    database_url: str,
) -> None:
    tenant_id, far = UUID(int=9), FAR_BEHIND_EVENTS
    with psycopg.connect(database_url) as owner:
        owner.execute("INSERT INTO defter.log_head VALUES (%s)", (tenant_id,))
        owner.execute(
            "INSERT INTO defter.events SELECT %s, n, gen_random_uuid(), 'tenant-' || n, 1,"
            " 'ledger.account_opened', 1, '', '', now() FROM generate_series(1, %s) AS n",
            (tenant_id, far + 2),
        )
        owner.execute(
            "INSERT INTO defter.checkpoints (tenant_id, projection, position) VALUES (%s, %s, %s)",
            (tenant_id, HOLDS.key, far + 1),
        )
    async with await connect(database_url) as connection:
        processes = processes_of(SenderThatNotes(), GREETINGS, HOLDS)
        await first_sight(connection, tenant_id, processes.keys)
        await processes.advance(connection, tenant_id)
        found = checkpoints(database_url, tenant_id)
        assert (found[HOLDS.key][0], found[GREETINGS.key][0]) == (far + 2, 0)
        await processes.advance(connection, tenant_id, filling=True)
        await follow_to_the_end(connection, tenant_id, processes)
    assert checkpoints(database_url, tenant_id)[GREETINGS.key][0] == far + 2


async def test_what_is_written_while_a_step_reads_is_answered_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = lively()
    length = len(log.events)
    log.store(database_url, last=10)
    everything = Process(
        "hooks",
        knows=Known(Books, BOOKS_KEY),
        attentive=lambda books: books is not None,
        relay=_relay,
    )
    run = PipelinedConnection.run

    async def written_between(connection: PipelinedConnection, *calls: Call) -> Results:
        """Let the log grow after its end was looked at, before what stands there is read."""
        if calls[0].statement.name != b"defter_passing_end":
            return await run(connection, *calls)
        ends = await run(connection, calls[0])
        log.store(database_url, first=length - 1)
        monkeypatch.undo()
        return ends + await run(connection, *calls[1:])

    async with await connect(database_url) as connection:
        processes = processes_of(SenderThatNotes(), everything)
        await follow_to_the_end(connection, log.tenant_id, processes)
        log.store(database_url, first=11, last=length - 2)
        monkeypatch.setattr(PipelinedConnection, "run", written_between)
        step = await processes.advance(connection, log.tenant_id)
        assert step.position == effects(database_url, log.tenant_id)[-1][0] == length - 2
        await follow_to_the_end(connection, log.tenant_id, processes)
    answered = [effect[0] for effect in effects(database_url, log.tenant_id)]
    assert answered == list(range(answered[0], length + 1))
