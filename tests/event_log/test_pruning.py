"""What is not kept for ever: refusals, effects that are settled, passwords of nobody."""

from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from application.identity.accounts import Register
from application.identity.logins import EmailAddress
from domain.users.customer import Locale
from infrastructure.postgres.connections import connect
from infrastructure.schedules.pruning import (
    ROWS_AT_ONCE_MAX,
    prune_credentials,
    prune_effects,
    prune_refusals,
)
from tests.event_log.shop import Shop

KEEP = """
INSERT INTO defter.commands VALUES (%s, %s, 'hash', %s, '{}', 1, 'stf_deniz', now() - %s)"""
KEEP_MANY = """
INSERT INTO defter.commands
SELECT %s, gen_random_uuid(), 'hash', true, '{}', 1, 'stf_deniz', now() - interval '8 days'
FROM generate_series(1, %s)"""
SETTLED = """
INSERT INTO defter.effects
    (tenant_id, effect_id, effect, target, event_id, position, state, attempts, settled_at)
SELECT %s, gen_random_uuid(), 'test.call', %s, gen_random_uuid(), n, %s, 1, now() - %s::interval
FROM generate_series(1, %s) n"""
ATTEMPTS = """
INSERT INTO defter.effect_attempts
SELECT tenant_id, effect_id, 1, true, 'done well', 7, now() FROM defter.effects"""
PASSWORDS = """
INSERT INTO defter.credentials (tenant_id, person_id, password_hash, set_at)
SELECT %s, %s || CASE WHEN n > 1 THEN n::text ELSE '' END, 'hash', now() - %s
FROM generate_series(1, %s) n"""
MINUTE = timedelta(minutes=1)


async def test_only_refusals_older_than_7_days_are_pruned(shop: Shop) -> None:
    week = timedelta(days=7)
    old_refusal, new_refusal, old_success = uuid4(), uuid4(), uuid4()
    with psycopg.connect(shop.database_url) as admin:
        for command_id, refused, age in (
            (old_refusal, True, week + MINUTE),
            (new_refusal, True, week - MINUTE),
            (old_success, False, 10 * week),
        ):
            admin.execute(KEEP, (shop.tenant_id, command_id, refused, age))
        many = ROWS_AT_ONCE_MAX + 1
        admin.execute(KEEP_MANY, (shop.tenant_id, many))
    before = kept(shop)
    async with await connect(shop.database_url) as runtime:
        assert await prune_refusals(runtime) == f"{many + 1} refused commands"
        assert before - kept(shop) > {old_refusal}
        assert {new_refusal, old_success} < kept(shop)
        assert len(before) - len(kept(shop)) == many + 1
        assert await prune_refusals(runtime) == "0 refused commands"


@pytest.mark.row("JOB-02")
async def test_effects_go_with_their_attempts_when_their_time_is_over(shop: Shop) -> None:
    month, half_year = timedelta(days=30), timedelta(days=180)
    many = ROWS_AT_ONCE_MAX + 1
    with psycopg.connect(shop.database_url) as admin:
        for target, state, age, count in (
            ("old", "done", month + MINUTE, many),
            ("new", "done", month - MINUTE, 1),
            ("old", "dead", half_year + MINUTE, 1),
            ("new", "dead", half_year - MINUTE, 1),
            ("old", "discarded", half_year + MINUTE, 1),
            ("new", "discarded", half_year - MINUTE, 1),
            ("new", "waiting", None, 1),
        ):
            admin.execute(SETTLED, (shop.tenant_id, target, state, age, count))
        admin.execute(ATTEMPTS)
    async with await connect(shop.database_url) as runtime:
        assert await prune_effects(runtime) == f"{many + 2} effects"
        assert await prune_effects(runtime) == "0 effects"
        query = "SELECT count(*) FROM defter.effects WHERE target = %s"
        assert shop.ask(query, "old") == [(0,)]
        assert shop.ask(query, "new") == [(4,)]
        assert shop.ask("SELECT count(*) FROM defter.effect_attempts") == [(4,)]
        with pytest.raises(InsufficientPrivilege):
            await runtime.execute("DELETE FROM defter.effects")


@pytest.mark.row("IAM-01")
async def test_passwords_whose_account_never_came_into_the_log_go_after_a_day(shop: Shop) -> None:
    day, many = timedelta(days=1), ROWS_AT_ONCE_MAX + 1
    await shop.tell(Register("cus_ada1", "Ada", EmailAddress("a@a.example", "a"), Locale.TURKISH))
    with psycopg.connect(shop.database_url) as admin:
        for person_id, age, count in (
            ("cus_ada1", 9 * day, 1),
            ("cus_young", day - MINUTE, 1),
            ("cus_orphan", day + MINUTE, many),
        ):
            admin.execute(PASSWORDS, (shop.tenant_id, person_id, age, count))
    async with await connect(shop.database_url) as runtime:
        assert await prune_credentials(runtime) == f"{many} passwords of nobody"
        assert await prune_credentials(runtime) == "0 passwords of nobody"
    left = shop.ask("SELECT person_id FROM defter.credentials ORDER BY person_id")
    assert left == [("cus_ada1",), ("cus_young",)]


def kept(shop: Shop) -> set[UUID]:
    rows = shop.ask("SELECT command_id FROM defter.commands WHERE tenant_id = %s", shop.tenant_id)
    return {command_id for (command_id,) in rows}
