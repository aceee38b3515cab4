"""Questions to read models as calls of a pipeline, with parameters in PostgreSQL's text format."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from psycopg.pq import Format

from infrastructure.postgres.literals import array_of
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Statement
from projections.query import Asked, Query, Rows

_NAME_BYTES = 8


class _Question(Statement):
    """A statement whose parameters are texts; the server infers their types."""

    __slots__ = ("names",)

    def __init__(self, query: Query) -> None:
        sql, self.names = query.numbered
        super().__init__(blake2b(sql.encode(), digest_size=_NAME_BYTES).hexdigest(), sql)
        self.oids = [0] * len(self.names)
        self.formats = [Format.TEXT] * len(self.names)


async def ask(connection: PipelinedConnection, *asked: Asked) -> list[Rows]:
    """Ask several questions in one round trip; the rows of each."""
    results = await connection.run(*map(call_of, asked))
    return [connection.rows(result) for result in results]


def call_of(asked: Asked) -> Call:
    """Give a question with its values as a call."""
    question = _question(asked.query)
    values = asked.values
    return Call(question, [_TEXT[type(values[name])](values[name]) for name in question.names])


@cache
def _question(query: Query) -> _Question:
    return _Question(query)


_TEXT: Mapping[type, Callable[[Any], bytes | None]] = {
    type(None): lambda _: None,
    str: str.encode,
    int: lambda value: b"%d" % value,
    bool: lambda value: b"t" if value else b"f",
    UUID: lambda value: str(value).encode(),
    datetime: lambda value: value.isoformat().encode(),
    list: lambda values: array_of(values).encode(),
}
