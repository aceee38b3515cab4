"""Where stock can be."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.stock.locating import (
    CloseLocation,
    LocationResult,
    OpenLocation,
    RankingResult,
    RankLocations,
    RenameLocation,
    ReopenLocation,
)
from domain.stock.locations import LOCATIONS_MAX, REASON_LENGTH_MAX
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.stock.shapes import LOCATIONS, LocationId, NewLocationId, NoBody
from interfaces.http.wire.fields import Body, Name
from projections.stock import locations

PATH = "/api/admin/stock/locations"
ONE_PATH = f"{PATH}/{{location_id}}"


class OpenBody(Body):
    """What it is called; `location_id` may be an id of yours."""

    name: Annotated[Name, Field(examples=["Depo"])]
    location_id: NewLocationId | None = None


class RenameBody(Body):
    """What it is called from now on."""

    name: Annotated[Name, Field(examples=["Depo 2"])]


class CloseBody(Body):
    """Why, for colleagues; nothing personal."""

    reason: Annotated[
        Name | None, Field(max_length=REASON_LENGTH_MAX, examples=["The season is over"])
    ] = None


class RankingBody(Body):
    """Every open location once, the one first that is asked first for stock."""

    location_ids: Annotated[
        tuple[LocationId, ...],
        Field(strict=False, min_length=1, max_length=LOCATIONS_MAX, examples=[["main"]]),
    ]


class LocationView(BaseModel):
    """A location; one that was never named has its id as its name."""

    location_id: str
    name: str
    closed_at: datetime | None = Field(description="Since when nothing can be there, if it is so")
    closed_reason: str | None


class LocationsView(BaseModel):
    """The open locations in the order in which they are asked for stock, then those closed."""

    items: list[LocationView]


def _open(asked: Asked[OpenBody]) -> OpenLocation:
    return OpenLocation(asked.body.name, asked.body.location_id)


def _rename(asked: Asked[RenameBody]) -> RenameLocation:
    return RenameLocation(asked.path["location_id"], asked.body.name)


def _close(asked: Asked[CloseBody]) -> CloseLocation:
    return CloseLocation(asked.path["location_id"], asked.body.reason)


def _reopen(asked: Asked[NoBody]) -> ReopenLocation:
    return ReopenLocation(asked.path["location_id"])


def _rank(asked: Asked[RankingBody]) -> RankLocations:
    return RankLocations(asked.body.location_ids)


async def _locations(question: Question[Standing]) -> Answer:
    async with question.view(LOCATIONS) as view:
        rows = await locations.locations(view.connection, question.exchange.principal.tenant_id)
    return Answer({"items": rows}, view.position)


OPEN = CommandRoute(
    PATH,
    OpenLocation,
    OpenBody,
    _open,
    permission=Permission.STOCK_MANAGE,
    result=LocationResult,
    summary="Open a location",
    moves_money=False,
    staff_only=True,
)

RENAME = CommandRoute(
    ONE_PATH,
    RenameLocation,
    RenameBody,
    _rename,
    permission=Permission.STOCK_MANAGE,
    result=LocationResult,
    summary="Call a location something else",
    method="PUT",
    status=200,
    moves_money=False,
    staff_only=True,
)

CLOSE = CommandRoute(
    f"{ONE_PATH}/close",
    CloseLocation,
    CloseBody,
    _close,
    permission=Permission.STOCK_MANAGE,
    result=LocationResult,
    summary="Close a location at which nothing is",
    status=200,
    moves_money=False,
    staff_only=True,
)

REOPEN = CommandRoute(
    f"{ONE_PATH}/reopen",
    ReopenLocation,
    NoBody,
    _reopen,
    permission=Permission.STOCK_MANAGE,
    result=LocationResult,
    summary="Let stock be at a closed location again",
    status=200,
    moves_money=False,
    staff_only=True,
)

RANK = CommandRoute(
    "/api/admin/stock/ranking",
    RankLocations,
    RankingBody,
    _rank,
    permission=Permission.STOCK_MANAGE,
    result=RankingResult,
    summary="Say in which order locations are asked for stock",
    method="PUT",
    status=200,
    moves_money=False,
    staff_only=True,
)

LIST = QueryRoute(
    PATH,
    Standing,
    _locations,
    permission=Permission.STOCK_READ,
    result=LocationsView,
    summary="List locations",
    name="stock_locations",
    staff_only=True,
)
