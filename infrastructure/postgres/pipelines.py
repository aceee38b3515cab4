"""Several prepared statements in one round trip, straight through libpq's pipeline.

psycopg's cursors convert each statement's text and each parameter anew and may read and write
between any two of them; that was a tenth of all the time a command takes. The sockets, the waiting
and the results stay psycopg's.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection, OperationalError, generators
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

from infrastructure.postgres.arrays import Kind

Results = list[PGresult]


class Call(NamedTuple):
    """A statement with its parameters as they are sent."""

    statement: "Statement"
    values: Sequence[bytes | None]


class Statement:
    """A statement with `$1`, `$2` … for its parameters, prepared once per connection.

    One without a name is sent whole each time, which suits what is quickly read.
    """

    __slots__ = ("formats", "kinds", "name", "oids", "sql")

    def __init__(self, name: str, sql: str, *kinds: type[Kind]) -> None:
        self.name = f"defter_{name}".encode() if name else b""
        self.sql = sql.encode()
        self.kinds = kinds
        self.oids = [kind.OID for kind in kinds]
        self.formats = [Format.BINARY] * len(kinds)

    def __call__(self, *values: Any) -> Call:  # noqa: ANN401 - what the kinds take
        """Give the statement with one value per parameter: a whole column for an array."""
        return Call(self, [kind.of(value) for kind, value in zip(self.kinds, values, strict=True)])

    def of_rows(self, rows: Iterable[Sequence[Any]]) -> Call:
        """Give the statement with the columns of these rows."""
        return self(*zip(*rows, strict=True))


class PipelinedConnection(AsyncConnection[TupleRow]):
    """A connection that can also carry out several statements in one round trip."""

    def __init__(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401 - psycopg's own
        super().__init__(*args, **settings)
        self._ready_statements: set[bytes] = set()
        self.cut_short = False
        """Whether the server refused a call of the last run before its last one, which then was not
        carried out."""

        self.answered_at = 0.0
        """When its user last saw it answer, by the monotonic clock."""

    def _deallocate(self, name: bytes | None) -> PQGen[None]:
        """Know what psycopg does after a ROLLBACK that it saw: all prepared statements go."""
        if name is None:
            self._ready_statements.clear()
        return super()._deallocate(name)

    async def run(self, *calls: Call) -> Results:
        """Carry statements out and give their results; raises the first error.

        What stands after a statement that fails is not carried out, not even a COMMIT.
        """
        async with self.lock:
            return await self.wait(self._carry_out(calls))

    def rows(self, result: PGresult) -> list[TupleRow]:
        """Read the rows of a result."""
        count = result.ntuples
        if not count:
            return []
        transformer = Transformer(self)
        transformer.set_pgresult(result)
        return transformer.load_rows(0, count, tuple)

    def _carry_out(self, calls: Sequence[Call]) -> PQGen[Results]:
        pgconn = self.pgconn
        self.cut_short = False
        names: list[bytes | None] = []
        pgconn.enter_pipeline_mode()
        try:
            for statement, values in calls:
                name = statement.name
                if not name:
                    pgconn.send_query_params(statement.sql, None)
                else:
                    if name not in self._ready_statements and name not in names:
                        pgconn.send_prepare(name, statement.sql, statement.oids)
                        names.append(name)
                    pgconn.send_query_prepared(name, values, statement.formats, Format.BINARY)
                names.append(None)
            pgconn.pipeline_sync()
            yield from generators.send(pgconn)
            results = yield from self._results()
        finally:
            if pgconn.status == ConnStatus.OK:
                pgconn.exit_pipeline_mode()
        return self._answers(names, results)

    def _results(self) -> PQGen[Results]:
        pgconn = self.pgconn
        results: Results = []
        while True:
            result = yield from generators.fetch(pgconn)
            if result is None:
                if pgconn.status != ConnStatus.OK:
                    return results
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return results
            else:
                results.append(result)

    def _answers(self, names: Sequence[bytes | None], results: Sequence[PGresult]) -> Results:
        answers: Results = []
        for name, result in zip(names, results, strict=False):
            if result.status == ExecStatus.FATAL_ERROR:
                self.cut_short = len(answers) < names.count(None) - 1
                raise error_from_result(result, encoding="utf-8")
            if name is None:
                answers.append(result)
            else:
                self._ready_statements.add(name)
        if len(results) < len(names):
            raise OperationalError("the connection was lost before everything was answered")
        return answers
