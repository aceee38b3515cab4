"""A long log of transfers, laid down by COPY as the writer would have written it."""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from benchmarks.history import COPY, META, SEALED, TYPES
from domain.kernel.events import Event, stream_of
from domain.kernel.money import Money
from domain.ledger.books import open_books
from domain.wallet import topups, transfers
from domain.wallet.wallet import Wallet, open_wallet
from infrastructure.event_log.codec import Codec

CURRENCY = "TRY"
WALLETS = 1_000
EVENTS_PER_COMMIT = 32
"""So many events were recorded in the same moment, as by a busy writer."""


class LongLog:
    """A new tenant's log in the making."""

    def __init__(self) -> None:
        self.tenant_id = uuid.uuid4()
        self._random = random.Random(5)  # noqa: S311 - the same log every time
        self._position = 0
        self._versions: dict[str, int] = {}
        self._wallets: dict[str, Wallet] = {}
        self._encode = Codec(lambda _: "").encode
        self._start = datetime.now(UTC) - timedelta(days=30)

    def lay_down(self, database_url: str, events: int) -> None:
        """Write at least so many events."""
        with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO defter.log_head VALUES (%s)", (self.tenant_id,))
            with cursor.copy(COPY) as copy:
                copy.set_types(TYPES)
                for row in self._rows(events):
                    copy.write_row(row)
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE) defter.events")

    def _rows(self, events: int) -> Iterator[tuple[Any, ...]]:
        today = self._start.date()
        yield from self._command(open_books(None, base_currency=CURRENCY, time_zone="UTC"))
        names = [f"wal_{n:026d}" for n in range(WALLETS)]
        for name in names:
            opened = open_wallet(None, None, wallet_id=name, owner=f"cus_{name}", currency=CURRENCY)
            yield from self._command(opened)
            given: dict[str, Any] = {"top_up_id": f"top_{name}", "source": "bank", "note": None}
            amount = Money(10**9, CURRENCY)
            wallet = self._wallets[name]
            yield from self._command(topups.top_up(wallet, amount, effective_on=today, **given))
        while self._position < events:
            source, target = self._random.sample(names, 2)
            yield from self._command(
                transfers.send(
                    self._wallets[source],
                    self._wallets[target],
                    Money(self._random.randrange(1, 5_000), CURRENCY),
                    transfer_id=f"trf_{self._position:026d}",
                    effective_on=today,
                )
            )

    def _command(self, events: Iterable[Event]) -> Iterator[tuple[Any, ...]]:
        command_id = uuid.UUID(int=self._random.getrandbits(128), version=4)
        meta = (META % (SEALED, command_id)).encode()
        for n, event in enumerate(events):
            if event.CATEGORY == Wallet.CATEGORY:
                folded = Wallet.evolve(self._wallets.get(event.key), event)  # type: ignore[arg-type]
                self._wallets[event.key] = folded
            stream = stream_of(event.CATEGORY, event.key)
            version = self._versions[stream] = self._versions.get(stream, 0) + 1
            self._position += 1
            yield (
                self.tenant_id,
                self._position,
                uuid.uuid5(command_id, str(n)),
                stream,
                version,
                event.NAME,
                event.SCHEMA,
                self._encode(event),
                meta,
                self._start + timedelta(milliseconds=self._position // EVENTS_PER_COMMIT),
            )
