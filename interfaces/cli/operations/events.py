"""`defter events`: what happened, as the log holds it."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

if TYPE_CHECKING:
    from interfaces.cli.remote.client import Client

PATH = "/api/events"
PAGE_EVENTS = 1_000
EVENTS = 100
EVENTS_MAX = 1_000_000

COLUMNS = (
    Column("position", number=True),
    Column("time"),
    Column("type"),
    Column("stream"),
    Column("version", number=True),
    Column("event_id"),
    Column("data"),
)


def list_events(  # noqa: PLR0913 - the options of a report
    *,
    type_: Annotated[
        str | None, typer.Option("--type", help="Only these types, joined by commas.")
    ] = None,
    stream: Annotated[
        str | None, typer.Option(help="Only this stream, such as wallet-wal_….")
    ] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this one did: stf_…, cus_….")] = None,
    since: Annotated[
        str | None, typer.Option(help="Recorded at this time or later.", metavar="TIME")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Recorded before this time.", metavar="TIME")
    ] = None,
    after: Annotated[
        int, typer.Option(min=0, help="After this position; with --stream, its version.")
    ] = 0,
    limit: Annotated[int, typer.Option(min=1, max=EVENTS_MAX, help="So many at most.")] = EVENTS,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List the tenant's events in their order; personal data stay sealed.

    Example: `defter events list --type wallet.funds_held --since 2026-05-01T00:00:00Z -o csv`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    asked = {"type": type_, "stream": stream, "actor": actor, "since": since, "until": until}
    rows = [_row(one) for one in _events(connect(profile), asked, after, limit)]
    show(Report("Events", COLUMNS, rows), output=output, to=to)
    if len(rows) == limit:
        typer.echo(f"only {limit:,} are shown; --after or --limit shows more", err=True)


def _events(
    client: "Client", asked: dict[str, str | None], after: int, limit: int
) -> Iterator[dict[str, Any]]:
    follows = "position" if asked["stream"] is None else "version"
    while limit > 0:
        page = client.get(PATH, after=after, limit=min(limit, PAGE_EVENTS), **asked).body
        yield from page
        if len(page) < min(limit, PAGE_EVENTS):
            return
        after = page[-1][follows]
        limit -= len(page)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "position": one["position"],
        "time": one["time"],
        "type": one["type"],
        "stream": one["subject"],
        "version": one["version"],
        "event_id": one["id"],
        "data": json.dumps(one["data"], ensure_ascii=False),
    }
