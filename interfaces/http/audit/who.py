"""Who did something, as the log's meta tells it."""

from enum import StrEnum
from typing import Any

import msgspec
from pydantic import BaseModel, Field

from domain.kernel.events import Personal
from interfaces.http.audit.shown import Texts
from interfaces.http.wire.personal import sealed_in


class ActorKind(StrEnum):
    """What kind of caller did it; `system` is Defter itself, in answer to an event or the clock."""

    CUSTOMER = "customer"
    STAFF = "staff"
    KEY = "key"
    SYSTEM = "system"


_KINDS = {
    "cus": ActorKind.CUSTOMER,
    "stf": ActorKind.STAFF,
    "key": ActorKind.KEY,
}


class WhoView(BaseModel):
    """Who, by which key and session, and from where. `ip` and `device` need pii.read."""

    actor: str = Field(examples=["stf_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    actor_kind: ActorKind
    key_id: str | None
    session_id: str | None
    on_behalf_of: str | None = Field(description="The customer that staff acted for")
    command: str = Field(examples=["wallet.transfer_funds"])
    command_id: str | None
    correlation_id: str | None = Field(description="As in Defter-Correlation-Id and the logs")
    causation_id: str | None = Field(description="The event that the command answered")
    release: str | None
    ip: str | None
    device: str | None = Field(description="The user agent that the caller named")


def kind_of(actor: str) -> ActorKind:
    """Tell what kind of caller an id names."""
    return _KINDS.get(actor.partition("_")[0], ActorKind.SYSTEM)


def meta_of(raw: bytes) -> dict[str, Any]:
    """Read meta."""
    return msgspec.json.decode(raw, type=dict[str, Any])


def origin_of(meta: dict[str, Any]) -> Personal | None:
    """Give from where it was done, sealed."""
    return sealed_in(meta.get("origin"))


def who(meta: dict[str, Any], texts: Texts) -> dict[str, Any]:
    """Tell who did it, with what of it was opened."""
    origin, actor = origin_of(meta), str(meta.get("actor", ""))
    text = None if origin is None else texts.get(origin)
    ip, _, device = (text or "").partition(" ")
    return {
        "actor": actor,
        "actor_kind": kind_of(actor),
        "key_id": meta.get("key"),
        "session_id": meta.get("session"),
        "on_behalf_of": meta.get("for"),
        "command": meta.get("command", ""),
        "command_id": meta.get("command_id"),
        "correlation_id": meta.get("correlation"),
        "causation_id": meta.get("causation"),
        "release": meta.get("release"),
        "ip": ip or None,
        "device": device or None,
    }
