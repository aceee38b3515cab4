"""JOB-01: what waits comes to the queue, every tenant's in its turn, and not without end."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from infrastructure.effects.queue import EffectQueue
from infrastructure.effects.sweeping import SHARE, TAKEN_AT_ONCE_MAX, Sweeper
from infrastructure.postgres.connections import connect
from tests.effects.performing import filed, look

TENANTS = 7
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
