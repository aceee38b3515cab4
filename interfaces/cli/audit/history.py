"""`defter audit log` and `show`: what happened, newest first, and one event whole."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from interfaces.cli.audit.trail import (
    PATH,
    ROWS,
    ActorOption,
    ContextOption,
    ObjectOption,
    RowsOption,
    SinceOption,
    UntilOption,
    pages,
)
from interfaces.cli.terminal.exits import Exit, Stopped
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

ForOption = Annotated[str | None, typer.Option("--for", help="The customer staff acted for.")]
StreamOption = Annotated[str | None, typer.Option(help="Its stream, such as wallet-wal_….")]
CommandOption = Annotated[str | None, typer.Option(help="Such as wallet.transfer_funds.")]
TypeOption = Annotated[
    str | None, typer.Option("--type", help="The event, such as wallet.transfer_sent.")
]
FirstOption = Annotated[
    int | None, typer.Option("--from", min=1, help="First position.", metavar="POSITION")
]
LastOption = Annotated[
    int | None, typer.Option("--to-position", min=1, help="Last position.", metavar="POSITION")
]
MovedOption = Annotated[bool, typer.Option("--moved", help="Only what moved money.")]
LeastOption = Annotated[
    str | None,
    typer.Option("--min-amount", help="Only where one line of an entry was so much: '1000 TRY'."),
]
CurrencyOption = Annotated[str | None, typer.Option(help="Only what moved this currency.")]
CommandsOption = Annotated[
    bool, typer.Option("--commands", help="One line a command, with all the streams it touched.")
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="All that is known of each.")]

ONE_LINE = (
    Column("position", number=True),
    Column("recorded_at"),
    Column("actor"),
    Column("type"),
    Column("stream"),
    Column("moved"),
)
DETAILS = (
    *ONE_LINE,
    *(Column(name) for name in ("event_id", "version", "command", "on_behalf_of")),
    *(Column(name) for name in ("command_id", "causation_id", "correlation_id")),
    *(Column(name) for name in ("key_id", "session_id", "release", "ip", "device")),
)
COMMANDS = (
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
FIELDS = (Column("field"), Column("before"), Column("after"))
POSTINGS = (Column("account"), Column("currency"), Column("amount", amount=True))


def log(  # noqa: PLR0913 - the filters of the history
    *,
    actor: ActorOption = None,
    on_behalf_of: ForOption = None,
    stream: StreamOption = None,
    object_id: ObjectOption = None,
    type_: TypeOption = None,
    command: CommandOption = None,
    context: ContextOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    first: FirstOption = None,
    last: LastOption = None,
    moved: MovedOption = False,
    min_amount: LeastOption = None,
    currency: CurrencyOption = None,
    commands: CommandsOption = False,
    verbose: VerboseOption = False,
    limit: RowsOption = ROWS,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List what happened, newest first, one line an event; `show` tells one in full.

    All that is given must hold. `--commands` tells who changed what, a line for each command.
    Example: `defter audit log --actor stf_01k3xq8m5w --min-amount '1000 TRY' -v`
    """
    asked: dict[str, object] = {
        "actor": actor,
        "on_behalf_of": on_behalf_of,
        "stream": stream,
        "object_id": object_id,
        "type": type_,
        "command": command,
        "context": context,
        "since": since,
        "until": until,
        "from_position": first,
        "to_position": last,
        "moved": "true" if moved else None,
        "currency": currency,
        **_least(min_amount),
    }
    found = pages(PATH if commands else f"{PATH}/log", limit, profile, **asked)
    people = output is Format.TABLE
    rows = [_row(one, people=people) for one in found]
    columns = COMMANDS if commands else DETAILS if verbose or not people else ONE_LINE
    if people and verbose and not commands:
        for row in rows:
            show_object(f"Event {row['position']}", _told(row), output=output)
        return
    show(Report("Commands" if commands else "Events", columns, rows), output=output, to=to)


def show_event(
    event: Annotated[str, typer.Argument(help="Its position in the log, or its id.")],
    *,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show one event: who, why, from where, the state of its stream around it, and its postings.

    Example: `defter audit show 4711`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    body: dict[str, Any] = connect(profile).get(f"{PATH}/{event}").body
    if output is not Format.TABLE:
        show_object("Event", body, output=output)
        return
    apart = ("before", "after", "changes", "postings", "states_left_out", "rests_on", "impossible")
    told = {name: value for name, value in body.items() if name not in apart}
    show_object(f"Event {body['position']}", _told(told), output=output)
    title = f"What it changed in {body['stream']}"
    show(Report(title, FIELDS, changed_fields(body["changes"])), output=output)
    postings = [
        {
            "account": one["account"],
            "currency": one["amount"]["currency"],
            "amount": one["amount"]["minor"],
        }
        for one in body["postings"]
    ]
    if postings:
        show(Report("What it posted; debits are positive", POSTINGS, postings), output=output)
    if body["impossible"] is not None:
        raise Stopped(
            body["impossible"],
            code=Exit.TAMPERING,
            then="`defter audit verify` tells where it begins",
        )
    if body["states_left_out"]:
        typer.echo("the stream was too long to fold it; `defter audit at` tells why", err=True)


def changed_fields(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the rows of changed fields, named with full stops."""
    return [
        {"field": dotted(one["pointer"]), "before": one["before"], "after": one["after"]}
        for one in changes
    ]


def dotted(pointer: str) -> str:
    """Write a JSON pointer as people name a field."""
    return pointer.removeprefix("/").replace("/", ".").replace("~1", "/").replace("~0", "~")


def _least(text: str | None) -> dict[str, object]:
    from interfaces.cli.terminal.amounts import minor_of  # noqa: PLC0415 - `--help` stays quick

    if text is None:
        return {}
    amount, _, currency = text.strip().partition(" ")
    if not currency:
        raise Stopped(
            "an amount needs its currency", code=Exit.USAGE, then="write --min-amount '1000 TRY'"
        )
    return {"moved_minor_min": minor_of(amount, currency), "currency": currency}


def _row(one: Mapping[str, Any], *, people: bool) -> dict[str, Any]:
    from interfaces.cli.terminal.amounts import (  # noqa: PLC0415 - `--help` stays quick
        decimal_of,
        written,
    )

    shown = written if people else decimal_of
    amounts = (
        f"{shown(part['minor'], part['currency'])} {part['currency']}" for part in one["moved"]
    )
    return {**one, "streams": " ".join(one.get("streams", ())), "moved": " ".join(amounts)}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None and value != ""}
