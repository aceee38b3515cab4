"""`defter audit`: who changed what, and what was refused."""

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
    show_object,
)

PATH = "/api/audit"
ROWS = 100

ActorOption = Annotated[str | None, typer.Option(help="Who did it, such as stf_… or cus_….")]
ForOption = Annotated[str | None, typer.Option("--for", help="The customer staff acted for.")]
StreamOption = Annotated[str | None, typer.Option(help="What it touched, such as wallet-wal_….")]
ObjectOption = Annotated[
    str | None, typer.Option("--object", help="The id of what it touched, such as wal_….")
]
CommandOption = Annotated[str | None, typer.Option(help="Such as wallet.transfer_funds.")]
ContextOption = Annotated[str | None, typer.Option(help="Such as wallet, or ledger.")]
SinceOption = Annotated[
    str | None, typer.Option(help="This moment counts (2026-05-01T12:00:00Z).", metavar="TIME")
]
UntilOption = Annotated[
    str | None, typer.Option(help="This moment counts no more.", metavar="TIME")
]
CurrencyOption = Annotated[str | None, typer.Option(help="Only what moved this currency.")]
MovedOption = Annotated[
    int | None,
    typer.Option("--moved-min", help="Only where one entry moved so many minor units."),
]
RowsOption = Annotated[int, typer.Option("--limit", min=1, help="So many rows at most.")]

CHANGES = (
    Column("position", number=True),
    Column("recorded_at"),
    Column("actor"),
    Column("on_behalf_of"),
    Column("command"),
    Column("events", number=True),
    Column("moved"),
    Column("streams"),
    Column("ip"),
)
REFUSALS = tuple(
    Column(name)
    for name in ("at", "actor", "on_behalf_of", "method", "route", "status", "code", "request_id")
)
FIELDS = (Column("field"), Column("before"), Column("after"))


def log(  # noqa: PLR0913 - the filters of the trail
    *,
    actor: ActorOption = None,
    on_behalf_of: ForOption = None,
    stream: StreamOption = None,
    object_id: ObjectOption = None,
    command: CommandOption = None,
    context: ContextOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    currency: CurrencyOption = None,
    moved_min: MovedOption = None,
    limit: RowsOption = ROWS,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List who changed what, newest first; `show` tells one position in full.

    Example: `defter audit log --actor stf_01k3xq8m5w --context wallet --since 2026-05-01T00:00:00Z`
    """
    found = _pages(
        PATH,
        limit,
        profile,
        actor=actor,
        on_behalf_of=on_behalf_of,
        stream=stream,
        object_id=object_id,
        command=command,
        context=context,
        since=since,
        until=until,
        currency=currency,
        moved_minor_min=moved_min,
    )
    rows = [
        {
            **one,
            "streams": " ".join(one["streams"]),
            "moved": " ".join(f"{part['minor']} {part['currency']}" for part in one["moved"]),
        }
        for one in found
    ]
    show(Report("Changes", CHANGES, rows), output=output, to=to)


def show_event(
    position: Annotated[int, typer.Argument(min=1, help="Where it stands in the log.")],
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show one event: who, when, from where, and the state of its stream before and after.

    Example: `defter audit show 4711`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    body: dict[str, Any] = connect(profile).get(f"{PATH}/{position}").body
    if output is not Format.TABLE:
        show_object("Event", body, output=output)
        return
    states = ("before", "after", "changes")
    told = {name: value for name, value in body.items() if name not in states}
    show_object(f"Event {position}", told, output=output)
    rows = [
        {"field": one["pointer"] or "/", "before": one["before"], "after": one["after"]}
        for one in body["changes"]
    ]
    show(Report(f"What it changed in {body['stream']}", FIELDS, rows), output=output)


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
    found = _pages(
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


def _pages(path: str, limit: int, profile: str | None, **asked: object) -> list[dict[str, Any]]:
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    rows: list[dict[str, Any]] = []
    for page in connect(profile).pages(path, **asked):
        rows += page.body["items"]
        if len(rows) >= limit:
            break
    return rows[:limit]
