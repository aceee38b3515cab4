"""Ways to change a stored event, and what to put in the place of what it tells."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from uuid import UUID

from infrastructure.sealing.layout import Laid, Row
from infrastructure.sealing.leaves import EPOCH, Leaf, encoded
from tests.cli.ledger.routine_log import payments
from tests.kit.lively.whole import lively
from tests.projections.written_logs import CODEC, START, Log
from tests.sealing.logs import end_to_end

LOGS = payments, lively
OTHERS = "wal_aaaa", "wal_bbbb", "wal_zzzz", "bank", "sales", "TRY", "EUR", "TRYY", "null", "[]"
NUMBERS = "0", "-0", "-5", "1", "007", "1.0", "1e2", str(2**53), str(10**17), '"1"', "true"
TWICE = '{"minor":1,"currency":"TR"}', "{}", "[]", '"x"', "1", '["x"]', '"wallet-wal_aaaa.1"'
DAYS = "2026-02-29", "2026-13-01", "1899-01-01", "2026-2-3"


@cache
def stored(log: Callable[[], Log]) -> Sequence[Row]:
    """A log as it is stored."""
    at = (START - EPOCH) // timedelta(microseconds=1)
    return [
        Row(position, stream, version, event.NAME, event.SCHEMA, at, CODEC.encode(event))
        for position, stream, version, event in log().events
    ]


def together(rows: Sequence[Row]) -> Laid:
    """Lay rows out as they come from the database."""
    return end_to_end(
        [
            encoded(
                Leaf(UUID(int=0), *row[:1], UUID(int=0), *row[1:5], row.recorded_at, row.data, b"")
            )
            for row in rows
        ]
    )


def exchanged(data: str, place: int, new: str) -> str:
    """Put something in the place of a byte."""
    at = place % len(data)
    return data[:at] + new + data[at + 1 :]


def text_exchanged(data: str, place: int, new: str) -> str:
    """Put something in the place of a text, wherever that text stands."""
    texts = data.split('"')[1::2]
    return data.replace(texts[place % len(texts)], new)


def number_exchanged(data: str, _place: int, new: str) -> str:
    """Put another amount in the place of the event's, in its entry, too."""
    minor = data.partition('"minor":')[2].partition(",")[0]
    return data.replace(f":{minor},", f":{new},").replace(f":-{minor},", f":-{new},")


def day_exchanged(data: str, _place: int, new: str) -> str:
    day = data.partition('"effective_on":"')[2].partition('"')[0]
    return data.replace(day, new) if day else data


def field_doubled(data: str, place: int, new: str) -> str:
    """Tell a field twice, first with something else."""
    names = ("entry", "amount", "wallet_id", "postings", "minor", "bonus", "entry_id")
    name = names[place % len(names)]
    return data.replace(f'"{name}":', f'"{name}":{new},"{name}":', 1)


def escaped(data: str, place: int, _new: str) -> str:
    """Write one character as JSON may also write it."""
    at = place % len(data)
    return data[:at] + f"\\u{ord(data[at]):04x}" + data[at + 1 :]


def spaced(data: str, place: int, _new: str) -> str:
    """Write the same with white space in it."""
    parts = data.split(":")
    at = 1 + place % (len(parts) - 1)
    return ":".join(parts[:at]) + ": " + ":".join(parts[at:])


def as_adjustment(data: str, _place: int, _new: str) -> str:
    return data.replace("]}", '],"adjusts":"2026-01"}')


def posting_exchanged(data: str, place: int, new: str) -> str:
    """Put something in the place of a text or number of the postings alone."""
    before, postings, after = data.partition('"postings":')
    if not postings:
        return data
    pieces = re.split(r"([\w.:-]+)", after)
    pieces[1 + 2 * (place % (len(pieces) // 2))] = new
    return before + postings + "".join(pieces)


CHANGES = (
    *(posting_exchanged, exchanged, text_exchanged, number_exchanged, day_exchanged, field_doubled),
    *(escaped, spaced, as_adjustment),
)
