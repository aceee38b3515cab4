"""Customers as their read model tells them: the last contact counts, and what is gone is gone."""

from infrastructure.postgres.connections import connect
from tests.kit.lively.whole import lively
from tests.projections.stepping import all_rows, catch_up


async def test_the_last_contact_counts_and_what_was_taken_away_is_empty(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        assert await catch_up(connection, log.tenant_id) == ()
    rows = {row[0]: row for row in all_rows(database_url, log.tenant_id)["users_customers_v2"]}
    assert rows["cus_ada1"][2:] == (*["sealed:cus_ada1"] * 3, "tr", True, 2)
    assert rows.keys() == {"cus_ada1", "cus_bora"}, "who was erased is no more"
    assert rows["cus_bora"][2:] == ("", "", "", "en", False, 2)
