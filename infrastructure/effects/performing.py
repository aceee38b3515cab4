"""Perform effects and write down, once, what came of each."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection, Error, InterfaceError, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application.sending import Sender
from infrastructure.effects.effect import (
    ALARM,
    Alarm,
    Effect,
    Hopeless,
    Kind,
    Kinds,
    Needless,
    Onward,
    TryLater,
)
from infrastructure.effects.kinds import EFFECTS
from infrastructure.effects.settling import Ended, settle, storable
from infrastructure.event_log.opening import Opener
from infrastructure.observability.metrics import Metrics
from infrastructure.observability.telemetry.tracing import Tracer
from infrastructure.postgres.connections import runtime_conninfo
from infrastructure.settings import Settings

IN_FLIGHT_MAX = 200
ATTEMPT_SECONDS_MAX = 20.0
LEASE = timedelta(seconds=30)
"""An attempt whose worker is gone is made again after so long; an attempt ends before."""

SLOW_SECONDS = 2.0
SLOW_IN_FLIGHT_MAX = 20
"""So many attempts at one target that take longer than `SLOW_SECONDS` keep further ones waiting,
so that one receiver that hangs holds up nobody else."""

TARGET_IN_FLIGHT_MAX = 100
TARGET_PATIENCE_SECONDS = 0.25
"""One target has half of all room at most. A prompt one makes room within our patience; what is for
one that did not is postponed at once, for as long as a postponement lasts."""

POSTPONED = timedelta(seconds=5)
CONNECTIONS_MAX = 6
SETTLE_SECONDS = 0.02
SETTLE_AGAIN_SECONDS = 0.5
TOLD_CHARACTERS_MAX = 400
WORKERS_ENDED = "every worker that tried it ended over it"

_log = structlog.get_logger("effects")
_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_TAKE = b"""
UPDATE defter.effects SET leased_until = now() + %s, next_at = now() + %s, attempts = attempts + 1
WHERE tenant_id = %s AND effect_id = ANY(%s) AND state = 'waiting'
  AND (leased_until IS NULL OR leased_until <= now())
