"""The same events give the same rows: one by one, all at once, and delivered twice."""

import asyncio
from datetime import timedelta
from typing import Any, get_type_hints

import psycopg
import pytest

from domain.wallet.requests.adjustments import Adjustment
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.postgres.connections import connect
from projections.ledger.journal import ENTRY_EVENTS
from tests.kit.lively.whole import LOT_ENDS, lively
from tests.projections.stepping import all_rows, catch_up, checkpoints, rewind, step_once, until
from tests.projections.written_logs import DAY


async def test_live_rebuilt_and_delivered_twice_give_the_same_rows(database_url: str) -> None:
    log = lively()
    async with await connect(database_url) as connection:
        for position, *_ in log.events:
            log.store(database_url, first=position, last=position)
            assert await catch_up(connection, log.tenant_id) == ()
        live = all_rows(database_url, log.tenant_id)
        assert await catch_up(connection, log.tenant_id) == ()
        assert all_rows(database_url, log.tenant_id) == live
        rewind(database_url, log.tenant_id)
        assert not any(all_rows(database_url, log.tenant_id).values())
        assert await catch_up(connection, log.tenant_id) == ()
    assert all_rows(database_url, log.tenant_id) == live
    assert {at[0] for at in checkpoints(database_url, log.tenant_id).values()} == {len(log.events)}
    assert sum(map(len, live.values())) > 80


async def test_rows_agree_with_the_aggregates(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        await catch_up(connection, log.tenant_id)
    rows = {row[0]: row for row in all_rows(database_url, log.tenant_id)["wallet_balances_v2"]}
    for name in ("wal_aaaa", "wal_bbbb"):
        state, row = log.wallet(name), rows[name]
        assert (row[4], row[6], row[7]) == (
            state.version,
            state.available.minor,
            state.held.minor,
        )
    standings = dict(all_rows(database_url, log.tenant_id)["wallet_standings_v2"])
    assert standings == {"wal_aaaa": "open", "wal_bbbb": "frozen", "wal_cccc": "closed"}
    lots = {row[1]: row for row in all_rows(database_url, log.tenant_id)["wallet_bonus_lots_v2"]}
    left = {lot_id: lot.remaining.minor for lot_id, lot in log.wallet("wal_bbbb").lots.items()}
    assert {lot_id: row[7] for lot_id, row in lots.items() if row[7]} == left == {"bon_0002": 300}
    assert lots["bon_0001"][2:] == ("spring", "TRY", 300, lots["bon_0001"][5], LOT_ENDS, 0)
    holds = {row[0]: row for row in all_rows(database_url, log.tenant_id)["wallet_holds_v2"]}
    assert holds["hld_0001"][8:] == ("captured", 4, 3_000, 500, 0)
    assert holds["hld_0002"][8:] == ("released", 2, 0, 0, 0)
    cards = {row[0]: row for row in all_rows(database_url, log.tenant_id)["wallet_gift_cards_v1"]}
    for name, told in {
        "gft_0000": ("redeemed", 3, 900, 0),
        "gft_0001": ("expired", 3, 100, 0),
        "gft_0002": ("voided", 2, 0, 0),
    }.items():
        assert cards[name][7:] == told
        assert log.gift_card(name).remaining.minor == told[3]
    used = all_rows(database_url, log.tenant_id)["wallet_usage_v1"]
    assert [row[3:] for row in used] == [(DAY, 21), (DAY + timedelta(days=1), 25)]
    assert holds["hld_0001"][4:6] == ("usr_1", "sealed:usr_1")
    requests = {row[0]: row for row in all_rows(database_url, log.tenant_id)["wallet_requests_v2"]}
    for state in log.states.values():
        if isinstance(state, TopUpRequest | Withdrawal | Adjustment):
            row = requests.pop(state.request_id)
            assert (row[2], row[5], row[15]) == (state.wallet_id, state.amount.minor, state.stage)
    assert requests == {}
    accounts = {
        row[0]: (row[1], *row[3:])
        for row in all_rows(database_url, log.tenant_id)["identity_accounts_v1"]
    }
    assert {name: accounts[name] for name in ("cus_ayla", "stf_derya", "stf_umut")} == {
        "cus_ayla": ("customer", "sealed:cus_ayla", "customer", False, True),
        "stf_derya": ("staff", "sealed:stf_derya", "tenant_admin", True, False),
        "stf_umut": ("staff", "sealed:stf_umut", "auditor", False, True),
    }
    assert "stf_gone" not in accounts
    endpoints = {
        row[0]: row for row in all_rows(database_url, log.tenant_id)["channels_endpoints_v1"]
    }
    assert endpoints.keys() == {"whe_0001", "whe_0002"}
    changed = ("https://hooks.example/defter/2", "wallet.* ledger.*", "", True, "")
    assert endpoints["whe_0001"][3:8] == changed
    assert None not in endpoints["whe_0001"]
    assert endpoints["whe_0002"][5:8] == ("sealed:whe_0002", False, "failing")


async def test_a_crash_before_commit_leaves_nothing_and_the_next_step_does_it_once(
    database_url: str,
) -> None:
    log = lively()
    log.store(database_url)
    connection = await connect(database_url)
    await catch_up(connection, log.tenant_id)
    expected = all_rows(database_url, log.tenant_id)
    rewind(database_url, log.tenant_id)
    # The checkpoint can not be moved, so the step hangs with all its rows written; then it is cut.
    with psycopg.connect(database_url) as holder:
        holder.execute("LOCK TABLE defter.checkpoints IN SHARE MODE")
        stepping = asyncio.create_task(step_once(connection, log.tenant_id))
        with psycopg.connect(database_url, autocommit=True) as killer:
            await until(lambda: waits_for_a_lock(killer, connection.info.backend_pid))
            killer.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            await stepping
    assert not any(all_rows(database_url, log.tenant_id).values())
    async with await connect(database_url) as second:
        assert await catch_up(second, log.tenant_id) == ()
    assert all_rows(database_url, log.tenant_id) == expected


def waits_for_a_lock(watcher: psycopg.Connection[Any], pid: int) -> bool:
    row = watcher.execute(
        "SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", (pid,)
    ).fetchone()
    return row == ("Lock",)


def test_every_event_with_an_entry_is_posted() -> None:
    with_entry = {kind for kind in EVENT_TYPES.values() if "entry" in get_type_hints(kind)}
    assert with_entry == set(ENTRY_EVENTS)
