"""A question that is asked again and again is planned once."""

from uuid import uuid4

from sqlalchemy import text

from infrastructure.postgres.reads import Reads
from projections.catalog import listing
from projections.catalog.listing import Place, Sort
from projections.query import Query

READ_MODEL = "catalog_listing"
ASKED_TIMES = 20
"""PostgreSQL plans five times anew before it thinks of keeping a plan."""

PLANNED = Query(
    text("""
SELECT coalesce(sum(generic_plans), 0)::bigint, coalesce(sum(custom_plans), 0)::bigint
FROM pg_prepared_statements
WHERE statement LIKE '%catalog_listing%' AND statement NOT LIKE '%pg_prepared_statements%'
""")
)


async def test_pages_are_not_planned_anew_for_each_caller(database_url: str) -> None:
    reads, tenant_id = Reads(database_url, size=1), uuid4()
    await reads.open()
    try:
        for minor in range(ASKED_TIMES):
            page = listing.page(
                tenant_id,
                sort=Sort.CHEAPEST,
                locale="tr",
                channel="web",
                after=Place(minor, "prd_1"),
                limit=25,
            )
            await reads.ask(tenant_id, page, projections=[READ_MODEL])
        _, (planned,) = await reads.ask(tenant_id, PLANNED.with_values(), projections=[READ_MODEL])
    finally:
        await reads.close()
    assert planned == [(ASKED_TIMES, 0)]
