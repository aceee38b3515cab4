"""A read model as it once stood: the log folded up to a position, in memory alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.kernel.refusals import Invalid, NotFound
from infrastructure.audit.secret_names import SEALED, SECRET_NAMES
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.folding import Lane, fold_log
from infrastructure.projections.merging import DELETED, Batch, TableChanges
from projections.read_model import ReadModel, ReadTable, Row
from projections.read_models import READ_MODELS

LOG_EVENTS_MAX = 100_000
"""So many events are folded for somebody who waits; their rows stand in memory meanwhile."""

STRETCH_EVENTS = 20_000
"""After so many it is told how far the folding is."""

SEALED_COLUMN = "_sealed"
NAMES = tuple(read_model.name for read_model in READ_MODELS)


class LogTooLong(Invalid):
    """More events than somebody waits for would have to be folded."""

    code = "audit.log_too_long"


class ReadModelNotFound(NotFound):
    """There is no read model of this name."""

    code = "audit.read_model_not_found"


class TableUnknown(Invalid):
    """A read model has the tables that it has."""

    code = "audit.table_unknown"


def read_model_named(name: str) -> ReadModel:
    """Find a read model."""
    for read_model in READ_MODELS:
        if read_model.name == name:
            return read_model
    raise ReadModelNotFound(f"there are {', '.join(NAMES)}")


def table_of(read_model: ReadModel, name: str | None) -> ReadTable:
    """Find a table of a read model; the first if none is named."""
    for table in read_model.tables:
        if name in {None, table.name}:
            return table
    raise TableUnknown(f"it has {', '.join(table.name for table in read_model.tables)}")


def check_short(position: int) -> None:
    """Refuse what nobody would wait for."""
    if position > LOG_EVENTS_MAX:
        raise LogTooLong(
            f"{LOG_EVENTS_MAX} events are folded while somebody waits; ask for single streams, or"
            " for balances as they were known then. On the server `defter audit rows` folds any"
            " number, and `defter audit replay` proves that today's rows are right",
            most=LOG_EVENTS_MAX,
        )


async def rows_at(
    connection: PipelinedConnection,
    tenant_id: UUID,
    read_model: ReadModel,
    position: int,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[ReadTable, list[Row]]:
    """Give the rows of each table, by key, as a read model had them at a position.

    All rows stand in memory. Raises what stopped the reading where the log could not be read so
    far.
    """
    lane = Lane(read_model, 0, Batch(read_model))
    last = 0
    while last < position:
        size = min(STRETCH_EVENTS, position - last)
        chunk = await fold_log(connection, tenant_id, (lane,), after=last, limit=size)
        if chunk.stopped is not None:
            raise chunk.stopped
        last += size
        progress(last)
    return {
        table: _rows(changes) for table, changes in lane.batch.tables.items() if not table.derived
    }


def starts_with(table: ReadTable, row: Row, key: Sequence[str]) -> bool:
    """Tell whether the key of a row begins with these words."""
    return [str(part) for part in row[: len(table.key)]][: len(key)] == list(key)


def row_told(table: ReadTable, row: Row) -> Mapping[str, Any]:
    """Tell a row by the names of its columns, without secrets; personal text stays sealed."""
    told: dict[str, Any] = {}
    for name, value in zip(map(str, table.columns), row, strict=True):
        if name.endswith(SEALED_COLUMN):
            told[name.removesuffix(SEALED_COLUMN)] = SEALED if value else None
        elif name not in SECRET_NAMES:
            told[name] = value
    return told


def _rows(changes: TableChanges) -> list[Row]:
    rows: list[Any] = list(changes.appended)
    for key, change in changes.rows.items():
        if change.kind != DELETED:
            rows.append((*key, *change.facts, *change.latest, *change.amounts))
    key_end = len(changes.table.key)
    return sorted(rows, key=lambda row: row[:key_end])
