"""Let products into the shop and out of it."""

from collections.abc import Callable
from typing import Any

from application.catalog.publishing import (
    ArchiveProduct,
    CancelScheduling,
    DeleteProduct,
    PublishProduct,
    RestoreProduct,
    ScheduleProduct,
    UnpublishProduct,
)
from interfaces.http.catalog.products.changing import ProductRoute
from interfaces.http.catalog.products.shapes import NothingBody
from interfaces.http.routing.command import Asked
from interfaces.http.wire.fields import Body, Moment


class ScheduleBody(Body):
    """When it is to be published."""

    publish_at: Moment


def _schedule(asked: Asked[ScheduleBody]) -> ScheduleProduct:
    return ScheduleProduct(asked.path["product_id"], asked.body.publish_at)


def _of_product(command: Callable[[str], Any]) -> Callable[[Asked[NothingBody]], Any]:
    return lambda asked: command(asked.path["product_id"])


PUBLISH = ProductRoute(
    "/publication",
    PublishProduct,
    NothingBody,
    _of_product(PublishProduct),
    method="POST",
    summary="Let customers see a product; refused with all that it lacks",
)
SCHEDULE = ProductRoute(
    "/schedule",
    ScheduleProduct,
    ScheduleBody,
    _schedule,
    method="POST",
    summary="Let a product be published by itself at a time to come",
)
CANCEL_SCHEDULE = ProductRoute(
    "/schedule",
    CancelScheduling,
    NothingBody,
    _of_product(CancelScheduling),
    method="DELETE",
    summary="Let a scheduled product stay a draft",
)
UNPUBLISH = ProductRoute(
    "/unpublication",
    UnpublishProduct,
    NothingBody,
    _of_product(UnpublishProduct),
    method="POST",
    summary="Take a product out of the shop",
)
ARCHIVE = ProductRoute(
    "/archival",
    ArchiveProduct,
    NothingBody,
    _of_product(ArchiveProduct),
    method="POST",
    summary="Sell a product no more",
)
RESTORE = ProductRoute(
    "/restoration",
    RestoreProduct,
    NothingBody,
    _of_product(RestoreProduct),
    method="POST",
    summary="Let an archived product be a draft again",
)
DELETE = ProductRoute(
    "",
    DeleteProduct,
    NothingBody,
    _of_product(DeleteProduct),
    method="DELETE",
    summary="Let a product be gone that customers never saw; archive any other",
)
