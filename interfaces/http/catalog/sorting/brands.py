"""Brands: seen by everybody with a key, kept by staff."""

from collections.abc import Mapping
from typing import Any

from application.catalog.brands import AddBrand, BrandResult, RemoveBrand, RenameBrand
from application.permissions import Permission
from interfaces.http.catalog.sorting.shapes import (
    BrandBody,
    BrandsView,
    NewBrandBody,
    NothingBody,
    PublicBrandsView,
)
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, listed
from interfaces.http.routing.query import Answer, QueryRoute, Question
from projections.catalog.sorting import brands

BRANDS = "catalog_brands"
PATH = "/api/admin/brands"
ONE_PATH = PATH + "/{brand_id}"


def _add(asked: Asked[NewBrandBody]) -> AddBrand:
    return AddBrand(asked.body.name, asked.body.slug, asked.body.brand_id)


def _rename(asked: Asked[BrandBody]) -> RenameBrand:
    return RenameBrand(asked.path["brand_id"], asked.body.slug, asked.body.name)


def _remove(asked: Asked[NothingBody]) -> RemoveBrand:
    return RemoveBrand(asked.path["brand_id"])


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("brand_id", "slug", "name")}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**_public(row), "products": row["products"]}


async def _public_brands(question: Question[Page]) -> Answer:
    """By slug."""
    return await listed(question, BRANDS, brands.brands, by="slug", item=_public)


async def _brands(question: Question[Page]) -> Answer:
    """By slug, each with the number of its products."""
    return await listed(question, BRANDS, brands.brands, by="slug", item=_told)


PUBLIC = QueryRoute(
    "/api/brands",
    Page,
    _public_brands,
    permission=None,
    keyed=True,
    result=PublicBrandsView,
    summary="List brands",
    name="catalog_public_brands",
)

LIST = QueryRoute(
    PATH,
    Page,
    _brands,
    permission=Permission.CATALOG_READ,
    result=BrandsView,
    summary="List brands as staff",
    name="catalog_brands",
    staff_only=True,
)

ADD = CommandRoute(
    PATH,
    AddBrand,
    NewBrandBody,
    _add,
    permission=Permission.CATALOG_MANAGE,
    result=BrandResult,
    summary="Add a brand",
    moves_money=False,
    staff_only=True,
)

RENAME = CommandRoute(
    ONE_PATH,
    RenameBrand,
    BrandBody,
    _rename,
    method="PUT",
    status=200,
    permission=Permission.CATALOG_MANAGE,
    result=BrandResult,
    summary="Give a brand another name or address",
    moves_money=False,
    staff_only=True,
)

REMOVE = CommandRoute(
    ONE_PATH,
    RemoveBrand,
    NothingBody,
    _remove,
    method="DELETE",
    status=200,
    permission=Permission.CATALOG_MANAGE,
    result=BrandResult,
    summary="Remove a brand that no product is of",
    moves_money=False,
    staff_only=True,
)
