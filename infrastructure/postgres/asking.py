"""Questions to read models as calls of a pipeline, with parameters in PostgreSQL's text format."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from psycopg.pq import Format

from infrastructure.postgres.pipelines import Call, Statement
from projections.query import Asked, Query

_NAME_BYTES = 8


class _Question(Statement):
    """A statement whose parameters are texts; the server infers their types."""

    __slots__ = ("names",)

    def __init__(self, query: Query) -> None:
        sql, self.names = query.numbered
        super().__init__(blake2b(sql.encode(), digest_size=_NAME_BYTES).hexdigest(), sql)
        self.oids = [0] * len(self.names)
        self.formats = [Format.TEXT] * len(self.names)


def call_of(asked: Asked) -> Call:
    """Give a question with its values as a call."""
    question = _question(asked.query)
    values = asked.values
    return Call(question, [_TEXT[type(values[name])](values[name]) for name in question.names])


@cache
def _question(query: Query) -> _Question:
    return _Question(query)


def _array(values: list[str]) -> bytes:
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return ("{" + ",".join(f'"{value}"' for value in quoted) + "}").encode()


_TEXT: Mapping[type, Callable[[Any], bytes]] = {
    str: str.encode,
    int: lambda value: b"%d" % value,
    bool: lambda value: b"t" if value else b"f",
    UUID: lambda value: str(value).encode(),
    datetime: lambda value: value.isoformat().encode(),
    list: _array,
}
