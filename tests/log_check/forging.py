"""A sealed log, and what somebody can do to it who has the whole database, and may have its key."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql
from psycopg.rows import TupleRow

from domain.audit.merkle import Frontier
from domain.kernel.money import Money
from domain.ledger.books import open_books
from domain.wallet import topups, transfers, wallet
from infrastructure.identity.signing_keys import told
from infrastructure.log_check.beside import checker
from infrastructure.log_check.check import verify_log
from infrastructure.log_check.findings import Verified
from infrastructure.log_check.outside import given
from infrastructure.postgres.connections import connect
from infrastructure.sealing import notes
from infrastructure.sealing.leaves import Leaf, encoded
from infrastructure.sealing.roots import extend
from tests.projections.written_logs import DAY, Log
from tests.sealing.logs import seal, sealing_keys

SEALED = (1, 101, 301, 521, 701)
"""So many events the checkpoints hold."""

TABLES = ("events", "snapshots", "checkpoints", "log_roots", "log_checkpoints", "signing_keys")
EVENTS = (
    "SELECT tenant_id, position, event_id, stream, version, type, schema, recorded_at, data, meta"
    " FROM defter.events WHERE tenant_id = %s ORDER BY position"
)


def payments() -> Log:
    """A log of 701 events: two wallets that pay each other."""
    log = Log()
    log.record(open_books(None, base_currency="TRY", time_zone="Europe/Istanbul"))
    for name in ("wal_aaaa", "wal_bbbb"):
        log.record(
            wallet.open_wallet(None, None, wallet_id=name, owner=f"usr_{name}", currency="TRY")
        )
        source = {"top_up_id": f"top_{name}", "source": "bank", "note": None}
        paid_in = Money(100_000, "TRY")
        log.record(topups.top_up(log.wallet(name), paid_in, effective_on=DAY, **source))  # type: ignore[arg-type]
    for n in range(348):
        source, target = log.wallet("wal_aaaa"), log.wallet("wal_bbbb")
        if n % 2:
            source, target = target, source
        day = DAY + timedelta(days=n % 3)
        amount = Money(100 + n, "TRY")
        log.record(
            transfers.send(source, target, amount, transfer_id=f"trf_{n:04}", effective_on=day)
        )
    return log


class SealedLog:
    """A log that is sealed at `SEALED`, and can be forged and put back."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.log = payments()
        self.tenant_id: UUID = self.log.tenant_id

    async def build(self, sizes: Sequence[int] = SEALED) -> None:
        before = 0
        for size in sizes:
            self.log.store(self.database_url, first=before + 1, last=size)
            await (await seal(self.database_url, self.tenant_id)).close()
            before = size
        with self.owner() as owner:
            for table in TABLES:
                owner.execute(_named("CREATE TABLE {kept} AS SELECT * FROM {table}", table))
                owner.execute(_named("ALTER TABLE {table} DISABLE TRIGGER ALL", table))

    def restore(self) -> None:
        with self.owner() as owner:
            for table in TABLES:
                owner.execute(_named("DELETE FROM {table}", table))
                owner.execute(_named("INSERT INTO {table} SELECT * FROM {kept}", table))

    def owner(self) -> psycopg.Connection[TupleRow]:
        return psycopg.connect(self.database_url)

    def execute(self, statement: str, *values: object) -> None:
        with self.owner() as owner:
            changed = owner.execute(statement.encode(), values)
            assert changed.rowcount, f"nothing to change: {statement}"

    def notes(self) -> list[str]:
        with self.owner() as owner:
            rows = owner.execute("SELECT note FROM defter.log_checkpoints ORDER BY size")
            return [row[0] for row in rows]

    def keep_outside(self, folder: Path) -> list[Path]:
        """Do what a witness does: keep every checkpoint elsewhere."""
        files = [folder / f"{size}.txt" for size in SEALED]
        for file, note in zip(files, self.notes(), strict=True):
            file.write_text(note, "utf-8")
        return files

    def rewrite(self, change: Callable[[list[Leaf]], Iterable[Leaf]]) -> None:
        """Put another history in the place of the one there is."""
        with self.owner() as owner:
            events = [Leaf(*row) for row in owner.execute(EVENTS.encode(), (self.tenant_id,))]
            changed = list(change(events))
            owner.execute("DELETE FROM defter.events WHERE tenant_id = %s", (self.tenant_id,))
            owner.cursor().executemany(
                "INSERT INTO defter.events (tenant_id, position, event_id, stream, version, type,"
                " schema, recorded_at, data, meta) VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
                changed,
            )

    def reseal(self, keys: Sequence[Ed25519PrivateKey]) -> None:
        """Compute every root and every checkpoint again, and sign them with these keys."""
        with self.owner() as owner:
            leaves = [
                encoded(Leaf(*row)) for row in owner.execute(EVENTS.encode(), (self.tenant_id,))
            ]
            frontier = Frontier()
            for size in SEALED:
                for level, number, root in extend(frontier, leaves[frontier.size : size]):
                    owner.execute(
                        "UPDATE defter.log_roots SET root = %s WHERE level = %s AND number = %s",
                        (root, level, number),
                    )
                root = frontier.root()
                note = notes.Checkpoint(notes.origin_of(self.tenant_id), size, root)
                owner.execute(
                    "UPDATE defter.log_checkpoints SET root = %s, note = %s WHERE size = %s",
                    (root, notes.signed(note, keys), size),
                )

    def plant_key(self, key: Ed25519PrivateKey) -> None:
        self.execute(
            "UPDATE defter.signing_keys SET public_key = %s WHERE use = 'checkpoint'",
            told(key.public_key()),
        )

    async def stolen_keys(self) -> list[Ed25519PrivateKey]:
        return [key for _, key in await sealing_keys(self.database_url).signing_all()]

    async def verify(
        self,
        *,
        outside: Sequence[Path] = (),
        books: bool = True,
        keys: Sequence[bytes] = (),
        events: int = 0,
        told: Callable[[int], None] = lambda _: None,
    ) -> Verified:
        with checker(events or len(self.log.events)) as beside:
            async with await connect(self.database_url) as connection:
                return await verify_log(
                    connection,
                    self.tenant_id,
                    beside,
                    books=books,
                    keys=keys,
                    outside=given(outside),
                    told=told,
                )


def sound(verified: Verified) -> bool:
    return not verified.findings and not verified.incomplete


def _named(statement: LiteralString, table: str) -> sql.Composed:
    return sql.SQL(statement).format(
        table=sql.Identifier("defter", table), kept=sql.Identifier(f"kept_{table}")
    )
