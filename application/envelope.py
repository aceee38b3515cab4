"""A command on its way: what is asked, by whom, and under which id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.kernel.ids import derived_uuid

COMMAND_NAMESPACE = UUID("5a8cfc0e-3ac4-5c39-9f5c-0d6a4a3b7c11")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `on_behalf_of` is the customer that a staff member's key acts for.

    `origin` (IP address and user agent) is personal: the log seals it with the actor's key.
    """

    actor_id: str
    key_id: str | None = None
    on_behalf_of: str | None = None
    origin: str | None = None

    @property
    def subject(self) -> str:
        """The person whose reach this is: the customer acted for, else the actor."""
        return self.on_behalf_of or self.actor_id


@dataclass(frozen=True, slots=True)
class Envelope:
    """One command for one tenant. `expects` are stream versions that the caller decided on."""

    tenant_id: UUID
    command_id: UUID
    request_hash: bytes
    command: Any
    actor: Actor
    correlation_id: str
    causation_id: UUID | None = None
    expects: Mapping[str, int] = field(default_factory=dict[str, int])


def command_id_for(tenant_id: UUID, actor: Actor, idempotency_key: str) -> UUID:
    """Bind an idempotency key to its tenant and caller, so nobody meets another's outcome."""
    parts = (str(tenant_id), actor.actor_id, actor.on_behalf_of or "", idempotency_key)
    # Each part says its length, so that no choice of words can move the border between two.
    name = "".join([f"{len(part)}:{part}" for part in parts])
    return UUID(bytes=derived_uuid(COMMAND_NAMESPACE, name))
