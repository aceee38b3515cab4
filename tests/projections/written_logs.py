"""Logs for tests: events as the writer stores them, put there by SQL."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from domain.kernel.events import Event, Personal, stream_of
from domain.kernel.money import Money
from domain.ledger.accounts import AccountType
from domain.ledger.books import Books, open_account, open_books
from domain.wallet import holds, topups, transfers, wallet
from domain.wallet.holds import Hold
from domain.wallet.wallet import Wallet
from infrastructure.event_log.codec import Codec
from tests.projections.written_endpoints import endpoint_events

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)
CODEC = Codec(lambda personal: f"sealed:{personal.subject}")


class Log:
    """A tenant's log in the making: every event is folded, so that the rules make the next ones."""

    def __init__(self, tenant_id: UUID | None = None) -> None:
        self.tenant_id = tenant_id or uuid4()
        self.events: list[tuple[int, str, int, Event]] = []
        self.states: dict[str, Wallet | Hold] = {}
        self.versions: dict[str, int] = {}
        self.books: Books | None = None

    def record(self, events: Iterable[Event]) -> None:
        for event in events:
            stream = stream_of(event.CATEGORY, event.key)
            version = self.versions[stream] = self.versions.get(stream, 0) + 1
            kinds = {"wallet": Wallet, "hold": Hold}
            if event.CATEGORY in kinds:
                old = self.states.get(stream)
                self.states[stream] = kinds[event.CATEGORY].evolve(old, event)  # type: ignore[arg-type]
            self.events.append((len(self.events) + 1, stream, version, event))

    def wallet(self, key: str) -> Wallet:
        state = self.states[f"wallet-{key}"]
        assert isinstance(state, Wallet)
        return state

    def hold(self, key: str) -> Hold:
        state = self.states[f"hold-{key}"]
        assert isinstance(state, Hold)
        return state

    def store(self, url: str, *, first: int = 1, last: int | None = None) -> None:
        """Append events of this log to the database."""
        rows = [
            (
                self.tenant_id,
                position,
                uuid4(),
                stream,
                version,
                event.NAME,
                event.SCHEMA,
                CODEC.encode(event),
                b"{}",
                START + timedelta(seconds=position),
            )
            for position, stream, version, event in self.events[first - 1 : last]
        ]
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO defter.log_head VALUES (%s) ON CONFLICT DO NOTHING", (self.tenant_id,)
            )
            cursor.executemany(
                "INSERT INTO defter.events VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)", rows
            )


def store_raw(url: str, tenant_id: UUID, position: int, name: str, data: bytes) -> None:
    """Append bytes that no codec made."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO defter.events VALUES (%s,%s,%s,%s,1,%s,1,%s,'{}',%s)",
            (tenant_id, position, uuid4(), f"odd-{position}", name, data, START),
        )


def lively(tenant_id: UUID | None = None) -> Log:
    """A log in which everything happens that wallets and ledger know."""
    log = Log(tenant_id)
    log.record(open_books(None, base_currency="TRY", time_zone="Europe/Istanbul"))
    books = Books("TRY", "Europe/Istanbul", {})
    log.record(
        open_account(
            books, code="sales.books", type=AccountType.INCOME, name="Books, 'new' \\ \"x\""
        )
    )
    for name in ("wal_aaaa", "wal_bbbb"):
        opened = wallet.open_wallet(None, None, wallet_id=name, owner=f"usr_{name}", currency="TRY")
        log.record(opened)
    _fund(log, "wal_aaaa", 100_000)
    _fund(log, "wal_bbbb", 5_000)
    _hold_and_capture(log)
    for n in range(20):
        source, target = log.wallet("wal_aaaa"), log.wallet("wal_bbbb")
        amount, day = Money(100 + n, "TRY"), DAY + timedelta(days=n % 3)
        log.record(
            transfers.send(source, target, amount, transfer_id=f"trf_{n:04}", effective_on=day)
        )
    log.record(endpoint_events())
    return log


def _fund(log: Log, name: str, minor: int) -> None:
    log.record(
        topups.top_up(
            log.wallet(name),
            Money(minor, "TRY"),
            top_up_id=f"top_{name}",
            source="bank",
            effective_on=DAY,
            note=Personal("usr_1", "from her mother"),
        )
    )


def _hold_and_capture(log: Log) -> None:
    for name in ("hld_0001", "hld_0002"):
        reference = Personal("usr_1", "order 7")
        log.record(
            holds.place(
                None,
                log.wallet("wal_aaaa"),
                Money(3_000, "TRY"),
                hold_id=name,
                effective_on=DAY,
                reference=reference,
                at=START,
            )
        )
    for part in ("cap_0001", "cap_0002"):
        log.record(
            holds.capture(
                log.hold("hld_0001"),
                log.wallet("wal_aaaa"),
                Money(1_500, "TRY"),
                capture_id=part,
                destination="sales.books",
                effective_on=DAY,
            )
        )
    log.record(
        holds.refund(
            log.hold("hld_0001"),
            log.wallet("wal_aaaa"),
            Money(500, "TRY"),
            capture_id="cap_0002",
            refund_id="rfd_0001",
            effective_on=DAY + timedelta(days=1),
        )
    )
    log.record(holds.release(log.hold("hld_0002"), log.wallet("wal_aaaa"), effective_on=DAY))
