"""Codes of a variant as pictures for labels."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Any, Literal

from pydantic import Field

from application.catalog.finding import VariantNotFound
from application.permissions import Permission
from domain.tenants.settings import Branding
from infrastructure.catalog.codes import digital_link, own_address
from infrastructure.catalog.pictures import NotDrawable, barcode_png, barcode_svg, qr_png, qr_svg
from interfaces.http.catalog.scanning.lookup import VARIANTS
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.problems import Problem
from projections.catalog.variants import variants_by

PATH = "/api/admin/products/{product_id}/variants/{variant_id}"
MEDIA_TYPES = {"svg": b"image/svg+xml", "png": b"image/png"}
_QR = {"svg": qr_svg, "png": qr_png}
_BARCODES = {"svg": barcode_svg, "png": barcode_png}


class PictureParams(Standing):
    """As which picture."""

    format: Annotated[Literal["svg", "png"], Field(description="SVG is sharp in any size")] = "svg"


async def _qr(question: Question[PictureParams]) -> Answer:
    """Point to the GTIN as a GS1 Digital Link; without one, to where the shop shows the variant."""
    row, position = await _variant(question)
    services = question.exchange.services
    branding = await services.tenant_settings.of(question.exchange.principal.tenant_id, Branding)
    base = branding.shop_url or services.settings.public_url
    text = (
        digital_link(base, row["gtin"])
        if row["gtin"]
        else own_address(base, row["slug"], row["variant_id"])
    )
    # It takes long enough for others to notice, and is seldom asked for.
    drawn = await asyncio.to_thread(_QR[question.params.format], text)
    return Answer(drawn, position, media_type=MEDIA_TYPES[question.params.format])


async def _barcode(question: Question[PictureParams]) -> Answer:
    """Draw the GTIN as EAN or UPC; without one, the SKU as Code 128."""
    row, position = await _variant(question)
    draw = _BARCODES[question.params.format]
    try:
        drawn = await asyncio.to_thread(draw, row["gtin"] or None, row["sku"])
    except NotDrawable as wrong:
        raise Problem(
            409, "catalog.sku_not_drawable", "a barcode has letters of ASCII alone"
        ) from wrong
    return Answer(drawn, position, media_type=MEDIA_TYPES[question.params.format])


async def _variant(question: Question[PictureParams]) -> tuple[dict[str, Any], int]:
    tenant_id, path = question.exchange.principal.tenant_id, question.path
    async with question.view(VARIANTS) as view:
        rows = await variants_by(view.connection, tenant_id, "variant_id", path["variant_id"])
    if not rows or rows[0]["product_id"] != path["product_id"]:
        raise VariantNotFound("there is no such variant")
    return rows[0], view.position


def _picture(
    last: str,
    ask: Callable[[Question[PictureParams]], Awaitable[Answer]],
    summary: str,
    *,
    also: Collection[int] = (),
) -> QueryRoute[PictureParams]:
    return QueryRoute(
        f"{PATH}/{last}",
        PictureParams,
        ask,
        permission=Permission.CATALOG_READ,
        result=str,
        summary=summary,
        name=f"catalog_variant_{last}",
        staff_only=True,
        extra={
            "x-answers": MEDIA_TYPES["svg"].decode(),
            "x-answers-also": [MEDIA_TYPES["png"].decode()],
        },
        also=also,
    )


QR = _picture("qr", _qr, "Draw the QR code of a variant")
BARCODE = _picture("barcode", _barcode, "Draw the barcode of a variant", also=(409,))
