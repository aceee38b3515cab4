"""The queues between scheduler and workers. They make things fast; losing them loses nothing."""

from collections.abc import Iterable
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

QUEUE_NAMES = ("defter.effects", "defter.effects.bulk")
"""Workers take from the second where nothing waits in the first."""

QUEUE_KEYS = tuple(f"{Queue.redis_queue_namespace_prefix}{name}" for name in QUEUE_NAMES)
"""The lists that RQ keeps of jobs that nobody has taken."""

JOB = "infrastructure.effects.worker.take"
JOB_SECONDS_MAX = 60
TIMEOUT_SECONDS = 2.0
EFFECTS_PER_JOB_MAX = 50
"""RQ takes some ten milliseconds for a job, whatever it holds."""

JOBS_MAX = 2_000
"""Beyond it nothing is queued: some seconds of work for one worker."""

Group = tuple[str, str, str, list[str]]
"""Tenant, effect, target and ids, as they stand in a job."""


def redis_of(redis_url: str, *, timeout: float | None = TIMEOUT_SECONDS) -> Redis:
    """Connect, or rather be ready to."""
    return Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
        redis_url, socket_timeout=timeout, socket_connect_timeout=TIMEOUT_SECONDS
    )


def queues_of(redis: Redis) -> list[Queue]:
    """Give the queues, the one that goes first and the one for bulk."""
    return [Queue(name, connection=redis, serializer=JSONSerializer) for name in QUEUE_NAMES]


class EffectQueue:
    """Puts effects on a queue, many in a job, grouped by what they are aimed at."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis_of(redis_url)
        self._queues = queues_of(self._redis)

    def put(self, taken: Iterable[tuple[UUID, str, str, UUID]], *, bulk: bool = False) -> int:
        """Queue (tenant, effect, target, id), and tell how many jobs that makes."""
        ordered = sorted(taken)
        jobs = [
            Queue.prepare_data(  # pyright: ignore[reportUnknownMemberType] - RQ is typed in part
                JOB,
                args=[_grouped(ordered[n : n + EFFECTS_PER_JOB_MAX])],
                timeout=JOB_SECONDS_MAX,
                result_ttl=0,
                failure_ttl=JOB_SECONDS_MAX,
            )
            for n in range(0, len(ordered), EFFECTS_PER_JOB_MAX)
        ]
        if jobs:
            self._queues[bulk].enqueue_many(jobs)
        return len(jobs)

    def is_full(self, *, bulk: bool = False) -> bool:
        """Tell whether enough waits there."""
        return self._queues[bulk].count >= JOBS_MAX

    def close(self) -> None:
        """Let go of the connection."""
        self._redis.close()


def _grouped(taken: Iterable[tuple[UUID, str, str, UUID]]) -> list[Group]:
    groups: dict[tuple[UUID, str, str], list[str]] = {}
    for tenant_id, effect, target, effect_id in taken:
        groups.setdefault((tenant_id, effect, target), []).append(str(effect_id))
    return [
        (str(tenant_id), effect, target, ids) for (tenant_id, effect, target), ids in groups.items()
    ]
