"""How often somebody failed to log in, and how long they wait before the next attempt.

An attempt is counted before the password is looked at, so a hundred at once are no more than one
after the other; success clears the count. It is counted alike whether or not there is such a
person, by the keyed hash of the address alone and together with that of where it came from.
"""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

WAIT_SECONDS_MAX = 15 * 60
FORGOTTEN_SECONDS = 24 * 3600
FREE_FROM_ONE_PLACE = 5
FREE_FROM_ANYWHERE = 25
"""Higher, so that nobody is easily kept from logging in by others."""

FREE_MAILS = 3

Connection = AsyncConnection[Any]

_BEGIN = b"""
INSERT INTO defter.login_attempts (tenant_id, who, failures, failed_at)
SELECT %s, who, 0, now() FROM unnest(%s::text[]) AS who ORDER BY who
ON CONFLICT (tenant_id, who) DO NOTHING
"""
_LOOK = b"""
SELECT who, failures, extract(epoch FROM clock_timestamp() - failed_at)::float8
FROM defter.login_attempts WHERE tenant_id = %s AND who = ANY(%s) ORDER BY who FOR UPDATE
"""
_COUNT = b"""
UPDATE defter.login_attempts known SET failures = counted.failures, failed_at = clock_timestamp()
FROM unnest(%s::text[], %s::int[]) AS counted (who, failures)
WHERE known.tenant_id = %s AND known.who = counted.who
"""
_CLEAR = b"""
WITH these AS (
    SELECT who FROM defter.login_attempts
    WHERE tenant_id = %(tenant_id)s AND (who = ANY(%(names)s) OR who LIKE %(every_place)s)
    ORDER BY who FOR UPDATE
)
DELETE FROM defter.login_attempts known USING these
WHERE known.tenant_id = %(tenant_id)s AND known.who = these.who
"""
_FORGET = b"""
DELETE FROM defter.login_attempts known USING (
    SELECT who FROM defter.login_attempts
    WHERE tenant_id = %(tenant_id)s AND failed_at < now() - make_interval(secs => %(seconds)s)
    LIMIT 100 FOR UPDATE SKIP LOCKED
) AS old
WHERE known.tenant_id = %(tenant_id)s AND known.who = old.who
"""


class Tally(NamedTuple):
    """Under which name it is counted, and how many attempts need no patience."""

    who: str
    free: int


def of_login(login_key: str, place: str) -> tuple[Tally, ...]:
    """Give under what an attempt to log in counts; `place` is the keyed hash of the IP address."""
    return (
        Tally(login_key, FREE_FROM_ANYWHERE),
        Tally(f"{login_key}/{place}", FREE_FROM_ONE_PLACE),
    )


def of_mail(login_key: str) -> tuple[Tally, ...]:
    """Give under what a mail that somebody asks for counts."""
    return (Tally(f"mail:{login_key}", FREE_MAILS),)


def wait_seconds(failures: int, free: int) -> int:
    """Give how long to wait after so many failures: 2, 4, 8 … seconds once `free` are used up."""
    return 0 if failures < free else min(2 ** min(failures - free + 1, 20), WAIT_SECONDS_MAX)


async def spend(connection: Connection, tenant_id: UUID, tallies: tuple[Tally, ...]) -> int:
    """Count an attempt and give 0, or give the seconds until one may be made."""
    names = [one.who for one in tallies]
    await connection.execute(_BEGIN, (tenant_id, names))
    rows = await (await connection.execute(_LOOK, (tenant_id, names))).fetchall()
    free = dict(tallies)
    left, counts = 0.0, dict[str, int]()
    for who, failures, seconds in rows:
        known = 0 if seconds > FORGOTTEN_SECONDS else failures
        left = max(left, wait_seconds(known, free[who]) - seconds)
        counts[who] = known + 1
    if left > 0:
        return int(left) + 1
    await connection.execute(_COUNT, (list(counts), list(counts.values()), tenant_id))
    return 0


async def clear(connection: Connection, tenant_id: UUID, tallies: tuple[Tally, ...]) -> None:
    """Begin anew for somebody who proved who they are; what is long past goes, too."""
    names = [one.who for one in tallies]
    asked = {"tenant_id": tenant_id, "names": names, "every_place": ""}
    await connection.execute(_CLEAR, asked)
    await connection.execute(_FORGET, {"tenant_id": tenant_id, "seconds": FORGOTTEN_SECONDS})


async def unlock(connection: Connection, tenant_id: UUID, login_key: str) -> None:
    """Begin anew wherever somebody comes from: they read what is sent to their address."""
    asked = {"tenant_id": tenant_id, "names": [login_key], "every_place": f"{login_key}/%"}
    await connection.execute(_CLEAR, asked)
