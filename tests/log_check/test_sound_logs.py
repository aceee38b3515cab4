"""Logs that are as the service wrote them are sound, and what is not sealed is told (AUD-01)."""

import psycopg
import pytest

from infrastructure.log_check.beside import LONG_EVENTS, checker
from infrastructure.log_check.check import verify_log
from infrastructure.log_check.findings import Verified
from infrastructure.postgres.connections import connect
from tests.cli.ledger.spoilt_log import TENANT, write
from tests.kit.lively.whole import lively
from tests.log_check.forging import SEALED, SealedLog, sound
from tests.sealing.logs import fill, seal

pytestmark = pytest.mark.row("AUD-01")


async def verified(database_url: str, log: object = TENANT, *, books: bool = True) -> Verified:
    with checker(1) as beside:
        async with await connect(database_url) as connection:
            return await verify_log(connection, log, beside, books=books)  # type: ignore[arg-type]


async def test_what_the_writer_writes_is_sound_and_verifying_leaves_no_trace(
    database_url: str,
) -> None:
    await write(database_url)
    await (await seal(database_url, TENANT)).close()
    found = await verified(database_url)
    assert sound(found)
    assert (found.entries, found.unsealed) == (17, 0)
    assert await verified(database_url) == found


async def test_a_log_in_which_everything_happens_is_sound_with_its_books(
    database_url: str,
) -> None:
    log = lively()
    log.store(database_url)
    await (await seal(database_url, log.tenant_id)).close()
    assert sound(await verified(database_url, log.tenant_id))


async def test_every_kind_of_event_is_read_where_the_books_are_left_out(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    with psycopg.connect(database_url) as owner:
        owner.execute("ALTER TABLE defter.events DISABLE TRIGGER ALL")
        torn = "UPDATE defter.events SET data = '{' WHERE type = 'ledger.account_opened'"
        assert owner.execute(torn).rowcount
    await (await seal(database_url, log.tenant_id)).close()
    [found] = (await verified(database_url, log.tenant_id, books=False)).findings
    assert found.code == "log.event_impossible"
    assert "ledger.account_opened can not be" in found.what
    assert "it was so when it was sealed" in found.what


async def test_what_is_not_sealed_yet_is_sound_as_far_as_it_goes(database_url: str) -> None:
    log = lively()
    log.store(database_url, last=20)
    found = await verified(database_url, log.tenant_id)
    assert found.incomplete == "no checkpoint holds any of its 20 events"
    await (await seal(database_url, log.tenant_id)).close()
    log.store(database_url, first=21, last=30)
    found = await verified(database_url, log.tenant_id)
    assert not found.findings
    assert found.unsealed == 10
    assert "the last 10 of its 30 events are not sealed" in found.incomplete


async def test_an_empty_log_is_sound(database_url: str) -> None:
    fill(database_url, TENANT, 1, 0)
    assert sound(await verified(database_url))


async def test_what_is_written_and_sealed_meanwhile_is_left_for_the_next_time(
    database_url: str,
) -> None:
    log = SealedLog(database_url)
    await log.build(SEALED[:2])
    told: list[int] = []

    def go_on(position: int) -> None:
        told.append(position)
        log.log.store(database_url, first=SEALED[1] + 1, last=SEALED[2])

    found = await log.verify(told=go_on)
    assert sound(found)
    assert told == [found.events] == [SEALED[1]]


async def test_books_that_are_folded_by_another_process_are_the_same(database_url: str) -> None:
    log = SealedLog(database_url)
    await log.build()
    assert await log.verify(events=LONG_EVENTS) == await log.verify()
    log.execute("UPDATE defter.events SET data = replace(data::text, '0', '1')::bytea")
    here, elsewhere = await log.verify(), await log.verify(events=LONG_EVENTS)
    assert here == elsewhere
    assert here.findings
