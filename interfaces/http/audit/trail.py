"""See who changed what, newest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.aggregates import AGGREGATES
from application.permissions import Permission
from domain.kernel.events import stream_of
from domain.kernel.ids import ID_LENGTH_MAX
from domain.kernel.money import AMOUNT_MINOR_MAX
from interfaces.http.audit.shown import Texts
from interfaces.http.audit.who import WhoView, meta_of, origin_of, who
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question, Standing
from interfaces.http.wire.fields import CurrencyCode, Moment
from interfaces.http.wire.money import MoneyView, money
from interfaces.http.wire.personal import opened
from projections.audit.trail import trail

READ_MODELS = ("audit_trail", "ledger_journal")

OBJECT_PATTERN = "^[0-9A-Za-z][0-9A-Za-z_-]{0,120}$"
STREAM_PATTERN = "^[a-z_]{1,32}-[0-9A-Za-z_-]{1,160}$"


Word = Annotated[str, Field(max_length=ID_LENGTH_MAX, pattern="^[!-~]+$")]


ASKED_AS_THEY_ARE = (
    *("actor", "on_behalf_of", "command", "context", "type"),
    *("since", "until", "from_position", "to_position"),
    *("currency", "moved_minor_min"),
)


class TrailFilters(Standing):
    """What changes to look for; all that is given must hold."""

    actor: Annotated[Word | None, Field(examples=["stf_01k3xq8m5w"])] = None
    on_behalf_of: Annotated[Word | None, Field(description="The customer acted for")] = None
    stream: Annotated[
        str | None, Field(pattern=STREAM_PATTERN, examples=["wallet-wal_01k3xq8m5w"])
    ] = None
    object_id: Annotated[
        str | None,
        Field(
            pattern=OBJECT_PATTERN,
            description="The id of anything that has events, such as a wallet or a customer",
        ),
    ] = None
    command: Annotated[Word | None, Field(examples=["wallet.transfer_funds"])] = None
    context: Annotated[str | None, Field(pattern="^[a-z]{1,32}$", examples=["wallet"])] = None
    type: Annotated[
        str | None,
        Field(pattern="^[a-z_.]{1,100}$", examples=["wallet.transfer_sent"]),
    ] = None
    since: Annotated[Moment | None, Field(description="This moment counts")] = None
    until: Annotated[Moment | None, Field(description="This moment counts no more")] = None
    from_position: Annotated[
        int | None, Field(ge=1, le=POSITION_MAX, description="The first position that counts")
    ] = None
    to_position: Annotated[
        int | None, Field(ge=1, le=POSITION_MAX, description="The last position that counts")
    ] = None
    moved: Annotated[bool | None, Field(description="Only what moved money")] = None
    currency: Annotated[
        CurrencyCode | None, Field(description="Only what moved money of this currency")
    ] = None
    moved_minor_min: Annotated[
        int | None,
        Field(ge=1, le=AMOUNT_MINOR_MAX, description="Only where a line of an entry was so much"),
    ] = None

    def asked(self) -> dict[str, Any]:
        """Give what was asked for, in the words of the read model."""
        given = {name: getattr(self, name) for name in ASKED_AS_THEY_ARE}
        asked = {name: value for name, value in given.items() if value is not None}
        if self.moved:
            asked["moved"] = True
        if self.object_id is not None:
            streams = [stream_of(category, self.object_id) for category in AGGREGATES]
            asked["streams"] = [one for one in streams if self.stream in {None, one}]
        elif self.stream is not None:
            asked["streams"] = [self.stream]
        return asked


class TrailParams(TrailFilters, Page):
    """Which changes, and which part of the list."""


class ChangeView(WhoView):
    """A command that changed something: the events from `position` to `last_position`."""

    position: int
    last_position: int
    events: int
    recorded_at: datetime
    streams: list[str] = Field(description="What it touched; of its first 200 events")
    moved: list[MoneyView] = Field(description="The debits of its entries, by currency")


class TrailView(BaseModel):
    """A page of changes, newest first."""

    items: list[ChangeView]
    next_cursor: str | None


def told(row: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    """Tell one change."""
    return {
        "position": row["position"],
        "last_position": row["last"],
        "events": row["events"],
        "recorded_at": row["recorded_at"],
        **who(meta_of(row["meta"]), texts),
        "streams": row["streams"],
        "moved": [moved(text) for text in row["moved"]],
    }


async def _trail(question: Question[TrailParams]) -> Answer:
    """Filter by who, what, when and how much; the next page goes on further back."""
    exchange, params = question.exchange, question.params
    before = POSITION_MAX if params.cursor is None else place_of(params.cursor, int)[0]
    async with question.view(*READ_MODELS) as view:
        rows = await trail(
            view.connection,
            exchange.principal.tenant_id,
            asked=params.asked(),
            before=before,
            limit=params.limit + 1,
            reached=view.position,
        )
        origins = [origin_of(meta_of(row["meta"])) for row in rows[: params.limit]]
        texts = await opened(exchange, view, filter(None, origins))
    page = page_of(
        rows,
        params.limit,
        item=lambda row: told(row, texts),
        place=lambda row: cursor_of(row["position"]),
    )
    return Answer(page, view.position)


def moved(text: str) -> dict[str, Any]:
    """Tell an amount that the read model gives as text."""
    currency, _, minor = text.partition(" ")
    return money(int(minor), currency)


TRAIL = QueryRoute(
    "/api/audit",
    TrailParams,
    _trail,
    permission=Permission.AUDIT_READ,
    result=TrailView,
    summary="See who changed what",
    name="audit_trail",
    staff_only=True,
)
