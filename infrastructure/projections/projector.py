"""The projector: read models follow the logs, for a process of its own or a task of another."""

import gc
from asyncio import Event, TaskGroup
from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.advance import advance
from infrastructure.projections.engine import Engine, Follower, Step
from infrastructure.projections.following import follow
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS

GC_ALLOCATIONS = 100_000
GC_GENERATIONS = 50
"""A batch is some hundred thousand tuples that live for a second and form no cycles; at Python's
usual thresholds the collector walks them again and again (measured: half of all time)."""


PACE_BEHIND_SECONDS = 0.2
"""What follows behind may cost others more than the read models cost us."""


class ReadModels:
    """Read models, as what follows the logs. `moved` is told whose did."""

    def __init__(
        self,
        read_models: Collection[ReadModel] = READ_MODELS,
        *,
        moved: Callable[[Iterable[UUID]], None] | None = None,
    ) -> None:
        self._read_models = read_models
        self._moved = moved
        self._stood: dict[UUID, int] = {}
        self.keys = [read_model.key for read_model in read_models]

    async def advance(
        self,
        connection: PipelinedConnection,
        tenant_id: UUID,
        *,
        filling: bool,
        reader: PipelinedConnection | None,
    ) -> Step:
        """Fold the next events and write what comes of them."""
        stood = None if filling else self._stood.get(tenant_id)
        step = await advance(
            connection, tenant_id, self._read_models, filling=filling, reader=reader, stood=stood
        )
        if step.position is not None and not filling:
            self._stood[tenant_id] = step.position
        if self._moved is not None and step.position is not None:
            self._moved([tenant_id])
        return step


def spare_the_collector() -> None:
    """Let this process, which folds batches and little else, collect seldom."""
    gc.set_threshold(GC_ALLOCATIONS, GC_GENERATIONS, GC_GENERATIONS)


async def run_projector(
    database_url: str, redis_url: str, stop: Event, *, behind: Follower | None = None
) -> None:
    """Keep all read models up to date until `stop` is set, and what follows `behind` them."""
    spare_the_collector()
    if behind is None:
        await follow(database_url, redis_url, ReadModels(), stop)
        return
    engine = Engine(database_url, behind, pace_seconds=PACE_BEHIND_SECONDS)
    async with TaskGroup() as tasks:
        tasks.create_task(engine.run(stop))
        read_models = ReadModels(moved=engine.nudge)
        tasks.create_task(follow(database_url, redis_url, read_models, stop))
