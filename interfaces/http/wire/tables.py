"""Tables in other formats than JSON, and as CSV (RFC 4180)."""

import csv
import io
from collections.abc import Iterable, Sequence

from interfaces.http.edge.exchange import Exchange

CSV = b"text/csv; charset=utf-8; header=present"

_FORMATS = ((b"text/csv", "csv"), (b"application/pdf", "pdf"))


def wanted(exchange: Exchange, asked: str | None) -> str:
    """Tell the format the caller wants: by `?format=`, else by what Accept names first."""
    if asked is not None:
        return asked
    accept = exchange.headers.get(b"accept", b"").lstrip().lower()
    return next((name for media, name in _FORMATS if accept.startswith(media)), "json")


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table of plain cells."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([plain(value) for value in row] for row in rows)
    return out.getvalue().encode()


def plain(value: object) -> object:
    """Give a value as a cell; text that a spreadsheet would take for a formula is made plain."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
