"""What a read model is made of: tables, folds from events to row operations, extra DDL.

Folds are pure: event time and no clock, no other read model, no aggregate. The engine merges the
operations of thousands of events in memory before anything is written.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Column, MetaData, Table, Uuid
from sqlalchemy.schema import SchemaItem

from domain.kernel.events import Event, Personal, Recorded

SCHEMA = "read_models"
METADATA = MetaData(schema=SCHEMA)
TENANT = "tenant_id"


class ReadTable:
    """A table of a read model, with what its columns are to the engine.

    Columns stand in this order: `tenant_id`, the rest of the primary key, facts that are set with
    the row, `latest` (each change overwrites them; None keeps what is there) and `counters` (each
    change adds to them). Rows of an `append_only` table are inserted and never touched again; those
    of a `derived` one are written by the `Derivation` of its read model alone.
    """

    __slots__ = (
        "append_only",
        "columns",
        "counters",
        "derived",
        "facts",
        "key",
        "latest",
        "name",
        "table",
    )

    def __init__(
        self,
        name: str,
        *items: SchemaItem,
        latest: tuple[str, ...] = (),
        counters: tuple[str, ...] = (),
        append_only: bool = False,
        derived: bool = False,
    ) -> None:
        tenant: Column[Any] = Column(TENANT, Uuid, primary_key=True)
        self.table = Table(name, METADATA, tenant, *items)
        self.name = name
        self.append_only = append_only
        self.derived = derived
        self.columns = tuple(column.name for column in self.table.columns)[1:]
        self.key = tuple(column.name for column in self.table.primary_key)[1:]
        self.latest = latest
        self.counters = counters
        facts = len(self.columns) - len(latest) - len(counters)
        self.facts = self.columns[len(self.key) : facts]
        if not (append_only or derived) and self.columns != (
            *self.key,
            *self.facts,
            *latest,
            *counters,
        ):
            raise ValueError(f"the columns of {name} stand in the order key, facts, latest, counts")

    def __repr__(self) -> str:
        return f"ReadTable({self.name!r})"


Row = tuple[Any, ...]


class Insert(NamedTuple):
    """A new row, in the order of the table's columns, without `tenant_id`."""

    table: ReadTable
    row: Row


class Upsert(NamedTuple):
    """A row that replaces the one with its key, if there is one."""

    table: ReadTable
    row: Row


class Increment(NamedTuple):
    """Add `amounts` to the counters of a row and overwrite its `latest` columns.

    With `facts` a missing row begins with them and zero; without, the row must be there.
    """

    table: ReadTable
    key: Row
    amounts: tuple[int, ...]
    latest: Row = ()
    facts: Row | None = None


class Delete(NamedTuple):
    """Remove the row with this key."""

    table: ReadTable
    key: Row


Operation = Insert | Upsert | Increment | Delete
Fold = Callable[[Recorded], Iterable[Operation]]


class Derivation(NamedTuple):
    """Rows that SQL makes anew of the read model's own tables where their rows have changed.

    `sql` runs after a batch is written, in its transaction. `{schema}` is where the tables are, and
    `%(name)s` for each table of `looks_at` an array of what the first column of its changed keys
    holds. It reads no clock, and gives the same rows however the events came in batches.
    """

    sql: str
    looks_at: tuple[ReadTable, ...]


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A disposable answer. A change of its folds or tables is a new version beside the old one.

    `of_commands` folds the first event of every command, of whatever type, and it alone is given
    meta, which all events of a command have the same.
    `ddl` runs once, after the tables are created. `lookups` are functions it made that look across
    tenants, for what is asked before a tenant is known.
    """

    name: str
    version: int
    tables: tuple[ReadTable, ...]
    folds: Mapping[type[Event], Fold]
    of_commands: Fold | None = None
    ddl: tuple[str, ...] = ()
    lookups: tuple[str, ...] = ()
    derivations: tuple[Derivation, ...] = ()

    @property
    def key(self) -> str:
        """What its checkpoints are filed under."""
        return f"{self.name}_v{self.version}"


def stored(personal: Personal | None) -> tuple[str | None, str | None]:
    """Take what a table may hold of a personal value: whose it is, and the sealed text."""
    if personal is None:
        return None, None
    if personal.sealed is None:
        raise ValueError("a personal value reached a read model unsealed")
    return personal.subject, personal.sealed
