"""`defter audit at`, `diff` and `blame`: how things stood, what changed, and who changed it."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from interfaces.cli.audit.history import changed_fields, dotted
from interfaces.cli.audit.trail import PATH, ROWS, RowsOption
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

if TYPE_CHECKING:
    from interfaces.cli.remote.client import Client

PLACES = "a position, now, @2026-10-31, or @2026-10-31T12:00+03:00"

WhereArgument = Annotated[str, typer.Argument(help=f"When: {PLACES}.")]
StreamArgument = Annotated[str, typer.Argument(help="Such as wallet-wal_….")]

FIELDS = (Column("field"), Column("value"))
CHANGES = (Column("stream"), Column("field"), Column("before"), Column("after"))
BALANCES = (
    Column("account"),
    Column("currency"),
    Column("before", amount=True),
    Column("after", amount=True),
)
BLAME = (
    Column("field"),
    Column("before"),
    Column("after"),
    Column("position", number=True),
    Column("recorded_at"),
    Column("actor"),
    Column("on_behalf_of"),
    Column("command"),
    Column("type"),
)


def at(  # noqa: PLR0913 - what stood, and how to write it
    where: WhereArgument,
    stream: Annotated[str | None, typer.Argument(help="Such as wallet-wal_….")] = None,
    *,
    read_model: Annotated[
        str | None, typer.Option(help="A read model instead, such as wallet_balances.")
    ] = None,
    table: Annotated[str | None, typer.Option(help="One of its tables; else the first.")] = None,
    key: Annotated[
        str | None, typer.Option(help="How the keys of its rows begin, joined by commas.")
    ] = None,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Fold every event; rest on no kept state.")
    ] = False,
    limit: RowsOption = ROWS,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show how a stream stood, or what a read model told, at a position or a time.

    A day means the end of that day where the tenant is.
    Example: `defter audit at @2026-10-31 wallet-wal_01k3xq8m5w`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    if (stream is None) == (read_model is None):
        raise Stopped(
            "it shows a stream or a read model", code=Exit.USAGE, then="name one of the two"
        )
    client = connect(profile)
    if read_model is not None:
        path = f"{PATH}/read-models/{read_model}"
        report = _rows(client, path, limit, where=where, table=table, key=key)
        show(report, output=output, to=to)
        return
    asked = {"where": where, "stream": stream, "from_scratch": "true" if from_scratch else None}
    body = client.get(f"{PATH}/at", **asked).body
    if output is Format.JSON and to is None:
        show_object("State", body, output=output)
    else:
        fields = [{"field": name, "value": value} for name, value in _flat(body["state"])]
        title = f"{stream} {_when(body)}, version {body['version']}"
        show(Report(title, FIELDS, fields), output=output, to=to)
    if body["rests_on"] is not None:
        typer.echo(
            f"it rests on the state that was kept at version {body['rests_on']};"
            " --from-scratch folds every event",
            err=True,
        )


def diff(  # noqa: PLR0913 - from where to where, of what, and how to write it
    first: Annotated[str, typer.Argument(metavar="A", help=f"From: {PLACES}.")],
    last: Annotated[str, typer.Argument(metavar="B", help=f"To: {PLACES}.")] = "now",
    stream: Annotated[str | None, typer.Argument(help="Only this one, such as wallet-wal_….")] = (
        None
    ),
    *,
    limit: Annotated[int, typer.Option(min=1, help="So many streams at most.")] = ROWS,
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show what changed between two positions or times, in states and in balances.

    Files hold both in the same columns; balances are in minor units there. Debits are positive.
    Example: `defter audit diff @2026-10-30 @2026-10-31 wallet-wal_01k3xq8m5w`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    client = connect(profile)
    asked = {"from": first, "to": last, "stream": stream}
    states, more = _some(client.pages(f"{PATH}/diff", **asked), limit)
    balances, more_balances = _some(client.pages(f"{PATH}/diff/balances", **asked), limit)
    if output is Format.JSON and to is None:
        show_object("Changes", {"streams": states, "balances": balances}, output=output)
    elif output is Format.TABLE:
        show(Report("States", CHANGES, list(_changes(states))), output=output, to=to)
        show(Report("Balances", BALANCES, [_balance(one) for one in balances]), output=output)
    else:
        of_accounts = (_balance(one) for one in balances)
        rows = [
            *_changes(states),
            *({**one, "stream": one["account"], "field": one["currency"]} for one in of_accounts),
        ]
        show(Report("Changes", CHANGES, rows), output=output, to=to)
    if more or more_balances:
        typer.echo(f"only {limit:,} are shown; --limit shows more", err=True)


def blame(  # noqa: PLR0913 - of what, and how to write it
    stream: StreamArgument,
    field: Annotated[str, typer.Argument(help="Only this field, such as available.minor.")] = "",
    *,
    where: Annotated[str, typer.Option("--at", help=f"As it stood: {PLACES}.")] = "now",
    profile: ProfileOption = None,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show for each field of a stream which event last set it, and who did that.

    Example: `defter audit blame limits-main levels.standard`
    """
    from interfaces.cli.remote.client import connect  # noqa: PLC0415 - `--help` stays quick

    asked = {"stream": stream, "field": field, "where": where}
    body = connect(profile).get(f"{PATH}/blame", **asked).body
    rows = [
        {**one, "field": dotted(one["pointer"]), **_texts(one, "before", "after")}
        for one in body["items"]
    ]
    title = f"Who set what in {stream} {_when(body)}"
    show(Report(title, BLAME, rows), output=output, to=to)


def _rows(client: "Client", path: str, limit: int, **asked: str | None) -> Report:
    rows: list[dict[str, Any]] = []
    body: dict[str, Any] = {}
    for page in client.pages(path, **asked):
        body = page.body
        rows += body["items"]
        if len(rows) >= limit:
            break
    others = [one["name"] for one in body["tables"] if one["name"] != body["table"]]
    if others:
        typer.echo(f"--table shows {', '.join(others)} as well", err=True)
    columns = tuple(Column(name) for name in (rows[0] if rows else ("no rows",)))
    return Report(f"{body['table']} {_when(body)}", columns, rows[:limit])


def _when(body: Mapping[str, Any]) -> str:
    return f"at position {body['position']} ({body['recorded_at']})"


def _some(found: Iterator[Any], limit: int) -> tuple[list[dict[str, Any]], bool]:
    rows: list[dict[str, Any]] = []
    for page in found:
        rows += page.body["items"]
        if len(rows) >= limit:
            return rows[:limit], len(rows) > limit or page.body["next_cursor"] is not None
    return rows, False


def _changes(states: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in states:
        for row in changed_fields(one["changes"]):
            yield {"stream": one["stream"], **row, **_texts(row, "before", "after")}


def _balance(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "account": one["account"],
        "currency": one["before"]["currency"],
        "before": one["before"]["minor"],
        "after": one["after"]["minor"],
    }


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        for part, inner in cast("dict[str, Any]", value).items():
            yield from _flat(inner, f"{name}.{part}" if name else part)
    else:
        yield name, _text(value)


def _text(value: Any) -> Any:  # noqa: ANN401 - any JSON
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _texts(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: _text(row[name]) for name in names}
