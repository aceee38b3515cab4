"""Collections: products shown together, chosen one by one or by a rule."""

from collections.abc import Mapping
from typing import Any

from application.catalog.collections import (
    BeginCollection,
    ChangeCollection,
    CollectionResult,
    RemoveCollection,
)
from application.permissions import Permission
from interfaces.http.catalog.sorting.shapes import (
    CollectionBody,
    CollectionsView,
    NewCollectionBody,
    NothingBody,
    PublicCollectionsView,
)
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, listed
from interfaces.http.routing.query import Answer, QueryRoute, Question
from projections.catalog.sorting import collections

COLLECTIONS = "catalog_collections"
PATH = "/api/admin/collections"
ONE_PATH = PATH + "/{collection_id}"


def _begin(asked: Asked[NewCollectionBody]) -> BeginCollection:
    body = asked.body
    return BeginCollection(body.names, body.products(), body.slug, body.collection_id)


def _change(asked: Asked[CollectionBody]) -> ChangeCollection:
    body, collection_id = asked.body, asked.path["collection_id"]
    return ChangeCollection(collection_id, body.slug, body.names, body.products())


def _remove(asked: Asked[NothingBody]) -> RemoveCollection:
    return RemoveCollection(asked.path["collection_id"])


def _guarded(asked: Asked[CollectionBody]) -> str:
    return f"collection-{asked.path['collection_id']}"


def _public(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("collection_id", "slug", "names")}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("product_ids", "rule", "version")} | _public(row)


async def _public_collections(question: Question[Page]) -> Answer:
    """By slug."""
    return await listed(question, COLLECTIONS, collections.collections, by="slug", item=_public)


async def _collections(question: Question[Page]) -> Answer:
    """By slug, each with its products or its rule."""
    return await listed(question, COLLECTIONS, collections.collections, by="slug", item=_told)


PUBLIC = QueryRoute(
    "/api/collections",
    Page,
    _public_collections,
    permission=None,
    keyed=True,
    result=PublicCollectionsView,
    summary="List collections",
    name="catalog_public_collections",
)

LIST = QueryRoute(
    PATH,
    Page,
    _collections,
    permission=Permission.CATALOG_READ,
    result=CollectionsView,
    summary="List collections as staff",
    name="catalog_collections",
    staff_only=True,
)

BEGIN = CommandRoute(
    PATH,
    BeginCollection,
    NewCollectionBody,
    _begin,
    permission=Permission.CATALOG_MANAGE,
    result=CollectionResult,
    summary="Begin a collection, by hand or by a rule",
    moves_money=False,
    staff_only=True,
)

CHANGE = CommandRoute(
    ONE_PATH,
    ChangeCollection,
    CollectionBody,
    _change,
    method="PUT",
    status=200,
    permission=Permission.CATALOG_MANAGE,
    result=CollectionResult,
    summary="Say all of a collection anew",
    moves_money=False,
    staff_only=True,
    guards=_guarded,
)

REMOVE = CommandRoute(
    ONE_PATH,
    RemoveCollection,
    NothingBody,
    _remove,
    method="DELETE",
    status=200,
    permission=Permission.CATALOG_MANAGE,
    result=CollectionResult,
    summary="Remove a collection; its products are untouched",
    moves_money=False,
    staff_only=True,
)
