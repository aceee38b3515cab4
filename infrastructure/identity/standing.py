"""What an account may do at this moment: its stream and the tenant's roles, as the log has them.

A token says who somebody was when it was signed. Whether the session is still under way, and what
the roles allow today, is asked of the log itself on every request, so that what was revoked on one
process is refused by the very next request on any other. That is a look at the last version of two
streams; only when one has changed are its new events read. All requests that wait at the same time
share one look, and looks that follow one another share a connection.

A command needs no look of its own: it is let in by what was seen last, and the writer, which knows
the log up to the event before it, decides it only if those streams still stand there. If they do
not, there is a look, and what that saw is held against the log in turn.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from application.aggregates import AGGREGATES
from domain.identity.account import Account
from domain.identity.events import ROLES_KEY
from domain.identity.roles import Roles
from domain.kernel.events import stream_of
from infrastructure.event_log.codec import decode
from infrastructure.postgres.arrays import Texts, Uuids
from infrastructure.postgres.connections import cut
from infrastructure.postgres.pipelines import PipelinedConnection, Statement
from infrastructure.postgres.reads import Reads

STATES_MAX = 50_000
LOOK_SECONDS_MAX = 2.0
"""A server that is silent but not gone must not keep everybody from an answer."""

ROLES_STREAM = stream_of(Roles.CATEGORY, ROLES_KEY)

_VERSIONS = Statement(
    "stream_versions", "SELECT version FROM defter.stream_versions($1, $2)", Uuids, Texts
)
_NEW = b"""
SELECT version, type, schema, data FROM defter.events
WHERE tenant_id = %s AND stream = %s AND version > %s ORDER BY version
"""

Stream = tuple[int, str]
"""A tenant's id as a number, which is hashed sooner than a UUID, and the stream's name."""


class Folded(NamedTuple):
    """A stream's state at a version; 0 and None where it does not exist."""

    version: int
    state: Any


_NOTHING = Folded(0, None)


class Rights(NamedTuple):
    """An account and the tenant's own roles, with the versions of the streams that say so."""

    account: Account | None
    roles: Roles | None
    at: Mapping[str, int]


_Asked = tuple[Stream, Stream, asyncio.Future[Rights]]


class Accounts:
    """Tells how accounts stand. `run` must be under way while it is asked."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._states: OrderedDict[Stream, Folded] = OrderedDict()
        self._asked: list[_Asked] = []
        self._wanted = asyncio.Event()

    async def rights(self, tenant_id: UUID, person_id: str) -> Rights:
        """Give the account and the roles as of now."""
        answer: asyncio.Future[Rights] = asyncio.get_running_loop().create_future()
        tenant = tenant_id.int
        account = (tenant, stream_of(Account.CATEGORY, person_id))
        self._asked.append((account, (tenant, ROLES_STREAM), answer))
        self._wanted.set()
        return await answer

    def last_seen(self, tenant_id: UUID, person_id: str) -> Rights | None:
        """Give the rights as they were seen last, without a look; None where they never were.

        They count only for what is refused where their streams stand elsewhere by then.
        """
        tenant, name = tenant_id.int, stream_of(Account.CATEGORY, person_id)
        account = self._states.get((tenant, name))
        if account is None:
            return None
        return _rights(name, account, self._states.get((tenant, ROLES_STREAM), _NOTHING))

    async def run(self) -> None:
        """Answer whoever asks, all at once, until cancelled."""
        while True:
            await self._wanted.wait()
            await self._answer_all()

    async def _answer_all(self) -> None:
        """Answer over one connection until it fails.

        Who asks when it turns out to be lost asks again over another one, which was just tried.
        """
        asked: list[_Asked] = []
        proven = False
        try:
            async with self._reads.lookup() as connection:
                while True:
                    await self._wanted.wait()
                    asked, self._asked = self._asked, []
                    self._wanted.clear()
                    await self._answer(connection, asked)
                    proven = True
        except asyncio.CancelledError:
            _fail([*asked, *self._asked], ConnectionError("this process is stopping"))
            raise
        except Exception as fault:  # noqa: BLE001 - who asked is told, and the next may succeed
            if proven:
                self._asked[:0] = asked
                self._wanted.set()
            else:
                waiting, self._asked = self._asked, []
                _fail([*asked, *waiting], fault)

    async def _answer(self, connection: PipelinedConnection, asked: list[_Asked]) -> None:
        streams = list({stream for account, roles, _ in asked for stream in (account, roles)})
        timer = asyncio.get_running_loop().call_later(LOOK_SECONDS_MAX, cut, connection)
        try:
            (versions,) = await connection.run(
                _VERSIONS(
                    [UUID(int=tenant) for tenant, _ in streams], [name for _, name in streams]
                )
            )
        finally:
            timer.cancel()
        now: dict[Stream, Folded] = {}
        for stream, (version,) in zip(streams, connection.rows(versions), strict=True):
            known = self._states.get(stream, _NOTHING)
            if known.version != version:
                # A fail-over may have taken events back: then all of them are read.
                known = await self._fold(stream, known if known.version < version else _NOTHING)
            now[stream] = known
        for account, roles, answer in asked:
            if not answer.done():
                answer.set_result(_rights(account[1], now[account], now[roles]))

    async def _fold(self, stream: Stream, known: Folded) -> Folded:
        """Fold in what is new, from the primary: a standby may not have it yet."""
        tenant_id, name = UUID(int=stream[0]), stream[1]
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


def _rights(name: str, account: Folded, roles: Folded) -> Rights:
    at = {name: account.version, ROLES_STREAM: roles.version}
    return Rights(account.state, roles.state, at)


def _fail(asked: list[_Asked], fault: Exception) -> None:
    for _, _, answer in asked:
        with suppress(asyncio.InvalidStateError):
            answer.set_exception(fault)
