"""Statements with names for their parameters as calls of a pipeline, such as questions.

Parameters travel in PostgreSQL's text format.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from psycopg.pq import Format

from infrastructure.postgres.literals import array_of
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Statement
from projections.query import Asked, Query, Rows, numbered

_NAME_BYTES = 8


class NamedStatement(Statement):
    """A statement with `%(name)s` for its parameters; the server infers their types."""

    __slots__ = ("names",)

    def __init__(self, sql: str) -> None:
        in_order, self.names = numbered(sql)
        super().__init__(blake2b(in_order.encode(), digest_size=_NAME_BYTES).hexdigest(), in_order)
        self.oids = [0] * len(self.names)
        self.formats = [Format.TEXT] * len(self.names)

    def with_values(self, values: Mapping[str, Any]) -> Call:
        """Give the statement with its values; a list is an array."""
        return Call(self, [_TEXT[type(values[name])](values[name]) for name in self.names])


async def ask(connection: PipelinedConnection, *asked: Asked) -> list[Rows]:
    """Ask several questions in one round trip; the rows of each."""
    results = await connection.run(*map(call_of, asked))
    return [connection.rows(result) for result in results]


def call_of(asked: Asked) -> Call:
    """Give a question with its values as a call."""
    return _statement(asked.query).with_values(asked.values)


@cache
def _statement(query: Query) -> NamedStatement:
    return NamedStatement(query.sql)


_TEXT: Mapping[type, Callable[[Any], bytes | None]] = {
    type(None): lambda _: None,
    str: str.encode,
    int: lambda value: b"%d" % value,
    bool: lambda value: b"t" if value else b"f",
    UUID: lambda value: str(value).encode(),
    datetime: lambda value: value.isoformat().encode(),
    list: lambda values: array_of(values).encode(),
}
