"""Notes what is searched for: gathered in memory, written in bulk, beside the answers.

For the staff it is counted by term and day, without whoever asked. For a customer who allows
personalisation their latest terms are kept, sealed with their own key, so that they are gone with
it. Neither is a fact of the log, so what came within the last second may be lost with the process.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection, Error

from domain.search.analysis import phrase
from domain.users.settings import Use
from infrastructure.event_log.claim_keys import claim_key
from infrastructure.event_log.keyring import MasterKeys, keyed_hash, seal
from infrastructure.event_log.opening import KEYS_OF
from infrastructure.postgres.connections import connect
from projections.users.settings import ALLOWED, PRIVACY

WAITING_MAX = 20_000
"""So many questions wait at most; further ones are not noted."""

PAUSE_SECONDS = 1.0
TERM_LENGTH_MAX = 100
RECENT_MAX = 20
KEPT_DAYS = 400

PERSONAL = re.compile(r"@|(?:\d[ -]?){9,}")
"""What looks like an address or a number of somebody is counted for nobody to see."""

_log = structlog.get_logger(__name__)
_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_COUNT = b"""
INSERT INTO defter.search_terms AS t (tenant_id, day, term, asked, found_none)
SELECT %s::uuid, v.* FROM unnest(%s::date[], %s::text[], %s::bigint[], %s::bigint[])
    AS v(day, term, asked, found_none) ORDER BY v.day, v.term
ON CONFLICT (tenant_id, day, term) DO UPDATE SET
    asked = t.asked + excluded.asked, found_none = t.found_none + excluded.found_none
"""
_PRUNE = b"DELETE FROM defter.search_terms WHERE tenant_id = %s AND day < %s::date - %s::integer"
_ALLOWED = b"""
SELECT person_id FROM read_models.users_settings_v1
WHERE tenant_id = %s AND person_id = ANY(%s) AND part = %s AND name = %s AND value = %s
"""
_KEEP = b"""
INSERT INTO defter.search_recent AS r (tenant_id, person_id, term_hash, sealed, at)
SELECT %s::uuid, v.* FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[])
    AS v(person_id, term_hash, sealed, at) ORDER BY v.person_id, v.term_hash
ON CONFLICT (tenant_id, person_id, term_hash) DO UPDATE SET sealed = excluded.sealed,
    at = greatest(r.at, excluded.at)
"""
_DROP_OLD = b"""
DELETE FROM defter.search_recent r USING (
    SELECT person_id, term_hash, row_number() OVER (
        PARTITION BY person_id ORDER BY at DESC, term_hash) AS place
    FROM defter.search_recent WHERE tenant_id = %(tenant_id)s AND person_id = ANY(%(people)s)
) old
WHERE r.tenant_id = %(tenant_id)s AND r.person_id = old.person_id
    AND r.term_hash = old.term_hash AND old.place > %(most)s
