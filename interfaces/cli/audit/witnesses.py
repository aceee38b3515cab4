"""`defter audit witnesses`: who outside keeps checkpoints, for whoever runs the service."""

from typing import Any

import typer

from interfaces.cli.operations.access import connected, settings_of
from interfaces.cli.terminal.exits import Exit, Stopped
from interfaces.cli.terminal.options import DATA_FOLDER, DatabaseOption, DataOption, TenantOption
from interfaces.cli.terminal.output import Column, FileOption, Format, FormatOption, Report, show

COLUMNS = (
    Column("tenant_id"),
    Column("witness"),
    Column("confirmed", number=True),
    Column("behind", number=True),
    Column("confirmed_at"),
    Column("last_attempt"),
    Column("last_told"),
    Column("alarm"),
)


def witnesses(
    *,
    tenant: TenantOption = None,
    database_url: DatabaseOption = None,
    data: DataOption = DATA_FOLDER,
    output: FormatOption = Format.TABLE,
    to: FileOption = None,
) -> None:
    """List who is sent checkpoints, the last one each confirmed, and how many events it is behind.

    Ends with 4 where a witness raised an alarm: what it keeps is not of the log as it is now.

    Example: `defter audit witnesses --tenant kitap-evi`
    """
    from infrastructure.onboarding import tenant_id_of  # noqa: PLC0415 - `--help` stays quick
    from infrastructure.witnesses.standing import standing_everywhere  # noqa: PLC0415 - as above

    named = settings_of(database_url, data).witnesses_read
    tenant_id = tenant_id_of(tenant) if tenant else None

    async def look(connection: Any) -> list[Any]:  # noqa: ANN401 - psycopg's
        return await standing_everywhere(connection, named, tenant_id)

    found = connected(look, database_url, data)
    rows = [
        {
            "tenant_id": one.tenant_id,
            "witness": one.witness.told,
            "confirmed": one.confirmed,
            "behind": one.behind,
            "confirmed_at": one.confirmed_at,
            "last_attempt": one.state,
            "last_told": one.told,
            "alarm": one.alarm,
        }
        for one in found
    ]
    show(Report("Witnesses", COLUMNS, rows), output=output, to=to)
    if not named and not found:
        typer.echo("nobody outside keeps checkpoints: set DEFTER_WITNESSES", err=True)
    alarms = sum(one.alarm is not None for one in found)
    if alarms:
        raise Stopped(
            f"{alarms} alarms: what a witness keeps is not of the log as it is now",
            code=Exit.TAMPERING,
            then="`defter audit verify` names what was changed; see docs/operations.md, Witnesses",
        )
