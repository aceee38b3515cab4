"""The checker of the books, shown to find each way in which they can be wrong."""

from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import msgspec
import pytest

from domain.wallet.wallet import Wallet
from infrastructure.ledger_check.check import Checked, check_tenant, tenants
from infrastructure.postgres.connections import connect
from tests.cli.ledger.spoilt_log import TENANT, Log, project, write


@pytest.fixture(scope="module")
async def sound_log(module_database_url: str) -> Log:
    await write(module_database_url)
    await project(module_database_url)
    log = Log(module_database_url)
    log.keep()
    return log


@pytest.fixture
def log(sound_log: Log) -> Generator[Log]:
    yield sound_log
    sound_log.restore()


@pytest.fixture
async def check(
    log: Log,
) -> AsyncGenerator[Callable[[], Any]]:
    connection = await connect(log.database_url)

    async def checked() -> Checked:
        return await check_tenant(connection, TENANT)

    yield checked
    await connection.close()


async def test_sound_books_pass(log: Log, check: Callable[[], Any]) -> None:
    found: Checked = await check()
    assert found.damage is None
    assert found.differences == []
    assert found.entries == 17
    assert found.wallets == 2
    assert found.events == log.position_of("ledger.entry_posted")
    assert [one.partition(" ")[0] for one in found.compared] == [
        "ledger_journal_v2",
        "wallet_balances_v2",
    ]


async def test_all_tenants_with_a_log_are_known(log: Log) -> None:
    connection = await connect(log.database_url)
    assert await tenants(connection) == {TENANT: log.position_of("ledger.entry_posted")}
    await connection.close()


async def test_a_removed_event_is_missed(log: Log, check: Callable[[], Any]) -> None:
    place = log.position_of("wallet.funds_held")
    log.execute("DELETE FROM defter.events WHERE position = %s", place)
    found: Checked = await check()
    assert found.damage is not None
    assert found.damage.position == place
    assert "missing" in found.damage.what


async def test_a_cut_end_is_missed(log: Log, check: Callable[[], Any]) -> None:
    end = log.position_of("ledger.entry_posted")
    log.execute("DELETE FROM defter.events WHERE position = %s", end)
    found: Checked = await check()
    assert found.damage is not None
    assert "the log ends here" in found.damage.what


def _amounts(by: int) -> Callable[[dict[str, Any]], None]:
    """Change an event and its entry together, so that it balances and follows from its rule."""

    def change(fields: dict[str, Any]) -> None:
        fields["amount"]["minor"] += by
        for posting in fields["entry"]["postings"]:
            sign = 1 if posting["amount"]["minor"] > 0 else -1
            posting["amount"]["minor"] += sign * by

    return change


def _first_line(by: int) -> Callable[[dict[str, Any]], None]:
    def change(fields: dict[str, Any]) -> None:
        fields["entry"]["postings"][0]["amount"]["minor"] += by

    return change


def _lines(**accounts: str) -> Callable[[dict[str, Any]], None]:
    def change(fields: dict[str, Any]) -> None:
        for posting in fields["entry"]["postings"]:
            side = "debit" if posting["amount"]["minor"] > 0 else "credit"
            posting["account"] = accounts.get(side, posting["account"])

    return change


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(fields: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for step in way:
            fields = fields[step]
        fields[last] = value

    return change


PART = {"lot_id": "bon_1", "amount": {"minor": 1, "currency": "TRY"}, "expires_at": None}


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("wallet.funds_topped_up", _first_line(1), "can not be"),
        ("wallet.funds_topped_up", _lines(debit="receivables"), "does not follow from its rule"),
        ("wallet.funds_topped_up", _set("entry.rule", "wallet.gift"), "which is no rule"),
        ("wallet.funds_topped_up", _set("entry.rule_version", 2), "which is no rule"),
        ("wallet.funds_topped_up", _set("entry.rule", "wallet.capture"), "is no rule for"),
        ("wallet.funds_topped_up", _set("wallet_id", "wal_bora"), "of another stream"),
        ("wallet.funds_topped_up", _set("amount", None), "can not be"),
        ("wallet.funds_held", _amounts(1), "does not agree with"),
        ("wallet.hold_placed", _set("entry_id", "wallet-wal_ada1.2"), "there is no open entry"),
        ("wallet.transfer_received", _set("amount.minor", 999), "does not agree with"),
        ("wallet.gift_card_redeemed", _lines(credit="breakage"), "does not follow from its rule"),
        ("wallet.gift_received", _set("amount.minor", 399), "does not agree with"),
        ("wallet.income_reversed", _set("reverses", "wallet-wal_bora.99"), "there is no entry"),
        ("wallet.income_reversed", _set("reverses", "wallet-wal_ada1.2"), "not the opposite"),
        ("wallet.transfer_returned", _set("reverses", "wallet-wal_bora.2"), "a second time"),
        ("wallet.hold_placed", _set("bonus", [PART]), "does not agree with"),
        ("wallet.bonus_granted", _lines(debit="chargebacks"), "does not follow from its rule"),
        ("ledger.entry_posted", _lines(debit="wallet.cash:wal_ada1"), "by hand posts to"),
        ("ledger.entry_posted", _lines(debit="petty_cash"), "the chart has no account"),
    ],
)
async def test_a_changed_event_is_named_with_what_is_wrong(
    log: Log,
    check: Callable[[], Any],
    name: str,
    change: Callable[[dict[str, Any]], None],
    complaint: str,
) -> None:
    place = log.rewrite(name, change)
    found: Checked = await check()
    assert found.damage is not None
    assert complaint in found.damage.what
    assert found.damage.position in {place, place + 1}