"""
_FORGET = b"DELETE FROM defter.search_recent WHERE tenant_id = %s AND person_id = ANY(%s)"


class Searched(NamedTuple):
    """A question that was answered; `person_id` is the customer who asked, if one did."""

    tenant_id: UUID
    at: datetime
    text: str
    total: int
    person_id: str | None = None


class AskedTerms:
    """Takes questions at once, and writes them when `run` comes to it."""

    def __init__(self, database_url: str, master_keys: MasterKeys) -> None:
        self._database_url = database_url
        self._master_keys = master_keys
        self._waiting: list[Searched] = []
        self._connection: AsyncConnection[Any] | None = None

    def note(self, searched: Searched) -> None:
        """Take a question; it never waits."""
        if len(self._waiting) < WAITING_MAX:
            self._waiting.append(searched)

    async def run(self) -> None:
        """Write what has gathered, again and again, until cancelled."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.flush()
            except (Error, OSError) as fault:
                _log.warning("search_terms_not_written", error=type(fault).__name__)

    async def flush(self) -> None:
        """Write what waits; what can not be written goes on waiting."""
        batch, self._waiting = self._waiting, []
        by_tenant = groupby(sorted(batch, key=_tenant), key=_tenant)
        for tenant_id, group in [(key, list(group)) for key, group in by_tenant]:
            try:
                await self._write(tenant_id, group)
            except BaseException:
                self._waiting = (group + self._waiting)[:WAITING_MAX]
                await self._disconnect()
                raise

    async def forget(self, tenant_id: UUID, person_id: str) -> None:
        """Forget what a customer searched for."""
        self._waiting = [
            one._replace(person_id=None)
            if (one.tenant_id, one.person_id) == (tenant_id, person_id)
            else one
            for one in self._waiting
        ]
        async with await connect(self._database_url) as connection, connection.transaction():
            await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
            await connection.execute(_FORGET, (tenant_id, [person_id]))

    async def close(self) -> None:
        """Write the last ones and let go of the connection."""
        try:
            await self.flush()
        except (Error, OSError) as fault:
            _log.warning("search_terms_lost", error=type(fault).__name__)
        await self._disconnect()

    async def _write(self, tenant_id: UUID, group: Sequence[Searched]) -> None:
        if self._connection is None:
            self._connection = await connect(self._database_url)
        connection = self._connection
        async with connection.transaction():
            await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
            counts = _counts(group)
            if counts:
                columns = [list(column) for column in zip(*counts, strict=True)]
                await connection.execute(_COUNT, (tenant_id, *columns))
                await connection.execute(_PRUNE, (tenant_id, counts[-1][0], KEPT_DAYS))
            by_people = [one for one in group if one.person_id is not None]
            if by_people:
                await self._keep(connection, tenant_id, by_people)

    async def _keep(
        self, connection: AsyncConnection[Any], tenant_id: UUID, group: Sequence[Searched]
    ) -> None:
        people = sorted({one.person_id or "" for one in group})
        asked = (tenant_id, people, PRIVACY, Use.PERSONALISATION.value, ALLOWED)
        rows = await (await connection.execute(_ALLOWED, asked)).fetchall()
        allowed = [row[0] for row in rows]
        await connection.execute(_FORGET, (tenant_id, sorted(set(people).difference(allowed))))
        keys = await self._keys(connection, tenant_id, allowed)
        secret = await claim_key(connection, self._master_keys, tenant_id)
        kept: dict[tuple[str, str], tuple[str, datetime]] = {}
        for _, at, text, _, person_id in group:
            if person_id is not None and person_id in keys:
                term = keyed_hash(secret, f"searched {person_id} {phrase(text)}")
                kept[person_id, term] = seal(keys[person_id], tenant_id, person_id, text), at
        if kept:
            told = [(*key, *value) for key, value in kept.items()]
            columns = [list(column) for column in zip(*told, strict=True)]
            await connection.execute(_KEEP, (tenant_id, *columns))
            given = {"tenant_id": tenant_id, "people": allowed, "most": RECENT_MAX}
            await connection.execute(_DROP_OLD, given)

    async def _keys(
        self, connection: AsyncConnection[Any], tenant_id: UUID, people: Iterable[str]
    ) -> dict[str, AESGCM]:
        cursor = await connection.execute(KEYS_OF, (tenant_id, list(people)))
        return {
            person: self._master_keys.unwrap(tenant_id, person, master_key, bytes(wrapped))
            for person, wrapped, master_key in await cursor.fetchall()
        }

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


def _tenant(searched: Searched) -> UUID:
    return searched.tenant_id


def _counts(group: Iterable[Searched]) -> list[tuple[Any, ...]]:
    counts: dict[tuple[Any, str], list[int]] = {}
    for one in group:
        term = phrase(one.text)[:TERM_LENGTH_MAX]
        if term and not PERSONAL.search(one.text):
            count = counts.setdefault((one.at.date(), term), [0, 0])
            count[0] += 1
            count[1] += not one.total
    return [(*key, *count) for key, count in sorted(counts.items())]
