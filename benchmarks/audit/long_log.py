"""A long log of transfers, laid down by COPY as the writer would have written it."""

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.history import Row, Rows, begin_log, lay_down
from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.ledger.books import open_books
from domain.wallet import topups, transfers
from domain.wallet.wallet import Wallet, open_wallet

CURRENCY = "TRY"
WALLETS = 1_000
EVENTS_PER_COMMIT = 32
"""So many events were recorded in the same moment, as by a busy writer."""


class LongLog:
    """A new tenant's log in the making."""

    def __init__(self) -> None:
        self.tenant_id = uuid.uuid4()
        self._random = random.Random(5)  # noqa: S311 - the same log every time
        self._wallets: dict[str, Wallet] = {}
        self._start = datetime.now(UTC) - timedelta(days=30)
        self._log = Rows(self.tenant_id, self._start, events_per_commit=EVENTS_PER_COMMIT, seed=5)

    def lay_down(self, database_url: str, events: int) -> None:
        """Write at least so many events."""
        begin_log(database_url, self.tenant_id)
        lay_down(database_url, self._rows(events))

    def _rows(self, events: int) -> Iterator[Row]:
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
        while self._log.position < events:
            source, target = self._random.sample(names, 2)
            yield from self._command(
                transfers.send(
                    self._wallets[source],
                    self._wallets[target],
                    Money(self._random.randrange(1, 5_000), CURRENCY),
                    transfer_id=f"trf_{self._log.position:026d}",
                    effective_on=today,
                )
            )

    def _command(self, events: Iterable[Event]) -> Iterator[Row]:
        told = tuple(events)
        for event in told:
            if event.CATEGORY == Wallet.CATEGORY:
                folded = Wallet.evolve(self._wallets.get(event.key), event)  # type: ignore[arg-type]
                self._wallets[event.key] = folded
        return self._log.of(told)
