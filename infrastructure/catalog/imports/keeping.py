"""Imports beside the log: the file, how far it is, and what became of each row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from application.catalog.importing.asking import AskImport
from infrastructure.postgres.literals import array_of

_KEEP = b"""
INSERT INTO defter.imports (tenant_id, import_id, content, sha256, mode, dry_run, create_missing,
    may, actor, key_id) VALUES (%s, %s, %b, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, import_id) DO NOTHING
"""
_STANDING = """import_id, sha256, mode, dry_run, create_missing, state, code, detail, rows, done,
    created, updated, unchanged, refused, given_at, ended_at"""
_ONE = f"SELECT {_STANDING} FROM defter.imports WHERE tenant_id = %s AND import_id = %s"  # noqa: S608
_PAGE = f"""
SELECT {_STANDING} FROM defter.imports
WHERE tenant_id = %s AND (%s = '' OR (given_at, import_id) <
    (SELECT given_at, import_id FROM defter.imports WHERE tenant_id = %s AND import_id = %s))
ORDER BY given_at DESC, import_id DESC LIMIT %s
"""  # noqa: S608 - columns from code
_JOB = b"""
SELECT state, mode, dry_run, create_missing, may, actor, key_id, done, given_at
FROM defter.imports WHERE tenant_id = %s AND import_id = %s
"""
_CONTENT = b"SELECT content FROM defter.imports WHERE tenant_id = %s AND import_id = %s"
_BEGIN = b"""
UPDATE defter.imports SET state = 'running', rows = %s
WHERE tenant_id = %s AND import_id = %s AND state IN ('waiting', 'running')
"""
_ADVANCE = b"""
UPDATE defter.imports SET done = done + %s, created = created + %s, updated = updated + %s,
    unchanged = unchanged + %s, refused = refused + %s
WHERE tenant_id = %s AND import_id = %s AND state = 'running' AND done = %s
"""
_NOTE = b"""
INSERT INTO defter.import_rows
    (tenant_id, import_id, row, sku, outcome, product_id, code, field, detail)
SELECT %s, %s, * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::text[])
"""
_END = b"""
UPDATE defter.imports SET state = %s, code = %s, detail = %s, ended_at = now()
WHERE tenant_id = %s AND import_id = %s AND state IN ('waiting', 'running')
"""
_ROWS = b"""
SELECT row, sku, outcome, product_id, code, field, detail FROM defter.import_rows
WHERE tenant_id = %s AND import_id = %s AND row > %s AND (%s::text IS NULL OR outcome = %s)
ORDER BY row LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Given:
    """A file, and who gave it; `may` are the permissions beyond the catalogue that they have."""

    asked: AskImport
    content: bytes
    may: tuple[str, ...]
    actor: str
    key_id: str | None


class Job(NamedTuple):
    """What a worker has to know of an import; `done` counts the rows that are over."""

    state: str
    mode: str
    dry_run: bool
    create_missing: bool
    may: list[str]
    actor: str
    key_id: str | None
    done: int
    given_at: datetime


class RowResult(NamedTuple):
    """What became of a row; the headings are row 1."""

    row: int
    sku: str
    outcome: str
    product_id: str | None = None
    code: str | None = None
    field: str | None = None
    detail: str | None = None


async def keep(connection: AsyncConnection[Any], tenant_id: UUID, given: Given) -> None:
    """Keep a file; one that is there already stays as it is."""
    asked = given.asked
    values = (
        tenant_id,
        asked.import_id,
        given.content,
        asked.sha256,
        asked.mode.value,
        asked.dry_run,
        asked.create_missing,
        list(given.may),
        given.actor,
        given.key_id,
    )
    await connection.execute(_KEEP, values)


async def standing(
    connection: AsyncConnection[Any], tenant_id: UUID, import_id: str
) -> dict[str, Any] | None:
    """Tell how an import stands."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_ONE.encode(), (tenant_id, import_id))
        return await cursor.fetchone()


async def page(
    connection: AsyncConnection[Any], tenant_id: UUID, *, after: str, limit: int
) -> list[dict[str, Any]]:
    """Tell of imports, the newest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        given = (tenant_id, after, tenant_id, after, limit)
        await cursor.execute(_PAGE.encode(), given)
        return await cursor.fetchall()


async def rows(  # noqa: PLR0913 - the parts of a page
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    import_id: str,
    *,
    outcome: str | None,
    after: int,
    limit: int,
) -> list[dict[str, Any]]:
    """Tell what became of rows, in order."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        given = (tenant_id, import_id, after, outcome, outcome, limit)
        await cursor.execute(_ROWS, given)
        return await cursor.fetchall()


async def job(connection: AsyncConnection[Any], tenant_id: UUID, import_id: str) -> Job | None:
    """Give what a worker has to know."""
    row = await (await connection.execute(_JOB, (tenant_id, import_id))).fetchone()
    return None if row is None else Job(*row)


async def content(connection: AsyncConnection[Any], tenant_id: UUID, import_id: str) -> bytes:
    """Give the file."""
    row = await (await connection.execute(_CONTENT, (tenant_id, import_id))).fetchone()
    return b"" if row is None else bytes(row[0])


async def begin(
    connection: AsyncConnection[Any], tenant_id: UUID, import_id: str, *, count: int
) -> None:
    """Note how many rows there are."""
    await connection.execute(_BEGIN, (count, tenant_id, import_id))


async def advance(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    import_id: str,
    *,
    done: int,
    results: Sequence[RowResult],
) -> bool:
    """Note what became of the next rows after `done`; False where another did, or it is over."""
    counted = Counter(one.outcome for one in results)
    counts = [counted[name] for name in ("created", "updated", "unchanged", "refused")]
    given = (len(results), *counts, tenant_id, import_id, done)
    if not (await connection.execute(_ADVANCE, given)).rowcount:
        return False
    columns = [array_of(column) for column in zip(*results, strict=True)]
    await connection.execute(_NOTE, (tenant_id, import_id, *columns))
    return True


async def end(  # noqa: PLR0913 - how it ended
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    import_id: str,
    state: str,
    *,
    code: str | None = None,
    detail: str | None = None,
) -> None:
    """Note how an import ended, unless it ended before."""
    await connection.execute(_END, (state, code, detail, tenant_id, import_id))
