"""Puts the parts of a process together from its settings."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from application.process import Process
from application.processes.registry import PROCESSES
from infrastructure.audit.refusals import Refusals
from infrastructure.effects.effect import Kinds
from infrastructure.effects.kinds import EFFECTS
from infrastructure.effects.performing import Performer
from infrastructure.effects.worker import HANDOVER, take_until_told
from infrastructure.ending import end_with, stopped_by_signals
from infrastructure.event_log.claim_keys import ClaimKeys
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.event_log.writing.writer import Writer
from infrastructure.heartbeat import beat
from infrastructure.identity.access_tokens import AccessTokens
from infrastructure.identity.passwords import Passwords
from infrastructure.identity.signing_keys import SigningKeys
from infrastructure.identity.standing import Accounts
from infrastructure.identity.vault import Vault
from infrastructure.observability.alerts import Alerts
from infrastructure.observability.listener import Listener
from infrastructure.observability.metrics import Metrics
from infrastructure.observability.telling import Telling, telling
from infrastructure.observability.watch import watch
from infrastructure.postgres.reads import Reads
from infrastructure.postgres.standby import ReadsWithStandby
from infrastructure.processes.scheduler import Scheduler
from infrastructure.processes.tenant_clock import TenantClock
from infrastructure.projections import projector
from infrastructure.redis.nudges import Nudges
from infrastructure.redis.quota import Quota
from infrastructure.sealing.sealer import run_sealer
from infrastructure.search.asked import AskedTerms
from infrastructure.search.cluster import Cluster
from infrastructure.search.documents import Documents
from infrastructure.search.engine import SearchEngine
from infrastructure.search.opensearch import OpenSearch, answers_in
from infrastructure.search.postgres import PostgresSearch
from infrastructure.settings import Settings
from infrastructure.tenants.lookup import PostgresDirectory
from infrastructure.tenants.settings import TenantSettings
from infrastructure.users.forgetting import Forgetting
from infrastructure.witnesses.filing import Filing

OPERATIONS_CONNECTIONS = 2
"""Of a role that only answers how it is."""

log = structlog.get_logger("process")


@dataclass(frozen=True)
class ApiParts:
    """What an API process is made of."""

    settings: Settings
    writer: Writer
    reads: Reads
    opener: Opener
    quota: Quota
    directory: PostgresDirectory
    metrics: Metrics
    telling: Telling
    nudges: Nudges
    clock: TenantClock
    claim_keys: ClaimKeys
    tokens: AccessTokens
    accounts: Accounts
    vault: Vault
    passwords: Passwords
    tenant_settings: TenantSettings
    forgetting: Forgetting
    refusals: Refusals
    asked_terms: AskedTerms
    search: SearchEngine
    cluster: Cluster | None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Start everything, and stop it in the order that loses nothing."""
        async with self.telling.running():
            await self.reads.open()
            await self.vault.open()
            await self.writer.start(warm=True)
            tasks = [
                asyncio.create_task(beat()),
                asyncio.create_task(self.accounts.run()),
                asyncio.create_task(self.refusals.run()),
                asyncio.create_task(self.asked_terms.run()),
                asyncio.create_task(watch(self.reads, self.quota, self.metrics)),
                asyncio.create_task(end_with(self.writer, self.telling)),
            ]
            try:
                yield
            finally:
                await self.writer.stop()
                for task in reversed(tasks):
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
                await self.refusals.close()
                await self.asked_terms.close()
                await self.nudges.close()
                await self.quota.close()
                await self.vault.close()
                if self.cluster is not None:
                    await self.cluster.close()
                await self.reads.close()


def build_api(settings: Settings) -> ApiParts:
    """Build an API process's parts; nothing connects yet."""
    told = telling(settings, "api")
    database_url = settings.database_url.get_secret_value()
    redis_url = settings.redis_url.get_secret_value()
    master_keys = MasterKeys(*settings.master_key_bytes)
    metrics, nudges = Metrics(), Nudges(redis_url)
    standby = settings.standby_database_url
    reads = (
        Reads(database_url)
        if standby is None
        else ReadsWithStandby(database_url, standby.get_secret_value())
    )

    def committed(tenants: Sequence[UUID]) -> None:
        nudges.publish(tenants)

    writer = Writer(
        database_url, master_keys, metrics=metrics, committed=committed, tracer=told.tracer
    )
    claim_keys = ClaimKeys(database_url, master_keys)
    search: SearchEngine = PostgresSearch()
    cluster = _cluster(settings)
    if cluster is not None:
        search = OpenSearch(cluster, instead=search, answers=answers_in(metrics.registry))
    return ApiParts(
        settings,
        writer,
        reads,
        Opener(master_keys),
        Quota(redis_url),
        PostgresDirectory(reads),
        metrics,
        told,
        nudges,
        TenantClock(database_url, writer),
        claim_keys,
        AccessTokens(SigningKeys(database_url, master_keys), settings.public_url),
        Accounts(reads),
        Vault(database_url),
        Passwords(),
        TenantSettings(reads),
        Forgetting(database_url),
        Refusals(database_url, claim_keys.hash, metrics.refusals_dropped),
        AskedTerms(database_url, master_keys),
        search,
        cluster,
    )


