"""What somebody must hear of: told once when it begins, and once when it is over."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import structlog
from psycopg import Error
from psycopg_pool import PoolTimeout
from redis.asyncio import Redis
from redis.exceptions import RedisError

from infrastructure.effects.queue import QUEUE_KEYS
from infrastructure.observability.metrics import Metrics
from infrastructure.observability.survey import Survey, survey
from infrastructure.postgres.reads import Reads
from projections.read_models import READ_MODELS

LOOK_SECONDS = 15.0
LOOK_SECONDS_MAX = 10.0
LAG_SECONDS_MAX = 10.0
OVERDUE_SECONDS_MAX = 60.0
POST_SECONDS_MAX = 5.0
UNPOSTED_MAX = 100
"""What a receiver that is away may miss is bounded; the log has all of it."""

TURN = "defter:alerts"
TURN_SECONDS = 3 * LOOK_SECONDS

UNREACHABLE = "database.unreachable"

_log = structlog.get_logger("alerts")
_READ_MODELS = frozenset(read_model.key for read_model in READ_MODELS)


def _imbalance(found: Survey) -> str:
    return ", ".join(f"{minor} minor units of {code}" for code, minor in found.imbalances if minor)


def _parked(*, read_models: bool) -> Callable[[Survey], str]:
    def look(found: Survey) -> str:
        return ", ".join(
            f"{lag.projection} of {lag.tenants_parked} tenants"
            for lag in found.lags
            if lag.tenants_parked and (lag.projection in _READ_MODELS) is read_models
        )

    return look


def _behind(*, read_models: bool) -> Callable[[Survey], str]:
    def look(found: Survey) -> str:
        return ", ".join(
            f"{lag.projection} by {lag.seconds:.0f} s"
            for lag in found.lags
            if lag.seconds > LAG_SECONDS_MAX and (lag.projection in _READ_MODELS) is read_models
        )

    return look


def _dead_effects(found: Survey) -> str:
    return ", ".join(f"{one.dead} of {one.effect}" for one in found.effects if one.dead)


def _overdue_timers(found: Survey) -> str:
    return ", ".join(
        f"{one.overdue} of {one.timer}, the oldest by {one.oldest_seconds:.0f} s"
        for one in found.timers
        if one.oldest_seconds > OVERDUE_SECONDS_MAX
    )


def _reopened_faults(found: Survey) -> str:
    return ", ".join(found.faults.reopened)


RULES: Mapping[str, Callable[[Survey], str]] = {
    "ledger.imbalance": _imbalance,
    "read_models.parked": _parked(read_models=True),
    "read_models.behind": _behind(read_models=True),
    "processes.parked": _parked(read_models=False),
    "processes.behind": _behind(read_models=False),
    "effects.dead": _dead_effects,
    "timers.overdue": _overdue_timers,
    "errors.reopened": _reopened_faults,
}
"""By stable code: what is wrong in a survey, in words without personal data, or nothing."""


class Alerts:
    """Looks every `LOOK_SECONDS` and tells what began and what is over.

    Of several schedulers one has the turn, which Valkey keeps, for a lock that belongs to a session
    does not survive a pooler; while Valkey is away each takes it, for two words are better than
    none. What is wrong is kept in memory: who takes over tells once more what is still wrong.
    """

    def __init__(
        self, reads: Reads, metrics: Metrics, redis_url: str, *, webhook_url: str | None = None
    ) -> None:
        self._reads = reads
        self._metrics = metrics
        self._redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - as in quota
            redis_url, socket_timeout=1.0, socket_connect_timeout=1.0
        )
        self._webhook_url = webhook_url
        self._name = uuid4().hex
        self._wrong: dict[str, str] = {}
        self._unposted: deque[dict[str, str]] = deque(maxlen=UNPOSTED_MAX)

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set, but not at once: what lags after a pause may first catch up."""
        try:
            while not stop.is_set():
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await stop.wait()
                except TimeoutError:
                    await self._look_whatever_happens()
        finally:
            await self._give_turn_back()
            await self._redis.aclose()

    async def _look_whatever_happens(self) -> None:
        """Look; a bug here must not end the role that fires timers."""
        try:
            await self.look()
        except Exception:  # noqa: BLE001 - as said
            _log.exception("alerts_not_judged")

    async def look(self) -> None:
        """Look once, and tell what has changed since."""
        wrong = await self._judged()
        await self._count_queue()
        if not await self._has_turn():
            self._wrong = {}
            return
        for code in wrong.keys() - self._wrong.keys():
            self._tell(code, "began", wrong[code])
        for code in self._wrong.keys() - wrong.keys():
            self._tell(code, "over", self._wrong[code])
        self._wrong = wrong
        await self._post()

    async def _judged(self) -> dict[str, str]:
        try:
            async with asyncio.timeout(LOOK_SECONDS_MAX), self._reads.lookup() as connection:
                found = await survey(connection)
        except (Error, OSError, PoolTimeout, TimeoutError) as fault:
            # Nothing is known: what was wrong before is neither worse nor over.
            return {**self._wrong, UNREACHABLE: type(fault).__name__}
        self._metrics.surveyed.survey = found
        judged = {code: rule(found) for code, rule in RULES.items()}
        return {code: detail for code, detail in judged.items() if detail}

    async def _count_queue(self) -> None:
        try:
            # Typed as either kind of client's answer.
            waiting = [await self._redis.llen(key) for key in QUEUE_KEYS]  # type: ignore[misc]
            self._metrics.surveyed.queued_jobs = sum(map(int, waiting))
        except (RedisError, OSError):
            self._metrics.surveyed.queued_jobs = None

    async def _has_turn(self) -> bool:
        milliseconds = int(TURN_SECONDS * 1000)
        try:
            if await self._redis.set(TURN, self._name, nx=True, px=milliseconds):
                return True
            if await self._redis.get(TURN) != self._name.encode():
                return False
            await self._redis.pexpire(TURN, milliseconds)
        except (RedisError, OSError):
            return True
        return True

    async def _give_turn_back(self) -> None:
        try:
            if await self._redis.get(TURN) == self._name.encode():
                await self._redis.delete(TURN)
        except (RedisError, OSError):
            pass  # it runs out by itself

    def _tell(self, code: str, state: str, detail: str) -> None:
        _log.error("alert", code=code, state=state, detail=detail)
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._unposted.append({"code": code, "state": state, "detail": detail, "at": at})

    async def _post(self) -> None:
        """Post in order what was not yet taken; what fails is tried again with the next look."""
        if self._webhook_url is None:
            self._unposted.clear()
            return
        if not self._unposted:
            return
        async with httpx.AsyncClient(timeout=POST_SECONDS_MAX) as client:
            while self._unposted:
                try:
                    answer = await client.post(self._webhook_url, json=self._unposted[0])
                    answer.raise_for_status()
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    _log.warning("alert_not_posted", error=type(error).__name__)
                    return
                self._unposted.popleft()
