"""One tenant's log as an application recorder of the `eventsourcing` library (9.5).

The one door to that library: its tools read a Defter log through it, and an application written
with it may keep a log of its own here. Such an application needs a tenant of its own, since a
process of Defter refuses a log with types that it does not know.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eventsourcing import persistence
from eventsourcing.persistence import (
    ApplicationRecorder,
    Notification,
    StoredEvent,
    Subscription,
)
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from domain.kernel.events import Event as DefterEvent
from infrastructure.event_log.codec import decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.postgres.connections import runtime_conninfo

CONNECTIONS_MAX = 8
READ_AT_ONCE = 500
LOOK_EVERY_SECONDS = 0.1
SCHEMA = 1
META = b"{}"

LIBRARY_ERRORS: Sequence[tuple[type[Exception], type[persistence.PersistenceError]]] = (
    (PoolTimeout, persistence.OperationalError),
    (psycopg.IntegrityError, persistence.IntegrityError),
    (psycopg.OperationalError, persistence.OperationalError),
    (psycopg.DataError, persistence.DataError),
    (psycopg.InternalError, persistence.InternalError),
    (psycopg.ProgrammingError, persistence.ProgrammingError),
    (psycopg.NotSupportedError, persistence.NotSupportedError),
    (psycopg.DatabaseError, persistence.DatabaseError),
    (psycopg.InterfaceError, persistence.InterfaceError),
    (psycopg.Error, persistence.PersistenceError),
)
"""What each error of the driver is in the library's words; the first that fits counts."""

TENANT = "SELECT set_config('app.tenants', %s, true)"
LOCK = "SELECT FROM defter.log_head WHERE tenant_id = %s FOR NO KEY UPDATE"
OPEN = "INSERT INTO defter.log_head (tenant_id) VALUES (%s) ON CONFLICT DO NOTHING"
LAST = """
SELECT position, recorded_at FROM defter.events WHERE tenant_id = %s
ORDER BY position DESC LIMIT 1
"""
INSERT = """
INSERT INTO defter.events
    (tenant_id, position, event_id, stream, version, type, schema, data, meta, recorded_at)
SELECT %(tenant)s, new.position, new.event_id, new.stream, new.version, new.type, %(schema)s,
       new.data, %(meta)s, greatest(clock_timestamp(), %(last_at)s::timestamptz)
FROM unnest(%(positions)s::bigint[], %(ids)s::uuid[], %(streams)s::text[], %(versions)s::bigint[],
            %(types)s::text[], %(data)s::bytea[])
    AS new (position, event_id, stream, version, type, data)
"""
FORGET = """
INSERT INTO defter.subject_keys (tenant_id, subject, wrapped, master_key, destroyed_at)
SELECT %s, subject, NULL, '', now() FROM unnest(%s::text[]) AS gone (subject)
ON CONFLICT (tenant_id, subject) DO UPDATE
SET wrapped = NULL, destroyed_at = coalesce(subject_keys.destroyed_at, now())
"""
STREAM = """
SELECT stream, version, type, data FROM defter.events
WHERE tenant_id = %(tenant)s AND stream = %(stream)s
  AND version > %(gt)s AND version <= %(lte)s
ORDER BY version {order} LIMIT %(limit)s
"""
NOTIFICATIONS = """
SELECT stream, version, type, data, position FROM defter.events
WHERE tenant_id = %(tenant)s AND position >= %(first)s AND position <= %(stop)s
  AND (%(topics)s::text[] IS NULL OR type = ANY(%(topics)s))
ORDER BY position LIMIT %(limit)s
"""
NO_LIMIT = 2**63 - 1