async def run_projector(settings: Settings) -> None:
    """Keep read models up to date until SIGTERM or SIGINT; what has begun is finished."""
    told = telling(settings, "projector")
    async with told.running(), _watched(settings, Metrics()):
        log.info("projector_started")
        cluster = _cluster(settings)
        try:
            await projector.run_projector(
                settings.database_url.get_secret_value(),
                settings.redis_url.get_secret_value(),
                stopped_by_signals(),
                behind=None if cluster is None else Documents(cluster),
            )
        finally:
            if cluster is not None:
                await cluster.close()


async def run_scheduler(settings: Settings, *, processes: Collection[Process] = PROCESSES) -> None:
    """Run what happens by itself, the sealer and alerts until SIGTERM or SIGINT."""
    metrics, told = Metrics(), telling(settings, "scheduler")
    async with told.running(), _watched(settings, metrics) as reads:
        stop = stopped_by_signals()
        database_url = settings.database_url.get_secret_value()
        redis_url, alert_url = settings.redis_url.get_secret_value(), settings.alert_webhook_url
        master_keys = MasterKeys(*settings.master_key_bytes)
        alerts = Alerts(
            reads,
            metrics,
            redis_url,
            webhook_url=None if alert_url is None else alert_url.get_secret_value(),
        )
        async with _writing(settings, told, metrics) as writer, asyncio.TaskGroup() as tasks:
            log.info("scheduler_started")
            scheduler = Scheduler(
                database_url, redis_url, writer, processes=processes, tracer=told.tracer
            )
            tasks.create_task(scheduler.run(stop))
            filing = Filing(settings.witnesses_read, timedelta(minutes=settings.witness_minutes))
            tasks.create_task(run_sealer(database_url, redis_url, master_keys, stop, filing=filing))
            tasks.create_task(alerts.run(stop))


def run_worker(settings: Settings, *, kinds: Kinds = EFFECTS) -> None:
    """Perform effects until SIGTERM or SIGINT; what is under way is finished."""
    over = asyncio.Event()
    ready = threading.Event()

    async def perform() -> None:
        metrics, told = Metrics(), telling(settings, "worker")
        async with (
            told.running(),
            _watched(settings, metrics),
            _writing(settings, told, metrics) as writer,
        ):
            made = Performer(
                settings.database_url.get_secret_value(),
                settings,
                Opener(MasterKeys(*settings.master_key_bytes)),
                writer,
                kinds=kinds,
                metrics=metrics,
                tracer=told.tracer,
            )
            async with made.running() as performer:
                HANDOVER.performer = performer
                log.info("worker_started")
                ready.set()
                await over.wait()

    HANDOVER.start()
    performing = asyncio.run_coroutine_threadsafe(perform(), HANDOVER.loop)
    performing.add_done_callback(lambda _ended: ready.set())
    ready.wait()
    if not performing.done():
        take_until_told(settings.redis_url.get_secret_value())
        HANDOVER.loop.call_soon_threadsafe(over.set)
    performing.result()
    HANDOVER.end()


def _cluster(settings: Settings) -> Cluster | None:
    if settings.search_engine_url is None:
        return None
    key = settings.search_engine_key
    return Cluster(settings.search_engine_url, None if key is None else key.get_secret_value())


@asynccontextmanager
async def _watched(settings: Settings, metrics: Metrics) -> AsyncGenerator[Reads]:
    """Give signs of life, and answer for metrics and health where the settings say so."""
    reads = Reads(settings.database_url.get_secret_value(), size=OPERATIONS_CONNECTIONS)
    beating = asyncio.create_task(beat())
    try:
        async with AsyncExitStack() as stack:
            await reads.open()
            stack.push_async_callback(reads.close)
            if settings.operations_port is not None:
                listening = Listener(metrics, reads)
                await stack.enter_async_context(
                    listening.running(settings.operations_host, settings.operations_port)
                )
            yield reads
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


@asynccontextmanager
async def _writing(settings: Settings, told: Telling, metrics: Metrics) -> AsyncGenerator[Writer]:
    """Lend a writer whose hints reach the projectors; without it this process ends."""
    nudges = Nudges(settings.redis_url.get_secret_value())

    def committed(tenants: Sequence[UUID]) -> None:
        nudges.publish(tenants)

    database_url = settings.database_url.get_secret_value()
    master_keys = MasterKeys(*settings.master_key_bytes)
    writer = Writer(
        database_url, master_keys, metrics=metrics, committed=committed, tracer=told.tracer
    )
    await writer.start()
    ending = asyncio.create_task(end_with(writer, told))
    try:
        yield writer
    finally:
        await writer.stop()
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)
        await nudges.close()
