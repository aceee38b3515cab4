"""Mass edits: the same change for many products, as an import that the service writes (CAT-12)."""

import csv
import io
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from inspect import Parameter
from typing import Annotated, Any, Literal

from fastapi import Body as BodyParameter
from pydantic import Field, ValidationError

from application.catalog.importing.asking import ImportResult
from application.permissions import Permission
from domain.catalog.imports.imports import Mode
from infrastructure.catalog.imports import cells
from infrastructure.catalog.imports.tables import ROWS_MAX
from interfaces.http.catalog.imports import ACCEPTED, BEYOND, GiveParams, give
from interfaces.http.catalog.overview import Status
from interfaces.http.catalog.products.shapes import ProductId, TaxClassCode
from interfaces.http.catalog.window import READ_MODEL
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.route import DefterRoute
from interfaces.http.wire.bodies import (
    BULK_BODY_BYTES_MAX,
    check_content_type,
    parse_object,
    read_body,
)
from interfaces.http.wire.documented import EVERY_ROUTE
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import Problem, of_validation
from projections.catalog import exported, overview
from projections.catalog.overview import Missing
from projections.catalog.sorting.categories import CATALOG_CATEGORIES

PRODUCTS_AT_ONCE = 500
PRODUCTS_MAX = 10_000
PERCENT = Decimal(100)


class FilterBody(Body):
    """Which products: those that the list of staff shows under the same filters."""

    status: Status | None = None
    missing: Annotated[Missing | None, Field(strict=False)] = None
    category_id: Annotated[str | None, Field(pattern="^cat_[0-9a-zA-Z_]{1,56}$")] = None
    brand_id: Annotated[str | None, Field(pattern="^brd_[0-9a-zA-Z_]{1,56}$")] = None
    channel: Annotated[str | None, Field(pattern="^[a-z0-9_-]{1,40}$")] = None


class ChangeBody(Body):
    """What is to be changed; what is left away stays."""

    status: Literal["draft", "published", "archived"] | None = None
    category: Annotated[
        str | None, Field(max_length=1_000, examples=["Ev > Mutfak"], description="Paths, by |")
    ] = None
    brand: Annotated[str | None, Field(max_length=250, description="Name, slug or id")] = None
    tax_class: TaxClassCode | None = None
    price_percent: Annotated[
        str | None,
        Field(
            pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,4})?$",
            examples=["-10", "7.5"],
            description="Rounded half-even to the currency's smallest unit",
        ),
    ] = None
    price_minor: Annotated[
        int | None, Field(ge=-(10**12), le=10**12, description="So much more, in minor units")
    ] = None


class MassEditBody(Body):
    """Which products, by a filter or by their ids, and what to change of them."""

    filter: FilterBody | None = None
    product_ids: Annotated[tuple[ProductId, ...], Field(strict=False, max_length=PRODUCTS_MAX)] = ()
    change: ChangeBody
    dry_run: bool = False


class MassEditRoute(DefterRoute):
    """Writes the file of an import, and lets a worker read it."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, look which variants it is about, write what each becomes, give it."""
        check_content_type(exchange.headers.get(b"content-type"))
        length = exchange.headers.get(b"content-length")
        fields = parse_object(await read_body(exchange.receive, length, BULK_BODY_BYTES_MAX))
        try:
            body: MassEditBody = MassEditBody.__pydantic_validator__.validate_python(fields)
        except ValidationError as wrong:
            raise of_validation(wrong) from None
        change = body.change
        if (body.filter is None) == (not body.product_ids):
            raise _wrong("say which products: either a filter or product_ids")
        priced = change.price_percent is not None or change.price_minor is not None
        if change.price_percent is not None and change.price_minor is not None:
            raise _wrong("a price changes by percent or by an amount, not by both")
        if change == ChangeBody():
            raise _wrong("say what to change")
        if priced and not exchange.principal.may(BEYOND[0]):
            needed = BEYOND[0].value
            raise Problem(403, "auth.permission_missing", f"prices need the permission {needed}")
        rows = [_row(one, change) for one in await _variants(exchange, body) if _may(one, change)]
        params = GiveParams(mode=Mode.UPDATE, dry_run=body.dry_run)
        await give(exchange, _file(rows, change), params, fields)


async def _variants(exchange: Exchange, body: MassEditBody) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    seconds = services.settings.read_deadline_seconds
    models = (READ_MODEL, CATALOG_CATEGORIES.name)
    async with services.reads.tenant(
        tenant_id, projections=models, deadline_seconds=seconds
    ) as view:
        after, ids = "", list(body.product_ids)
        while True:
            if body.filter is not None:
                asked = body.filter.model_dump()
                page = await overview.products(
                    view.connection, tenant_id, **asked, after=after, limit=PRODUCTS_AT_ONCE
                )
                ids = [one["product_id"] for one in page]
            found += await exported.rows(view.connection, tenant_id, ids)
            if len(found) > ROWS_MAX:
                raise _wrong(f"a mass edit is about {ROWS_MAX:,} variants at most")
            if body.filter is None or len(ids) < PRODUCTS_AT_ONCE:
                return found
            after = ids[-1]


def _may(one: Mapping[str, Any], change: ChangeBody) -> bool:
    """Leave out variants without a price where prices are changed."""
    return one["minor"] is not None or (change.price_percent is None and change.price_minor is None)


def _row(one: Mapping[str, Any], change: ChangeBody) -> dict[str, str]:
    row = {"sku": one["sku"]}
    for column in ("status", "category", "brand", "tax_class"):
        said: str | None = getattr(change, column)
        if said is not None:
            row[column] = said
    minor = one["minor"]
    if change.price_percent is not None:
        factor = 1 + Decimal(change.price_percent) / PERCENT
        minor = int((minor * factor).quantize(Decimal(1), ROUND_HALF_EVEN))
    elif change.price_minor is not None:
        minor += change.price_minor
    if minor != one["minor"]:
        row["price"] = cells.written(minor, one["currency"])
        row["currency"] = one["currency"]
    return row


def _file(rows: list[dict[str, str]], change: ChangeBody) -> bytes:
    names = ["sku", *(name for name in ("status", "category", "brand", "tax_class"))]
    names = [name for name in names if name == "sku" or getattr(change, name) is not None]
    if change.price_percent is not None or change.price_minor is not None:
        names += ["price", "currency"]
    out = io.StringIO()
    lines = csv.DictWriter(out, names)
    lines.writeheader()
    lines.writerows(rows)
    return out.getvalue().encode()


def _wrong(said: str) -> Problem:
    return Problem(422, "catalog.mass_edit_invalid", said)


MASS_EDIT = MassEditRoute(
    "/api/admin/products/mass-edit",
    method="POST",
    permission=Permission.CATALOG_MANAGE,
    summary="Change many products alike; follow it as an import",
    name="catalog_mass_edit",
    tag="catalog",
    status=ACCEPTED,
    answer=ImportResult,
    problems=sorted({400, 409, 413, 415, 422, *EVERY_ROUTE}),
    parameters=[
        Parameter(
            "body", Parameter.KEYWORD_ONLY, annotation=Annotated[MassEditBody, BodyParameter()]
        )
    ],
    headers={"Idempotency-Key": "The same key and body give the same import again."},
    staff_only=True,
    description="A price is counted from what it was when this was asked. A row for each variant.",
)
