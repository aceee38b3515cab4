"""Row operations of many events merged in memory, so that each row is written once."""

from collections.abc import Iterable

from projections.read_model import (
    Increment,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
    Row,
    Upsert,
)

INSERTED = 0
"""The row is new: writing it must not meet an old one."""
REPLACED = 1
"""The row is whole and takes the place of an old one, if there is one."""
CREATED_OR_CHANGED = 2
"""Amounts to add; a missing row begins with them."""
CHANGED = 3
"""Amounts to add to a row that must be there."""
DELETED = 4


class FoldContradiction(ValueError):
    """A fold inserted a row twice, or changed one that it had deleted."""


class Change:
    """What happens to one row in this batch."""

    __slots__ = ("amounts", "facts", "kind", "latest")

    def __init__(self, kind: int, facts: Row, latest: Row, amounts: Row) -> None:
        self.kind = kind
        self.facts = facts
        self.latest = latest
        self.amounts = amounts


class TableChanges:
    """The merged changes of one table."""

    __slots__ = ("_facts_end", "_key_end", "_latest_end", "appended", "rows", "table")

    def __init__(self, table: ReadTable) -> None:
        self.table = table
        self.appended: list[Row] = []
        self.rows: dict[Row, Change] = {}
        self._key_end = len(table.key)
        self._facts_end = self._key_end + len(table.facts)
        self._latest_end = self._facts_end + len(table.latest)

    def increment(self, operation: Increment) -> None:
        """Add amounts to what the row has gathered."""
        _, key, amounts, latest, facts = operation
        change = self.rows.get(key)
        if change is None:
            kind = CHANGED if facts is None else CREATED_OR_CHANGED
            self.rows[key] = Change(kind, facts or (), latest, amounts)
            return
        if change.kind == DELETED:
            if facts is None:
                raise FoldContradiction(f"{self.table.name}: a deleted row was changed")
            self.rows[key] = Change(REPLACED, facts, latest, amounts)
            return
        if len(amounts) == 2:  # noqa: PLR2004 - most tables count two things; no generator for them
            first, second = change.amounts
            change.amounts = (first + amounts[0], second + amounts[1])
        elif amounts:
            change.amounts = tuple(map(int.__add__, change.amounts, amounts))
        if None in latest:
            pairs = zip(change.latest, latest, strict=True)
            latest = tuple(old if new is None else new for old, new in pairs)
        change.latest = latest

    def insert(self, row: Row) -> None:
        """Begin a row."""
        key = row[: self._key_end]
        change = self.rows.get(key)
        if change is not None and change.kind != DELETED:
            raise FoldContradiction(f"{self.table.name}: a row was inserted twice")
        self.rows[key] = self._whole(INSERTED if change is None else REPLACED, row)

    def upsert(self, row: Row) -> None:
        """Begin a row or replace it."""
        key = row[: self._key_end]
        change = self.rows.get(key)
        new = change is not None and change.kind == INSERTED
        self.rows[key] = self._whole(INSERTED if new else REPLACED, row)

    def delete(self, key: Row) -> None:
        """End a row."""
        change = self.rows.get(key)
        if change is not None and change.kind == INSERTED:
            del self.rows[key]
        else:
            self.rows[key] = Change(DELETED, (), (), ())

    def _whole(self, kind: int, row: Row) -> Change:
        facts = row[self._key_end : self._facts_end]
        latest = row[self._facts_end : self._latest_end]
        return Change(kind, facts, latest, row[self._latest_end :])


class Batch:
    """The merged changes of one read model."""

    __slots__ = ("derivations", "tables")

    def __init__(self, read_model: ReadModel) -> None:
        self.tables = {table: TableChanges(table) for table in read_model.tables}
        self.derivations = read_model.derivations

    def add(self, operations: Iterable[Operation]) -> None:
        """Merge what one event leads to."""
        tables = self.tables
        for operation in operations:
            changes = tables[operation[0]]
            kind = type(operation)
            if kind is Increment:
                changes.increment(operation)  # type: ignore[arg-type]
            elif kind is Insert:
                if changes.table.append_only:
                    changes.appended.append(operation[1])
                else:
                    changes.insert(operation[1])
            elif kind is Upsert:
                changes.upsert(operation[1])
            else:
                changes.delete(operation[1])
