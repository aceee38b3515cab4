"""A read model as it once stood: the log folded up to a position, in memory alone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domain.kernel.refusals import Invalid
from infrastructure.projections.folding import Lane, fold_log
from infrastructure.projections.merging import DELETED, Batch, TableChanges
from projections.query import Connection
from projections.read_model import ReadModel, ReadTable, Row

LOG_EVENTS_MAX = 100_000
"""So many events are folded for somebody who waits; their rows stand in memory meanwhile."""


class LogTooLong(Invalid):
    """More events than somebody waits for would have to be folded."""

    code = "audit.log_too_long"


async def rows_at(
    connection: Connection, tenant_id: UUID, read_model: ReadModel, position: int
) -> dict[ReadTable, list[Row]]:
    """Give the rows of each table, by key, as a read model had them at a position.

    Raises `LogTooLong`, and what stopped the reading where the log could not be read so far.
    """
    if position > LOG_EVENTS_MAX:
        raise LogTooLong(
            f"{LOG_EVENTS_MAX} events are folded while somebody waits; ask for single streams, or"
            " for balances as they were known then. That today's rows are right is what"
            " `defter audit replay` proves on the server",
            most=LOG_EVENTS_MAX,
        )
    lane = Lane(read_model, 0, Batch(read_model))
    chunk = await fold_log(connection, tenant_id, (lane,), after=0, limit=position)
    if chunk.stopped is not None:
        raise chunk.stopped
    return {
        table: _rows(changes) for table, changes in lane.batch.tables.items() if not table.derived
    }


def starts_with(table: ReadTable, row: Row, key: Sequence[str]) -> bool:
    """Tell whether the key of a row begins with these words."""
    return [str(part) for part in row[: len(table.key)]][: len(key)] == list(key)


def _rows(changes: TableChanges) -> list[Row]:
    rows: list[Any] = list(changes.appended)
    for key, change in changes.rows.items():
        if change.kind != DELETED:
            rows.append((*key, *change.facts, *change.latest, *change.amounts))
    key_end = len(changes.table.key)
    return sorted(rows, key=lambda row: row[:key_end])
