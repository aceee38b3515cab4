"""OBS-02: wherever the service breaks, the fault is noticed, with the request if there was one."""

import asyncio
import base64
import gc
import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from application.envelope import Actor, Envelope
from application.process import Process, Reaction
from application.sending import CommandFailed
from domain.kernel.events import Recorded
from domain.wallet.events import HoldPlaced
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.observability.faults.noticing import Fault, Faults
from infrastructure.observability.logs import LineWriter, configure_logging
from infrastructure.observability.telling import telling
from infrastructure.postgres.connections import connect
from infrastructure.processes.timers import fire
from tests.http import conftest
from tests.http.conftest import MASTER_KEY, Api, settings_for
from tests.kit.lively.whole import lively
from tests.observability.breaking import CANARY, in_a_moment
from tests.observability.standing import set_timers
from tests.processes.following import SenderThatNotes, follow_to_the_end, processes_of
from tests.projections.stepping import catch_up
from tests.projections.test_parking import LOST
from tests.projections.written_logs import store_raw

pytestmark = pytest.mark.row("OBS-02")

api = conftest.api
DUE = datetime(2026, 1, 1, tzinfo=UTC)

Noticed = Callable[[], Fault]


@pytest.fixture
def noticed() -> Noticed:
    """Log as the service does, and give the one fault that was noticed."""
    faults = Faults("test")
    configure_logging(LineWriter(io.BytesIO()), notice=faults.notice)

    def one() -> Fault:
        (fault,) = faults.take()
        assert CANARY not in repr(fault)
        return fault

    return one


async def test_a_route_that_breaks(api: Api, noticed: Noticed) -> None:
    api.directory.error = ValueError(CANARY)
    answer = await api.transfer()
    assert answer.status_code == 500
    fault = noticed()
    assert (fault.event, fault.request_id) == ("unexpected_error", answer.json()["request_id"])
    assert fault.place == "interfaces/http/edge/authentication.py ApiKeys._look_up"


async def test_a_command_that_breaks(database_url: str, noticed: Noticed) -> None:
    writer, tenant = Writer(database_url, MasterKeys(MASTER_KEY)), uuid4()
    await writer.start()
    await writer.add_tenant(tenant)
    envelope = Envelope(tenant, uuid4(), b"h" * 32, Unheard(), Actor("system"), "req_of_caller")
    with pytest.raises(CommandFailed):
        await writer.send(envelope)
    await writer.stop()
    fault = noticed()
    assert (fault.event, fault.request_id) == ("handler_failed", "req_of_caller")
    assert fault.place == "application/commands.py decide"


class Unheard:
    NAME = "test.unheard"


async def test_a_fold_that_breaks(database_url: str, noticed: Noticed) -> None:
    log = lively()
    log.store(database_url)
    poison = len(log.events) + 1
    store_raw(database_url, log.tenant_id, poison, "wallet.transfer_received", LOST)
    async with await connect(database_url) as connection:
        assert await catch_up(connection, log.tenant_id) == ("wallet_balances_v2",)
    assert noticed().event == "fold_failed"


async def test_a_process_that_breaks(database_url: str, noticed: Noticed) -> None:
    log = lively()
    log.store(database_url)

    def breaks(_recorded: Recorded) -> Iterable[Reaction]:
        raise in_a_moment()

    async with await connect(database_url) as connection:
        clumsy = Process("clumsy", {HoldPlaced: breaks})
        await follow_to_the_end(connection, log.tenant_id, processes_of(SenderThatNotes(), clumsy))
    fault = noticed()
    assert (fault.event, fault.chain[0].kind) == ("reaction_failed", "ValueError")


async def test_a_timer_that_breaks(database_url: str, noticed: Noticed) -> None:
    def breaks(_key: str) -> object:
        raise in_a_moment()

    await set_timers(database_url, {"hld_0001": DUE})
    async with await connect(database_url) as connection:
        with psycopg.connect(database_url) as admin:
            row = admin.execute("SELECT tenant_id FROM defter.timers").fetchone()
        assert row is not None
        sender = SenderThatNotes()
        await fire(connection, row[0], DUE, sender=sender, timers={"wallet.hold_expiry": breaks})
    assert noticed().event == "timer_not_made"


async def test_a_task_that_nobody_waits_for(noticed: Noticed) -> None:
    task = asyncio.create_task(_breaks())
    await asyncio.wait([task])
    del task
    gc.collect()
    fault = noticed()
    assert (fault.event, fault.chain[0].kind) == ("unexpected_exception", "ValueError")


async def test_what_ends_a_role_is_kept_before_it_ends(database_url: str, redis_url: str) -> None:
    keys = base64.b64encode(MASTER_KEY).decode()
    settings = settings_for(redis_url, database_url=database_url, master_keys=keys)
    with pytest.raises(ExceptionGroup):
        async with telling(settings, "scheduler").running(), asyncio.TaskGroup() as tasks:
            tasks.create_task(_breaks())
    with psycopg.connect(database_url) as admin:
        kept = admin.execute("SELECT role, event, kind, count FROM defter.faults").fetchall()
    assert kept == [("scheduler", "role_ended", "ValueError", 1)]


async def _breaks() -> None:
    raise in_a_moment()
