"""Notes in a tenant's log what staff are shown of persons and of the audit, before they see it.

The same look (at a person, or at an address of the audit) by the same reader through the same route
is noted once in ten minutes by each process: whoever works through a queue reads its first page
again and again, and says nothing new by it. Whoever comes back later, or by another way, is noted
again.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from uuid import UUID

from application.audit.reads import NoteAuditRead, NotePersonalDataRead
from application.envelope import Actor, Envelope, command_id_for
from application.sending import Outcome, Sender

SAID_FOR_SECONDS = 600.0
SAID_MAX = 100_000
"""So many looks are remembered; one that was forgotten is noted again."""
ASKED_LENGTH_MAX = 500
"""So much of an address is kept."""

Note = NotePersonalDataRead | NoteAuditRead
Look = tuple[UUID, Actor, str, str]


class NotNoted(RuntimeError):
    """A look could not be noted, so it must not be had."""


class PersonalReads:
    """Sends what is to be noted, and remembers what was."""

    def __init__(self, sender: Sender, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._sender = sender
        self._clock = clock
        self._said: OrderedDict[Look, float] = OrderedDict()

    async def note(
        self,
        tenant_id: UUID,
        actor: Actor,
        subjects: Collection[str],
        *,
        route: str,
        request_id: str,
    ) -> None:
        """Have it in the log when this returns; raises `NotNoted`, or what sending raises."""
        new = self._new(tenant_id, actor, route, subjects)
        if new:
            command = NotePersonalDataRead(frozenset(new), route, request_id)
            await self._say(tenant_id, actor, command, new.values())

    async def note_audit(
        self, tenant_id: UUID, actor: Actor, asked: str, *, route: str, request_id: str
    ) -> None:
        """Have in the log that somebody looks at the audit; raises as `note` does."""
        new = self._new(tenant_id, actor, route, (asked[:ASKED_LENGTH_MAX],))
        for told in new:
            command = NoteAuditRead(route, told, request_id)
            await self._say(tenant_id, actor, command, new.values())

    def _new(
        self, tenant_id: UUID, actor: Actor, route: str, looked_at: Collection[str]
    ) -> dict[str, Look]:
        now, who = self._clock(), actor._replace(origin=None)
        looks = {one: (tenant_id, who, route, one) for one in looked_at}
        return {one: look for one, look in looks.items() if now >= self._said.get(look, now)}

    async def _say(
        self, tenant_id: UUID, actor: Actor, command: Note, looks: Collection[Look]
    ) -> None:
        outcome = await self._send(tenant_id, actor, command)
        if outcome.refused:
            raise NotNoted("the log refused to note who looks")
        for look in looks:
            self._said[look] = self._clock() + SAID_FOR_SECONDS
            self._said.move_to_end(look)
        while len(self._said) > SAID_MAX:
            self._said.popitem(last=False)

    async def _send(self, tenant_id: UUID, actor: Actor, command: Note) -> Outcome:
        # A request id may be the client's own and come twice; each look is a command of its own.
        token = secrets.token_hex(16)
        return await self._sender.send(
            Envelope(
                tenant_id,
                command_id_for(tenant_id, actor, f"look-{token}"),
                hashlib.sha256(token.encode()).digest(),
                command,
                actor,
                command.request_id,
            )
        )
