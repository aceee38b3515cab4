"""`defter errors`: what broke in the service itself, and what was decided about it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from interfaces.cli.operations.access import connected
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import (
    DATA_FOLDER,
    ApplyOption,
    DatabaseOption,
    DataOption,
)
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show


class State(StrEnum):
    """What was decided about a group of errors."""

    OPEN = "open"
    RESOLVED = "resolved"
    IGNORED = "ignored"


ErrorsArgument = Annotated[list[str], typer.Argument(help="Ids of errors; see `list`.")]

COLUMNS = (
    Column("id"),
    Column("role"),
    Column("state"),
    Column("kind"),
    Column("place"),
    Column("count", number=True),
    Column("first_seen"),
    Column("last_seen"),
    Column("release"),
    Column("request_id"),
)


def list_errors(  # noqa: PLR0913 - the options of a report
    *,
    state: Annotated[State, typer.Option(help="What was decided about them.")] = State.OPEN,
    every: Annotated[bool, typer.Option("--all", help="Whatever was decided.")] = False,
    role: Annotated[str | None, typer.Option(help="Only of api, worker, ….")] = None,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List groups of errors, the latest first: what broke where, how often, and when last.

    Example: `defter errors list --role worker`
    """
    from infrastructure.observability.faults import groups  # noqa: PLC0415 - `--help` stays quick

    states = list(State) if every else [state]

    async def look(connection: Any) -> list[Any]:  # noqa: ANN401 - psycopg's
        return await groups.listed(connection, states=states, role=role)

    found = connected(look, database_url, data)
    show(Report("Errors", COLUMNS, [_row(one) for one in found]), output=output, to=to)
    if len(found) == groups.LISTED_MAX:
        typer.echo(f"only the latest {groups.LISTED_MAX} are shown", err=True)


def show_error(
    error: Annotated[str, typer.Argument(help="Its id; see `list`.")],
    *,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show one group of errors with its latest example: the places it passed, without values.

    Example: `defter errors show 3f9c1a7be2d04455`
    """
    from infrastructure.observability.faults import groups  # noqa: PLC0415 - `--help` stays quick

    async def look(connection: Any) -> Any:  # noqa: ANN401 - psycopg's
        return await groups.found(connection, error)

    try:
        found = connected(look, database_url, data)
    except groups.NoSuchFault as nothing:
        raise Stopped(str(nothing), code=Exit.USAGE, then=_SEE_LIST) from nothing
    row = _row(found) | {"event": found.event, "example": found.example}
    if output is not Format.TABLE:
        columns = (*COLUMNS, Column("event"), Column("example"))
        show(Report("Error", columns, [row]), output=output)
        return
    for name, value in row.items():
        if name != "example":
            typer.echo(f"{name.replace('_', ' '):<12} {'' if value is None else value}")
    typer.echo(f"\n{found.example}")


def resolve(
    errors: ErrorsArgument,
    *,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Say that errors are mended; one that happens again is open again, and an alert says so.

    Example: `defter errors resolve 3f9c1a7be2d04455 --apply`
    """
    _decide(State.RESOLVED, errors, database_url, data, apply=apply)


def ignore(
    errors: ErrorsArgument,
    *,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Say that errors need nothing; they are counted on and stay ignored.

    Example: `defter errors ignore 3f9c1a7be2d04455 --apply`
    """
    _decide(State.IGNORED, errors, database_url, data, apply=apply)


def reopen(
    errors: ErrorsArgument,
    *,
    apply: ApplyOption = False,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Say that errors are to be looked at after all.

    Example: `defter errors reopen 3f9c1a7be2d04455 --apply`
    """
    _decide(State.OPEN, errors, database_url, data, apply=apply)


def _decide(
    state: State, errors: list[str], database_url: str | None, data: Path, *, apply: bool
) -> None:
    from infrastructure.observability.faults import groups  # noqa: PLC0415 - as above

    if not apply:
        typer.echo(f"{len(errors)} errors would be {state}; add --apply to do it", err=True)
        return

    async def carry_out(connection: Any) -> list[str]:  # noqa: ANN401 - psycopg's
        return await groups.change(connection, errors, state=state)

    try:
        changed = connected(carry_out, database_url, data)
    except groups.NoSuchFault as nothing:
        raise Stopped(str(nothing), code=Exit.USAGE, then=_SEE_LIST) from nothing
    typer.echo(f"{len(changed)} of {len(set(errors))} errors are {state}")


def _row(one: Any) -> dict[str, Any]:  # noqa: ANN401 - a group
    return {
        "id": one.fault_id,
        "role": one.role,
        "state": "open again" if one.reopened else one.state,
        "kind": one.kind,
        "place": one.place,
        "count": one.count,
        "first_seen": one.first_seen.isoformat(timespec="seconds"),
        "last_seen": one.last_seen.isoformat(timespec="seconds"),
        "release": one.release,
        "request_id": one.request_id,
    }


_SEE_LIST = "see `defter errors list`"
