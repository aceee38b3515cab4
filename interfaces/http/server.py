"""An API process: the application behind uvicorn."""

import asyncio

import uvicorn

from infrastructure.collecting import collect_seldom
from infrastructure.composition import ApiParts, build_api
from infrastructure.observability.alerts import OVERDUE_SECONDS_MAX
from infrastructure.observability.survey import effects_standing, timers_standing
from infrastructure.postgres.reads import Reads
from infrastructure.projections.standing import lags
from infrastructure.settings import Settings
from infrastructure.tenants.settings import TenantOrigins, TenantRules
from interfaces.http.app import create_app
from interfaces.http.listening import BACKLOG, listen
from interfaces.http.parts import Health, HealthPart, Services
from interfaces.http.wire.corked import CorkedProtocol

KEEP_ALIVE_SECONDS = 75
STOP_SECONDS_MAX = 15


def run_api(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; then finish what waits and stop."""
    listener = listen(settings.host, settings.port)
    parts = build_api(settings)
    services = Services(
        settings=settings,
        sender=parts.writer,
        reads=parts.reads,
        opener=parts.opener,
        quota=parts.quota,
        directory=parts.directory,
        metrics=parts.metrics,
        lines=parts.telling.lines,
        tracer=parts.telling.tracer,
        clock=parts.clock,
        claim_keys=parts.claim_keys,
        tokens=parts.tokens,
        accounts=parts.accounts,
        tenant_settings=parts.tenant_settings,
        origins=TenantOrigins(parts.tenant_settings),
        rules=TenantRules(parts.tenant_settings),
        forgetting=parts.forgetting,
        vault=parts.vault,
        passwords=parts.passwords,
        refusals=parts.refusals,
        asked_terms=parts.asked_terms,
        search=parts.search,
        health=health_parts(parts),
        lifespan=parts.running,
    )
    config = uvicorn.Config(
        create_app(services),
        loop="uvloop",
        http=CorkedProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        proxy_headers=False,
        log_config=None,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
    )
    collect_seldom()
    uvicorn.Server(config).run(sockets=[listener])


def health_parts(parts: ApiParts) -> tuple[HealthPart, ...]:
    """Name what can be asked how it is."""

    async def database() -> Health:
        async with parts.reads.lookup() as connection:
            await connection.execute(b"SELECT 1")
        return Health("database", well=True, required=True)

    async def writer() -> Health:
        ended = parts.writer.ended
        return Health("writer", well=ended is not None and not ended.done(), required=True)

    async def valkey() -> Health:
        detail = "" if parts.quota.shared else "quotas are kept by each process alone"
        return Health("valkey", well=parts.quota.shared, required=False, detail=detail)

    async def read_models() -> Health:
        return await _read_models(parts.reads)

    async def effects() -> Health:
        return await _effects(parts.reads)

    async def timers() -> Health:
        return await _timers(parts.reads)

    return (
        HealthPart("database", required=True, look=database),
        HealthPart("writer", required=True, look=writer),
        HealthPart("valkey", required=False, look=valkey),
        HealthPart("read_models", required=False, look=read_models),
        HealthPart("effects", required=False, look=effects),
        HealthPart("timers", required=False, look=timers),
    )


async def _read_models(reads: Reads) -> Health:
    async with asyncio.timeout(1), reads.lookup() as connection:
        found = await lags(connection)
    parked = sorted(lag.projection for lag in found if lag.tenants_parked)
    detail = f"parked: {', '.join(parked)}; see `defter projections list`" if parked else ""
    return Health("read_models", well=not parked, required=False, detail=detail)


async def _effects(reads: Reads) -> Health:
    async with reads.lookup() as connection:
        found = await effects_standing(connection)
    dead = sum(one.dead for one in found)
    waiting = sum(one.waiting for one in found)
    oldest = max((one.oldest_waiting_seconds for one in found), default=0.0)
    told = [f"{dead} dead; see `defter effects list`"] if dead else []
    told += [f"{waiting} waiting, the oldest for {oldest:.0f} s"] if waiting else []
    return Health("effects", well=not dead, required=False, detail="; ".join(told))


async def _timers(reads: Reads) -> Health:
    async with reads.lookup() as connection:
        found = await timers_standing(connection)
    overdue = sum(one.overdue for one in found)
    failing = sum(one.failing for one in found)
    oldest = max((one.oldest_seconds for one in found), default=0.0)
    detail = f"{overdue} overdue, the oldest by {oldest:.0f} s, {failing} failing"
    late = failing > 0 or oldest > OVERDUE_SECONDS_MAX
    return Health("timers", well=not late, required=False, detail=detail if overdue else "")
