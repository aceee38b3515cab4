"""Take events along with all that proves them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from application.permissions import Permission
from domain.audit.merkle import Range
from domain.ledger.periods import PERIOD_PATTERN
from infrastructure.event_log.reader import last_before
from infrastructure.sealing.bundle.choosing import (
    EVENTS_MAX,
    SPANS_MAX,
    NoCheckpoint,
    checkpoint_at,
    older_checkpoints,
    places_of,
    spans_of,
)
from infrastructure.sealing.bundle.evidence import Evidence, packed
from infrastructure.sealing.proofs import NotSealed
from infrastructure.sealing.roots import LogShort
from interfaces.http.audit.checkpoints import not_provable, sealing_keys
from interfaces.http.audit.trail import READ_MODELS, TrailFilters
from interfaces.http.parts import View
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question
from interfaces.http.wire.problems import Problem
from projections.audit.trail import trail
from projections.ledger.chart import books

CHART = "ledger_chart"
ZIP = b"application/zip"
EVENTS_HEADER = b"defter-events"
STREAMS_PATTERN = r"^[a-z_]{1,32}-[0-9A-Za-z_-]{1,160}(,[a-z_]{1,32}-[0-9A-Za-z_-]{1,160}){0,99}$"
BY_PLACE = {"streams", "since", "until"}
"""What is found in the log itself; all else that may be asked for is in the trail."""

Position = Annotated[int, Field(ge=1, le=POSITION_MAX)]


class BundleParams(TrailFilters):
    """Which events; all of the log if nothing is said. All that is given must hold."""

    stream: Annotated[
        str | None,
        Field(
            max_length=20_000,
            pattern=STREAMS_PATTERN,
            description="Only these streams, joined by commas",
            examples=["wallet-wal_01k3xq8m5w,wallet-wal_01k3xq8m5x"],
        ),
    ] = None
    first: Annotated[Position | None, Field(alias="from", description="First position")] = None
    last: Annotated[Position | None, Field(alias="to", description="Last position")] = None
    month: Annotated[
        str | None,
        Field(
            pattern=f"^{PERIOD_PATTERN.pattern}$",
            description="What was recorded in this month, in the time zone of the books",
            examples=["2026-10"],
        ),
    ] = None
    checkpoint: Annotated[
        Position | None,
        Field(description="The size of the checkpoint to prove with; else the newest"),
    ] = None
    against: Annotated[
        Position | None,
        Field(description="The size of an older checkpoint that somebody keeps: prove it, too"),
    ] = None

    def asked(self) -> dict[str, Any]:
        """Give what was asked for, in the words of the trail."""
        streams = self.stream
        if streams is None or "," not in streams:
            return super().asked()
        named = streams.split(",")
        asked = self.model_copy(update={"stream": None}).asked()
        found = asked.get("streams")
        return asked | {"streams": [one for one in named if found is None or one in found]}


async def _bundle(question: Question[BundleParams]) -> Answer:
    """Get a ZIP: events as they were hashed and to read, checkpoints, proofs, keys, a chart.

    README.txt in it says how to check it with verify.py, which is there, too, and needs nothing of
    Defter. Personal data stays encrypted. The same question about the same `checkpoint` gives the
    same bytes.
    """
    params, exchange = question.params, question.exchange
    tenant_id = exchange.principal.tenant_id
    try:
        async with question.view(*READ_MODELS, CHART) as view:
            newest = await checkpoint_at(view.connection, tenant_id, params.checkpoint)
            within = await _within(view, question, newest.size)
            spans = await _spans(view, question, within)
            span = Range(spans[0].low, spans[-1].high)
            older = await older_checkpoints(
                view.connection, tenant_id, span, newest, params.against
            )
    except (NotSealed, LogShort) as wrong:
        raise not_provable(wrong) from wrong
    except NoCheckpoint as wrong:
        nearest = {"nearest": wrong.nearest}
        raise Problem(422, "audit.no_such_checkpoint", str(wrong), facts=nearest) from wrong
    asked = params.model_dump(
        mode="json", exclude_none=True, exclude={"min_position"}, by_alias=True
    )
    evidence = Evidence(tenant_id, asked, spans, newest, older, await sealing_keys(exchange))
    headers = (
        (b"content-disposition", b'attachment; filename="evidence.zip"'),
        (EVENTS_HEADER, b"%d" % evidence.events),
    )
    return Answer(packed(evidence, question.view), headers=headers, media_type=ZIP)


async def _within(view: View, question: Question[BundleParams], size: int) -> Range:
    """Give the part of the log that positions, times and month leave."""
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    if params.last is not None and params.last > size:
        raise NotSealed(size)
    since, until = [params.since], [params.until]
    if params.month is not None:
        kept = await books(view.connection, tenant_id)
        zone = ZoneInfo(kept["time_zone"] if kept else "UTC")
        year, month = map(int, params.month.split("-"))
        since.append(datetime(year, month, 1, tzinfo=zone))
        until.append(datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone))
    low, high = (params.first or 1) - 1, params.last or size
    for moment in filter(None, since):
        low = max(low, await last_before(view.connection, tenant_id, None, moment))
    for moment in filter(None, until):
        high = min(high, await last_before(view.connection, tenant_id, None, moment))
    return Range(low, high)


async def _spans(view: View, question: Question[BundleParams], within: Range) -> Sequence[Range]:
    """Give where the events stand; raises a problem if there are none or too many."""
    asked, tenant_id = question.params.asked(), question.exchange.principal.tenant_id
    if asked.keys() - BY_PLACE:
        rows = await trail(
            view.connection,
            tenant_id,
            asked=asked,
            before=within.high + 1,
            limit=SPANS_MAX + 1,
            reached=view.position,
        )
        found = [(row["position"], row["last"]) for row in reversed(rows)]
        found = [one for one in found if one[1] > within.low]
    elif "streams" in asked:
        found = await places_of(view.connection, tenant_id, asked["streams"], within)
    else:
        found = [(within.low + 1, within.high)]
    spans = spans_of(found, within)
    events = sum(span.high - span.low for span in spans)
    if not spans:
        raise Problem(422, "audit.nothing_found", "no event that is sealed is as you asked")
    if events > EVENTS_MAX or len(found) > SPANS_MAX:
        raise Problem(
            422,
            "audit.bundle_too_large",
            f"a bundle holds {EVENTS_MAX} events, in {SPANS_MAX} places of the log; take less time",
            facts={"events_max": EVENTS_MAX, "spans_max": SPANS_MAX},
        )
    return spans


BUNDLE = QueryRoute(
    "/api/audit/bundle",
    BundleParams,
    _bundle,
    permission=Permission.AUDIT_READ,
    result=bytes,
    summary="Take events along with all that proves them",
    name="audit_bundle",
    staff_only=True,
    extra={"x-answers": "application/zip"},
)
