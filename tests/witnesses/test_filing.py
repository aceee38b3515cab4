"""AUD-01: witnesses are sent a checkpoint now and then, the last one of all, and every month's."""

from pathlib import Path

import pytest
from psycopg.errors import LockNotAvailable

from infrastructure.postgres.connections import connect
from infrastructure.sealing.leaves import read_leaves
from infrastructure.witnesses.filing import Filing
from tests.effects.performing import look
from tests.sealing.logs import look as scope
from tests.witnesses.witnessed import HOURLY, sizes_waiting, witnessed

pytestmark = pytest.mark.row("AUD-01")


async def test_a_busy_log_is_sent_once_in_an_hour_and_what_is_left_when_it_rests(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with witnessed(database_url, redis_url, [tmp_path.as_uri()], every=HOURLY) as log:
        await log.grow(10)
        assert await log.send() == [("done", "it has 10 events")]
        for _ in range(5):
            await log.grow(10)
        assert sizes_waiting(database_url, log.tenant_id) == [(20, False)]
        await log.send()
        assert [size for size, _ in log.confirmed()] == [10]
        log.later(1)
        assert (await log.send())[-1] == ("done", "it has 60 events")
        await log.grow(0)
        assert sizes_waiting(database_url, log.tenant_id) == []
        log.later(5)
        await log.grow(1)
        assert sizes_waiting(database_url, log.tenant_id) == [(61, True)]


async def test_what_is_filed_for_later_counts_as_filed_then(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with witnessed(database_url, redis_url, [tmp_path.as_uri()], every=HOURLY) as log:
        await log.grow(1)
        await log.send()
        await log.grow(1)
        query = "SELECT round(extract(epoch FROM filed_at - now()) / 60)::int FROM defter.effects"
        assert look(database_url, f"{query} WHERE state = 'waiting'") == [(60,)]
        standing = "SELECT waiting, oldest_waiting > now() FROM defter.effects_standing()"
        assert look(database_url, standing) == [(1, True)]


async def test_a_sealed_month_is_sent_at_once(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with witnessed(database_url, redis_url, [tmp_path.as_uri()], every=HOURLY) as log:
        await log.grow(10)
        await log.send()
        await log.grow(10)
        await log.grow(10, month=True)
        assert sizes_waiting(database_url, log.tenant_id) == [(20, False), (30, True)]
        await log.send()
        assert [size for size, _ in log.confirmed()] == [10, 30]


async def test_a_checkpoint_that_is_sealed_while_another_is_sent_is_not_forgotten(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with witnessed(database_url, redis_url, [tmp_path.as_uri()], every=HOURLY) as log:
        await log.grow(10)
        look(database_url, "UPDATE defter.effects SET leased_until = now() + interval '30 s'")
        await log.grow(10)
        assert [size for size, _ in sizes_waiting(database_url, log.tenant_id)] == [10, 20]


async def test_what_waits_is_not_begun_before_the_checkpoint_is_there_to_be_sent(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with witnessed(database_url, redis_url, [tmp_path.as_uri()], every=HOURLY) as log:
        await log.grow(10)
        filing = Filing(log.settings.witnesses_read, HOURLY)
        async with await connect(database_url) as sealing:
            await scope(sealing, log.tenant_id)
            leaves = await read_leaves(sealing, log.tenant_id, after=0, last=10)
            await filing.file(sealing, log.tenant_id, leaves)
            take = "SET lock_timeout = '50ms'; UPDATE defter.effects SET leased_until = now()"
            with pytest.raises(LockNotAvailable):
                look(database_url, take)
            await sealing.execute("COMMIT")
        look(database_url, take)


async def test_each_witness_has_an_effect_of_its_own_and_one_is_named_once(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    named = [folder.as_uri() for folder in folders]
    async with witnessed(database_url, redis_url, named) as log:
        await log.grow(10)
        assert await log.send() == [("done", "it has 10 events")] * 2
        query = "SELECT DISTINCT effect, position, event_id FROM defter.effects"
        [(effect, position, event_id)] = look(database_url, query)
        of_the_last = "SELECT event_id FROM defter.events WHERE position = 10"
        assert (effect, position, (event_id,)) == (
            "audit.witness",
            10,
            look(database_url, of_the_last)[0],
        )


async def test_a_witness_that_was_taken_out_of_the_settings_is_sent_nothing(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with witnessed(database_url, redis_url, [tmp_path.as_uri()]) as log:
        await log.grow(10)
        look(database_url, "UPDATE defter.effects SET target = 'file:another'")
        assert await log.send() == [("discarded", "it is no witness any more")]
        assert log.confirmed() == []


async def test_without_witnesses_nothing_is_filed(database_url: str, redis_url: str) -> None:
    async with witnessed(database_url, redis_url, []) as log:
        await log.grow(10)
        assert await log.send() == []
