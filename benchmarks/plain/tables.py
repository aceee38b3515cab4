"""The tables of the plain version: schema, seed and the check that no money was made or lost.

Every choice favours the plain version's speed: no foreign key and no second index on `entries`,
and room on each wallet page so that a balance update stays on it (HOT) and touches no index.
"""

from pathlib import Path
from typing import Literal, LiteralString

import psycopg

WALLETS = 10_000
WALLETS_A_TRANSFER = 2
OPENING_MINOR = 1_000_000_000
CURRENCY = "TRY"

Outcome = Literal["done", "wallet_not_found", "currency_mismatch", "insufficient_funds"]

SCHEMA: LiteralString = """
DROP SCHEMA IF EXISTS plain CASCADE;
CREATE SCHEMA plain;
CREATE TABLE plain.wallets (
    id       text COLLATE "C" PRIMARY KEY,
    currency text COLLATE "C" NOT NULL,
    balance  bigint NOT NULL CONSTRAINT funds CHECK (balance >= 0)
) WITH (fillfactor = 50);
CREATE TABLE plain.entries (
    id          bigint GENERATED ALWAYS AS IDENTITY (CACHE 100) PRIMARY KEY,
    transfer_id uuid NOT NULL,
    wallet_id   text COLLATE "C" NOT NULL,
    minor       bigint NOT NULL,
    currency    text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
"""

SEED: LiteralString = """
INSERT INTO plain.wallets (id, currency, balance)
SELECT 'wal_' || md5(n::text), %s, %s FROM generate_series(1, %s) AS n
"""

CONSERVED: LiteralString = """
SELECT
    (SELECT sum(balance) FROM plain.wallets),
    (SELECT coalesce(sum(minor), 0) FROM plain.entries),
    (SELECT count(*)
       FROM plain.wallets AS w
       LEFT JOIN (SELECT wallet_id, sum(minor) AS moved FROM plain.entries GROUP BY 1) AS e
         ON e.wallet_id = w.id
      WHERE w.balance <> %s + coalesce(e.moved, 0)),
    (SELECT count(*) FROM plain.entries)
"""


class MoneyNotConservedError(Exception):
    """Balances and entries disagree: a lost update or a half-written transfer."""


def name_refusal(currencies: list[str], asked: str) -> Outcome:
    """Say why a guarded update found nothing, from the currencies of the wallets that exist."""
    if len(currencies) != WALLETS_A_TRANSFER:
        return "wallet_not_found"
    if any(currency != asked for currency in currencies):
        return "currency_mismatch"
    return "insufficient_funds"


def create_tables(database_url: str, function: LiteralString) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(SCHEMA)
        connection.execute(function)
        connection.execute(SEED, (CURRENCY, OPENING_MINOR, WALLETS))


def write_wallet_ids(database_url: str, path: Path) -> None:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT id FROM plain.wallets ORDER BY id").fetchall()
    path.write_text("".join(f"{row[0]}\n" for row in rows))


def check_conserved(database_url: str) -> int:
    """Answer the number of transfers on the books; raise when they do not add up."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(CONSERVED, (OPENING_MINOR,)).fetchone()
    balances, entries, unexplained, count = (int(value) for value in row or ())
    if (balances, entries, unexplained) != (WALLETS * OPENING_MINOR, 0, 0):
        raise MoneyNotConservedError(
            f"balances {balances}, entries {entries}, wallets not explained {unexplained}"
        )
    return count // 2
