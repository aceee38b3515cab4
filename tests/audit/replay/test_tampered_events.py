"""AUD-01: a replay names what in a log was altered, and which rows came of it."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from application.tenants.tenants import PLATFORM
from infrastructure.ledger_check.findings import (
    BOOKS_WRONG,
    EVENT_IMPOSSIBLE,
    EVENT_MISSING,
    LOG_CUT,
    Damage,
)
from infrastructure.replay.entries import ENTRIES
from infrastructure.replay.findings import Outcome
from projections.read_models import READ_MODELS
from tests.audit.replay.replayed import OTHER, lively_database, replayed, tamper
from tests.projections.written_logs import Log

pytestmark = pytest.mark.row("AUD-01")

SET = "UPDATE defter.events SET data = %s WHERE tenant_id = %s AND position = %s"
BALANCES, JOURNAL = "wallet_balances_v2", "ledger_journal_v2"


def position_of(log: Log, name: str) -> int:
    return next(position for position, _, _, event in log.events if name == event.NAME)


def rewrite(database_url: str, log: Log, name: str, change: Callable[[Any], object]) -> int:
    """Change the bytes of the first event of a type; gives its position."""
    position = position_of(log, name)
    with psycopg.connect(database_url) as owner:
        query = "SELECT data FROM defter.events WHERE tenant_id = %s AND position = %s"
        row = owner.execute(query, (PLATFORM, position)).fetchone()
    assert row is not None
    fields = json.loads(row[0])
    change(fields)
    tamper(database_url, SET, json.dumps(fields).encode(), PLATFORM, position)
    return position


def more(fields: Any) -> None:  # noqa: ANN401 - JSON
    """Say a larger amount, in the event and in its entry alike."""
    fields["amount"]["minor"] += 7
    for posting in fields["entry"]["postings"]:
        posting["amount"]["minor"] += 7 if posting["amount"]["minor"] > 0 else -7


def other_account(fields: Any) -> None:  # noqa: ANN401 - JSON
    fields["entry"]["postings"][0]["account"] = "receivables"


def other_rule(fields: Any) -> None:  # noqa: ANN401 - JSON
    fields["entry"]["rule"] = "wallet.gift"


def rule_of_others(fields: Any) -> None:  # noqa: ANN401 - JSON
    fields["entry"]["rule"] = "wallet.transfer"


def unbalanced(fields: Any) -> None:  # noqa: ANN401 - JSON
    fields["entry"]["postings"][0]["amount"]["minor"] += 1


def unequal(found: dict[Any, Outcome]) -> dict[str, Outcome]:
    """Give what is not equal of the platform's log; all of the other's is."""
    assert all(outcome.equal for (tenant, _), outcome in found.items() if tenant == OTHER)
    return {name: one for (tenant, name), one in found.items() if tenant != OTHER and not one.equal}


async def test_an_amount_that_was_altered_differs_from_the_balances(database_url: str) -> None:
    log = await lively_database(database_url)
    rewrite(database_url, log, "wallet.funds_topped_up", more)
    found = unequal(await replayed(database_url))
    assert {BALANCES, JOURNAL} <= found.keys()
    assert ENTRIES not in found
    assert all(outcome.damage is None for outcome in found.values())
    (cell,) = found[BALANCES].differences
    available = log.wallet("wal_aaaa").available.minor
    assert (cell.key, cell.column) == ("wal_aaaa", "available")
    assert (cell.live, cell.replayed) == (str(available), str(available + 7))


@pytest.mark.parametrize(
    ("change", "column", "replayed_as"),
    [
        (other_account, "postings", "bank 100000 TRY, wallet.cash:wal_aaaa -100000 TRY"),
        (other_rule, "rule", "it follows wallet.gift 1, which is no rule"),
        (rule_of_others, "rule", "wallet.transfer is no rule for wallet.funds_topped_up"),
    ],
)
async def test_an_entry_that_its_rule_does_not_give_is_named(
    database_url: str, change: Callable[[Any], None], column: str, replayed_as: str
) -> None:
    log = await lively_database(database_url)
    position = rewrite(database_url, log, "wallet.funds_topped_up", change)
    found = unequal(await replayed(database_url))
    outcome = found[ENTRIES]
    (cell,) = outcome.differences
    _, stream, version, _ = log.events[position - 1]
    assert (cell.key, cell.column) == (f"{stream}.{version}", column)
    assert cell.replayed == replayed_as
    assert cell.live != cell.replayed
    assert outcome.damage == Damage(
        position, f"{cell.key} does not follow from its rule", BOOKS_WRONG
    )


async def test_a_reversal_that_takes_back_something_else_is_named(database_url: str) -> None:
    log = await lively_database(database_url)
    name = "wallet.bonus_taken_back"

    def less(fields: Any) -> None:  # noqa: ANN401 - JSON
        for posting in fields["entry"]["postings"]:
            posting["amount"]["minor"] //= 2

    position = rewrite(database_url, log, name, less)
    outcome = unequal(await replayed(database_url, ()))[ENTRIES]
    assert [cell.column for cell in outcome.differences] == ["postings"]
    rewrite(database_url, log, name, lambda fields: fields.update(reverses="wallet-wal_none.1"))
    outcome = unequal(await replayed(database_url, ()))[ENTRIES]
    assert [cell.column for cell in outcome.differences] == ["reverses"]
    assert outcome.damage is not None
    assert outcome.damage.position == position


async def test_an_event_that_can_not_be_ends_only_what_reads_it(database_url: str) -> None:
    log = await lively_database(database_url)
    position = rewrite(database_url, log, "wallet.funds_topped_up", unbalanced)
    found = unequal(await replayed(database_url))
    assert {BALANCES, JOURNAL, ENTRIES} <= found.keys()
    assert "users_settings_v1" not in found
    for outcome in found.values():
        assert outcome.damage is not None
        assert outcome.damage.position == position
        assert "can not be folded" in outcome.damage.what


async def test_an_event_of_another_kind_that_meets_no_row_is_named(database_url: str) -> None:
    log = await lively_database(database_url)
    position = rewrite(
        database_url, log, "wallet.transfer_received", lambda told: told.update(wallet_id="wal_no")
    )
    found = unequal(await replayed(database_url))
    damage = Damage(position, "it can not be folded: RowsMissing", EVENT_IMPOSSIBLE)
    assert {name: outcome.damage for name, outcome in found.items()} == {BALANCES: damage}


async def test_a_removed_event_ends_the_replay_there(database_url: str) -> None:
    log = await lively_database(database_url)
    position = position_of(log, "wallet.funds_held")
    remove = "DELETE FROM defter.events WHERE tenant_id = %s AND position = %s"
    tamper(database_url, remove, PLATFORM, position)
    found = unequal(await replayed(database_url))
    assert found.keys() == {model.key for model in READ_MODELS} | {ENTRIES}
    assert {one.damage for one in found.values()} == {Damage(position, "missing", EVENT_MISSING)}


async def test_an_event_type_that_nobody_knows_ends_the_replay_there(database_url: str) -> None:
    log = await lively_database(database_url)
    position = position_of(log, "wallet.funds_held")
    tamper(
        database_url,
        "UPDATE defter.events SET type = 'wallet.teleported'"
        " WHERE tenant_id = %s AND position = %s",
        PLATFORM,
        position,
    )
    found = unequal(await replayed(database_url))
    assert found.keys() == {model.key for model in READ_MODELS} | {ENTRIES}
    for outcome in found.values():
        assert outcome.damage is not None
        assert outcome.damage.position == position
        assert "wallet.teleported" in outcome.damage.what


async def test_a_cut_end_is_missed_by_each_that_has_read_it(database_url: str) -> None:
    log = await lively_database(database_url)
    end = len(log.events)
    remove = "DELETE FROM defter.events WHERE tenant_id = %s AND position > %s"
    tamper(database_url, remove, PLATFORM, end - 2)
    found = unequal(await replayed(database_url))
    assert found.keys() == {model.key for model in READ_MODELS}
    what = f"the log ends here, but {BALANCES} has read up to {end}"
    assert found[BALANCES].damage == Damage(end - 2, what, LOG_CUT)
