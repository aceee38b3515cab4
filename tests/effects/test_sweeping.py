"""JOB-01: what waits comes to the queue, every tenant's in its turn, and not without end."""

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from infrastructure.effects.queue import EFFECTS_PER_JOB_MAX, QUEUE_KEYS, EffectQueue, redis_of
from infrastructure.effects.sweeping import SHARE, TAKEN_AT_ONCE_MAX, Sweeper
from infrastructure.effects.worker import Taker
from infrastructure.postgres.connections import connect
from tests.effects.performing import filed, look

TENANTS = 7
AT_ONCE = timedelta(0)


class QueueThatNotes(EffectQueue):
    """Remembers what is put, and is full when it is told so."""

    def __init__(self) -> None:
        self.taken: tuple[list[UUID], list[UUID]] = ([], [])
        self.full = [False, False]

    def put(self, taken: Iterable[tuple[UUID, str, str, UUID]], *, bulk: bool = False) -> int:
        self.taken[bulk].extend(effect_id for *_, effect_id in taken)
        return 1

    def is_full(self, *, bulk: bool = False) -> bool:
        return self.full[bulk]


async def test_no_tenant_with_a_long_queue_keeps_another_waiting(database_url: str) -> None:
    tenants = [(await filed(database_url, SHARE + 1))[0] for _ in range(TENANTS)]
    met: Counter[UUID] = Counter()
    async with await connect(database_url) as connection:
        for _ in range(60):
            cursor = await connection.execute(
                "SELECT tenant_id FROM defter.take_effects(false, %s, %s, %s)",
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
    queue.full = [True, True]
    async with await connect(database_url) as connection:
        assert await sweeper.sweep(connection) == 0
        assert look(database_url, "SELECT count(*) FROM defter.effects WHERE next_at > now()") == [
            (0,)
        ]
        queue.full[False] = False
        assert await sweeper.sweep(connection) == 3
    assert sorted(queue.taken[False]) == sorted(ids)


async def test_what_is_bulk_waits_behind_nothing_of_the_rest_and_holds_nothing_up(
    database_url: str,
) -> None:
    tenant_id, many = await filed(database_url, SHARE + 1, bulk=True)
    _, receipts = await filed(database_url, 2, tenant_id=tenant_id)
    queue = QueueThatNotes()
    sweeper = Sweeper(database_url, queue)
    queue.full[True] = True
    async with await connect(database_url) as connection:
        assert await sweeper.sweep(connection) == 2
        queue.full[True] = False
        assert await sweeper.sweep(connection) == SHARE
    assert sorted(queue.taken[False]) == sorted(receipts)
    assert set(queue.taken[True]) < set(many)


def test_a_worker_takes_bulk_where_nothing_else_waits(redis_url: str) -> None:
    apart = urlsplit(redis_url)._replace(path="/9").geturl()
    redis: Any = redis_of(apart)
    redis.flushdb()
    queue, taken = EffectQueue(apart), list[str]()
    queue.put([(uuid4(), "test.call", "replay", uuid4())], bulk=True)
    queue.put([(uuid4(), "test.call", "receipt", uuid4())])
    kind: Any = Queue
    while found := kind.dequeue_any(
        Taker(redis, threading.Event()).queues, None, connection=redis, serializer=JSONSerializer
    ):
        job, _ = found
        taken += [target for _, _, target, _ in job.args[0]]
    redis.flushdb()
    queue.close()
    assert taken == ["receipt", "replay"]


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
    queued = redis.lrange(QUEUE_KEYS[0], 0, -1)
    jobs: list[Any] = [kind.fetch(job_id.decode(), redis, JSONSerializer) for job_id in queued]
    found: Counter[tuple[str, str]] = Counter()
    for job in jobs:
        for _, _, target, ids in job.args[0]:
            found.update((target, one) for one in ids)
    redis.flushdb()
    queue.close()
    assert found == {(target, str(one)): 1 for _, _, target, one in taken}
