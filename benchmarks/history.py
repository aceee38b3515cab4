"""Long histories: rows of the log as the writer would have written them, laid down by COPY."""

import base64
import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from application.aggregates import AGGREGATES
from benchmarks.defter import CURRENCY, Defter
from domain.kernel.events import Event, stream_of
from domain.kernel.money import Money
from domain.wallet import topups, transfers
from domain.wallet.wallet import Status, Wallet
from infrastructure.event_log.codec import Codec
from infrastructure.event_log.writing.rows import SNAPSHOT_EVERY_EVENTS

META = (
    '{"actor":"stf_01k3xq8m5wf2v9c7d4h6jt0b1n","key":"key_01k3xq8m5wf2v9c7d4h6jt0b1n",'
    '"origin":{"subject":"stf_01k3xq8m5wf2v9c7d4h6jt0b1n","sealed":"%s"},'
    '"command":"wallet.transfer_funds","command_id":"%s",'
    '"correlation":"req_000000000000000000000000","release":"bench"}'
)
SEALED = base64.b64encode(bytes(70)).decode()
COPY = """
COPY defter.events (tenant_id, position, event_id, stream, version, type, schema, data, meta,
                    recorded_at) FROM STDIN (FORMAT BINARY)"""
TYPES = ("uuid", "int8", "uuid", "text", "int8", "text", "int2", "bytea", "bytea", "timestamptz")
EVENTS_PER_COMMIT = 32
WALLETS = """
SELECT wallet_id, owner, available, version FROM read_models.wallet_balances_v2
WHERE wallet_id = ANY(%s)"""

Row = tuple[Any, ...]


class Rows:
    """Goes on from where a log stands; `versions` are those of its streams.

    So many events in a row were recorded in the same millisecond, as by a busy writer. The same
    seed gives the same rows.
    """

    def __init__(  # noqa: PLR0913 - what a log is
        self,
        tenant_id: uuid.UUID,
        start: datetime,
        *,
        position: int = 0,
        versions: dict[str, int] | None = None,
        events_per_commit: int,
        seed: int | None = None,
    ) -> None:
        self.tenant_id = tenant_id
        self.position = position
        self._versions = versions or {}
        self._start = start
        self._events_per_commit = events_per_commit
        self._chance = random.Random(seed)  # noqa: S311 - the same log every time
        self._encode = Codec(lambda _: "").encode

    def of(self, events: Iterable[Event]) -> Iterator[Row]:
        """Give the rows of one command's events."""
        command_id = uuid.UUID(int=self._chance.getrandbits(128), version=4)
        meta = (META % (SEALED, command_id)).encode()
        for n, event in enumerate(events):
            stream = stream_of(event.CATEGORY, event.key)
            version = self._versions[stream] = self._versions.get(stream, 0) + 1
            self.position += 1
            yield (
                self.tenant_id,
                self.position,
                uuid.uuid5(command_id, str(n)),
                stream,
                version,
                event.NAME,
                event.SCHEMA,
                self._encode(event),
                meta,
                self._start + timedelta(milliseconds=self.position // self._events_per_commit),
            )


def lay_down(database_url: str, rows: Iterable[Row]) -> int:
    """Copy rows of one tenant into the log and give their number."""
    count = 0
    with (
        psycopg.connect(database_url) as connection,
        connection.cursor() as cursor,
        cursor.copy(COPY) as copy,
    ):
        copy.set_types(TYPES)
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last one is the number
            copy.write_row(row)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) defter.events")
    return count


def begin_log(database_url: str, tenant_id: uuid.UUID) -> None:
    """Let there be a log of a tenant, unless there is."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO defter.log_head VALUES (%s) ON CONFLICT DO NOTHING", (tenant_id,)
        )


class History:
    """Goes on from where the wallets of a database stand."""

    def __init__(self, defter: Defter) -> None:
        self._url = defter.database_url
        with psycopg.connect(self._url) as connection:
            row = connection.execute(
                "SELECT tenant_id, max(position) FROM defter.events GROUP BY tenant_id"
                " ORDER BY max(position) DESC LIMIT 1"
            ).fetchone()
            assert row is not None  # noqa: S101 - the wallets stand in it
            self.tenant_id, position = row
            found = connection.execute(WALLETS, (defter.wallet_ids(),)).fetchall()
        nothing = Money(0, CURRENCY)
        self.wallets = {
            wallet_id: Wallet(
                wallet_id,
                owner,
                Money(int(available), CURRENCY),
                nothing,
                version,
                nothing,
                {},
                Status.OPEN,
            )
            for wallet_id, owner, available, version in found
        }
        now = datetime.now(UTC)
        self.today: date = now.date()
        self._encode = Codec(lambda _: "").encode
        standing = self.wallets.items()
        self._log = Rows(
            self.tenant_id,
            now,
            position=position,
            versions={stream_of(one.CATEGORY, key): one.version for key, one in standing},
            events_per_commit=EVENTS_PER_COMMIT,
        )

    def rows(self, *events: Event) -> Iterator[Row]:
        """Fold the events of one command into their wallets and give their rows."""
        for event in events:
            wallet = AGGREGATES[event.CATEGORY].evolve(self.wallets[event.key], event)
            self.wallets[event.key] = wallet
        return self._log.of(events)

    def lay_down(self, rows: Iterable[Row]) -> int:
        """Copy rows into the log and give their number."""
        return lay_down(self._url, rows)

    def keep_snapshot(self, wallet_id: str) -> None:
        """Keep the snapshot that the writer would have kept."""
        wallet = self.wallets[wallet_id]
        with psycopg.connect(self._url) as connection:
            connection.execute(
                "INSERT INTO defter.snapshots VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (tenant_id, stream) DO UPDATE"
                " SET version = excluded.version, state = excluded.state",
                (
                    self.tenant_id,
                    stream_of(Wallet.CATEGORY, wallet_id),
                    wallet.version,
                    Wallet.FOLD_VERSION,
                    self._encode(wallet),
                ),
            )


def lengthen_log(defter: Defter, count: int) -> int:
    """Add random transfers between all wallets; gives the number of their events."""
    history = History(defter)
    ids = list(history.wallets)

    def rows() -> Iterator[Row]:
        for n in range(count):
            source, target = random.sample(ids, 2)
            events = transfers.send(
                history.wallets[source],
                history.wallets[target],
                Money(1, CURRENCY),
                transfer_id=f"trf_{n:026d}",
                effective_on=history.today,
            )
            yield from history.rows(*events)

    return history.lay_down(rows())


def lengthen_stream(defter: Defter, wallet_id: str, count: int) -> None:
    """Add top-ups to one wallet, with the snapshot that stands a little before its end."""
    history = History(defter)

    def rows(some: int) -> Iterator[Row]:
        for n in range(some):
            (event,) = topups.top_up(
                history.wallets[wallet_id],
                Money(1, CURRENCY),
                top_up_id=f"top_{n:026d}",
                source="bank",
                effective_on=history.today,
                note=None,
            )
            yield from history.rows(event)

    history.lay_down(rows(count - SNAPSHOT_EVERY_EVENTS + 1))
    history.keep_snapshot(wallet_id)
    history.lay_down(rows(SNAPSHOT_EVERY_EVENTS - 1))
