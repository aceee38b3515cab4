"""Refusals are kept for 7 days, accepted commands for ever."""

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg

from infrastructure.postgres.connections import runtime_conninfo
from infrastructure.projections.projector import REFUSALS_PER_PRUNE_MAX
from tests.event_log.shop import Shop

KEEP = """
INSERT INTO defter.commands VALUES (%s, %s, 'hash', %s, '{}', 1, 'stf_deniz', now() - %s)"""


async def test_only_refusals_older_than_7_days_are_pruned(shop: Shop) -> None:
    week = timedelta(days=7)
    old_refusal, new_refusal, old_success = uuid4(), uuid4(), uuid4()
    with psycopg.connect(shop.database_url) as admin:
        for command_id, refused, age in (
            (old_refusal, True, week + timedelta(minutes=1)),
            (new_refusal, True, week - timedelta(minutes=1)),
            (old_success, False, 10 * week),
        ):
            admin.execute(KEEP, (shop.tenant_id, command_id, refused, age))
    before = kept(shop)
    assert prune(shop.database_url) == 1
    assert kept(shop) == before - {old_refusal}
    assert prune(shop.database_url) == 0


def prune(database_url: str) -> int:
    """Do what a projector does once an hour."""
    with psycopg.connect(runtime_conninfo(database_url)) as runtime:
        row = runtime.execute(
            "SELECT defter.prune_refusals(%s)", (REFUSALS_PER_PRUNE_MAX,)
        ).fetchone()
    assert row is not None
    return row[0]


def kept(shop: Shop) -> set[UUID]:
    rows = shop.ask("SELECT command_id FROM defter.commands WHERE tenant_id = %s", shop.tenant_id)
    return {command_id for (command_id,) in rows}
