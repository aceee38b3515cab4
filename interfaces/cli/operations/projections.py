"""`defter projections`: how far the read models are, and what to do about one that stands still."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from interfaces.cli.audit.replay import ROWS_LISTED, check
from interfaces.cli.operations.access import connected, database_of
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption, TenantOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

NameArgument = Annotated[str, typer.Argument(help="Such as wallet_balances; see `list`.")]
OneTenantOption = Annotated[str, typer.Option(help="The tenant: its slug or its id.")]


def list_projections(
    *,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Show each projection's lag, and every tenant where one is parked or has skipped an event.

    Example: `defter projections list`
    """
    from infrastructure.projections import standing  # noqa: PLC0415 - `--help` stays quick

    async def look(connection: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - psycopg's
        rows = [
            {
                "projection": lag.projection,
                "tenant": f"{lag.tenants_behind} behind",
                "events_behind": lag.positions,
                "seconds_behind": f"{lag.seconds:.1f}",
                "state": "parked" if lag.tenants_parked else "live",
            }
            for lag in await standing.lags(connection)
        ]
        return rows + [
            {
                "projection": one.projection,
                "tenant": str(one.tenant_id),
                "events_behind": one.log_end - one.position,
                "state": f"parked at {one.parked_position}" if one.parked_at else "",
                "error": one.error,
            }
            for one in await standing.standings(connection)
            if one.parked_at or one.error
        ]

    columns = (
        Column("projection"),
        Column("tenant"),
        Column("events_behind", number=True),
        Column("seconds_behind"),
        Column("state"),
        Column("error"),
    )
    rows = connected(look, database_url, data)
    show(Report("Projections", columns, rows), output=output, to=to)


def retry(
    name: NameArgument,
    *,
    tenant: TenantOption = None,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Let a parked projection try its event again, such as after a repair.

    Example: `defter projections retry wallet_balances --tenant demo`
    """
    from infrastructure.projections.standing import retry  # noqa: PLC0415 - `--help` stays quick

    for one in [tenant] if tenant else _parked(name, database_url, data):
        position = _change(retry, name, one, database_url, data)
        typer.echo(f"{name} of {one} goes on after position {position}")


def skip(
    name: NameArgument,
    *,
    tenant: OneTenantOption,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
) -> None:
    """Step over the event that a projection is parked at. It stays on record, and so does a gap.

    Example: `defter projections skip wallet_balances --tenant demo`
    """
    from infrastructure.projections.standing import skip  # noqa: PLC0415 - `--help` stays quick

    position = _change(skip, name, tenant, database_url, data)
    typer.echo(f"{name} skipped position {position}; `defter audit replay` tells of it")


def rebuild(
    name: NameArgument,
    *,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """Fold all logs again beside the live tables and prove both equal; the live ones stay.

    It is `defter audit replay --read-model NAME`, with the same exit codes.

    Example: `defter projections rebuild ledger_journal`
    """
    check(
        database_url=database_of(database_url, data),
        tenants=(),
        names=(name,),
        rows_listed=ROWS_LISTED,
        output=output,
        to=to,
    )


def _change(
    change: Callable[..., Awaitable[int]],
    name: str,
    tenant: str,
    database_url: str | None,
    data: Path,
) -> int:
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - as above
    from infrastructure.projections.standing import NotParked  # noqa: PLC0415 - as above

    async def carry_out(connection: Any) -> int:  # noqa: ANN401 - psycopg's
        return await change(connection, tenant_id_of(tenant), name)

    try:
        return connected(carry_out, database_url, data)
    except NotParked as nothing:
        raise Stopped(str(nothing), code=Exit.USAGE, then=_SEE_LIST) from nothing


def _parked(name: str, database_url: str | None, data: Path) -> list[str]:
    from infrastructure.projections.standing import standings  # noqa: PLC0415 - as above

    async def look(connection: Any) -> list[str]:  # noqa: ANN401 - psycopg's
        return [
            str(one.tenant_id)
            for one in await standings(connection)
            if one.parked_at and name in {one.projection, one.projection.rpartition("_v")[0]}
        ]

    found: list[str] = connected(look, database_url, data)
    if not found:
        raise Stopped(f"{name} is parked nowhere", code=Exit.USAGE, then=_SEE_LIST)
    return found


_SEE_LIST = "see `defter projections list`"
