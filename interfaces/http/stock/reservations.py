"""Keep stock for somebody, let it go to them, or let it go free."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.stock.reserving import (
    ExtendReservation,
    IssueReservation,
    ReleaseReservation,
    ReservationResult,
    ReserveStock,
)
from domain.stock.reservations import LASTS_MAX, ReservationNotFound
from domain.tenants.settings import StockSettings
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, listed
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.stock.shapes import (
    RESERVATIONS,
    NoBody,
    Reference,
    ReservationId,
    WantedLines,
)
from interfaces.http.wire.fields import Body, Moment
from projections.stock import reservations

PATH = "/api/admin/stock/reservations"
ONE_PATH = f"{PATH}/{{reservation_id}}"


class ReserveBody(Body):
    """What to keep: all of it or nothing. `reservation_id` may be an id of yours.

    It is kept for as long as the tenant's settings of `stock` say, or for `lasts_seconds`, or, with
    `until_ended`, until somebody ends it.
    """

    lines: WantedLines
    lasts_seconds: (
        Annotated[int, Field(ge=1, le=int(LASTS_MAX.total_seconds()), examples=[900])] | None
    ) = None
    until_ended: bool = False
    reference: Reference | None = None
    reservation_id: ReservationId | None = None


class ExtendBody(Body):
    """Until when it is kept from now on; null: until somebody ends it."""

    expires_at: Moment | None


class IssueBody(Body):
    """What goes out; without lines, all that is left. What does not go stays kept."""

    lines: WantedLines | None = None


class ReservedLineView(BaseModel):
    """Units of a variant at a location: how many were kept, went out, and are kept still."""

    variant_id: str
    location_id: str
    quantity: int
    issued: int
    kept: int


class ReservationView(BaseModel):
    """A reservation."""

    reservation_id: str
    reference: str | None
    placed_at: datetime
    expires_at: datetime | None
    status: str = Field(examples=["open"], description="open, issued, released or expired")
    version: int
    lines: list[ReservedLineView]


class ReservationsView(BaseModel):
    """A page of reservations."""

    items: list[ReservationView]
    next_cursor: str | None


class ReservationsParams(Page):
    """Which reservations."""

    status: Annotated[
        str | None, Field(pattern="^(open|issued|released|expired)$", examples=["open"])
    ] = None


class ReserveRoute(CommandRoute[ReserveBody]):
    """A route that asks the tenant's settings how long stock is kept."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, look at the settings, send, answer."""
        asked, fields = await self.parse(exchange)
        body = asked.body
        settings = exchange.services.tenant_settings
        lasts = body.lasts_seconds
        if lasts is None:
            kept = await settings.of(exchange.principal.tenant_id, StockSettings)
            lasts = kept.reservation_seconds
        command = ReserveStock(
            tuple(line.wanted() for line in body.lines),
            None if body.until_ended else lasts,
            body.reference,
            body.reservation_id,
        )
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


def _extend(asked: Asked[ExtendBody]) -> ExtendReservation:
    return ExtendReservation(asked.path["reservation_id"], asked.body.expires_at)


def _issue(asked: Asked[IssueBody]) -> IssueReservation:
    given = asked.body.lines
    lines = None if given is None else tuple(line.wanted() for line in given)
    return IssueReservation(asked.path["reservation_id"], lines)


def _release(asked: Asked[NoBody]) -> ReleaseReservation:
    return ReleaseReservation(asked.path["reservation_id"])


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    lines = [{name: line[name] for name in ReservedLineView.model_fields} for line in row["lines"]]
    return {name: row[name] for name in ReservationView.model_fields} | {"lines": lines}


async def _reservations(question: Question[ReservationsParams]) -> Answer:
    return await listed(
        question,
        RESERVATIONS,
        reservations.reservations,
        by="reservation_id",
        item=_told,
        status=question.params.status,
    )


async def _reservation(question: Question[Standing]) -> Answer:
    async with question.view(RESERVATIONS) as view:
        row = await reservations.reservation(
            view.connection,
            question.exchange.principal.tenant_id,
            question.path["reservation_id"],
        )
    if row is None:
        raise ReservationNotFound("there is no such reservation")
    return Answer(_told(row), view.position)


RESERVE = ReserveRoute(
    PATH,
    ReserveStock,
    ReserveBody,
    permission=Permission.STOCK_RESERVE,
    result=ReservationResult,
    summary="Keep stock for somebody",
    staff_only=True,
)

EXTEND = CommandRoute(
    f"{ONE_PATH}/extension",
    ExtendReservation,
    ExtendBody,
    _extend,
    permission=Permission.STOCK_RESERVE,
    result=ReservationResult,
    summary="Keep it until another time, or until it is ended",
    staff_only=True,
)

ISSUE = CommandRoute(
    f"{ONE_PATH}/issue",
    IssueReservation,
    IssueBody,
    _issue,
    permission=Permission.STOCK_RESERVE,
    result=ReservationResult,
    summary="Let kept stock go out, in whole or in part",
    staff_only=True,
)

RELEASE = CommandRoute(
    f"{ONE_PATH}/release",
    ReleaseReservation,
    NoBody,
    _release,
    permission=Permission.STOCK_RESERVE,
    result=ReservationResult,
    summary="Let kept stock go free",
    staff_only=True,
)

LIST = QueryRoute(
    PATH,
    ReservationsParams,
    _reservations,
    permission=Permission.STOCK_READ,
    result=ReservationsView,
    summary="List reservations",
    name="stock_reservations",
    staff_only=True,
)

ONE = QueryRoute(
    ONE_PATH,
    Standing,
    _reservation,
    permission=Permission.STOCK_READ,
    result=ReservationView,
    summary="See a reservation",
    name="stock_reservation",
    staff_only=True,
)
