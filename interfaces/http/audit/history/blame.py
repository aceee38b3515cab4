"""See which event last set each field of a stream's state."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from application.permissions import Permission
from infrastructure.audit.blame import LastSet, events_of, last_set
from infrastructure.audit.differences import Path
from infrastructure.audit.places import place_of
from infrastructure.event_log.reader import StoredEvent, version_at
from interfaces.http.audit.event import FieldChangeView
from interfaces.http.audit.history.at import StreamNotFound
from interfaces.http.audit.history.places import LATEST, PlaceText, PlaceView, StreamName
from interfaces.http.audit.shown import (
    SECRET_NAMES,
    path_of,
    plain,
    pointer_of,
    sealed_parts,
    there,
    worded,
)
from interfaces.http.audit.who import WhoView, meta_of, origin_of, who
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.wire.personal import opened

FIELD_LENGTH_MAX = 300
FIELDS_MAX = 1_000
"""So many fields are told; `field` narrows it."""


class BlameParams(Params):
    """Which stream, which of its fields, and when."""

    stream: StreamName
    field: Annotated[
        str,
        Field(
            max_length=FIELD_LENGTH_MAX,
            description="Only this field and its parts: a JSON pointer, or joined by full stops",
            examples=["available.minor"],
        ),
    ] = ""
    where: PlaceText = LATEST


class SetterView(WhoView, FieldChangeView):
    """A field, and the event that last set it."""

    position: int
    event_id: UUID
    version: int
    type: str = Field(examples=["wallet.transfer_sent"])
    recorded_at: datetime


class BlameView(PlaceView):
    """The fields of a state in its order; where one `field` is asked for, also taken away ones."""

    stream: str
    version: int
    items: list[SetterView]


async def _blame(question: Question[BlameParams]) -> Answer:
    """Every event of the stream is folded. Personal text is `[sealed]` without pii.read."""
    exchange, params = question.exchange, question.params
    tenant_id = exchange.principal.tenant_id
    async with question.view() as view:
        place = await place_of(view.connection, tenant_id, params.where)
        version = await version_at(view.connection, tenant_id, params.stream, place.position)
        if not version:
            raise StreamNotFound("nothing had happened in this stream by then")
        found = await last_set(
            view.connection, tenant_id, params.stream, version, within=path_of(params.field)
        )
        shown = [one for one in found.items() if SECRET_NAMES.isdisjoint(one[0])][:FIELDS_MAX]
        versions = {kept.version for _, kept in shown}
        events = await events_of(view.connection, tenant_id, params.stream, versions)
        items = [_told(path, kept, events[kept.version]) for path, kept in shown]
        metas = {number: meta_of(event.meta) for number, event in events.items()}
        origins = filter(None, map(origin_of, metas.values()))
        texts = await opened(exchange, view, [*sealed_parts(items), *origins])
    body = {
        **place.told(),
        "stream": params.stream,
        "version": version,
        "items": [{**worded(one, texts), **who(metas[one["version"]], texts)} for one in items],
    }
    return Answer(body, place.position)


def _told(path: Path, kept: LastSet, event: StoredEvent) -> dict[str, Any]:
    return {
        "pointer": pointer_of(path),
        "before": plain(there(kept.before)),
        "after": plain(there(kept.after)),
        "position": event.position,
        "event_id": event.event_id,
        "version": event.version,
        "type": event.type,
        "recorded_at": event.recorded_at,
    }


BLAME = QueryRoute(
    "/api/audit/blame",
    BlameParams,
    _blame,
    permission=Permission.AUDIT_READ,
    result=BlameView,
    summary="See which event last set each field of a stream",
    name="audit_blame",
    staff_only=True,
)
