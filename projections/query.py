"""Questions to read models: built with SQLAlchemy once, asked through psycopg at its speed."""

from typing import Any, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import dict_row, tuple_row
from sqlalchemy import Select, TextClause
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

Connection: TypeAlias = AsyncConnection[Any]
_DIALECT = PGDialect_psycopg()


class Query:
    """A statement compiled when it is defined, so that asking costs no SQLAlchemy."""

    __slots__ = ("_given", "_sql")

    def __init__(self, statement: Select[*tuple[Any, ...]] | TextClause) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self._sql = str(compiled).encode()
        self._given = {name: value for name, value in compiled.params.items() if value is not None}

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
