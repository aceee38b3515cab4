"""Logs for tests: events as the writer stores them, put there by SQL."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4, uuid5

import msgspec
import psycopg

from domain.kernel.events import Event, stream_of
from domain.ledger.books import Books
from domain.wallet.gifts.cards import GiftCard
from domain.wallet.holds import Hold
from domain.wallet.requests.adjustments import Adjustment
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.wallet import Wallet
from infrastructure.event_log.codec import Codec

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 1)
CODEC = Codec(lambda personal: f"sealed:{personal.subject}")

KINDS = {
    kind.CATEGORY: kind for kind in (Wallet, Hold, TopUpRequest, Withdrawal, Adjustment, GiftCard)
}


class Log:
    """A tenant's log in the making: every event is folded, so that the rules make the next ones."""

    def __init__(self, tenant_id: UUID | None = None) -> None:
        self.tenant_id = tenant_id or uuid4()
        self.events: list[tuple[int, str, int, Event]] = []
        self.states: dict[
            str, Wallet | Hold | TopUpRequest | Withdrawal | Adjustment | GiftCard
        ] = {}
        self.versions: dict[str, int] = {}
        self.books: Books | None = None
        self.commands: list[tuple[UUID, int]] = []
        """Of each event the command, and which of its events it is."""

    def record(self, events: Iterable[Event]) -> None:
        command_id = uuid5(self.tenant_id, str(len(self.events)))
        for n, event in enumerate(events):
            self.commands.append((command_id, n))
            stream = stream_of(event.CATEGORY, event.key)
            version = self.versions[stream] = self.versions.get(stream, 0) + 1
            kind = KINDS.get(event.CATEGORY)
            if kind is not None:
                old = self.states.get(stream)
                self.states[stream] = kind.evolve(old, event)  # type: ignore[arg-type]
            self.events.append((len(self.events) + 1, stream, version, event))

    def wallet(self, key: str) -> Wallet:
        state = self.states[f"wallet-{key}"]
        assert isinstance(state, Wallet)
        return state

    def hold(self, key: str) -> Hold:
        state = self.states[f"hold-{key}"]
        assert isinstance(state, Hold)
        return state

    def top_up_request(self, key: str) -> TopUpRequest:
        state = self.states[f"top_up_request-{key}"]
        assert isinstance(state, TopUpRequest)
        return state

    def withdrawal(self, key: str) -> Withdrawal:
        state = self.states[f"withdrawal-{key}"]
        assert isinstance(state, Withdrawal)
        return state

    def adjustment(self, key: str) -> Adjustment:
        state = self.states[f"adjustment-{key}"]
        assert isinstance(state, Adjustment)
        return state

    def gift_card(self, key: str) -> GiftCard:
        state = self.states[f"gift_card-{key}"]
        assert isinstance(state, GiftCard)
        return state

    def _meta_of(self, position: int) -> bytes:
        """Say who did it: the same for all events of a command."""
        command_id, n = self.commands[position - 1]
        return meta_of(command_id, self.events[position - 1 - n][3])

    def store(self, url: str, *, first: int = 1, last: int | None = None) -> None:
        """Append events of this log to the database."""
        rows = [
            (
                self.tenant_id,
                position,
                uuid5(self.commands[position - 1][0], str(self.commands[position - 1][1])),
                stream,
                version,
                event.NAME,
                event.SCHEMA,
                CODEC.encode(event),
                self._meta_of(position),
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


def meta_of(command_id: UUID, event: Event) -> bytes:
    """Say who did it, as the writer does."""
    origin = {"subject": "stf_deniz", "sealed": "sealed:stf_deniz"}
    command = event.NAME.partition(".")[0] + ".do"
    told = {"actor": "stf_deniz", "key": "key_deniz", "for": "cus_ada", "origin": origin}
    return msgspec.json.encode(told | {"command": command, "command_id": command_id})


def store_raw(url: str, tenant_id: UUID, position: int, name: str, data: bytes) -> None:
    """Append bytes that no codec made."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO defter.events VALUES (%s,%s,%s,%s,1,%s,1,%s,'{}',%s)",
            (tenant_id, position, uuid4(), f"odd-{position}", name, data, START),
        )
