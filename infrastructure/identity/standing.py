"""What an account may do at this moment: its stream and the tenant's roles, as the log has them.

A token says who somebody was when it was signed. Whether the session is still under way, and what
the roles allow today, is asked of the log itself on every request, so that what was revoked on one
process is refused by the very next request on any other. That is a look at the last version of two
streams; only when one has changed are its new events read. All requests that wait at the same time
share one look.
"""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from application.aggregates import AGGREGATES
from domain.identity.account import Account
from domain.identity.events import ROLES_KEY
from domain.identity.roles import Roles
from domain.kernel.events import stream_of
from infrastructure.event_log.codec import decode
from infrastructure.postgres.reads import Reads

STATES_MAX = 50_000
ASKED_AT_ONCE_MAX = 500

ROLES_STREAM = stream_of(Roles.CATEGORY, ROLES_KEY)

_VERSIONS = b"SELECT version FROM defter.stream_versions(%s, %s)"
_NEW = b"""
SELECT version, type, schema, data FROM defter.events
WHERE tenant_id = %s AND stream = %s AND version > %s ORDER BY version
"""

Stream = tuple[UUID, str]


class Folded(NamedTuple):
    """A stream's state at a version; 0 and None where it does not exist."""

    version: int
    state: Any


class Rights(NamedTuple):
    """An account and the tenant's own roles, as they are now."""

    account: Account | None
    roles: Roles | None


class Accounts:
    """Tells how accounts stand. `run` must be under way while it is asked."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._states: OrderedDict[Stream, Folded] = OrderedDict()
        self._asked: list[tuple[tuple[Stream, Stream], asyncio.Future[Rights]]] = []
        self._wanted = asyncio.Event()

    async def rights(self, tenant_id: UUID, person_id: str) -> Rights:
        """Give the account and the roles as of now."""
        streams = (
            (tenant_id, stream_of(Account.CATEGORY, person_id)),
            (tenant_id, ROLES_STREAM),
        )
        answer: asyncio.Future[Rights] = asyncio.get_running_loop().create_future()
        self._asked.append((streams, answer))
        self._wanted.set()
        return await answer

    async def run(self) -> None:
        """Answer whoever asks, all at once, until cancelled."""
        while True:
            await self._wanted.wait()
            asked = self._asked[:ASKED_AT_ONCE_MAX]
            self._asked = self._asked[ASKED_AT_ONCE_MAX:]
            if not self._asked:
                self._wanted.clear()
            try:
                await self._answer(asked)
            except asyncio.CancelledError:
                _fail(asked, ConnectionError("this process is stopping"))
                raise
            except Exception as fault:  # noqa: BLE001 - who asked is told, and the next may succeed
                _fail(asked, fault)

    async def _answer(
        self, asked: list[tuple[tuple[Stream, Stream], asyncio.Future[Rights]]]
    ) -> None:
        streams = list({stream for pair, _ in asked for stream in pair})
        async with self._reads.lookup() as connection:
            given = ([tenant for tenant, _ in streams], [name for _, name in streams])
            cursor = await connection.execute(_VERSIONS, given, prepare=True)
            found = {
                stream: row[0] for stream, row in zip(streams, await cursor.fetchall(), strict=True)
            }
        now: dict[Stream, Folded] = {}
        for stream, version in found.items():
            known = self._states.get(stream, Folded(0, None))
            if known.version < version:
                known = await self._fold(stream, known)
            now[stream] = known
        for (account, roles), answer in asked:
            if not answer.done():
                answer.set_result(Rights(now[account].state, now[roles].state))

    async def _fold(self, stream: Stream, known: Folded) -> Folded:
        """Fold in what is new, from the primary: a standby may not have it yet."""
        tenant_id, name = stream
        kind = AGGREGATES[name.partition("-")[0]]
        version, state = known
        async with self._reads.tenant(tenant_id, projections=()) as look:
            cursor = await look.connection.execute(_NEW, (tenant_id, name, version), prepare=True)
            rows = await cursor.fetchall()
        for number, type_, schema, data in rows:
            version, state = number, kind.evolve(state, decode(type_, schema, bytes(data)))
        folded = Folded(version, state)
        self._states[stream] = folded
        self._states.move_to_end(stream)
        while len(self._states) > STATES_MAX:
            self._states.popitem(last=False)
        return folded


def _fail(
    asked: list[tuple[tuple[Stream, Stream], asyncio.Future[Rights]]], fault: Exception
) -> None:
    for _, answer in asked:
        with suppress(asyncio.InvalidStateError):
            answer.set_exception(fault)
