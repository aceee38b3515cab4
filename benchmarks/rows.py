"""Rows of the log as the writer would have written them, laid down by COPY."""

import base64
import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg

from domain.kernel.events import Event, stream_of
from infrastructure.event_log.codec import Codec

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
