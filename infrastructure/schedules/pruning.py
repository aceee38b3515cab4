"""What is not kept for ever goes in small steps. How long it is kept stands in the database."""

from typing import Any

from psycopg import AsyncConnection

ROWS_AT_ONCE_MAX = 5_000
"""So many rows go in one transaction."""

_REFUSALS = b"SELECT defter.prune_refusals(%s)"
_OLD_REFUSALS = b"SELECT defter.prune_old_refusals(%s)"
_EFFECTS = b"SELECT defter.prune_effects(%s)"
_IMPORTS = b"SELECT defter.prune_imports(%s)"
_CREDENTIALS = b"SELECT defter.prune_credentials(%s)"


async def prune_refusals(connection: AsyncConnection[Any]) -> str:
    """Forget refused commands older than 7 days, which frees their command ids."""
    return f"{await _prune(connection, _REFUSALS)} refused commands"


async def prune_old_refusals(connection: AsyncConnection[Any]) -> str:
    """Forget what was refused more than 400 days ago."""
    return f"{await _prune(connection, _OLD_REFUSALS)} refused requests"


async def prune_effects(connection: AsyncConnection[Any]) -> str:
    """Forget effects and their attempts: done ones after 30 days, given up ones after 180."""
    return f"{await _prune(connection, _EFFECTS)} effects"


async def prune_imports(connection: AsyncConnection[Any]) -> str:
    """Forget files of products and what became of their rows, 30 days after they were given."""
    return f"{await _prune(connection, _IMPORTS)} files and rows of files"


async def prune_credentials(connection: AsyncConnection[Any]) -> str:
    """Forget passwords older than a day whose account never came into the log."""
    return f"{await _prune(connection, _CREDENTIALS)} passwords of nobody"


async def _prune(connection: AsyncConnection[Any], query: bytes) -> int:
    total = 0
    while True:
        row = await (await connection.execute(query, (ROWS_AT_ONCE_MAX,))).fetchone()
        assert row is not None
        total += row[0]
        if row[0] < ROWS_AT_ONCE_MAX:
            return total
