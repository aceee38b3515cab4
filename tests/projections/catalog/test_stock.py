"""INV-01: the read models of stock tell what the aggregates do, and what movements sum up to."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from domain.stock.events import StockEvent, StockMoved
from domain.stock.stock import Stock
from infrastructure.postgres.connections import connect
from projections.stock import levels, locations, movements, reservations, takes, watches
from tests.kit.lively.stock import CUP, MUG, stock_events
from tests.projections.stepping import catch_up
from tests.projections.written_logs import DAY, START, Log

pytestmark = pytest.mark.row("INV-01")


async def test_every_read_model_of_stock_tells_what_happened(database_url: str) -> None:
    log = Log()
    log.record(stock_events())
    log.store(database_url)
    tenant = log.tenant_id
    async with await connect(database_url) as connection:
        assert await catch_up(connection, tenant) == ()
        await connection.execute(
            "SELECT set_config('app.tenants', %s, false)", ("{" + str(tenant) + "}",)
        )
        found = await levels.levels(connection, tenant, limit=10)
        check_against_the_aggregates(found)
        alerts = await levels.alerts(connection, tenant, since=DAY, limit=10)
        assert [(one["sku"], one["available"], one["sold"]) for one in alerts] == [("MUG-1", 10, 0)]
        moved = await movements.movements(
            connection, tenant, variant_id=MUG, location_id="main", before=10**9, limit=10
        )
        assert [one["quantity"] for one in moved] == [-1, -2, -1, -5, 20]
        kept = await reservations.reservations(connection, tenant, status=None, after="", limit=9)
        told = [(one["status"], one["lines"][0]["issued"], one["lines"][0]["kept"]) for one in kept]
        assert told == [("open", 0, 2), ("released", 1, 0), ("expired", 0, 0), ("issued", 2, 0)]
        assert [one["expires_at"] is None for one in kept] == [True, True, False, False]
        assert await locations.locations(connection, tenant) == [
            {"location_id": one, "name": name, "closed_at": None, "closed_reason": None}
            for one, name in (("loc_shop", "Shop"), ("main", "Depot"))
        ] + [
            {
                "location_id": "loc_fair",
                "name": "Fair",
                "closed_at": START + timedelta(seconds=len(log.events) - 1),
                "closed_reason": "The fair is over",
            }
        ]
        taken = await takes.stock_take(connection, tenant, "stk_0001")
        assert taken is not None
        assert [(one["variant_id"], one["counted"]) for one in taken["counts"]] == [
            (CUP, 0),
            (MUG, 11),
        ]
        assert await watches.watchers(connection, tenant, CUP, limit=10) == ["cus_ada1", "eml_1"]
        assert await watches.watchers(connection, tenant, MUG, limit=10) == []


def check_against_the_aggregates(found: list[dict[str, Any]]) -> None:
    states: dict[tuple[str, str], Stock] = {}
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for event in stock_events():
        if isinstance(event, StockEvent):
            place = (event.variant_id, event.location_id)
            states[place] = Stock.evolve(states.get(place), event)
            sums[place] += event.quantity if isinstance(event, StockMoved) else 0
    assert {(row["variant_id"], row["location_id"]) for row in found} == states.keys()
    for row in found:
        place = (row["variant_id"], row["location_id"])
        stock = states[place]
        assert row["on_hand"] == stock.on_hand == sums[place]
        assert (row["reserved"], row["available"]) == (stock.reserved, stock.available)
        assert row["level"] == stock.level == stock.reading
        policy = stock.policy
        assert (row["safety"], row["low_at"]) == (policy.safety, policy.low_at)
        told = (row["backorder"], row["backorder_limit"])
        assert told == (policy.backorder, policy.backorder_limit)
