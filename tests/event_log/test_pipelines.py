"""Several statements in one round trip: all of them, or none after the first that fails."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg import OperationalError
from psycopg.errors import DivisionByZero
from psycopg.pq import TransactionStatus

from infrastructure.postgres.arrays import Bigints, Text, Texts
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection, Statement

BEGIN, COMMIT = Statement("", "BEGIN"), Statement("", "COMMIT")
NUMBERS = Statement("numbers", "SELECT n, repeat('x', 1000) FROM unnest($1) AS v(n)", Bigints)
LENGTHS = Statement("lengths", "SELECT length(v.text) FROM unnest($1) AS v(text)", Texts)
DIVIDE = Statement("divide", "SELECT 1 / length($1)", Text)


@asynccontextmanager
async def connected(database_url: str) -> AsyncGenerator[PipelinedConnection]:
    connection = await connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_results_come_in_the_order_of_the_statements(module_database_url: str) -> None:
    async with connected(module_database_url) as connection:
        for _ in range(3):  # prepared once, used again
            numbers, lengths, none = await connection.run(
                NUMBERS([3, 1]), LENGTHS.of_rows([("a",), ("ab",)]), NUMBERS([])
            )
            assert [n for n, _ in connection.rows(numbers)] == [3, 1]
            assert connection.rows(lengths) == [(1,), (2,)]
            assert connection.rows(none) == []


async def test_more_than_the_sockets_hold_passes_in_both_directions(
    module_database_url: str,
) -> None:
    async with connected(module_database_url) as connection:
        calls = [
            call for _ in range(40) for call in (NUMBERS(range(500)), LENGTHS(["y" * 500_000]))
        ]
        results = await connection.run(*calls)
        assert sum(len(connection.rows(result)) for result in results) == 40 * 501


async def test_nothing_after_a_failure_is_carried_out(module_database_url: str) -> None:
    async with connected(module_database_url) as connection:
        with pytest.raises(DivisionByZero):
            await connection.run(BEGIN(), DIVIDE(""), NUMBERS([1]), COMMIT())
        assert connection.info.transaction_status is TransactionStatus.INERROR
        await connection.execute("ROLLBACK")
        (divided,) = await connection.run(DIVIDE("x"))
        assert connection.rows(divided) == [(1,)]
        (numbers,) = await connection.run(NUMBERS([1]))
        assert len(connection.rows(numbers)) == 1


async def test_a_connection_that_ends_is_an_error(module_database_url: str) -> None:
    async with connected(module_database_url) as connection:
        with psycopg.connect(module_database_url, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        for _ in range(2):
            with pytest.raises(OperationalError):
                await connection.run(BEGIN(), NUMBERS([1]), COMMIT())
        assert connection.broken
