"""Notes in a tenant's log what staff are shown of persons, before they are shown it.

A look at the same person by the same reader through the same route is noted once in ten minutes by
each process: whoever works through a queue reads its first page again and again, and says nothing
new by it. Whoever comes back later, or by another way, is noted again.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from uuid import UUID

from application.audit.reads import NotePersonalDataRead
from application.envelope import Actor, Envelope, command_id_for
from application.sending import Outcome, Sender

SAID_FOR_SECONDS = 600.0
SAID_MAX = 100_000
"""So many looks are remembered; one that was forgotten is noted again."""

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
        now = self._clock()
        who = actor._replace(origin=None)
        new = {
            subject: (tenant_id, who, route, subject)
            for subject in subjects
            if now >= self._said.get((tenant_id, who, route, subject), now)
        }
        if not new:
            return
        outcome = await self._send(tenant_id, actor, frozenset(new), route, request_id)
        if outcome.refused:
            raise NotNoted("the log refused to note that personal data is read")
        for look in new.values():
            self._said[look] = now + SAID_FOR_SECONDS
            self._said.move_to_end(look)
        while len(self._said) > SAID_MAX:
            self._said.popitem(last=False)

    async def _send(
        self, tenant_id: UUID, actor: Actor, subjects: frozenset[str], route: str, request_id: str
    ) -> Outcome:
        # A request id may be the client's own and come twice; each look is a command of its own.
        token = secrets.token_hex(16)
        return await self._sender.send(
            Envelope(
                tenant_id,
                command_id_for(tenant_id, actor, f"personal-read-{token}"),
                hashlib.sha256(token.encode()).digest(),
                NotePersonalDataRead(subjects, route, request_id),
                actor,
                request_id,
            )
        )
