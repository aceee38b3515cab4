"""A route that changes one product, for staff, if it is still what they read."""

from collections.abc import Callable
from typing import Any, TypeVar

from application.catalog.finding import ProductResult
from application.permissions import Permission
from domain.catalog.products.product import Product
from domain.kernel.events import stream_of
from interfaces.http.routing.command import Asked, CommandRoute, NamedCommand
from interfaces.http.wire.fields import Body

PATH = "/api/admin/products"
ONE_PATH = PATH + "/{product_id}"

B = TypeVar("B", bound=Body)


class ProductRoute(CommandRoute[B]):
    """Its If-Match names the product's version, which each answer tells."""

    def __init__(  # noqa: PLR0913 - what a route declares
        self,
        path: str,
        command: type[NamedCommand],
        body: type[B],
        make: Callable[[Asked[B]], Any],
        *,
        summary: str,
        method: str = "PUT",
        result: Any = ProductResult,  # noqa: ANN401 - a dataclass of the application
    ) -> None:
        super().__init__(
            ONE_PATH + path,
            command,
            body,
            make,
            permission=Permission.CATALOG_MANAGE,
            result=result,
            summary=summary,
            method=method,
            status=200,
            moves_money=False,
            staff_only=True,
            guards=_stream,
        )


def _stream(asked: Asked[Any]) -> str:
    return stream_of(Product.CATEGORY, asked.path["product_id"])
