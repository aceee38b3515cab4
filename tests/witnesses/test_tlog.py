"""AUD-01: a C2SP witness is given checkpoints, its cosignatures are kept, and it finds a fork."""

import base64
from collections.abc import AsyncGenerator

import pytest

from infrastructure.postgres.connections import connect
from infrastructure.sealing import checkpoints, notes
from infrastructure.sealing.checkpoints import Sealed
from infrastructure.witnesses import tlog
from infrastructure.witnesses.standing import standing
from tests.kit.receiver import Receiver, receiving
from tests.kit.stub_witness import Fault, Seen, StubWitness
from tests.sealing.logs import look
from tests.witnesses.witnessed import Witnessed, alarms, witnessed

pytestmark = pytest.mark.row("AUD-01")

NOT_OF_THIS_LOG = "alarm: its checkpoint of 300 events is not of this log"


@pytest.fixture
def witness() -> StubWitness:
    return StubWitness()


@pytest.fixture
async def receiver(witness: StubWitness) -> AsyncGenerator[Receiver]:
    async with receiving() as running:
        running.answer = witness.answer
        yield running


@pytest.fixture
async def log(
    database_url: str, redis_url: str, witness: StubWitness, receiver: Receiver
) -> AsyncGenerator[Witnessed]:
    url = f"http://127.0.0.1:{receiver.port}/prefix#{witness.verifier_key}"
    async with witnessed(database_url, redis_url, [url]) as opened:
        witness.trusted[opened.origin] = await opened.publics()
        yield opened


async def newest(log: Witnessed) -> Sealed:
    async with await connect(log.database_url) as connection:
        await look(connection, log.tenant_id)
        found = await checkpoints.latest(connection, log.tenant_id)
    assert found is not None
    return found


async def test_each_checkpoint_is_cosigned_with_a_proof_from_the_one_before(
    log: Witnessed, witness: StubWitness
) -> None:
    for count in (1, 2, 4, 57, 236, 1, 999):
        await log.grow(count)
        assert (await log.send())[-1] == ("done", f"it has {log.size} events")
        assert witness.seen[log.origin] == Seen(log.size, (await newest(log)).root)
    assert witness.asked == [0, 1, 3, 7, 64, 300, 301]
    assert [size for size, _ in log.confirmed()] == [1, 3, 7, 64, 300, 301, 1300]


async def test_a_checkpoint_is_given_out_with_the_cosignature_below_it(
    log: Witnessed, witness: StubWitness
) -> None:
    await log.grow(300)
    await log.send()
    async with await connect(log.database_url) as connection:
        await look(connection, log.tenant_id)
        [stands] = await standing(connection, [log.tenant_id], log.settings.witnesses_read)
    sealed = await newest(log)
    assert (stands.sealed, stands.confirmed, stands.behind, stands.alarm) == (300, 300, 0, None)
    assert stands.note is not None
    assert stands.note.startswith(sealed.note)
    checkpoint, signatures = notes.read(stands.note)
    moment = int.from_bytes(signatures[-1].bytes[:8], "big")
    stated = f"cosignature/v1\ntime {moment}\n{checkpoint.text}".encode()
    assert signatures[-1].name == witness.name
    witness.key.public_key().verify(signatures[-1].bytes[8:], stated)


async def test_a_witness_that_knows_another_size_is_proven_from_there(
    log: Witnessed, witness: StubWitness
) -> None:
    await log.grow(300)
    await log.send()
    first = await newest(log)
    await log.grow(100)
    await log.send()
    witness.seen[log.origin] = Seen(first.size, first.root)
    await log.grow(50)
    assert (await log.send())[-1] == ("done", "it has 450 events")
    del witness.seen[log.origin]
    await log.grow(50)
    assert (await log.send())[-1] == ("done", "it has 500 events")
    assert witness.asked == [0, 300, 400, 300, 450, 0]


async def test_an_answer_that_is_lost_is_asked_for_again(
    log: Witnessed, witness: StubWitness
) -> None:
    witness.fault = Fault.LOST
    await log.grow(300)
    [(state, _)] = await log.send()
    assert state == "waiting"
    assert log.confirmed() == []
    witness.fault = None
    await log.grow(100)
    log.hurry()
    assert await log.send() == [("done", "it has 400 events")]
    assert witness.asked == [0, 0, 300]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault.DOWN, "answered 500"),
        (Fault.MOVED, "answered 307; redirects are not followed"),
        (Fault.CHATTY, "its answer is too long"),
        (Fault.WRONG_SIGNATURE, "answered 200, but nothing that its key signed"),
        (Fault.OTHER_KEY, "answered 200, but nothing that its key signed"),
        (Fault.NO_SIGNATURE, "answered 200, but no signature lines"),
    ],
)
async def test_what_is_no_cosignature_of_its_key_confirms_nothing_and_is_asked_again(
    log: Witnessed, witness: StubWitness, fault: Fault, told: str
) -> None:
    witness.fault = fault
    await log.grow(300)
    assert await log.send() == [("waiting", told)]
    assert log.confirmed() == []
    witness.fault = None
    log.hurry()
    assert await log.send() == [("done", "it has 300 events")]
    assert alarms(log) == 0


