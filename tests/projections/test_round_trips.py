"""A step asks the database as often for all read models as for one."""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager

import pytest
from psycopg import AsyncPipeline

from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Results
from infrastructure.projections.advance import advance
from infrastructure.projections.checkpoints import first_sight
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from tests.kit.lively.whole import lively


async def pipelines_of_a_step(
    database_url: str, read_models: Collection[ReadModel], monkeypatch: pytest.MonkeyPatch
) -> int:
    log, entered = lively(), list[str]()
    log.store(database_url)
    pipeline, run = PipelinedConnection.pipeline, PipelinedConnection.run

    def counted(connection: PipelinedConnection) -> AbstractAsyncContextManager[AsyncPipeline]:
        entered.append("pipeline")
        return pipeline(connection)

    async def counted_run(connection: PipelinedConnection, *calls: Call) -> Results:
        entered.append("run")
        return await run(connection, *calls)

    async with await connect(database_url) as connection:
        await first_sight(connection, log.tenant_id, [model.key for model in read_models])
        with monkeypatch.context() as patched:
            patched.setattr(PipelinedConnection, "pipeline", counted)
            patched.setattr(PipelinedConnection, "run", counted_run)
            step = await advance(connection, log.tenant_id, read_models)
    assert step.position is not None
    assert not step.parked
    assert "run" in entered
    return len(entered)


async def test_a_step_takes_no_more_round_trips_for_more_read_models(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await pipelines_of_a_step(database_url, READ_MODELS[:1], monkeypatch)
    assert one > 0
    assert await pipelines_of_a_step(database_url, READ_MODELS, monkeypatch) == one
