"""INV-06, INV-07: what holds, what is scheduled, and every change, as the read models tell them."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest

from domain.kernel.money import Money
from domain.pricing.events import PriceBegan, PriceEnded, PriceScheduled, PriceSet
from domain.pricing.kdv import Rate, TaxClass
from domain.pricing.prior import Prior
from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import Reads
from projections.pricing.history import prior_prices
from projections.pricing.tax_rates import own_rates
from projections.query import Connection
from tests.kit.lively.prices import MUG, PLATE
from tests.kit.lively.whole import lively
from tests.projections.stepping import all_rows, catch_up
from tests.projections.written_logs import START, Log

pytestmark = [pytest.mark.row("INV-06"), pytest.mark.row("INV-07")]


@asynccontextmanager
async def looking(url: str, tenant_id: UUID, read_model: str) -> AsyncGenerator[Connection]:
    reads = Reads(url)
    await reads.open()
    async with reads.tenant(tenant_id, projections=(read_model,)) as view:
        yield view.connection
    await reads.close()


VARIANTS = ("var_calm", "var_sale", "var_fake")


async def test_what_holds_and_what_is_scheduled(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        assert await catch_up(connection, log.tenant_id) == ()
    async with looking(database_url, log.tenant_id, "pricing_tax_rates") as connection:
        rates = await own_rates(connection, log.tenant_id)
    rows = all_rows(database_url, log.tenant_id)
    kept = [row for row in rows["pricing_prices_v1"] if row[0] in {MUG, PLATE}]
    now = {row[:3]: row[4:6] + row[7:] for row in kept}
    assert now == {
        ("var_mug1", "plt_0001", 1): (700, None, None, None),
        ("var_mug1", "standard", 1): (1_100, None, None, None),
        ("var_plat", "standard", 1): (50, None, "sch_0009", START + timedelta(days=10)),
    }
    to_come = {row[1]: (row[5], row[9]) for row in rows["pricing_schedules_v1"]}
    assert to_come == {"sch_0004": (990, False), "sch_0009": (50, True)}
    (told,) = rows["pricing_price_lists_v1"]
    assert told == ("plt_0001", "Dealers", "TRY", None, "dealers", 10, False)
    assert rates == [Rate(TaxClass.REDUCED, 1_200, date(2027, 1, 1), "CK 9999", own=True)]


async def test_every_change_is_kept_with_its_moment(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        assert await catch_up(connection, log.tenant_id) == ()
    rows = all_rows(database_url, log.tenant_id)["pricing_history_v1"]
    happened = [
        (row[4], row[6])
        for row in sorted(rows, key=lambda row: row[1])
        if row[:1] + row[2:4] == ("var_mug1", "standard", 1)
    ]
    assert happened == [
        ("set", 1_000),
        ("scheduled", 800),
        ("scheduled", 850),
        ("scheduled", 1_100),
        ("scheduled", 500),
        ("began", 800),
        ("ended", 1_000),
        ("began", 850),
        ("set", 950),
        ("ended", 950),
        ("began", 1_100),
        ("cancelled", None),
        ("scheduled", 990),
    ]
    assert all(row[11] == START + timedelta(seconds=row[1]) for row in rows)


def lira(minor: int) -> Money:
    return Money(minor, "TRY")


def set_to(
    variant_id: str, minor: int, crossed_out: int | None = None, *, quantity: int = 1
) -> PriceSet:
    above = None if crossed_out is None else lira(crossed_out)
    return PriceSet(variant_id, "standard", quantity, lira(minor), above)


async def prior(url: str, tenant_id: UUID, variants: Sequence[str]) -> dict[str, Prior]:
    async with await connect(url) as connection:
        assert await catch_up(connection, tenant_id) == ()
    async with looking(url, tenant_id, "pricing_history") as connection:
        return await prior_prices(connection, tenant_id, variants)


async def test_the_lowest_price_before_is_given_for_some_variants_at_once(
    database_url: str,
) -> None:
    log = Log()
    calm, sale, fake = VARIANTS
    end = START + timedelta(days=9)
    for event in (
        set_to(calm, 100),
        set_to(sale, 200),
        set_to(fake, 300),
        set_to(fake, 400),
        set_to(fake, 10, 20, quantity=10),
        PriceScheduled(sale, "standard", 1, "sch_0001", lira(150), None, START, end),
        PriceBegan(sale, "standard", 1, "sch_0001", lira(150), None, end),
        set_to(fake, 300, 400),
        set_to("var_more", 1, 2),
    ):
        log.record((event,))
    log.store(database_url)
    found = await prior(database_url, log.tenant_id, (*VARIANTS, "var_none"))
    assert found == {
        sale: Prior(START + timedelta(seconds=7), lira(200)),
        fake: Prior(START + timedelta(seconds=8), lira(300)),
    }
    log.record((PriceEnded(sale, "standard", 1, "sch_0001", lira(200), None),))
    log.store(database_url, first=10)
    assert (await prior(database_url, log.tenant_id, VARIANTS)).keys() == {fake}


def test_one_variants_history_is_found_by_its_index(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT * FROM read_models.pricing_history_v1 WHERE tenant_id = %s"
            " AND variant_id = ANY (%s) AND price_list_id = 'standard' AND minimum_quantity = 1",
            (UUID(int=1), list(VARIANTS)),
        ).fetchall()
    assert "pricing_history_v1_place" in str(plan)
