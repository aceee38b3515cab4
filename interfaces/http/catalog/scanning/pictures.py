"""Codes of a variant as pictures for labels."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from application.catalog.finding import VariantNotFound
from application.permissions import Permission
from domain.tenants.settings import Branding
from infrastructure.catalog.codes import digital_link, own_address
from infrastructure.catalog.pictures import NotDrawable, barcode_of, qr_of
from interfaces.http.catalog.scanning.lookup import VARIANTS
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.problems import Problem
from projections.catalog.variants import variants_by

PATH = "/api/admin/products/{product_id}/variants/{variant_id}"
SVG = b"image/svg+xml"


async def _qr(question: Question[Standing]) -> Answer:
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
    return Answer(await asyncio.to_thread(qr_of, text), position, media_type=SVG)


async def _barcode(question: Question[Standing]) -> Answer:
    """Draw the GTIN as EAN or UPC; without one, the SKU as Code 128."""
    row, position = await _variant(question)
    try:
        drawn = await asyncio.to_thread(barcode_of, row["gtin"] or None, row["sku"])
    except NotDrawable as wrong:
        raise Problem(
            409, "catalog.sku_not_drawable", "a barcode has letters of ASCII alone"
        ) from wrong
    return Answer(drawn, position, media_type=SVG)


async def _variant(question: Question[Standing]) -> tuple[dict[str, Any], int]:
    tenant_id, path = question.exchange.principal.tenant_id, question.path
    async with question.view(VARIANTS) as view:
        rows = await variants_by(view.connection, tenant_id, "variant_id", path["variant_id"])
    if not rows or rows[0]["product_id"] != path["product_id"]:
        raise VariantNotFound("there is no such variant")
    return rows[0], view.position


def _picture(
    last: str, ask: Callable[[Question[Standing]], Awaitable[Answer]], summary: str
) -> QueryRoute[Standing]:
    return QueryRoute(
        f"{PATH}/{last}",
        Standing,
        ask,
        permission=Permission.CATALOG_READ,
        result=str,
        summary=summary,
        name=f"catalog_variant_{last}",
        staff_only=True,
        extra={"x-answers": SVG.decode()},
    )


QR = _picture("qr", _qr, "Draw the QR code of a variant")
BARCODE = _picture("barcode", _barcode, "Draw the barcode of a variant")
