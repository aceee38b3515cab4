"""Who runs a schedule: a claim in its row, which lapses if whoever has it is gone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from infrastructure.schedules.schedule import Schedule

CLAIM = timedelta(minutes=5)
"""By the database's clock, so that no scheduler's own makes two of them run at a time."""

_FILE = b"""
INSERT INTO defter.schedules AS filed (name, rule, next_at)
SELECT * FROM unnest(%s::text[], %s::text[], %s::timestamptz[])
ON CONFLICT (name) DO UPDATE SET rule = excluded.rule, next_at = excluded.next_at
WHERE filed.rule <> excluded.rule
"""
_CLAIM = b"""
UPDATE defter.schedules SET claim = %(token)s, claimed_until = now() + %(hold)s
WHERE name = (
    SELECT name FROM defter.schedules
    WHERE name = ANY(%(names)s) AND next_at <= coalesce(%(at)s::timestamptz, 'infinity')
      AND (claimed_until IS NULL OR claimed_until <= now())
    ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING name, next_at, claim
"""
_SETTLE = b"""
UPDATE defter.schedules SET claim = NULL, claimed_until = NULL, next_at = %(next_at)s,
    last_run_at = coalesce(%(ran_at)s, last_run_at), told = coalesce(%(told)s, told),
    error = %(error)s
WHERE name = %(name)s AND claim = %(token)s
"""
_RELEASE = b"""
UPDATE defter.schedules SET claim = NULL, claimed_until = NULL WHERE name = %s AND claim = %s
"""
_STANDING = b"""
SELECT name, next_at, last_run_at, told, error, coalesce(claimed_until > now(), false)
FROM defter.schedules WHERE name = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's claim to run what was due at a time."""

    name: str
    due_at: datetime
    token: UUID


@dataclass(frozen=True, slots=True)
class Standing:
    """How a schedule stands; `told` is what its last success left, `error` what failed since."""

    name: str
    next_at: datetime
    last_run_at: datetime | None
    told: str | None
    error: str | None
    running: bool


async def file(
    connection: AsyncConnection[Any], schedules: Collection[Schedule], now: datetime
) -> None:
    """Give new schedules, and those whose rule is another one, their next time."""
    rows = [(schedule.name, schedule.rule, schedule.after(now)) for schedule in schedules]
    if rows:
        await connection.execute(_FILE, [*map(list, zip(*rows, strict=True))])


async def claim(
    connection: AsyncConnection[Any], names: Collection[str], at: datetime | None, token: UUID
) -> Claim | None:
    """Claim what is due at a time, or whatever its time is, and is nobody's."""
    given = {"names": list(names), "at": at, "token": token, "hold": CLAIM}
    row = await (await connection.execute(_CLAIM, given)).fetchone()
    return Claim(*row) if row else None


async def settle(  # noqa: PLR0913 - what a run leaves
    connection: AsyncConnection[Any],
    claimed: Claim,
    next_at: datetime,
    *,
    ran_at: datetime | None = None,
    told: str | None = None,
    error: str | None = None,
) -> None:
    """Write down how a run ended, unless its claim has lapsed and is another's."""
    given = {"name": claimed.name, "token": claimed.token, "next_at": next_at}
    await connection.execute(_SETTLE, {**given, "ran_at": ran_at, "told": told, "error": error})


async def release(connection: AsyncConnection[Any], claimed: Claim) -> None:
    """Let another run it."""
    await connection.execute(_RELEASE, (claimed.name, claimed.token))


async def standings(
    connection: AsyncConnection[Any], names: Collection[str]
) -> dict[str, Standing]:
    """Tell how schedules stand, by name; one that no scheduler has seen yet is not there."""
    rows = await (await connection.execute(_STANDING, (list(names),))).fetchall()
    return {row[0]: Standing(*row) for row in rows}
