"""Who outside keeps checkpoints of the tenant's log, and which one each of them has."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from application.permissions import Permission
from infrastructure.witnesses.standing import Standing, standing
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question


class WitnessView(BaseModel):
    """A witness. It has an alarm where what it keeps is not of this log: the log was altered."""

    witness: str = Field(examples=["http:witness.example/w1+5e1a0c93"])
    kind: Literal["file", "http", "mail"]
    told: str = Field(
        description="A folder, the name that signs, or of an address as much as to know it by",
        examples=["witness.example/w1"],
    )
    confirmed_size: int = Field(description="It confirmed the checkpoint of so many events, or 0")
    confirmed_at: datetime | None
    behind_events: int = Field(description="So many sealed events it has not confirmed yet")
    note: str | None = Field(
        description="That checkpoint, with the witness's signature if it signs"
    )
    last_attempt: str | None = Field(description="waiting, done, dead or discarded")
    last_told: str | None = Field(
        description="What the last attempt told", examples=["answered 503"]
    )
    alarm: str | None


class WitnessesView(BaseModel):
    """All witnesses of this installation, as they stand to the tenant's log."""

    items: list[WitnessView]


async def _witnesses(question: Question[Params]) -> Answer:
    """Each is sent a checkpoint now and then, and at once when a month was sealed."""
    exchange = question.exchange
    tenant_id, witnesses = exchange.principal.tenant_id, exchange.services.settings.witnesses_read
    async with question.view() as view:
        found = await standing(view.connection, [tenant_id], witnesses)
    return Answer({"items": list(map(_view, found))})


def _view(one: Standing) -> dict[str, Any]:
    return {
        "witness": one.witness.key,
        "kind": one.witness.key.partition(":")[0],
        "told": one.witness.told,
        "confirmed_size": one.confirmed,
        "confirmed_at": one.confirmed_at,
        "behind_events": one.behind,
        "note": one.note,
        "last_attempt": one.state,
        "last_told": one.told,
        "alarm": one.alarm,
    }


WITNESSES = QueryRoute(
    "/api/audit/witnesses",
    Params,
    _witnesses,
    permission=Permission.AUDIT_READ,
    result=WitnessesView,
    summary="See who outside keeps checkpoints of the log",
    name="audit_witnesses",
    staff_only=True,
)
