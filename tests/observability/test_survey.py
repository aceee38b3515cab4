"""OBS-07, OBS-08: what stands still is counted over all tenants, and shown."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import psycopg
import pytest

from infrastructure.observability import alerts
from infrastructure.observability.alerts import Alerts
from infrastructure.observability.listener import Listener
from infrastructure.observability.metrics import Metrics
from infrastructure.observability.survey import Survey, survey
from infrastructure.postgres.reads import Reads
from interfaces.http.server import health_parts
from tests.effects.performing import filed, look
from tests.observability.standing import kill_effects, set_timers


def now() -> datetime:
    return datetime.now(UTC)


async def look_at(reads: Reads) -> Survey:
    async with reads.lookup() as connection:
        return await survey(connection)


@pytest.mark.row("OBS-07")
async def test_effects_that_wait_or_are_dead_are_counted_over_all_tenants(
    database_url: str, reads: Reads
) -> None:
    for _ in range(3):
        await filed(database_url, 2)
    await kill_effects(database_url, 4)
    _, ids = await filed(database_url, 5)
    look(database_url, "UPDATE defter.effects SET state = 'done' WHERE effect_id = ANY(%s)", ids)
    look(
        database_url,
        "UPDATE defter.effects SET filed_at = now() - interval '90 s' WHERE state = 'waiting'",
    )
    (found,) = (await look_at(reads)).effects
    assert (found.effect, found.waiting, found.dead) == ("test.call", 6, 4)
    assert 90 <= found.oldest_waiting_seconds < 120


@pytest.mark.row("OBS-07")
async def test_timers_that_are_overdue_or_fail_are_counted_over_all_tenants(
    database_url: str, reads: Reads
) -> None:
    late, later = now() - timedelta(seconds=100), now() - timedelta(seconds=300)
    await set_timers(database_url, {"hld_1": late, "hld_2": now() + timedelta(days=1)})
    await set_timers(database_url, {"hld_3": late, "hld_4": later})
    look(
        database_url,
        "UPDATE defter.timers SET error = 'X', try_at = now() + interval '60 s' WHERE key = %s",
        "hld_4",
    )
    (found,) = (await look_at(reads)).timers
    assert (found.timer, found.overdue, found.failing) == ("wallet.hold_expiry", 3, 1)
    assert 300 <= found.oldest_seconds < 330


def planned(database_url: str, query: str) -> str:
    with psycopg.connect(database_url, options="-c enable_seqscan=off") as owner:
        return "\n".join(row[0] for row in owner.execute(f"EXPLAIN {query}".encode()).fetchall())


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT count(*), min(filed_at) FROM defter.effects WHERE state = 'waiting'",
            "effects_due",
        ),
        (
            "SELECT effect, count(*) FROM defter.effects WHERE state = 'dead' GROUP BY 1",
            "effects_dead",
        ),
        (
            "SELECT timer, count(*) FROM defter.timers WHERE error IS NOT NULL GROUP BY 1",
            "timers_failing",
        ),
    ],
)
def test_counting_reads_nothing_that_is_done(database_url: str, query: str, index: str) -> None:
    look(
        database_url,
        "INSERT INTO defter.effects"
        " (tenant_id, effect_id, effect, target, event_id, position, state)"
        " SELECT gen_random_uuid(), gen_random_uuid(), 'x', '', gen_random_uuid(), 1, 'done'"
        " FROM generate_series(1, 20000)",
    )
    look(database_url, "ANALYZE defter.effects")
    assert f"using {index}" in planned(database_url, query)


@pytest.mark.row("OBS-07")
@pytest.mark.usefixtures("turn")
async def test_a_role_answers_for_metrics_and_health(
    database_url: str, redis_url: str, reads: Reads
) -> None:
    metrics = Metrics()
    await filed(database_url, 3)
    await set_timers(database_url, {"hld_1": now() - timedelta(seconds=9)})
    await Alerts(reads, metrics, redis_url).look()
    metrics.effect_attempts.of("test.call", "done").add(0.2)
    async with (
        Listener(metrics, reads).running("127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        text = (await client.get("/metrics")).text
        for line in (
            'defter_effects_waiting{effect="test.call"} 3.0',
            'defter_effects_dead{effect="test.call"} 0.0',
            'defter_timers_overdue{timer="wallet.hold_expiry"} 1.0',
            'defter_timers_failing{timer="wallet.hold_expiry"} 0.0',
            'defter_effect_attempt_seconds_count{effect="test.call",state="done"} 1.0',
            "defter_effect_queue_jobs ",
            "defter_role_restarts 0.0",
            "process_cpu_seconds_total ",
            "process_resident_memory_bytes ",
            'defter_projection_lag_seconds{projection="process.',
        ):
            assert line in text
        statuses = [
            (await client.get(path)).status_code
            for path in ("/health/live", "/health/ready", "/nothing")
        ]
        assert statuses == [200, 200, 404]
        unsurveyed = Metrics().text().decode()
        assert "defter_effects_waiting" not in unsurveyed
        assert "defter_projections_parked" not in unsurveyed
        await reads.close()
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        async with Listener(metrics, reads).running("127.0.0.1", port or 0) as second:
            assert second is None


@pytest.mark.row("OBS-08")
async def test_health_tells_of_dead_effects_and_overdue_timers(
    database_url: str, reads: Reads
) -> None:
    parts = {part.name: part for part in health_parts(SimpleNamespace(reads=reads))}  # type: ignore[arg-type] - all that is asked
    for name in ("effects", "timers"):
        health = await parts[name].look()
        assert (health.well, health.required, health.detail) == (True, False, "")
    await kill_effects(database_url, 2)
    await filed(database_url, 1)
    await set_timers(database_url, {"hld_1": now() - timedelta(seconds=alerts.OVERDUE_SECONDS_MAX)})
    dead, overdue = await parts["effects"].look(), await parts["timers"].look()
    assert (dead.well, overdue.well) == (False, False)
    assert dead.detail.startswith("2 dead; see `defter effects list`; 1 waiting")
    assert overdue.detail.startswith("1 overdue, the oldest by ")
