"""See how a stream stood at a position or a time."""

from typing import Annotated, Any

from pydantic import Field

from application.permissions import Permission
from domain.kernel.refusals import NotFound
from infrastructure.audit.places import place_of
from infrastructure.audit.states import NOTHING, standing_at
from infrastructure.event_log.reader import version_at
from interfaces.http.audit.history.places import LATEST, PlaceText, PlaceView, StreamName
from interfaces.http.audit.shown import plain, sealed_parts, worded
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.wire.personal import opened


class StreamNotFound(NotFound):
    """Nothing had happened in this stream by then."""

    code = "audit.stream_not_found"


class AtParams(Params):
    """Which stream, and when."""

    stream: StreamName
    where: PlaceText = LATEST
    from_scratch: Annotated[
        bool, Field(description="Fold every event, and rest on no state that was kept")
    ] = False


class StandingView(PlaceView):
    """The state of a stream as its events make it; what is secret is left out by name.

    Kept states only save time and are nothing that is proven: `rests_on` is the version of the one
    that was used, and null where every event was folded.
    """

    stream: str
    version: int
    rests_on: int | None
    state: dict[str, Any]


async def _at(question: Question[AtParams]) -> Answer:
    """See a state that is derived from the log up to there.

    Personal text is `[sealed]` without pii.read.
    """
    exchange, params = question.exchange, question.params
    tenant_id = exchange.principal.tenant_id
    async with question.view() as view:
        place = await place_of(view.connection, tenant_id, params.where)
        version = await version_at(view.connection, tenant_id, params.stream, place.position)
        if not version:
            raise StreamNotFound("nothing had happened in this stream by then")
        standing = await standing_at(
            view.connection,
            tenant_id,
            params.stream,
            version,
            begin=NOTHING if params.from_scratch else None,
        )
        state = plain(standing.state)
        texts = await opened(exchange, view, sealed_parts(state))
    body = {
        **place.told(),
        "stream": params.stream,
        "version": version,
        "rests_on": standing.kept_version,
        "state": worded(state, texts),
    }
    return Answer(body, place.position)


AT = QueryRoute(
    "/api/audit/at",
    AtParams,
    _at,
    permission=Permission.AUDIT_READ,
    result=StandingView,
    summary="See how a stream stood at a position or a time",
    name="audit_at",
    staff_only=True,
)
