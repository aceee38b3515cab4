"""A step asks the database as often for all read models as for one, and three times at most."""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from psycopg import AsyncPipeline

from infrastructure.event_log.reader import CHUNK_EVENTS
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Results
from infrastructure.projections.advance import advance
from infrastructure.projections.checkpoints import CheckpointMoved, first_sight
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from tests.kit.lively.whole import lively
from tests.projections.stepping import all_rows, catch_up, checkpoints

MET = 10


async def trips_of_a_step(
    database_url: str,
    read_models: Collection[ReadModel],
    monkeypatch: pytest.MonkeyPatch,
    *,
    stood: int | None = None,
) -> list[str]:
    log, entered = lively(), list[str]()
    log.store(database_url)
    pipeline, run = PipelinedConnection.pipeline, PipelinedConnection.run
    execute = PipelinedConnection.execute

    def counted(connection: PipelinedConnection) -> AbstractAsyncContextManager[AsyncPipeline]:
        entered.append("pipeline")
        return pipeline(connection)

    async def counted_run(connection: PipelinedConnection, *calls: Call) -> Results:
        entered.append("run")
        return await run(connection, *calls)

    async def counted_execute(connection: PipelinedConnection, *asked: Any, **how: Any) -> Any:  # noqa: ANN401 - psycopg's own
        entered.append("execute")
        return await execute(connection, *asked, **how)

    async with await connect(database_url) as connection:
        await first_sight(connection, log.tenant_id, [model.key for model in read_models])
        with monkeypatch.context() as patched:
            patched.setattr(PipelinedConnection, "pipeline", counted)
            patched.setattr(PipelinedConnection, "run", counted_run)
            patched.setattr(PipelinedConnection, "execute", counted_execute)
            step = await advance(connection, log.tenant_id, read_models, stood=stood)
    assert step.position == len(log.events) < CHUNK_EVENTS
    assert not step.parked
    return entered


async def test_a_step_takes_no_more_round_trips_for_more_read_models(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await trips_of_a_step(database_url, READ_MODELS[:1], monkeypatch)
    assert one == ["run"] * 4
    assert await trips_of_a_step(database_url, READ_MODELS, monkeypatch) == one


async def test_where_it_is_known_where_they_stand_reading_is_no_trip_of_its_own(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await trips_of_a_step(database_url, READ_MODELS, monkeypatch, stood=0) == ["run"] * 3


@pytest.mark.parametrize("stood", [0, MET - 1, MET, MET + 1, 1_000_000])
async def test_a_wrong_idea_of_where_they_stand_changes_no_row(
    database_url: str, stood: int
) -> None:
    plain, told = lively(), lively()
    plain.store(database_url)
    told.store(database_url, last=MET)
    async with await connect(database_url) as connection:
        await catch_up(connection, plain.tenant_id)
        await catch_up(connection, told.tenant_id)
        told.store(database_url, first=MET + 1)
        step = await advance(connection, told.tenant_id, READ_MODELS, stood=stood)
    assert step.position == len(told.events)
    assert all_rows(database_url, told.tenant_id) == all_rows(database_url, plain.tenant_id)


async def test_nothing_is_written_where_a_checkpoint_is_not_where_it_was_locked(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = lively()
    log.store(database_url)
    run = PipelinedConnection.run

    async def one_moved(connection: PipelinedConnection, *calls: Call) -> Results:
        """Let the statement that moves checkpoints name one where it is not."""
        *others, last = calls
        if b"UPDATE defter.checkpoints" in last.statement.sql:
            values = [value and value.replace(b"{0,", b"{7,") for value in last.values]
            assert values != list(last.values)
            last = Call(last.statement, values)
        return await run(connection, *others, last)

    async with await connect(database_url) as connection:
        await first_sight(connection, log.tenant_id, [model.key for model in READ_MODELS])
        with monkeypatch.context() as patched:
            patched.setattr(PipelinedConnection, "run", one_moved)
            with pytest.raises(CheckpointMoved):
                await advance(connection, log.tenant_id, READ_MODELS)
    assert not any(all_rows(database_url, log.tenant_id).values())
    assert {at[0] for at in checkpoints(database_url, log.tenant_id).values()} == {0}
