"""Products as a file: exactly those that staff see listed under the same filters (CAT-12)."""

# xlsxwriter brings no stubs:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import csv
import io
from collections.abc import AsyncGenerator
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, Literal

import xlsxwriter
from pydantic import Field

from application.permissions import Permission
from infrastructure.catalog.imports.writing import Writer
from interfaces.http.catalog.overview import Status
from interfaces.http.catalog.window import READ_MODEL
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.tables import CSV, plain
from projections.catalog import exported, overview
from projections.catalog.overview import Missing
from projections.catalog.sorting import categories
from projections.catalog.sorting.categories import CATALOG_CATEGORIES

PRODUCTS_AT_ONCE = 500
XLSX = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY_MAX = 8 * 1024 * 1024
PART_BYTES = 64 * 1024
BEGINNING = "\ufeff"
"""Spreadsheets take a CSV for UTF-8 only where it begins so."""


class ExportParams(Standing):
    """Which products, and as what; without a filter all of them."""

    format: Literal["csv", "xlsx"] = "csv"
    status: Status | None = None
    missing: Annotated[Missing | None, Field(description="Only those that lack this")] = None
    category_id: Annotated[str | None, Field(pattern="^cat_[0-9a-zA-Z_]{1,56}$")] = None
    brand_id: Annotated[str | None, Field(pattern="^brd_[0-9a-zA-Z_]{1,56}$")] = None
    channel: Annotated[str | None, Field(pattern="^[a-z0-9_-]{1,40}$")] = None


async def _export(question: Question[ExportParams]) -> Answer:
    """One row for each variant, under the headings that an import reads.

    Stock is what is on hand at the main location, prices are those of the standard list. A product
    without variants has no row.
    """
    tenant_id = question.exchange.principal.tenant_id
    async with question.view(READ_MODEL, CATALOG_CATEGORIES.name) as view:
        position = view.position
        keys = await exported.keys(view.connection, tenant_id)
        writer = Writer(keys, await categories.categories(view.connection, tenant_id))
    wanted = question.params.format
    parts = _csv(question, writer) if wanted == "csv" else _xlsx(question, writer)
    name = f'attachment; filename="products.{wanted}"'.encode()
    headers = ((b"content-disposition", name),)
    return Answer(parts, position, headers, media_type=CSV if wanted == "csv" else XLSX)


async def _pages(question: Question[ExportParams], writer: Writer) -> AsyncGenerator[list[Any]]:
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    after = ""
    while True:
        async with question.view(READ_MODEL, CATALOG_CATEGORIES.name) as view:
            found = await overview.products(
                view.connection,
                tenant_id,
                status=params.status,
                missing=params.missing,
                category_id=params.category_id,
                brand_id=params.brand_id,
                channel=params.channel,
                after=after,
                limit=PRODUCTS_AT_ONCE,
            )
            ids = [one["product_id"] for one in found]
            rows = await exported.rows(view.connection, tenant_id, ids)
        yield [writer.row(row) for row in rows]
        if len(found) < PRODUCTS_AT_ONCE:
            return
        after = ids[-1]


async def _csv(question: Question[ExportParams], writer: Writer) -> AsyncGenerator[bytes]:
    out = io.StringIO()
    out.write(BEGINNING)
    lines = csv.writer(out)
    lines.writerow(writer.headings)
    async for page in _pages(question, writer):
        lines.writerows([plain(cell) for cell in row] for row in page)
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


async def _xlsx(question: Question[ExportParams], writer: Writer) -> AsyncGenerator[bytes]:
    with SpooledTemporaryFile(IN_MEMORY_MAX) as kept:
        with xlsxwriter.Workbook(kept, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("products")
            for column, heading in enumerate(writer.headings):
                sheet.write_string(0, column, heading)
            number = 0
            async for page in _pages(question, writer):
                for number, row in enumerate(page, number + 1):  # noqa: B020 - it goes on
                    for column, cell in enumerate(row):
                        sheet.write_string(number, column, cell)
        kept.seek(0)
        while part := kept.read(PART_BYTES):
            yield part


EXPORT = QueryRoute(
    "/api/admin/products/export",
    ExportParams,
    _export,
    permission=Permission.CATALOG_READ,
    result=bytes,
    summary="Export products as CSV or XLSX, as an import reads them",
    name="catalog_export",
    staff_only=True,
    extra={"x-answers": CSV.decode()},
)
