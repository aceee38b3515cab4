"""The queue of requests that finance works through."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import Reads
from projections.wallet.requests import queue, request, requests_of, thresholds
from tests.kit.lively.whole import lively
from tests.projections.stepping import catch_up
from tests.projections.written_logs import START, Log

pytestmark = [pytest.mark.row("WLT-06"), pytest.mark.row("WLT-07")]


@pytest.fixture
async def look(database_url: str) -> AsyncGenerator[tuple[Log, Any]]:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        await catch_up(connection, log.tenant_id)
    reads = Reads(database_url)
    await reads.open()
    async with reads.tenant(log.tenant_id, projections=("wallet_requests",)) as view:
        yield log, view.connection
    await reads.close()


async def test_the_queue_of_a_state_goes_on_oldest_first(look: tuple[Log, Any]) -> None:
    log, connection = look
    found: list[str] = []
    after = 0
    while rows := await queue(connection, log.tenant_id, state="pending", after=after, limit=1):
        found.append(rows[0]["request_id"])
        after = rows[0]["position"]
    assert found == ["tpr_0005", "wdr_0008", "adj_credit5", "adj_debit5"]


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ({"kind": "top_up"}, ["tpr_0001"]),
        ({"kind": "withdrawal"}, ["wdr_0004"]),
        ({"kind": "adjustment"}, ["adj_credit1", "adj_debit1"]),
        ({"currency": "TRY"}, ["tpr_0001", "wdr_0004", "adj_credit1", "adj_debit1"]),
        ({"currency": "EUR"}, []),
    ],
)
async def test_the_queue_is_looked_at_in_part(
    look: tuple[Log, Any], only: dict[str, str], found: list[str]
) -> None:
    log, connection = look
    kind, currency = only.get("kind"), only.get("currency")
    rows = await queue(
        connection, log.tenant_id, state="approved", kind=kind, currency=currency, limit=9
    )
    assert [row["request_id"] for row in rows] == found


async def test_a_wallet_s_requests_are_all_there_in_every_state(look: tuple[Log, Any]) -> None:
    log, connection = look
    rows = await requests_of(connection, log.tenant_id, "wal_bbbb", limit=99)
    adjusted = [row for row in rows if row["kind"] == "adjustment"]
    assert [(row["direction"], row["state"]) for row in adjusted] == [
        (direction, state)
        for direction in ("credit", "debit")
        for state in ("approved", "rejected", "cancelled", "expired", "pending")
    ]
    asked = await requests_of(connection, log.tenant_id, "wal_bbbb", without="adjustment", limit=99)
    assert asked == [row for row in rows if row not in adjusted]
    assert [row["state"] for row in asked] == [
        *("approved", "rejected", "cancelled", "expired", "pending"),
        *("paid", "bounced", "bounced", "approved", "rejected", "cancelled", "expired", "pending"),
    ]
    assert await requests_of(connection, log.tenant_id, "wal_aaaa", limit=99) == []


async def test_a_request_tells_who_and_when_and_keeps_its_secrets_sealed(
    look: tuple[Log, Any],
) -> None:
    log, connection = look
    row = await request(connection, log.tenant_id, "wdr_0002")
    assert row is not None
    assert (row["requested_by"], row["decided_by"]) == ("stf_deniz", "stf_umut")
    assert START < row["requested_at"] < row["decided_at"] < row["settled_at"]
    assert (row["iban_tail"], row["owner"]) == ("1326", "usr_wal_bbbb")
    assert {row[f"{name}_sealed"] for name in ("iban", "reference", "reason")} == {
        "sealed:usr_wal_bbbb"
    }
    assert await request(connection, log.tenant_id, "wdr_none") is None


async def test_an_adjustment_tells_its_code_and_keeps_both_reasons_apart(
    look: tuple[Log, Any],
) -> None:
    log, connection = look
    rejected = await request(connection, log.tenant_id, "adj_debit2")
    assert rejected is not None
    assert (rejected["direction"], rejected["reason_code"]) == ("debit", "goodwill")
    assert rejected["reference_sealed"] == rejected["reason_sealed"] == "sealed:usr_wal_bbbb"
    approved = await request(connection, log.tenant_id, "adj_credit1")
    assert approved is not None
    assert approved["reference_sealed"] == "sealed:usr_wal_bbbb"
    assert (approved["reason_sealed"], approved["decided_by"]) == (None, "stf_umut")


async def test_the_threshold_of_a_currency_is_known(look: tuple[Log, Any]) -> None:
    log, connection = look
    (row,) = await thresholds(connection, log.tenant_id)
    assert (row["currency"], row["above"]) == ("TRY", 500)
