"""`defter audit refusals`: what was refused to whom."""

from typing import Annotated, Any

import typer

from interfaces.cli.terminal.options import ProfileOption
from interfaces.cli.terminal.output import (
    Column,
    FileOption,
    Format,
    FormatOption,
    Report,
    show,
)

PATH = "/api/audit"
ROWS = 100

ActorOption = Annotated[str | None, typer.Option(help="Who did it, such as stf_… or cus_….")]
ObjectOption = Annotated[
    str | None, typer.Option("--object", help="The id of what it touched, such as wal_….")
]
ContextOption = Annotated[str | None, typer.Option(help="Such as wallet, or ledger.")]
SinceOption = Annotated[
    str | None, typer.Option(help="This moment counts (2026-05-01T12:00:00Z).", metavar="TIME")
]
UntilOption = Annotated[
    str | None, typer.Option(help="This moment counts no more.", metavar="TIME")
]
RowsOption = Annotated[int, typer.Option("--limit", min=1, help="So many rows at most.")]

REFUSALS = tuple(
    Column(name)
    for name in ("at", "actor", "on_behalf_of", "method", "route", "status", "code", "request_id")
)


def refusals(  # noqa: PLR0913 - the filters of refusals
    *,
    actor: ActorOption = None,
    code: Annotated[str | None, typer.Option(help="Such as auth.permission_missing.")] = None,
    status: Annotated[int | None, typer.Option(help="Such as 403.")] = None,
    route: Annotated[str | None, typer.Option(help="Such as /api/wallet/{wallet_id}.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: RowsOption = ROWS,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what was refused to whom, newest first.

    Example: `defter audit refusals --status 403 --since 2026-05-01T00:00:00Z`
    """
    found = pages(
        f"{PATH}/refusals",
        limit,
        profile,
        actor=actor,
        code=code,
        status=status,
        route=route,
        since=since,
        until=until,
    )
    show(Report("Refusals", REFUSALS, found), output=output, to=to)


def pages(path: str, limit: int, profile: str | None, **asked: object) -> list[dict[str, Any]]:
    """Give the items of a list, `limit` at most."""
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows: list[dict[str, Any]] = []
    for page in connect(profile).pages(path, **asked):
        rows += page.body["items"]
        if len(rows) >= limit:
            break
    return rows[:limit]
