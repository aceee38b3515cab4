"""AUD-01: every command that changed something has one row, wherever the projector was cut off."""

import psycopg
import pytest

from infrastructure.event_log.reader import Meta, read_chunk
from infrastructure.postgres.connections import connect
from projections.audit.trail import AUDIT_TRAIL
from tests.kit.lively.whole import lively
from tests.projections.stepping import all_rows, catch_up
from tests.projections.written_logs import START, Log

pytestmark = pytest.mark.row("AUD-01")


def firsts(log: Log) -> list[int]:
    return [position for position, (_, n) in enumerate(log.commands, 1) if n == 0]


@pytest.mark.parametrize("pieces", [1, 7])
async def test_a_command_has_one_row_however_its_events_are_read(
    database_url: str, pieces: int
) -> None:
    log = lively()
    async with await connect(database_url) as connection:
        for first in range(1, len(log.events) + 1, pieces):
            log.store(database_url, first=first, last=min(first + pieces - 1, len(log.events)))
            assert await catch_up(connection, log.tenant_id, (AUDIT_TRAIL,)) == ()
    rows = all_rows(database_url, log.tenant_id)
    trail = sorted(rows["audit_trail_v1"])
    assert [row[0] for row in trail] == firsts(log)
    assert len(trail) < len(log.events)
    assert {row[2:4] for row in trail} == {("stf_deniz", "cus_ada")}
    assert rows["audit_days_v1"] == [(START.date(), 1)]


async def test_meta_is_read_where_it_is_new_and_nowhere_else(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection, connection.transaction():
        await connection.execute(
            "SELECT set_config('app.tenants', %s, true)", (f"{{{log.tenant_id}}}",)
        )
        for after in (0, 1, firsts(log)[9], firsts(log)[9] - 1):
            chunk = await read_chunk(
                connection, log.tenant_id, after=after, limit=20, meta=Meta.NEW
            )
            read = [recorded.position for recorded in chunk.events]
            assert read == list(range(after + 1, after + 21))
            told = {recorded.position for recorded in chunk.events if recorded.meta}
            assert told == set(read) & set(firsts(log))
            assert chunk.full


async def test_rows_of_the_trail_are_never_changed(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        await catch_up(connection, log.tenant_id, (AUDIT_TRAIL,))
    with (
        psycopg.connect(database_url) as owner,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        owner.execute("UPDATE read_models.audit_trail_v1 SET actor = 'nobody'")