class TenantRecorder(ApplicationRecorder):
    """Records and reads one tenant's log; notification ids are its positions.

    An originator id is a stream's name, a topic an event's stored name, a state its exact bytes.
    Defter's streams count from 1; an application whose aggregates count from another number says so
    with `first_version`. A lost acknowledgement is an `OperationalError` and never repeated here,
    since it would come back as a conflict with itself.
    """

    def __init__(self, database_url: str, tenant_id: UUID, *, first_version: int = 1) -> None:
        self._tenant_id = tenant_id
        self._shift = 1 - first_version
        self._pool = ConnectionPool(
            runtime_conninfo(database_url), min_size=1, max_size=CONNECTIONS_MAX, open=True
        )

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        **kwargs: Any,  # noqa: ANN401, ARG002 - the library's
    ) -> Sequence[int] | None:
        """Append all of the events or none; refuses a version that is taken (`IntegrityError`)."""
        if not stored_events:
            return []
        with self._transaction() as connection:
            self._lock_head(connection)
            # A later statement than the lock's, whose snapshot may be older than its wait.
            last = connection.execute(LAST, (self._tenant_id,)).fetchone()
            position, last_at = last or (0, None)
            positions = [position + n for n in range(1, len(stored_events) + 1)]
            connection.execute(
                INSERT,
                {
                    "tenant": self._tenant_id,
                    "schema": SCHEMA,
                    "meta": META,
                    "last_at": last_at,
                    "positions": positions,
                    "ids": [uuid4() for _ in stored_events],
                    "streams": [str(event.originator_id) for event in stored_events],
                    "versions": [event.originator_version + self._shift for event in stored_events],
                    "types": [event.topic for event in stored_events],
                    "data": [event.state for event in stored_events],
                },
            )
            forgotten = {one for event in stored_events for one in _forgotten_with(event)}
            if forgotten:
                connection.execute(FORGET, (self._tenant_id, sorted(forgotten)))
        return positions

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read the events of one stream."""
        asked = {
            "tenant": self._tenant_id,
            "stream": str(originator_id),
            "gt": -1 if gt is None else gt + self._shift,
            "lte": NO_LIMIT if lte is None else lte + self._shift,
            "limit": limit,
        }
        query = STREAM.format(order="DESC" if desc else "ASC")
        with self._transaction() as connection:
            rows = connection.execute(query, asked).fetchall()  # type: ignore[arg-type]
        return [
            StoredEvent(stream, version - self._shift, kind, data)
            for stream, version, kind, data in rows
        ]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Read the log in the order of its positions."""
        asked = {
            "tenant": self._tenant_id,
            "first": (start or 0) + (0 if inclusive_of_start else 1),
            "stop": NO_LIMIT if stop is None else stop,
            "topics": list(topics) or None,
            "limit": limit,
        }
        with self._transaction() as connection:
            rows = connection.execute(NOTIFICATIONS, asked).fetchall()
        return [
            Notification(stream, version - self._shift, kind, data, position)
            for stream, version, kind, data, position in rows
        ]

    def max_notification_id(self) -> int | None:
        """Give the position of the last event."""
        with self._transaction() as connection:
            last = connection.execute(LAST, (self._tenant_id,)).fetchone()
        return last[0] if last else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "TenantSubscription":
        """Follow the log from after `gt`, by looking and not by LISTEN: it survives poolers."""
        return TenantSubscription(self, gt=gt, topics=topics)

    def _lock_head(self, connection: psycopg.Connection[TupleRow]) -> None:
        if connection.execute(LOCK, (self._tenant_id,)).fetchone() is None:
            connection.execute(OPEN, (self._tenant_id,))
            connection.execute(LOCK, (self._tenant_id,))

    @contextmanager
    def _transaction(self) -> Generator[psycopg.Connection[TupleRow]]:
        try:
            with self._pool.connection() as connection:
                connection.execute(TENANT, (f"{{{self._tenant_id}}}",))
                yield connection
        except tuple(kind for kind, _ in LIBRARY_ERRORS) as error:
            known = next(known for kind, known in LIBRARY_ERRORS if isinstance(error, kind))
            raise known(error) from error


def _forgotten_with(stored: StoredEvent) -> tuple[str, ...]:
    """Name the persons whom an event forgets, if it is one of ours that does."""
    kind = EVENT_TYPES.get(stored.topic)
    if kind is None or kind.forgets is DefterEvent.forgets:
        return ()
    return decode(stored.topic, SCHEMA, stored.state).forgets()


class TenantSubscription(Subscription[TenantRecorder]):
    """Waits for what comes next in a tenant's log, until it is stopped."""

    def __init__(
        self, recorder: TenantRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._read = gt or 0
        self._ready: list[Notification] = []
        self._stopped = Event()

    def stop(self) -> None:
        """Let the iteration end."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._stopped.is_set():
            if self._ready:
                return self._ready.pop()
            if not self._pull():
                self._stopped.wait(LOOK_EVERY_SECONDS)
        raise StopIteration

    def _pull(self) -> bool:
        """Read on; other topics are read too, so that the place reached is never a guess."""
        read = self._recorder.select_notifications(
            self._read, READ_AT_ONCE, inclusive_of_start=False
        )
        for notification in read:
            if notification.id != self._read + 1:
                raise persistence.InternalError(f"the log has a gap after {self._read}")
            self._read = notification.id
        wanted = [one for one in read if not self._topics or one.topic in self._topics]
        self._ready = wanted[::-1]
        return bool(read)
