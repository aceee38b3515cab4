"""The queue between scheduler and workers. It makes things fast; losing it loses nothing."""

from collections.abc import Iterable
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

QUEUE_NAME = "defter.effects"
QUEUE_KEY = f"{Queue.redis_queue_namespace_prefix}{QUEUE_NAME}"
"""The list that RQ keeps of jobs that nobody has taken."""

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


class EffectQueue:
    """Puts effects on the queue, many in a job, grouped by what they are aimed at."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis_of(redis_url)
        self._queue = Queue(QUEUE_NAME, connection=self._redis, serializer=JSONSerializer)

    def put(self, taken: Iterable[tuple[UUID, str, str, UUID]]) -> int:
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
            self._queue.enqueue_many(jobs)
        return len(jobs)

    def is_full(self) -> bool:
        """Tell whether enough waits there."""
        return self._queue.count >= JOBS_MAX

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
