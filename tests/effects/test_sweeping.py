"""JOB-01: what waits comes to the queue, every tenant's in its turn, and not without end."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from rq.job import Job
from rq.serializers import JSONSerializer

from infrastructure.effects.queue import EFFECTS_PER_JOB_MAX, QUEUE_NAME, EffectQueue, redis_of
from infrastructure.effects.sweeping import SHARE, TAKEN_AT_ONCE_MAX, Sweeper
from infrastructure.postgres.connections import connect
from tests.effects.performing import filed, look

TENANTS = 7
LIST = f"rq:queue:{QUEUE_NAME}"
AT_ONCE = timedelta(0)


class QueueThatNotes(EffectQueue):
    """Remembers what is put, and is full when it is told so."""

    def __init__(self) -> None:
        self.taken: list[UUID] = []
        self.full = False

    def put(self, taken: Iterable[tuple[UUID, str, str, UUID]]) -> int:
        self.taken += [effect_id for *_, effect_id in taken]
        return 1

    def is_full(self) -> bool:
        return self.full


async def test_no_tenant_with_a_long_queue_keeps_another_waiting(database_url: str) -> None:
    tenants = [(await filed(database_url, SHARE + 1))[0] for _ in range(TENANTS)]
    met: Counter[UUID] = Counter()
    async with await connect(database_url) as connection:
        for _ in range(60):
            cursor = await connection.execute(
                "SELECT tenant_id FROM defter.take_effects(%s, %s, %s)",
                (SHARE, TAKEN_AT_ONCE_MAX, AT_ONCE),
            )
            met.update({row[0] for row in await cursor.fetchall()})
    assert met.keys() == set(tenants)


async def test_a_full_queue_is_not_added_to_and_nothing_is_held_back_for_it(
    database_url: str,
) -> None:
    _, ids = await filed(database_url, 3)
    queue = QueueThatNotes()
    sweeper = Sweeper(database_url, queue)
    queue.full = True
    async with await connect(database_url) as connection:
        assert await sweeper.sweep(connection) == 0
        assert look(database_url, "SELECT count(*) FROM defter.effects WHERE next_at > now()") == [
            (0,)
        ]
        queue.full = False
        assert await sweeper.sweep(connection) == 3
    assert sorted(queue.taken) == sorted(ids)


def test_effects_for_many_targets_share_a_job(redis_url: str) -> None:
    apart = urlsplit(redis_url)._replace(path="/9").geturl()
    redis: Any = redis_of(apart)
    redis.flushdb()
    queue = EffectQueue(apart)
    tenant_id = uuid4()
    taken = [(tenant_id, "test.call", f"x{n % 60}", uuid4()) for n in range(120)]
    assert queue.put(taken) == -(-120 // EFFECTS_PER_JOB_MAX)
    assert not queue.is_full()
    kind: Any = Job
    queued = redis.lrange(LIST, 0, -1)
    jobs: list[Any] = [kind.fetch(job_id.decode(), redis, JSONSerializer) for job_id in queued]
    found: Counter[tuple[str, str]] = Counter()
    for job in jobs:
        for _, _, target, ids in job.args[0]:
            found.update((target, one) for one in ids)
    redis.flushdb()
    queue.close()
    assert found == {(target, str(one)): 1 for _, _, target, one in taken}
