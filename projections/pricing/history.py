"""Every change of every price with its moment, and what was lowest before a reduction."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    Text,
    any_,
    bindparam,
    cast,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.events import Recorded
from domain.kernel.money import Money
from domain.pricing.events import (
    STANDARD_LIST,
    PriceBegan,
    PriceEnded,
    PriceScheduled,
    PriceSet,
    ScheduleCancelled,
)
from domain.pricing.prior import Change, Prior, prior_price
from projections.query import Connection, Query
from projections.read_model import Fold, Insert, Operation, ReadModel, ReadTable

SET, SCHEDULED, BEGAN, ENDED, CANCELLED = "set", "scheduled", "began", "ended", "cancelled"
IN_FORCE = (SET, BEGAN, ENDED)
"""What changed the price that holds; the others are about one to come."""

HISTORY = ReadTable(
    "pricing_history_v1",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("price_list_id", Text(collation="C"), nullable=False),
    Column("minimum_quantity", Integer, nullable=False),
    Column("happened", Text(collation="C"), nullable=False),
    Column("currency", Text),
    Column("amount", BigInteger),
    Column("list_price", BigInteger),
    Column("schedule_id", Text),
    Column("begins_at", DateTime(timezone=True)),
    Column("ends_at", DateTime(timezone=True)),
    Column("at", DateTime(timezone=True), nullable=False),
    Index(
        "pricing_history_v1_place",
        "tenant_id",
        "variant_id",
        "price_list_id",
        "minimum_quantity",
        "position",
    ),
    append_only=True,
)


def _changed(happened: str) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        amount, list_price = getattr(event, "amount", None), getattr(event, "list_price", None)
        row = (
            event.variant_id,
            recorded.position,
            event.price_list_id,
            event.minimum_quantity,
            happened,
            amount and amount.currency,
            amount and amount.minor,
            list_price and list_price.minor,
            getattr(event, "schedule_id", None),
            getattr(event, "begins_at", None),
            getattr(event, "ends_at", None),
            getattr(event, "since", None) or recorded.recorded_at,
        )
        return (Insert(HISTORY, row),)

    return fold


PRICING_HISTORY = ReadModel(
    "pricing_history",
    1,
    (HISTORY,),
    {
        PriceSet: _changed(SET),
        PriceScheduled: _changed(SCHEDULED),
        PriceBegan: _changed(BEGAN),
        PriceEnded: _changed(ENDED),
        ScheduleCancelled: _changed(CANCELLED),
    },
)

_PAST = HISTORY.table.c
_ONLY = cast(bindparam("price_list_id"), Text(collation="C"))
_PAGE = Query(
    select(HISTORY.table)
    .where(
        _PAST.tenant_id == bindparam("tenant_id"),
        _PAST.variant_id == bindparam("variant_id"),
        or_(_ONLY.is_(None), _PAST.price_list_id == _ONLY),
        _PAST.position < bindparam("before"),
    )
    .order_by(_PAST.position.desc())
    .limit(bindparam("limit"))
)
_IN_FORCE = Query(
    select(
        _PAST.variant_id, _PAST.at, _PAST.currency, _PAST.amount, _PAST.list_price, _PAST.ends_at
    )
    .where(
        _PAST.tenant_id == bindparam("tenant_id"),
        _PAST.variant_id == any_(cast(bindparam("variant_ids"), ARRAY(Text(collation="C")))),
        _PAST.price_list_id == bindparam("price_list_id"),
        _PAST.minimum_quantity == bindparam("minimum_quantity"),
        or_(*(_PAST.happened == one for one in IN_FORCE)),
    )
    .order_by(_PAST.variant_id, _PAST.position)
)


async def history_of(  # noqa: PLR0913 - the parts of a page
    connection: Connection,
    tenant_id: object,
    variant_id: str,
    *,
    price_list_id: str | None = None,
    before: int,
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of what happened to a variant's prices, newest first."""
    return await _PAGE.all(
        connection,
        tenant_id=tenant_id,
        variant_id=variant_id,
        price_list_id=price_list_id,
        before=before,
        limit=limit,
    )


async def prior_prices(
    connection: Connection,
    tenant_id: object,
    variant_ids: Sequence[str],
    *,
    price_list_id: str = STANDARD_LIST,
    minimum_quantity: int = 1,
) -> dict[str, Prior]:
    """Give, for those of some variants whose price is announced as reduced, what it was before.

    Ask only for variants whose present price has an end or something crossed out beside it: the
    others are not in the answer, and looking costs their whole history.
    """
    rows = await _IN_FORCE.all(
        connection,
        tenant_id=tenant_id,
        variant_ids=list(variant_ids),
        price_list_id=price_list_id,
        minimum_quantity=minimum_quantity,
    )
    found = {
        variant_id: prior_price([_change(row) for row in of_variant])
        for variant_id, of_variant in groupby(rows, key=lambda row: row["variant_id"])
    }
    return {variant_id: prior for variant_id, prior in found.items() if prior is not None}


def _change(row: dict[str, Any]) -> Change:
    amount, list_price = (
        None if row[name] is None else Money(row[name], row["currency"])
        for name in ("amount", "list_price")
    )
    return Change(row["at"], amount, list_price, row["ends_at"])