async def test_a_gift_card_that_gives_more_than_is_on_it_is_found(
    log: Log, check: Callable[[], Any]
) -> None:
    log.rewrite("wallet.gift_card_issued", _amounts(-600))
    found: Checked = await check()
    assert found.damage is not None
    assert "below zero" in found.damage.what
    assert found.damage.position == log.position_of("wallet.gift_card_redeemed")


async def test_money_that_was_never_there_is_found_where_it_is_spent(
    log: Log, check: Callable[[], Any]
) -> None:
    log.rewrite("wallet.funds_topped_up", _amounts(-7_000))
    found: Checked = await check()
    assert found.damage is not None
    assert "below zero" in found.damage.what


async def test_bonus_that_its_lot_never_had_is_found_where_it_is_spent(
    log: Log, check: Callable[[], Any]
) -> None:
    log.rewrite("wallet.bonus_granted", _amounts(-160))
    found: Checked = await check()
    assert found.damage is not None
    assert "can not happen to wallet-wal_bora" in found.damage.what


async def test_an_entry_whose_other_side_is_gone_is_found(
    log: Log, check: Callable[[], Any]
) -> None:
    place = log.position_of("wallet.hold_released")
    log.execute(
        "UPDATE defter.events SET type = 'ledger.account_opened', stream = 'books-main',"
        " version = 3, data = convert_to(%s, 'UTF8') WHERE position = %s",
        '{"code":"petty_cash","type":"asset","name":"Petty cash"}',
        place,
    )
    log.execute(
        "UPDATE defter.events SET version = version - 1 WHERE stream = 'hold-hld_one1'"
        " AND position > %s",
        place,
    )
    found: Checked = await check()
    assert found.damage is not None
    assert "has no event on its other side" in found.damage.what


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (
            "UPDATE defter.events SET version = 40 WHERE type = 'wallet.transfer_sent'",
            "goes on with version",
        ),
        (
            "UPDATE defter.events SET recorded_at = '2001-01-01' WHERE position = 16",
            "recorded before",
        ),
        (
            "UPDATE defter.events SET type = 'wallet.gone' WHERE type = 'wallet.transfer_sent'",
            "does not know",
        ),
        (
            "UPDATE defter.events SET data = 'torn' WHERE type = 'wallet.transfer_sent'",
            "can not be",
        ),
    ],
)
async def test_a_changed_row_is_found(
    log: Log, check: Callable[[], Any], statement: str, complaint: str
) -> None:
    log.execute(statement)
    found: Checked = await check()
    assert found.damage is not None
    assert complaint in found.damage.what
    assert found.damage.position == log.position_of("wallet.transfer_received") - 1


LOTS = "UPDATE read_models.wallet_bonus_lots_v2"


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE read_models.wallet_balances_v2 SET available = available + 1", "available is"),
        ("UPDATE read_models.wallet_balances_v2 SET held = 5", "held is 5"),
        ("UPDATE read_models.wallet_balances_v2 SET version = 99", "version is 99"),
        ("DELETE FROM read_models.wallet_balances_v2", "the wallet is missing"),
        (f"{LOTS} SET remaining = 7 WHERE remaining > 0", "bonus is 14"),
        (f"{LOTS} SET remaining = 250 - remaining WHERE remaining > 0", "remains, the"),
        ("DELETE FROM read_models.wallet_standings_v2", "status is open"),
        ("UPDATE read_models.ledger_account_days_v2 SET debit = debit + 1", "the balance is"),
        ("UPDATE read_models.ledger_code_days_v2 SET credit = credit + 1", "the balance is"),
        ("DELETE FROM read_models.ledger_lines_v2 WHERE line = 1", "the balance is"),
    ],
)
async def test_a_stored_balance_that_differs_is_no_damage_of_the_log(
    log: Log, check: Callable[[], Any], statement: str, complaint: str
) -> None:
    log.execute(statement)
    found: Checked = await check()
    assert found.damage is None
    assert found.differences
    assert complaint in str(found.differences[0])


async def test_read_models_are_compared_where_they_stand(
    log: Log, check: Callable[[], Any]
) -> None:
    for table in ("wallet_balances_v2", "wallet_bonus_lots_v2", "wallet_standings_v2"):
        log.execute(f"DELETE FROM read_models.{table}")  # noqa: S608 - our own names
    log.execute(
        "UPDATE defter.checkpoints SET position = 0 WHERE projection = 'wallet_balances_v2'"
    )
    found: Checked = await check()
    assert found.differences == []
    assert "wallet_balances_v2 at 0" in found.compared


async def test_a_snapshot_that_its_events_do_not_give_is_found(
    log: Log, check: Callable[[], Any]
) -> None:
    state = msgspec.json.encode(
        {
            "wallet_id": "wal_ada1",
            "owner": "cus_ada1",
            "available": {"minor": 10_000, "currency": "TRY"},
            "held": {"minor": 0, "currency": "TRY"},
            "version": 2,
            "bonus": {"minor": 0, "currency": "TRY"},
            "lots": {},
            "status": "open",
        }
    )
    add = "INSERT INTO defter.snapshots VALUES (%s, %s, 2, %s, %s)"
    log.execute(add, TENANT, "wallet-wal_ada1", Wallet.FOLD_VERSION, state)
    found: Checked = await check()
    assert (found.snapshots, found.differences) == (1, [])
    log.execute("UPDATE defter.snapshots SET state = %s", state.replace(b"10000", b"10001"))
    assert "snapshot of wallet-wal_ada1" in str((await check()).differences[0])
    log.execute("UPDATE defter.snapshots SET version = 77")
    assert "version 77" in str((await check()).differences[0])
