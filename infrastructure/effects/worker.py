"""A worker: RQ brings effects, an event loop in a thread of its own performs many at a time.

A job only hands effects over: whether they are done stands in PostgreSQL, so a job that is lost, or
whose worker is killed, comes again with the next sweep.
"""

import asyncio
import signal
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import FrameType
from typing import Any, TypeVar
from uuid import UUID

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from infrastructure.collecting import collect_seldom
from infrastructure.effects.performing import Performer
from infrastructure.effects.queue import Group, queues_of, redis_of

AWAY_SECONDS = 1.0
HEARTBEAT_SECONDS = 30
"""How long RQ waits at the queue; also how soon it notices a connection that died silently."""

T = TypeVar("T")
_log = structlog.get_logger("worker")


class Handover:
    """The way from RQ's jobs, in the main thread, to the performer in its loop."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.performer: Performer | None = None
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> None:
        """Let the loop run."""
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def end(self) -> None:
        """Stop the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()


HANDOVER = Handover()
"""RQ calls functions by name, so what they need of this process stands here."""


def take(groups: list[Group]) -> None:
    """Be the job: hand effects over, and end as soon as they are under way."""
    performer = HANDOVER.performer
    assert performer is not None, "the worker has not begun"
    HANDOVER.run(_take(performer, groups))


async def _take(performer: Performer, groups: list[Group]) -> None:
    for tenant, effect, target, ids in groups:
        await performer.take(UUID(tenant), effect, target, [UUID(one) for one in ids])


class Taker(SimpleWorker):
    """RQ's worker, which runs jobs in this process; it says when it was told to stop."""

    max_connection_wait_time = AWAY_SECONDS

    def __init__(self, redis: Redis, stopping: threading.Event) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - RQ is typed in part
            queues_of(redis),
            connection=redis,
            serializer=JSONSerializer,
            worker_ttl=HEARTBEAT_SECONDS,
        )
        self._told_to_stop = stopping

    def subscribe(self) -> None:
        """Listen for no remote commands: whoever may write to Valkey commands no worker."""

    def unsubscribe(self) -> None:
        """End nothing, for nothing was begun."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the job under way and take no other; RQ calls this on SIGTERM and SIGINT."""
        self._told_to_stop.set()
        super().request_stop(signum, frame)  # pyright: ignore[reportUnknownMemberType]


def take_until_told(redis_url: str) -> None:
    """Take jobs until SIGTERM or SIGINT, in the main thread; begin again when Valkey was away."""
    collect_seldom()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    with suppress(StopRequested):  # what RQ's handler raises between two takers, too
        while not stopping.is_set():
            redis = redis_of(redis_url, timeout=None)
            try:
                Taker(redis, stopping).work(logging_level="WARNING")
            except (RedisError, OSError) as away:
                _log.warning("queue_away", error=type(away).__name__)
                stopping.wait(AWAY_SECONDS)
            finally:
                redis.close()
