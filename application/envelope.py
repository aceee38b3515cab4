"""A command on its way: what is asked, by whom, and under which id."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from domain.kernel.ids import derived_uuid

COMMAND_NAMESPACE = UUID("5a8cfc0e-3ac4-5c39-9f5c-0d6a4a3b7c11")


CALLERS_KEPT_MAX = 10_000
"""For so many callers the part of a command's id that is always the same is kept."""


class Actor(NamedTuple):
    """Who asks. `on_behalf_of` is the customer that a staff member's key acts for.

    `origin` (IP address and user agent) is personal: the log seals it with the actor's key.
    `session_id` is the session of a person who logged in; a key has none.
    """

    actor_id: str
    key_id: str | None = None
    on_behalf_of: str | None = None
    origin: str | None = None
    session_id: str | None = None

    @property
    def subject(self) -> str:
        """The person whose reach this is: the customer acted for, else the actor."""
        return self.on_behalf_of or self.actor_id


class Envelope(NamedTuple):
    """One command for one tenant. `expects` are stream versions that the caller decided on.

    `rights_at` are the versions of the streams that the caller was let in by: the command is
    decided, or its outcome told again, only while they stand there.
    """

    tenant_id: UUID
    command_id: UUID
    request_hash: bytes
    command: Any
    actor: Actor
    correlation_id: str
    causation_id: UUID | None = None
    expects: Mapping[str, int] = MappingProxyType({})
    rights_at: Mapping[str, int] = MappingProxyType({})


def command_id_for(tenant_id: UUID, actor: Actor, idempotency_key: str) -> UUID:
    """Bind an idempotency key to its tenant and caller, so nobody meets another's outcome."""
    caller = _caller(tenant_id, actor.actor_id, actor.on_behalf_of or "")
    name = f"{caller}{len(idempotency_key)}:{idempotency_key}"
    return UUID(bytes=derived_uuid(COMMAND_NAMESPACE, name))


@lru_cache(CALLERS_KEPT_MAX)
def _caller(tenant_id: UUID, *parts: str) -> str:
    # Each part says its length, so that no choice of words can move the border between two.
    return "".join([f"{len(part)}:{part}" for part in (str(tenant_id), *parts)])
