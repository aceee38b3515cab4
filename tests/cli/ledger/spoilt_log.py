"""A log with every wallet command in it, that can be spoilt and put back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID, uuid4

import msgspec
import psycopg
from psycopg import sql

from application.envelope import Actor, Envelope
from application.ledger.accounts import OpenAccount, OpenBooks
from application.ledger.journal import PostEntry, ReverseEntry
from application.wallet.bonus import GrantBonus
from application.wallet.gift_cards import (
    IssueGiftCard,
    RedeemGiftCard,
)
from application.wallet.holds import CaptureHold, PlaceHold, RefundCapture, ReleaseHold
from application.wallet.standing import FreezeWallet
from application.wallet.topups import CreditFunds, TopUp
from application.wallet.transfers import TransferFunds
from application.wallet.wallets import ChooseScheme, OpenWallet
from domain.kernel.money import Money
from domain.ledger.accounts import AccountType
from domain.ledger.postings import Posting
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.postgres.connections import connect
from infrastructure.projections.advance import advance
from infrastructure.projections.checkpoints import first_sight
from projections.read_models import READ_MODELS

TENANT = UUID("7e000000-0000-4000-8000-0000000000c1")
TABLES = (
    "defter.events",
    "defter.snapshots",
    "defter.checkpoints",
    "read_models.wallet_balances_v2",
    "read_models.wallet_bonus_lots_v2",
    "read_models.wallet_standings_v2",
    "read_models.ledger_account_days_v2",
    "read_models.ledger_code_days_v2",
    "read_models.ledger_lines_v2",
)
DAY = date(2026, 3, 5)


def lira(minor: int) -> Money:
    return Money(minor, "TRY")


COMMANDS: tuple[Any, ...] = (
    OpenBooks("TRY", "Europe/Istanbul"),
    ChooseScheme(SchemeMode.LICENSED),
    OpenAccount("sales.books", AccountType.INCOME, "Books"),
    OpenWallet("cus_ada1", "TRY", "wal_ada1"),
    OpenWallet("cus_bora", "TRY", "wal_bora"),
    TopUp("wal_ada1", lira(10_000), effective_on=DAY),
    CreditFunds("wal_bora", lira(500), effective_on=DAY, note="for the wait"),
    PlaceHold("wal_ada1", lira(4_000), "hld_one1", effective_on=DAY),
    CaptureHold("wal_ada1", "hld_one1", lira(2_500), "cap_one1", "sales.books", DAY),
    ReleaseHold("wal_ada1", "hld_one1", DAY),
    RefundCapture("wal_ada1", "hld_one1", "cap_one1", lira(300), DAY),
    TransferFunds("wal_ada1", "wal_bora", lira(1_000), DAY),
    ReverseEntry("wallet-wal_bora.2", DAY),
    ReverseEntry("wallet-wal_ada1.7", DAY),
    IssueGiftCard(lira(900), "hash-of-a-code", "…K7Q2", effective_on=DAY),
    RedeemGiftCard("wal_bora", ("hash-of-a-code",), lira(400)),
    GrantBonus("wal_bora", lira(200), "spring", effective_on=DAY),
    GrantBonus("wal_bora", lira(100), "summer", effective_on=DAY),
    GrantBonus("wal_bora", lira(9_000), "summer", effective_on=DAY),
    ReverseEntry("wallet-wal_bora.9", DAY),
    PlaceHold("wal_bora", lira(50), "hld_two2", effective_on=DAY),
    FreezeWallet("wal_bora", "looked into"),
    PostEntry((Posting("bank", lira(70)), Posting("suspense", lira(-70))), DAY),
)


async def write(database_url: str) -> None:
    writer = Writer(database_url, MasterKeys(bytes(32)))
    await writer.start()
    await writer.add_tenant(TENANT)
    for command in COMMANDS:
        envelope = Envelope(TENANT, uuid4(), b"", command, Actor("stf_deniz"), "correlation")
        outcome = await writer.send(envelope)
        assert not outcome.refused, outcome.body
    await writer.stop()


async def project(database_url: str) -> None:
    connection = await connect(database_url)
    await first_sight(connection, TENANT, [model.key for model in READ_MODELS])
    await advance(connection, TENANT, READ_MODELS)
    await connection.close()


@dataclass(frozen=True)
class Log:
    """A log that can be changed as only the owner of the database could, and put back."""

    database_url: str

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.database_url) as owner:
            changed = owner.execute(statement.encode(), values)
            assert changed.rowcount, f"nothing to change: {statement}"

    def keep(self) -> None:
        """Keep every row to put it back, and take the guards away as only the owner can."""
        for table in TABLES:
            with psycopg.connect(self.database_url) as owner:
                owner.execute(_named("CREATE TABLE {kept} AS SELECT * FROM {table}", table))
                owner.execute(_named("ALTER TABLE {table} DISABLE TRIGGER ALL", table))

    def restore(self) -> None:
        with psycopg.connect(self.database_url) as owner:
            for table in TABLES:
                owner.execute(_named("DELETE FROM {table}", table))
                owner.execute(_named("INSERT INTO {table} SELECT * FROM {kept}", table))

    def position_of(self, name: str) -> int:
        with psycopg.connect(self.database_url) as owner:
            query = "SELECT min(position) FROM defter.events WHERE type = %s"
            row = owner.execute(query, (name,)).fetchone()
            assert row is not None
            assert row[0] is not None, name
            return row[0]

    def rewrite(self, name: str, change: Callable[[dict[str, Any]], object]) -> int:
        """Change the bytes of the first event of a type; gives its position."""
        position = self.position_of(name)
        with psycopg.connect(self.database_url) as owner:
            query = "SELECT data FROM defter.events WHERE position = %s"
            row = owner.execute(query, (position,)).fetchone()
        assert row is not None
        fields = msgspec.json.decode(row[0])
        change(fields)
        data = msgspec.json.encode(fields)
        self.execute("UPDATE defter.events SET data = %s WHERE position = %s", data, position)
        return position


def _named(statement: LiteralString, table: str) -> sql.Composed:
    schema, _, name = table.partition(".")
    kept = sql.Identifier(f"kept_{name}")
    return sql.SQL(statement).format(table=sql.Identifier(schema, name), kept=kept)
