"""Taking projections forward by hand, and looking at all they wrote."""

import asyncio
import time
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

import psycopg

from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.advance import advance
from infrastructure.projections.checkpoints import first_sight
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS

PATIENCE_SECONDS = 60


async def catch_up(
    connection: PipelinedConnection,
    tenant_id: UUID,
    read_models: Collection[ReadModel] = READ_MODELS,
) -> tuple[str, ...]:
    """Step until nothing is left to read; gives what was parked."""
    await first_sight(connection, tenant_id, [model.key for model in read_models])
    parked: list[str] = []
    for _ in range(1_000):
        step = await advance(connection, tenant_id, read_models)
        parked += step.parked
        if not step.more and not step.parked:
            return tuple(parked)
    raise AssertionError("there is no end to it")


async def fill(
    connection: PipelinedConnection, reader: PipelinedConnection, tenant_id: UUID
) -> int:
    """Step what is far behind, reading ahead, until nothing is; gives how many steps moved it."""
    steps = 0
    while True:
        step = await advance(connection, tenant_id, READ_MODELS, filling=True, reader=reader)
        if step.position is None:
            return steps
        steps += 1


async def step_once(connection: PipelinedConnection, tenant_id: UUID) -> tuple[str, ...]:
    """Take one step; gives what was parked."""
    await first_sight(connection, tenant_id, [model.key for model in READ_MODELS])
    return (await advance(connection, tenant_id, READ_MODELS)).parked


async def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, "it did not come to it in time"
        await asyncio.sleep(0.01)


def all_rows(url: str, tenant_id: UUID) -> dict[str, list[Any]]:
    """Give every row of every read model of a tenant, in order, as the owner sees it."""
    found: dict[str, list[Any]] = {}
    with psycopg.connect(url) as connection:
        for table in (table for model in READ_MODELS for table in model.tables):
            columns = ", ".join(table.columns)
            query = (
                f"SELECT {columns} FROM read_models.{table.name} WHERE tenant_id = %s ORDER BY 1"  # noqa: S608
            )
            rows = connection.execute(query.encode(), (tenant_id,)).fetchall()
            found[table.name] = sorted(rows, key=repr)
    return found


def checkpoints(url: str, tenant_id: UUID) -> dict[str, tuple[int, int | None, str | None]]:
    """Give position, parked position and error by projection."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT projection, position, parked_position, error FROM defter.checkpoints"
            " WHERE tenant_id = %s",
            (tenant_id,),
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


def rewind(url: str, tenant_id: UUID) -> None:
    """Begin again: no rows, no checkpoints."""
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM defter.checkpoints WHERE tenant_id = %s", (tenant_id,))
        for table in (table for model in READ_MODELS for table in model.tables):
            delete = f"DELETE FROM read_models.{table.name} WHERE tenant_id = %s"  # noqa: S608
            connection.execute(delete.encode(), (tenant_id,))
