"""Questions to read models: built with SQLAlchemy once, asked through psycopg at its speed."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import dict_row, tuple_row
from sqlalchemy import Select, TextClause
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

Connection: TypeAlias = AsyncConnection[Any]
Rows: TypeAlias = list[tuple[Any, ...]]
_DIALECT = PGDialect_psycopg()
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


class Query:
    """A statement compiled when it is defined, so that asking costs no SQLAlchemy."""

    __slots__ = ("_given", "_sql")

    def __init__(self, statement: Select[*tuple[Any, ...]] | TextClause) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self._sql = str(compiled).encode()
        self._given = {name: value for name, value in compiled.params.items() if value is not None}

    @property
    def sql(self) -> str:
        """The statement, with `%(name)s` for its parameters."""
        return self._sql.decode()

    def with_values(self, **values: object) -> "Asked":
        """Give the question with its values, to be asked together with others."""
        return Asked(self, self._given | values)

    async def all(self, connection: Connection, **values: object) -> list[dict[str, Any]]:
        """Give all rows by column name."""
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(self._sql, self._given | values)
            return await cursor.fetchall()

    async def one(self, connection: Connection, **values: object) -> dict[str, Any] | None:
        """Give the first row, or None."""
        rows = await self.all(connection, **values)
        return rows[0] if rows else None

    async def tuples(self, connection: Connection, **values: object) -> list[tuple[Any, ...]]:
        """Give all rows as tuples, in the order of the columns asked for."""
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(self._sql, self._given | values)
            return await cursor.fetchall()


class Asked(NamedTuple):
    """A question with its values."""

    query: Query
    values: Mapping[str, Any]


def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """Give a statement with `$1`, `$2` … in place of names, and the names in that order."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return _PARAMETER.sub(number, sql), tuple(names)