async def test_a_witness_that_is_slow_is_left_alone_after_a_while(
    log: Witnessed, witness: StubWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tlog, "EXCHANGE_SECONDS_MAX", 1.0)
    witness.fault = Fault.SLOW
    await log.grow(300)
    assert await log.send() == [("waiting", "no answer within 1 s")]


async def test_a_witness_that_was_not_told_of_the_log_or_its_keys_says_what_to_do(
    log: Witnessed, witness: StubWitness
) -> None:
    keys = witness.trusted.pop(log.origin)
    await log.grow(300)
    [(state, told)] = await log.send()
    assert (state, told[:12]) == ("waiting", "answered 404")
    witness.trusted[log.origin] = [bytes(32)]
    log.hurry()
    [(state, told)] = await log.send()
    assert (state, told[:12]) == ("waiting", "answered 403")
    assert "`defter audit keys`" in told
    witness.trusted[log.origin] = keys
    log.hurry()
    assert await log.send() == [("done", "it has 300 events")]


async def test_409_without_a_size_is_asked_again_later(
    log: Witnessed, witness: StubWitness
) -> None:
    await log.grow(300)
    await log.send()
    del witness.seen[log.origin]
    witness.fault = Fault.NO_SIZE
    await log.grow(1)
    assert (await log.send())[-1] == ("waiting", "answered 409 without another size")


@pytest.mark.parametrize("forgotten", [False, True])
async def test_a_history_that_was_rewritten_and_sealed_anew_is_refused_and_told(
    log: Witnessed,
    witness: StubWitness,
    capsys: pytest.CaptureFixture[str],
    *,
    forgotten: bool,
) -> None:
    await log.grow(300)
    assert (await log.send())[-1][0] == "done"
    log.rewrite(17)
    if forgotten:
        log.as_superuser("DELETE FROM defter.log_cosignatures")
    capsys.readouterr()
    await log.grow(10)
    assert (await log.send())[-1] == ("dead", NOT_OF_THIS_LOG)
    assert witness.seen[log.origin].size == 300
    assert alarms(log) == 1
    assert "effect_alarm" in capsys.readouterr().out
    async with await connect(log.database_url) as connection:
        await look(connection, log.tenant_id)
        [stands] = await standing(connection, [log.tenant_id], log.settings.witnesses_read)
    assert stands.alarm == "its checkpoint of 300 events is not of this log"
    assert stands.state == "dead"


async def test_a_log_of_the_same_size_that_is_another_one_is_refused_and_told(
    log: Witnessed,
) -> None:
    await log.grow(300)
    await log.send()
    log.rewrite(300)
    log.as_superuser("DELETE FROM defter.log_cosignatures")
    log.as_superuser("DELETE FROM defter.effects")
    log.as_superuser("DELETE FROM defter.effect_attempts")
    await log.grow(0)
    assert await log.send() == [("dead", NOT_OF_THIS_LOG)]


async def test_a_log_that_lost_its_end_is_told(log: Witnessed) -> None:
    await log.grow(300)
    await log.send()
    log.truncate(200)
    log.as_superuser("DELETE FROM defter.log_cosignatures")
    await log.grow(10)
    assert ("dead", "alarm: it knows of 300 events, the log has 210") in await log.send()


async def test_a_log_that_lacks_what_was_sealed_is_told(log: Witnessed) -> None:
    await log.grow(200)
    await log.send()
    await log.grow(100)
    log.as_superuser("DELETE FROM defter.events WHERE position = 257")
    assert (await log.send())[-1] == (
        "dead",
        "alarm: the events 257 to 300 are not all there",
    )


async def test_a_witness_that_forked_itself_is_told(log: Witnessed, witness: StubWitness) -> None:
    await log.grow(300)
    await log.send()
    witness.seen[log.origin] = Seen(300, base64.b64decode("A" * 43 + "="))
    await log.grow(1)
    assert (await log.send())[-1] == ("dead", NOT_OF_THIS_LOG)