RETURNING tenant_id, effect_id, effect, target, event_id, position, attempts, forgiven
"""
_POSTPONE = b"""
UPDATE defter.effects SET next_at = now() + %s
WHERE tenant_id = %s AND effect_id = ANY(%s) AND state = 'waiting'
"""


Aim = tuple[UUID, str, str]
"""Tenant, effect and target: what hangs together."""


class Performer:
    """Takes effects off the queue, performs many at a time, and settles them in batches."""

    def __init__(  # noqa: PLR0913 - the world, and whom it tells
        self,
        database_url: str,
        settings: Settings,
        opener: Opener,
        sender: Sender,
        *,
        kinds: Kinds = EFFECTS,
        metrics: Metrics | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.settings = settings
        self.opener = opener
        self.sender = sender
        self._kinds = kinds
        self._metrics = metrics
        self._tracer = tracer
        self._pool = AsyncConnectionPool[AsyncConnection[Any]](
            runtime_conninfo(database_url),
            min_size=1,
            max_size=CONNECTIONS_MAX,
            timeout=ATTEMPT_SECONDS_MAX,
            kwargs={"autocommit": True},
            check=AsyncConnectionPool.check_connection,
            open=False,
            name="effects",
        )
        self._under_way: dict[asyncio.Task[None], tuple[Aim, float]] = {}
        self._crowded: dict[Aim, float] = {}
        """Targets that tried our patience, and until when (monotonic seconds) we have none."""

        self._room = asyncio.Semaphore(IN_FLIGHT_MAX)
        self._ended: list[Ended] = []
        self._something_ended = asyncio.Event()
        self._closing = False

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Performer"]:
        """Be ready; at the end, finish what is under way and settle it."""
        await self._pool.open()
        settling = asyncio.create_task(self._settle_all())
        try:
            yield self
        finally:
            if self._under_way:
                await asyncio.wait([*self._under_way], timeout=ATTEMPT_SECONDS_MAX)
            self._closing = True
            self._something_ended.set()
            await asyncio.wait([settling], timeout=ATTEMPT_SECONDS_MAX)
            settling.cancel()
            for kind in self._kinds.values():
                if kind.close is not None:
                    await kind.close()
            await self._pool.close()

    @asynccontextmanager
    async def look(self, tenant_id: UUID) -> AsyncGenerator[AsyncConnection[Any]]:
        """Lend a connection in a transaction that sees one tenant."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
            yield connection

    async def take(self, tenant_id: UUID, effect: str, target: str, ids: Sequence[UUID]) -> int:
        """Begin to perform what nobody else does; gives how many, as soon as there is room."""
        aim = tenant_id, effect, target
        if self._slow(aim) or not await self._has_room(aim, len(ids)):
            async with self.look(tenant_id) as connection:
                await connection.execute(_POSTPONE, (POSTPONED, tenant_id, list(ids)))
            return 0
        kind = self._kinds.get(effect)
        if kind is None:  # a newer release filed it, and its workers know what to do
            _log.warning("effect_unknown", effect=effect)
            return 0
        for _ in ids:
            await self._room.acquire()
        try:
            async with self.look(tenant_id) as connection:
                given = (LEASE, LEASE, tenant_id, list(ids))
                rows = await (await connection.execute(_TAKE, given)).fetchall()
        except BaseException:
            for _ in ids:
                self._room.release()
            raise
        for _ in range(len(ids) - len(rows)):
            self._room.release()
        for row in rows:
            taken = Effect(*row)
            task = asyncio.create_task(self._perform(kind, taken))
            self._under_way[task] = aim, time.monotonic()
            task.add_done_callback(self._over)
        return len(rows)

    def _over(self, task: "asyncio.Task[None]") -> None:
        del self._under_way[task]
        self._room.release()

    def _slow(self, aim: Aim) -> bool:
        since = time.monotonic() - SLOW_SECONDS
        slow = sum(began < since for at, began in self._under_way.values() if at == aim)
        return slow >= SLOW_IN_FLIGHT_MAX

    async def _has_room(self, aim: Aim, count: int) -> bool:
        now = time.monotonic()
        self._crowded = {at: until for at, until in self._crowded.items() if until > now}
        patient_until = now if aim in self._crowded else now + TARGET_PATIENCE_SECONDS
        while True:
            busy = sum(at == aim for at, _ in self._under_way.values())
            if not busy or busy + count <= TARGET_IN_FLIGHT_MAX:
                return True
            if time.monotonic() >= patient_until:
                self._crowded.setdefault(aim, now + POSTPONED.total_seconds())
                return False
            await asyncio.sleep(SETTLE_SECONDS)

    async def _perform(self, kind: Kind, effect: Effect) -> None:
        began, onward = time.monotonic(), False
        try:
            if effect.tries > kind.attempts_max:  # no worker lived to tell how the last one ended
                raise Hopeless(WORKERS_ENDED)  # noqa: TRY301 - ends like any other attempt
            async with asyncio.timeout(ATTEMPT_SECONDS_MAX):
                state, told = "done", await kind.perform(self, effect)
        except Alarm as alarm:
            self._tell_alarm(effect, str(alarm))
            state, told = "dead", f"{ALARM}{alarm}"
        except Hopeless as never:
            state, told = "dead", str(never)
        except Needless as moot:
            state, told = "discarded", str(moot)
        except TryLater as later:
            state, told, onward = "waiting", str(later), isinstance(later, Onward)
        except TimeoutError:
            state, told = "waiting", f"no end after {ATTEMPT_SECONDS_MAX:.0f} s"
        except (Error, OSError, PoolTimeout) as fault:
            state, told = "waiting", type(fault).__name__
        except Exception as bug:  # noqa: BLE001 - told below, and tried again
            _log.exception("effect_failed", effect=effect.effect, effect_id=str(effect.effect_id))
            state, told = "waiting", type(bug).__name__
        if state == "waiting" and not onward and effect.tries >= kind.attempts_max:
            state = "dead"
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, hides nothing
        wait = timedelta(seconds=0 if onward else kind.retry_seconds(effect.tries) * jitter)
        seconds = time.monotonic() - began
        self._tell(effect, state, seconds)
        next_at, told = datetime.now(UTC) + wait, storable(told[:TOLD_CHARACTERS_MAX])
        self._ended.append(Ended(effect, state, next_at, told, round(seconds * 1000), onward))
        self._something_ended.set()

    def _tell_alarm(self, effect: Effect, told: str) -> None:
        _log.error(
            "effect_alarm",
            tenant_id=str(effect.tenant_id),
            effect=effect.effect,
            target=effect.target,
            effect_id=str(effect.effect_id),
            told=told,
        )
        if self._metrics is not None:
            self._metrics.effect_alarms.labels(effect.effect).inc()

    def _tell(self, effect: Effect, state: str, seconds: float) -> None:
        if self._metrics is not None:
            self._metrics.effect_attempts.of(effect.effect, state).add(seconds)
        if self._tracer is not None:
            _trace(self._tracer, effect, state, seconds)

    async def _settle_all(self) -> None:
        while self._ended or not self._closing:
            await self._something_ended.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            self._something_ended.clear()
            ended, self._ended = self._ended, []
            try:
                await self._settle(ended)
            except (OperationalError, InterfaceError, OSError) as fault:
                _log.warning("effects_not_settled", effects=len(ended), error=type(fault).__name__)
                self._ended = [*ended, *self._ended]
                self._something_ended.set()
                await asyncio.sleep(SETTLE_AGAIN_SECONDS)
            except Exception:  # noqa: BLE001 - whichever of them it is, the others are settled
                for one in ended:
                    await self._settle_alone(one)

    async def _settle_alone(self, one: Ended) -> None:
        try:
            await self._settle([one])
        except Exception:  # noqa: BLE001 - its lease ends, and it is tried again
            _log.exception("effect_not_settled", effect_id=str(one.effect.effect_id))

    async def _settle(self, ended: Sequence[Ended]) -> None:
        async with self._pool.connection() as connection, connection.transaction():
            given_up = await settle(connection, ended)
        for one in ended:
            effect = one.effect
            if effect in given_up:
                _log.error("effect_dead", effect=effect.effect, effect_id=str(effect.effect_id))
                hears = self._kinds[effect.effect].dead
                if hears is not None:
                    await self._tell_dead(hears, effect)

    async def _tell_dead(self, hears: Any, effect: Effect) -> None:  # noqa: ANN401 - of `Kind`
        try:
            await hears(self, effect)
        except Exception:  # noqa: BLE001 - the effect is dead either way, and the next one is not
            _log.exception("effect_dead_not_told", effect=effect.effect)


def _trace(tracer: Tracer, effect: Effect, state: str, seconds: float) -> None:
    attributes = {
        "defter.tenant_id": str(effect.tenant_id),
        "defter.effect_id": str(effect.effect_id),
        "defter.event_id": str(effect.event_id),
        "defter.attempt": effect.attempt,
        "defter.state": state,
    }
    failed = "" if state in {"done", "discarded"} else state
    tracer.over(f"effect {effect.effect}", seconds, attributes, failed=failed)
