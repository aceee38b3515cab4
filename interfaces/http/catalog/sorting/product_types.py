"""Product types: what products of a kind tell."""

from collections.abc import Mapping
from typing import Any

from application.catalog.product_types import (
    ChangeProductType,
    DefineProductType,
    ProductTypeResult,
)
from application.permissions import Permission
from domain.catalog.sorting.product_types import ProductTypeNotFound
from interfaces.http.catalog.sorting.shapes import (
    NewProductTypeBody,
    ProductTypeBody,
    ProductTypesView,
    ProductTypeView,
)
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, listed
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.etags import tag_of
from projections.catalog.sorting import product_types

TYPES = "catalog_product_types"
PATH = "/api/admin/product-types"
ONE_PATH = PATH + "/{type_id}"


def _define(asked: Asked[NewProductTypeBody]) -> DefineProductType:
    return DefineProductType(asked.body.names, asked.body.told(), asked.body.type_id)


def _change(asked: Asked[ProductTypeBody]) -> ChangeProductType:
    return ChangeProductType(asked.path["type_id"], asked.body.names, asked.body.told())


def _guarded(asked: Asked[ProductTypeBody]) -> str:
    return f"product_type-{asked.path['type_id']}"


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("type_id", "names", "attributes", "version")}


async def _type(question: Question[Standing]) -> Answer:
    tenant_id = question.exchange.principal.tenant_id
    async with question.view(TYPES) as view:
        row = await product_types.product_type(view.connection, tenant_id, question.path["type_id"])
    if row is None:
        raise ProductTypeNotFound("there is no such product type")
    return Answer(_told(row), view.position, ((b"etag", tag_of(row["version"])),))


async def _types(question: Question[Page]) -> Answer:
    return await listed(question, TYPES, product_types.product_types, by="type_id", item=_told)


LIST = QueryRoute(
    PATH,
    Page,
    _types,
    permission=Permission.CATALOG_READ,
    result=ProductTypesView,
    summary="List product types",
    name="catalog_product_types",
    staff_only=True,
)

ONE = QueryRoute(
    ONE_PATH,
    Standing,
    _type,
    permission=Permission.CATALOG_READ,
    result=ProductTypeView,
    summary="See a product type",
    name="catalog_product_type",
    staff_only=True,
)

DEFINE = CommandRoute(
    PATH,
    DefineProductType,
    NewProductTypeBody,
    _define,
    permission=Permission.CATALOG_MANAGE,
    result=ProductTypeResult,
    summary="Define what products of a new type tell",
    moves_money=False,
    staff_only=True,
)

CHANGE = CommandRoute(
    ONE_PATH,
    ChangeProductType,
    ProductTypeBody,
    _change,
    method="PUT",
    status=200,
    permission=Permission.CATALOG_MANAGE,
    result=ProductTypeResult,
    summary="Say anew what products of a type tell",
    moves_money=False,
    staff_only=True,
    guards=_guarded,
)
