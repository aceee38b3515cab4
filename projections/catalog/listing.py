"""The listing of products that customers leaf through, and what is derived beside it."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Text,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from domain.catalog.sorting.events import CategoryMoved
from domain.kernel.events import Recorded
from projections.catalog.facts import PRODUCT_FOLDS
from projections.catalog.listed import FRESH, LISTING, MADE_OF, SHOWN
from projections.catalog.searched import SEARCH_FOLDS, SEARCH_TABLES, beside
from projections.catalog.searching import INDEXED_FROM, SEARCH_DDL, SEARCH_LOOKUPS, index_of
from projections.catalog.surroundings import SURROUNDING_FOLDS
from projections.query import Asked, Query
from projections.read_model import (
    Derivation,
    Fold,
    Increment,
    Operation,
    ReadModel,
    ReadTable,
)

CHANGES = ReadTable(
    "catalog_changes_v1",
    Column("what", Text(collation="C"), primary_key=True),
    Column("position", BigInteger, nullable=False),
    latest=("position",),
)
"""Up to which position of the log anything of the listing changed: kept answers that are younger
still hold."""

_WHAT = "listing"


def _noted(fold: Fold) -> Fold:
    def noted(recorded: Recorded) -> Iterable[Operation]:
        return (*fold(recorded), Increment(CHANGES, (_WHAT,), (), (recorded.position,), ()))

    return noted


def _nothing(_recorded: Recorded) -> Iterable[Operation]:
    """Change no row: what stands below a category is looked up when it is asked for."""
    return ()


CATALOG_LISTING = ReadModel(
    "catalog_listing",
    1,
    (*MADE_OF, CHANGES, LISTING, *SEARCH_TABLES),
    {
        kind: _noted(fold)
        for kind, fold in beside(
            PRODUCT_FOLDS | SURROUNDING_FOLDS | {CategoryMoved: _nothing}, SEARCH_FOLDS
        ).items()
    },
    ddl=SEARCH_DDL,
    lookups=SEARCH_LOOKUPS,
    derivations=(
        Derivation(FRESH, MADE_OF),
        Derivation(index_of(LISTING.name), INDEXED_FROM),
    ),
)


class Sort(StrEnum):
    """In which order products are listed; `-` is the largest first."""

    NEWEST = "newest"
    CHEAPEST = "price"
    DEAREST = "-price"


class Place(NamedTuple):
    """Where a page begins: after this product in this order."""

    key: datetime | int
    product_id: str


_C = LISTING.table.c
_KEYS = {
    Sort.NEWEST: (_C.published_at, DateTime(timezone=True), True),
    Sort.CHEAPEST: (_C.price_minor, BigInteger, False),
    Sort.DEAREST: (_C.price_minor, BigInteger, True),
}
_WHOSE = (
    _C.tenant_id == bindparam("tenant_id"),
    SHOWN,
    or_(
        func.cardinality(_C.channels) == 0,
        _C.channels.op("@>")(cast(array([bindparam("channel")]), ARRAY(Text))),
    ),
)


@cache
def _page(sort: Sort, locale: str, *, after: bool) -> Query:
    key, kind, largest_first = _KEYS[sort]
    place = tuple_(key, _C.product_id)
    last = tuple_(cast(bindparam("key"), kind), cast(bindparam("product_id"), Text(collation="C")))
    statement = select(_C[f"card_{locale}"], key, _C.product_id).where(*_WHOSE, key.is_not(None))
    if after:
        statement = statement.where(place < last if largest_first else place > last)
    order = (one.desc() if largest_first else one.asc() for one in (key, _C.product_id))
    return Query(statement.order_by(*order).limit(bindparam("limit")))


CHANGED = Query(
    select(CHANGES.table.c.position).where(
        CHANGES.table.c.tenant_id == bindparam("tenant_id"), CHANGES.table.c.what == _WHAT
    )
)
"""The position of the last event that changed anything of the listing; no row is none."""


def page(  # noqa: PLR0913 - what a page is cut by
    tenant_id: object,
    *,
    sort: Sort,
    locale: str,
    channel: str,
    after: Place | None = None,
    limit: int,
) -> Asked:
    """Ask for cards of published products with their places.

    Products without a price stand in no order of prices.
    """
    asked = _page(sort, locale, after=after is not None)
    given: dict[str, object] = {"tenant_id": tenant_id, "channel": channel, "limit": limit}
    if after is not None:
        given |= {"key": after.key, "product_id": after.product_id}
    return asked.with_values(**given)


def cards(tenant_id: object, ids: list[str], *, locale: str, channel: str) -> Asked:
    """Ask for id and card of those of some products that customers see in a channel."""
    return _chosen(locale).with_values(tenant_id=tenant_id, channel=channel, ids=ids)


@cache
def _chosen(locale: str) -> Query:
    ids = bindparam("ids", type_=ARRAY(Text(collation="C")))
    asked = select(_C.product_id, _C[f"card_{locale}"]).where(*_WHOSE, _C.product_id == any_(ids))
    return Query(asked)
