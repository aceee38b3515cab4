"""Tables as CSV (RFC 4180), for those who ask for `text/csv`."""

import csv
import io
from collections.abc import Iterable, Sequence

from interfaces.http.edge.exchange import Exchange

CSV = b"text/csv; charset=utf-8; header=present"


def wants_csv(exchange: Exchange, asked: str | None) -> bool:
    """Tell whether the caller wants CSV: by `?format=csv`, else by what Accept names first."""
    if asked is not None:
        return asked == "csv"
    return exchange.headers.get(b"accept", b"").lstrip().lower().startswith(b"text/csv")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table; text that a spreadsheet would take for a formula is made plain text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_plain(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _plain(value: object) -> object:
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
