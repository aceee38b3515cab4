"""Say where a product was made."""

from typing import Annotated

from pydantic import Field

from application.catalog.origin import StateOrigin
from interfaces.http.catalog.products.changing import ProductRoute
from interfaces.http.routing.command import Asked
from interfaces.http.wire.fields import Body


class OriginBody(Body):
    """The country, or null where it is not known."""

    country_of_origin: Annotated[
        str | None, Field(min_length=2, max_length=2, description="ISO 3166-1", examples=["TR"])
    ]


def _state(asked: Asked[OriginBody]) -> StateOrigin:
    return StateOrigin(asked.path["product_id"], asked.body.country_of_origin)


ORIGIN = ProductRoute(
    "/origin", StateOrigin, OriginBody, _state, summary="Say where a product was made"
)
