"""Find a variant by what was scanned or typed."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from application.catalog.finding import VariantNotFound
from application.permissions import Permission
from domain.catalog.gtin import GtinInvalid, checked
from infrastructure.catalog.codes import Scanned, of_address
from interfaces.http.catalog.scanning.shapes import VariantView, variant_view
from interfaces.http.edge.exchange import Exchange
from interfaces.http.parts import View
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.problems import Problem
from projections.catalog.variants import variants_by

VARIANTS = "catalog_variants"
CODE_LENGTH_MAX = 500


class CodeKind(StrEnum):
    """What a code is; ANY is tried as an address, a SKU, a GTIN and a barcode, in this order."""

    ANY = "any"
    QR = "qr"
    SKU = "sku"
    GTIN = "gtin"
    BARCODE = "barcode"


class LookupParams(Standing):
    """What was scanned, and what the scanner says that it is."""

    code: Annotated[
        str, Field(min_length=1, max_length=CODE_LENGTH_MAX, examples=["8690000000005"])
    ]
    kind: CodeKind = CodeKind.ANY


def may_be(code: str, kind: CodeKind) -> list[Scanned]:
    """Give what a code may be, in the order it is tried; a GTIN that is declared has to be one."""
    match kind:
        case CodeKind.QR:
            found = of_address(code)
            return [found._replace(code=_number_of(found))] if found is not None else []
        case CodeKind.GTIN:
            return [Scanned("gtin", checked(code))]
        case CodeKind.SKU | CodeKind.BARCODE:
            return [Scanned(kind.value, code)]
        case CodeKind.ANY:
            addressed = of_address(code)
            if addressed is not None:
                return may_be(code, CodeKind.QR)
            numbers = [Scanned("gtin", gtin)] if (gtin := _gtin_or_none(code)) else []
            return [Scanned("sku", code), *numbers, Scanned("barcode", code)]


def _number_of(found: Scanned) -> str:
    return checked(found.code) if found.column == "gtin" else found.code


def _gtin_or_none(code: str) -> str | None:
    try:
        return checked(code)
    except GtinInvalid:
        return None


async def variant_of(
    view: View, exchange: Exchange, tenant_id: UUID, column: str, code: str
) -> dict[str, Any] | None:
    """Find the one variant that the caller may see; two of them are refused, not guessed."""
    rows = await variants_by(view.connection, tenant_id, column, code)
    if len(rows) > 1:
        raise Problem(409, "catalog.code_ambiguous", "several variants have this barcode")
    every = exchange.principal.may(Permission.CATALOG_READ)
    return next((row for row in rows if every or row["published"]), None)


async def _lookup(question: Question[LookupParams]) -> Answer:
    """Who may not see the whole catalogue finds what is published alone."""
    exchange, params = question.exchange, question.params
    tried = may_be(params.code, params.kind)
    async with question.view(VARIANTS) as view:
        for column, code in tried:
            row = await variant_of(view, exchange, exchange.principal.tenant_id, column, code)
            if row is not None:
                return Answer(variant_view(row), view.position)
    raise VariantNotFound("there is no such variant")


LOOKUP = QueryRoute(
    "/api/products/lookup",
    LookupParams,
    _lookup,
    permission=None,
    keyed=True,
    result=VariantView,
    summary="Find a variant by SKU, GTIN, barcode or what a QR code holds",
    name="catalog_lookup",
)
